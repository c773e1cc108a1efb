# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A migration file, checked as a whole before anything runs: every mistake at once, each with the nearest known key; pure.

What a role can do is described by its argument_specs alone: a section of the file holds the options of the role of that
name, without its prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._errors import InvalidInput
from .._http.check import CHECK
from .._query.expect import EXPECT
from .._schema.planning.desired import read_desired, read_tables
from .._schema.planning.entry import TRUE
from .._service.options import SERVICE_OPTIONS
from . import application
from .checks import check_mistakes
from .shape import Spec, by_name, mistakes, optional, shape, value_mistakes, with_aliases

# The roles that a migration file describes, in the order of their steps, and the option that a bare list stands for.
SECTIONS = {"model_fields": "list", "services": "list", "smoke_tests": "http", "notify": "webhooks"}
# What the migration itself knows: no file sets it.
_SET_BY_THE_MIGRATION = {
    "model_fields": ("state",),
    "services": ("changed", "changes"),
    "smoke_tests": ("connection", "pending"),
    "notify": ("report",),
}
_NOTHING: Mapping[str, Any] = {}
_TABLE: Spec = {
    "keyspace": {"required": True},
    "table": {"required": True},
    "columns": {"type": "list", "elements": "dict", "required": True},
    "state": {"choices": ("present", "absent")},
}
_TYPE: Spec = {
    "keyspace": {"required": True},
    "type": {"required": True},
    "fields": {"type": "list", "elements": "dict", "required": True},
    "state": {"choices": ("present",)},
}
# The long form, and what each of its entries takes from the top level of the file.
_LISTS = {"types": (_TYPE, ("keyspace",)), "tables": (_TABLE, ("keyspace", "state"))}
_TOP: Spec = {
    "title": {},
    "cql_file": {},
    "requires_approved_plan": {"type": "bool"},
    **{key: {"type": "raw"} for key in _TABLE},
    **{key: {"type": "list", "elements": "dict", "options": spec} for key, (spec, _shared) in _LISTS.items()},
    **{role: {"type": "raw"} for role in SECTIONS},
}
KEYS = (*_TOP, "options", "connection", "application")
SMALLEST = """\
keyspace: shop
table: orders
columns:
  - {name: shipped_at, type: timestamp}"""


class Definition(NamedTuple):
    """A migration: C(tables) as the option of C(cassandra_column), types first, C(roles) with all options of each role.

    C(steps) are the roles that the file has a section for. To notify is none.
    """

    title: str
    cql_file: str
    requires_approved_plan: bool
    tables: list[dict[str, Any]]
    options: dict[str, Any]
    connection: dict[str, Any]
    application: dict[str, Any]
    steps: list[str]
    roles: dict[str, dict[str, Any]]


def settable_options(role: str, spec: Spec) -> dict[str, Any]:
    """The options of a role that a file can set, without the role's prefix."""
    options = {name[len(role) + 1 :]: option for name, option in spec.items()}
    # The modules alone document these, and a wrong one is refused before anything runs.
    if role == "services":
        options["list"] = {**options["list"], "options": SERVICE_OPTIONS}
    if role == "smoke_tests":
        query = {**options["data"]["options"], "expect": {"type": "dict", "options": EXPECT}}
        options["data"] = {**options["data"], "options": query}
        options["http"] = {**options["http"], "options": CHECK}
    return {name: option for name, option in options.items() if name not in _SET_BY_THE_MIGRATION.get(role, ())}


def read_definition(
    raw: Any, options: Spec, connection: Spec, roles: Mapping[str, Spec], extra: Mapping[str, Any] = _NOTHING
) -> Definition:
    """The migration that the content of a file describes; raises InvalidInput with everything that is wrong.

    C(options) and C(connection) are the argument specs of C(cassandra_column), C(roles) those of each role by its name.
    The variables of roles in C(extra), those of the command line, override what the file says.
    """
    _require_file(raw)
    hints = _places(options, connection)
    parts = {"options": options, "connection": optional(connection), "application": application.OPTIONS}
    specs = {role: settable_options(role, spec) for role, spec in roles.items()}
    sections = {role: _section(role, raw.get(role), spec, extra) for role, spec in specs.items()}
    whole, is_short = _written_out(raw), _is_short(raw)
    top = {**_TOP, **(_TABLE if is_short else {}), **{name: _dictionary(spec) for name, spec in parts.items()}}
    # What the short form says wrongly is told where it stands, and not in the list that is made of it.
    listed = {**whole, "tables": []} if is_short else whole
    errors = [*_list_mistakes(raw, is_short), *mistakes(listed, top, "", hints), *_misplaced(whole)]
    for role, spec in specs.items():
        # What the application fills in may be what is required.
        errors += value_mistakes(sections[role], _dictionary(optional(spec)), role, hints)
    if not errors:
        try:
            _check_tables(whole, is_short)
            sections = application.fill_sections(sections, raw.get("application") or {}, whole["tables"])
        except InvalidInput as error:
            errors.append(error.message)
    for role, spec in specs.items() if not errors else ():
        errors += value_mistakes(sections[role], _dictionary(spec), role, hints)
    errors += [] if errors else check_mistakes(sections["smoke_tests"])
    if errors:
        raise InvalidInput(" ".join(dict.fromkeys(errors)))
    defaults = {role: {name: option.get("default") for name, option in spec.items()} for role, spec in specs.items()}
    return Definition(
        title=str(raw.get("title") or "migration"),
        cql_file=str(raw.get("cql_file") or "migration.cql"),
        requires_approved_plan=str(raw.get("requires_approved_plan")).lower() in TRUE,
        tables=[*whole["types"], *whole["tables"]],
        steps=[role for role, section in sections.items() if section and role != "notify"],
        roles={role: {**defaults[role], **section} for role, section in sections.items()},
        **{name: by_name(raw.get(name) or {}, spec) for name, spec in parts.items()},
    )


