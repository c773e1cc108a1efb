# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each variable of a playbook has to hold, known before the play; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._errors import InvalidInput
from .._schema.planning.entry import FALSE, TRUE
from .shape import shape


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def _is_batch(value: Any) -> bool:
    """Whether it is a number of clusters, a part of them, or a list of such."""
    if isinstance(value, (list, tuple)):
        return bool(value) and not any(isinstance(one, (list, tuple)) for one in value) and all(map(_is_batch, value))
    found = re.fullmatch(r"([0-9]+)%?", str(value).strip())
    return bool(found and int(found[1]) > 0)


def _is_percentage(value: Any) -> bool:
    return bool(re.fullmatch(r"[0-9]+(\.[0-9]+)?", str(value).strip())) and float(value) <= 100


# Whether a value is of its kind, what that is in words, and how to write it.
_Kind = tuple[Callable[[Any], bool], str, str]
_TEXT: _Kind = (lambda value: isinstance(value, (str, int, float)), "a text", "")
_NAMES: _Kind = (lambda value: isinstance(value, (str, list)), "a text or a list", "")
_KINDS: Mapping[str, _Kind] = {
    "migration_file": (
        lambda value: isinstance(value, str),
        "the name of one file",
        ": run the playbook once for each file. Only drift takes several, as migration_files",
    ),
    "migration_files": _NAMES,
    "draft_models": _NAMES,
    "migration_hosts": _NAMES,
    "fleet_hosts": _NAMES,
    "migration_connection": (
        lambda value: isinstance(value, Mapping) or (isinstance(value, str) and bool(set(value) & set("={"))),
        "a dictionary of connection options",
        """, as in -e '{"migration_connection": {"login_host": "db1.example.com"}}'""",
    ),
    "rollback_all_listed": (lambda value: str(value).lower() in (*TRUE, *FALSE), "true or false", ""),
    "fleet_serial": (
        _is_batch,
        "a number from 1 on, a percentage, or a list of them",
        """, as in -e '{"fleet_serial": [1, "10%", "100%"]}'""",
    ),
    "fleet_max_fail_percentage": (_is_percentage, "a number from 0 to 100", ", without the sign %"),
}
_EITHER = (
    ("plan_file", "plan_folder", "the first is for one cluster, the second for each host of the play"),
    (
        "approved_plan",
        "approved_plans",
        "the first is one plan for all clusters, the second a folder with one for each",
    ),
    ("migration_file", "migration_files", "the second is a list of all files"),
)


def check_values(names: Sequence[str], given: Mapping[str, Any]) -> None:
    """Raise InvalidInput for one of these variables whose value is of another kind, or that says the same as another.

    C(given) are the variables of the run. A value that is a template yet is no mistake: it is not known.
    """
    known = {name: given[name] for name in names if name in given and not _is_template(given[name])}
    for name, value in known.items():
        fits, wanted, example = _KINDS.get(name, _TEXT)
        if not fits(value):
            raise InvalidInput(f"{name} is {shape(value)}, and it has to be {wanted}{example}. Nothing was changed.")
    for one, other, reason in _EITHER:
        if known.get(one) and known.get(other):
            raise InvalidInput(f"{one} and {other} exclude each other: {reason}. Leave one of them out.")
