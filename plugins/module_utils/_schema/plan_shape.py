# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether plain data has the shape of a saved plan: a file that a person changed is answered in a sentence; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model import CLUSTERING, PARTITION_KEY, REGULAR, STATIC


class Maybe(tuple):  # type: ignore[type-arg]
    """A key with this shape may be left out, or be null."""


# A type stands for a value of it, a set for one of its values, a list for any number of its element, a dictionary for its keys.
_COLUMN = {
    "name": str,
    "type": str,
    "kind": {REGULAR, STATIC, PARTITION_KEY, CLUSTERING},
    "position": int,
    "clustering_order": {"none", "asc", "desc"},
}
_LISTED = {"name": str, "type": Maybe([str]), "static": Maybe([bool])}
_CHANGE = {"cql": str, "reverse": str, "comment": str, "columns": [_COLUMN], "unsafe": str}
_TABLE = {
    "keyspace": str,
    "table": str,
    "state": {"present", "absent"},
    "columns": [_LISTED],
    "before": [_COLUMN],
    "after": [_COLUMN],
    "change": Maybe([_CHANGE]),
    "depends_on": Maybe([dict]),
    "own_columns_only": bool,
}
PLAN = {
    "format": int,
    "source": str,
    "cluster": {"name": str, "release_versions": [str], "host_ids": [str]},
    "tables": [_TABLE],
    "warnings": Maybe([[str]]),
    "checked": Maybe([[str]]),
    "fingerprint": str,
}


def require_shape(data: Any, shape: Any = PLAN, place: str = "") -> None:
    """Raises ValueError with the place of what is missing, or is something else than it has to be."""
    if isinstance(shape, Maybe):
        if data is not None:
            require_shape(data, shape[0], place)
    elif isinstance(shape, set):
        if not isinstance(data, str) or data not in shape:
            raise ValueError(f"{place} is not one of {', '.join(sorted(shape))}")
    elif isinstance(shape, list):
        _require_type(data, list, place)
        for number, one in enumerate(data, start=1):
            require_shape(one, shape[0], f"{place}[{number}]")
    elif isinstance(shape, dict):
        _require_type(data, Mapping, place)
        for key, inner in shape.items():
            require_shape(data.get(key), inner, f"{place}.{key}".lstrip("."))
    else:
        _require_type(data, shape, place)


def _require_type(data: Any, wanted: type, place: str) -> None:
    words = {str: "a text", int: "a whole number", bool: "true or false", list: "a list"}
    if not isinstance(data, wanted) or (wanted is int and isinstance(data, bool)):
        raise ValueError(f"{place or 'the plan'} is not {words.get(wanted, 'a mapping')}")