def read_connection(given: Mapping[str, Any], connection: Spec) -> dict[str, Any]:
    """The options of a connection that are given next to the file, by their names; raises InvalidInput."""
    wrong = list(mistakes(given, optional(connection), "migration_connection.", {}))
    if wrong:
        raise InvalidInput(f"{' '.join(wrong)} Nothing was changed.")
    return by_name(given, connection)


def _require_file(raw: Any) -> None:
    if not isinstance(raw, Mapping):
        found = "is empty" if raw is None else f"is {shape(raw)} at its top, where a dictionary is expected"
        raise InvalidInput(f"It {found}. The smallest one is:\n{SMALLEST}")
    if {"format", "fingerprint", "tables"} <= set(raw):
        raise InvalidInput(
            "It is a saved plan. Give it as approved_plan, and as migration_file the file that it is for."
        )


def _is_short(raw: Mapping[str, Any]) -> bool:
    """Whether the file itself is the entry of its one table."""
    return "tables" not in raw and ("types" not in raw or bool({"table", "columns"} & set(raw)))


def _written_out(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the list of its tables and that of its types, each entry with what holds for all of them."""
    whole = {**{name: [] for name in _LISTS}, **raw}
    if _is_short(raw):
        whole["tables"] = [{key: raw[key] for key in _TABLE if key in raw}]
    for name, (_spec, shared) in _LISTS.items():
        above = {"state": "present", **{key: raw[key] for key in shared if key in raw}}
        if isinstance(whole[name], list):
            whole[name] = [_inherit(above, entry) for entry in whole[name]]
    return whole


def _inherit(above: Mapping[str, Any], entry: Any) -> Any:
    """The entry with what stands above it; one that is left empty says nothing of its own."""
    own = {} if entry is None else entry
    return {**above, **own} if isinstance(own, Mapping) else own


def _list_mistakes(raw: Mapping[str, Any], is_short: bool) -> Iterator[str]:
    for name in _LISTS:
        if name in raw and not raw[name]:
            yield f"'{name}' is empty. List at least one entry, or leave it out."
    for key in ("table", "columns"):
        if key in raw and not is_short:
            yield f"Give 'tables', or '{key}' for a single table, not both."
    if "state" in raw and not is_short and "tables" not in raw:
        yield "'state' is for tables: a field of a type cannot be dropped. Leave it out."


def _misplaced(whole: Mapping[str, Any]) -> Iterator[str]:
    """A secret among the columns or fields, whose value a message about its type would show."""
    lists = [whole[name] for name in _LISTS if isinstance(whole[name], list)]
    entries = [entry for one in lists for entry in one if isinstance(entry, Mapping)]
    parts = [(entry, entry.get(part)) for entry in entries for part in ("columns", "fields")]
    for entry, column in [(entry, one) for entry, part in parts if isinstance(part, list) for one in part]:
        key = str(next(iter(column))) if isinstance(column, Mapping) and len(column) == 1 else ""
        if key.startswith("login_") or "password" in key.lower():
            yield (
                f"The key {key} of {entry.get('table') or entry.get('type')} looks like an option of 'connection'. If it is a "
                f"column, write {{name: {key}, type: ...}}."
            )


def _check_tables(whole: Mapping[str, Any], is_short: bool) -> None:
    """Raise InvalidInput for what is wrong with the columns and fields; a single table has no number."""
    if is_short and not whole["types"]:
        read_desired(whole["tables"][0])
    else:
        read_tables({"keyspace": None, "state": "present", "tables": [*whole["types"], *whole["tables"]]})


def _dictionary(spec: Spec) -> Spec:
    return {"type": "dict", "options": spec}


def _places(options: Spec, connection: Spec) -> dict[str, str]:
    """Where an option belongs that stands in another place."""
    return {
        **dict.fromkeys(_TABLE, "It belongs to the top level of the file."),
        **dict.fromkeys(with_aliases(options), "It belongs to 'options'."),
        **dict.fromkeys(with_aliases(connection), "It belongs to 'connection'."),
    }


def _section(role: str, given: Any, spec: Spec, extra: Mapping[str, Any]) -> Any:
    """The options of a role as the file and the command line have them; what no file has is not made a step there.

    A bare list stands for the option that most people need.
    """
    section = {SECTIONS[role]: given} if given and isinstance(given, list) else given
    # A section without content says nothing; a truth value in its place is a mistake.
    section = {} if section in (None, "", [], {}) else section
    overrides = {name: extra[f"{role}_{name}"] for name in spec if f"{role}_{name}" in extra}
    applies = isinstance(section, Mapping) and (section or role == "notify")
    return {**section, **overrides} if applies else section
