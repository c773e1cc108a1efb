# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether rows of system tables can be right: a proxy, a broken node or another product may answer with anything; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._cql.identifier import truncate
from .model import CLUSTERING, PARTITION_KEY, REGULAR, STATIC

# What a column of such a table holds, if it is not null; a column that is not listed here may hold anything.
_TYPES: dict[tuple[type, ...], tuple[str, ...]] = {
    (str,): (
        *("keyspace_name", "table_name", "column_name", "type", "kind", "clustering_order"),
        *("view_name", "base_table_name", "index_name", "type_name", "create_statement"),
        *("cluster_name", "data_center", "release_version", "version", "name", "value"),
        *("role", "permission", "resource"),
    ),
    (int,): ("position", "written"),
    (int, datetime): ("dropped_time",),
    (bool,): ("include_all_columns", "cdc", "super", "durable_writes"),
    (Mapping,): ("options", "replication"),
    (Iterable,): ("flags", "field_types"),
}
_TYPE_OF = {name: types for types, names in _TYPES.items() for name in names}

# What a row is nothing without.
_NEEDED = {
    "keyspaces": ("keyspace_name",),
    "tables": (),
    "columns": ("column_name", "type", "kind"),
    "views": ("view_name", "base_table_name"),
    "dropped_columns": ("column_name",),
    "indexes": ("index_name",),
    "types": ("type_name",),
}
_KINDS = (PARTITION_KEY, CLUSTERING, REGULAR, STATIC)
_CONTENTS = {"flags": str, "field_types": str}


def find_odd(table: str, rows: Sequence[Mapping[str, Any]]) -> str | None:
    """What cannot be right about these rows of C(table), or None."""
    if table == "system.local" and len(rows) != 1:
        return f"it has {len(rows)} rows, and a node has one"
    schema, _dot, name = table.rpartition(".")
    needed = _NEEDED.get(name, ()) if schema in ("system_schema", "system_virtual_schema") else ()
    for row in rows:
        for column in needed:
            # A read of some columns does not ask for the others.
            if column in row and row[column] is None:
                return f"a row has no {column}"
        for column, value in row.items():
            if value is not None and not _can_be(column, value):
                return f"a row has {truncate(repr(value))} as its {column}"
        if name == "columns" and row.get("kind", REGULAR) not in _KINDS:
            return f"a row has {truncate(row['kind'])} as its kind"
    return None


def _can_be(column: str, value: Any) -> bool:
    wanted: tuple[type, ...] = _TYPE_OF.get(column, (object,))
    if isinstance(value, (str, bool)) and not {str, bool, object} & set(wanted):
        # A text is iterable too, and a truth value a number.
        return False
    if not isinstance(value, wanted):
        return False
    contents = _CONTENTS.get(column)
    values: Any = value
    return contents is None or all(isinstance(one, contents) for one in values)
