# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads of system tables that take what is there, if it can be right: what a server lacks is named and forbids nothing.

A proxy, a broken node or another product may answer with anything.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ..._connection.session import Rows, Session
from ..._cql.identifier import truncate
from ..._cql.system_table import Statement, SystemRead, every_column
from ..._errors import Failure, StatementFailed, Unavailable
from .capabilities import Reading
from .model import CLUSTERING, PARTITION_KEY, REGULAR, STATIC


def read_available(session: Session, *statements: Statement) -> list[Reading]:
    """A reading of each statement: all are in flight at once, and once more those that were refused, with every column.

    Raises ConnectionFailed.
    """
    # What was refused is not sent to the session again: agreement reads the same rows many times.
    new = [one for one in statements if one.source not in session.absent]
    first = _ask(session, {one: every_column(one) if one.source in session.partial else one for one in new})
    refused = {one: answer for one, answer in first.items() if isinstance(answer, Failure)}
    # What is no SELECT has no other columns to ask for; but a server that was busy may answer now.
    again = [one for one, answer in refused.items() if one.source.columns or isinstance(answer, Unavailable)]
    answers = {**first, **(_ask(session, {one: every_column(one) for one in again}) if again else {})}
    for one, refusal in refused.items():
        if not isinstance(refusal, Unavailable):
            _remember(session, one.source, answers[one])
    return [_reading(one.source, answers[one] if one in answers else session.absent[one.source]) for one in statements]


def _ask(session: Session, asked: Mapping[Statement, Statement]) -> dict[Statement, Rows | Failure]:
    """The answer for each statement to what is asked in its place."""
    return dict(zip(asked, session.answers(*asked.values())))


def _remember(session: Session, source: SystemRead, answer: Rows | Failure) -> None:
    if isinstance(answer, Rows):
        session.partial.add(source)
    elif not isinstance(answer, Unavailable):
        session.absent[source] = answer


def required(reading: Reading) -> list[Mapping[str, Any]]:
    """The rows; raises the refusal if there is nothing to read."""
    if reading.refusal:
        raise reading.refusal
    return reading.rows


def read_flags(reading: Reading) -> frozenset[str] | None:
    """The flags of a table; None if they were not read, and for a materialized view, which has no row."""
    if not reading.rows or "flags" in reading.lacks:
        return None
    return frozenset(reading.rows[0]["flags"] or ())


def _reading(source: SystemRead, answer: Rows | Failure) -> Reading:
    if isinstance(answer, Failure):
        return Reading(source, [], frozenset(source.columns), answer)
    if source.columns and not answer.names:
        return _not_right(source, frozenset(source.columns), "the answer to a SELECT has no columns")
    lacks = frozenset(source.columns) - answer.names
    absent = dict.fromkeys(lacks)
    rows: list[Mapping[str, Any]] = [{**absent, **row} for row in answer] if lacks else list(answer)
    odd = find_odd(source.table, rows)
    if odd:
        return _not_right(source, lacks, odd)
    return Reading(source, rows, lacks)


def _not_right(source: SystemRead, lacks: frozenset[str], reason: str) -> Reading:
    return Reading(source, [], lacks, StatementFailed(f"{source.table} cannot be right: {reason}"))


# What a column of such a table holds, if it is not null; a column that is not listed here may hold anything.
_TYPES: dict[tuple[type, ...], tuple[str, ...]] = {
    (str,): (
        *("keyspace_name", "table_name", "column_name", "type", "kind", "clustering_order"),
        *("view_name", "base_table_name", "index_name", "type_name", "create_statement"),
        *("cluster_name", "data_center", "release_version", "version", "name", "value"),
        *("peer", "native_address", "rpc_address", "status"),
        *("role", "permission", "resource"),
    ),
    (int,): ("position", "written", "native_port", "progress", "total"),
    (UUID, str): ("host_id", "schema_version"),
    (int, datetime): ("dropped_time",),
    (bool,): ("include_all_columns", "cdc", "super", "durable_writes", "is_building", "is_queryable"),
    (Mapping,): ("options", "replication"),
    (Iterable,): ("flags", "field_names", "field_types"),
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
_CONTENTS = {"flags": str, "field_names": str, "field_types": str}


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
    contents = _CONTENTS.get(column)
    return _may_hold(column, value.__class__) and (contents is None or all(isinstance(one, contents) for one in value))


@functools.cache
def _may_hold(column: str, kind: type) -> bool:
    """Whether a column may hold values of this class: a ring of a thousand nodes has ten thousand values, of a few classes."""
    wanted: tuple[type, ...] = _TYPE_OF.get(column, (object,))
    # A text is iterable too, and a truth value a number.
    return issubclass(kind, wanted) and (bool({str, bool, object} & set(wanted)) or not issubclass(kind, (str, bool)))
