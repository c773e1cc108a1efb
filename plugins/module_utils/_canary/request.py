# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks of a canary, and whether its table can hold one: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._cql.cql_type import Collection, Native, UserType
from .._cql.identifier import close_matches, display_name, parse_name, parse_names
from .._errors import InvalidInput
from .._schema.catalog.model import (
    CLUSTERING,
    PARTITION_KEY,
    REGULAR,
    STATIC,
    Column,
    Table,
    TableName,
    is_system_keyspace,
)

_MAX_TTL = 86400


class Canary(NamedTuple):
    """A row by stored column names, which expires after C(ttl) seconds; C(write_time) is that of the row to delete.

    C(wait) is how many seconds an earlier canary has to go away.
    """

    table: TableName
    row: Mapping[str, Any]
    ttl: int
    write_time: int | None = None
    wait: int = 0


class Shape(NamedTuple):
    """The values of the row's whole key, and those of the columns that have a write time of their own."""

    key: Mapping[str, Any]
    marks: Mapping[str, Any]


def read_canary(params: Mapping[str, Any]) -> Canary:
    """The canary of a task; raises InvalidInput."""
    table = TableName(parse_name(params["keyspace"], "keyspace"), parse_name(params["table"], "table"))
    if is_system_keyspace(table.keyspace):
        raise InvalidInput(f"Keyspace {table.keyspace} belongs to Cassandra itself: no canary is written there.")
    for option, least in (("ttl", 1), ("wait", 0)):
        if not least <= params[option] <= _MAX_TTL:
            raise InvalidInput(f"{option} is between {least} and {_MAX_TTL} seconds, got {params[option]}.")
    write_time = params["write_time"] if params["state"] == "absent" else None
    return Canary(table, parse_names(params["row"], "column"), params["ttl"], write_time, params["wait"])


def shape_row(table: Table, row: Mapping[str, Any]) -> Shape:
    """The key and the marks of the row in this table; raises InvalidInput if it cannot be a canary."""
    for name in row:
        _require_column(table, name)
    key = [column.name for column in (*table.key(PARTITION_KEY), *table.key(CLUSTERING))]
    missing = [display_name(name) for name in key if row.get(name) is None]
    if missing:
        raise InvalidInput(f"The row of the canary needs a value for every key column; missing: {', '.join(missing)}.")
    marks = [column.name for column in table.columns if row.get(column.name) is not None and _is_mark(column)]
    if not marks:
        raise InvalidInput(
            f"The canary needs a value in a regular column of {table.name} that is no collection and no counter: "
            "the write time of such a column tells the canary's own row."
        )
    return Shape({name: row[name] for name in key}, {name: row[name] for name in marks})


def _require_column(table: Table, name: str) -> None:
    column = table.column(name)
    if column is None:
        nearest = close_matches(name, (each.name for each in table.columns))[0]
        raise InvalidInput(f"{table.name} has no column {display_name(name)}; nearest: {display_name(nearest)}.")
    if column.kind == STATIC:
        raise InvalidInput(
            f"{display_name(name)} is a static column of {table.name}: its value belongs to all rows of the partition, "
            "so the canary must not write it."
        )


def _is_mark(column: Column) -> bool:
    """Whether a value of the column is one cell: only then has it one write time, and on all versions."""
    has_cells = isinstance(column.type, (Collection, UserType)) and not column.type.frozen
    return column.kind == REGULAR and not has_cells and column.type != Native("counter")
