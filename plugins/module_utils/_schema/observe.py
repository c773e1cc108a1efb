# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads: what the server says now, of one table and of the cluster; never the whole schema."""

from __future__ import annotations

from collections.abc import Sequence

from .._connection.nodes import NodeSessions
from .._connection.session import Row, Session
from .._cql import statement as cql
from .._cql.column_text import read_text
from .._cql.identifier import close_matches, display_name, nearest, yaml_name
from .._cql.index import read_index, select_indexes
from .._cql.system_table import Statement
from .._cql.type_parser import stored_type
from .._errors import Failure, KeyspaceMissing, StatementFailed, TableMissing, TypeMissing
from .catalog.capabilities import Reading
from .catalog.cluster import as_text, read_cluster
from .catalog.compact import as_clients_see, may_be_compact
from .catalog.model import FIELD, Cluster, Column, Table, TableName
from .catalog.reading import read_available, read_flags, required
from .planning.desired import Desired
from .planning.plan import Plan, make_plan
from .planning.preconditions import own_keyspace

_LISTED = 20


def observe(session: Session, desired: Sequence[Desired], describes: bool = False) -> tuple[Cluster, list[Table]]:
    """The cluster and these tables, read together, and their indexes if any are asked for; a missing table has no columns.

    If it C(describes) them, with the server's own texts.
    """
    more = [cql.describe(*one.table) for one in desired if describes]
    asked = [statement for one in desired for statement in _statements(one)]
    cluster, readings = read_cluster(session, [*asked, *more])
    tables = _desired_tables(session, desired, readings)
    texts = (read_text(reading.rows) for reading in readings[len(asked) :])
    return cluster, [table._replace(described=text) for table, text in zip(tables, texts)] if describes else tables


def _statements(desired: Desired) -> list[Statement]:
    keyspace, name, _kind = desired.table
    return [_select(desired.table), *([select_indexes(keyspace, name)] if desired.has_indexes else [])]


def _desired_tables(session: Session, desired: Sequence[Desired], readings: Sequence[Reading]) -> list[Table]:
    """The tables by the answers to their statements."""
    answers = iter(readings)
    # A server that shows no indexes is refused one, once it is known which server that is.
    pairs = [(required(next(answers)), next(answers).rows if one.has_indexes else ()) for one in desired]
    tables = _tables(session, [one.table for one in desired], [columns for columns, _indexes in pairs])
    return [
        table._replace(indexes=tuple(map(read_index, indexes))) if indexes else table
        for table, (_columns_found, indexes) in zip(tables, pairs)
    ]


def _select(name: TableName) -> Statement:
    return (cql.select_fields if name.is_type else cql.select_columns)(name.keyspace, name.name)


def observe_plans(nodes: NodeSessions, desired: Sequence[Desired]) -> tuple[list[Plan], Cluster]:
    """What is left to do in each table as the coordinator has it now, and the cluster; a missing table is part of its plan."""

    def plans(session: Session) -> tuple[list[Plan], Cluster]:
        cluster, tables = observe(session, desired)
        return [_plan(session, one, table) for one, table in zip(desired, tables)], cluster

    return nodes.run(plans)


def _plan(session: Session, desired: Desired, table: Table) -> Plan:
    return make_plan(desired, table)._replace(missing=None if table.columns else table_missing(session, table.name))


def observe_plan(nodes: NodeSessions, desired: Desired) -> Plan:
    """What is left to do, by the table as the coordinator has it now."""
    (plan,), _cluster_now = observe_plans(nodes, [desired])
    return plan


def observe_keyspaces(session: Session) -> list[str]:
    """The names of all keyspaces."""
    return [row["keyspace_name"] for row in read_keyspaces(session)]


def read_keyspaces(session: Session) -> list[Row]:
    """All keyspaces with their replication, by name; a virtual one has none."""
    stored, virtual = read_available(session, cql.SELECT_KEYSPACES, cql.SELECT_VIRTUAL_KEYSPACES)
    rows = [*required(stored), *({"replication": None, "durable_writes": None, **row} for row in virtual.rows)]
    return sorted(rows, key=lambda row: str(row["keyspace_name"]))


def observe_tables(session: Session, keyspace: str) -> list[str]:
    """The names of the tables of a keyspace, virtual ones too; raises KeyspaceMissing if there is no such keyspace."""
    return sorted(name for names in _stored_and_virtual(session, keyspace) for name in names)


def _stored_and_virtual(session: Session, keyspace: str) -> list[list[str]]:
    """The names of the tables that are stored, and of those that are virtual; raises KeyspaceMissing."""
    statement = cql.select_tables(keyspace)
    stored, virtual = read_available(session, statement, cql.virtual(statement))
    found = [[row["table_name"] for row in rows] for rows in (required(stored), virtual.rows)]
    if not any(found):
        keyspaces = observe_keyspaces(session)
        if keyspace not in keyspaces:
            raise keyspace_missing(keyspace, keyspaces)
    return found


def observe_types(session: Session, keyspace: str) -> list[str]:
    """The names of the user-defined types of a keyspace."""
    (reading,) = read_available(session, cql.select_user_types(keyspace))
    return sorted(row["type_name"] for row in required(reading))


def observe_table(session: Session, name: TableName) -> Table:
    """The table as the node has it, also a virtual one; raises KeyspaceMissing or TableMissing with what there is instead."""
    statement = cql.select_columns(name.keyspace, name.name)
    stored, virtual = read_available(session, statement, cql.virtual(statement))
    (table,) = _tables(session, [name], [required(stored) or virtual.rows])
    if not table.columns:
        raise table_missing(session, name)
    return table


def observe_version(session: Session, desired: Desired | None = None) -> tuple[str | None, Table | None]:
    """The schema version of the node itself, which its peers know late, and in a partition not at all; and a table it has."""
    statements = _statements(desired) if desired else []
    read, *readings = read_available(session, cql.SELECT_LOCAL, *statements)
    local = required(read)
    session.identify(as_text(local[0]["host_id"]))
    version = as_text(local[0]["schema_version"])
    if not desired or not required(readings[0]):
        return version, None
    return version, _desired_tables(session, [desired], readings)[0]


def keyspace_missing(keyspace: str, keyspaces: list[str]) -> KeyspaceMissing:
    """The failure for a keyspace that is not among those that exist."""
    known = close_matches(keyspace, keyspaces)
    return KeyspaceMissing(
        f"Keyspace {display_name(keyspace)} does not exist; this cluster has: {_list(known)}.{_question(keyspace, known)}",
        available=known,
    )


def _question(name: str, known: list[str]) -> str:
    """Which one may be meant, as it is written in YAML: a name with capital letters has quotes of its own there."""
    meant = nearest(name, known)
    return f" Did you mean {yaml_name(meant)}?" if meant else ""


def _tables(session: Session, names: Sequence[TableName], found: Sequence[Sequence[Row]]) -> list[Table]:
    """The tables as clients see them; one without rows has no columns."""
    tables = [Table(name, (read_fields if name.is_type else _columns)(rows)) for name, rows in zip(names, found)]
    doubtful = [table.name for table in tables if may_be_compact(table)]
    if not doubtful:
        return tables
    readings = read_available(session, *(cql.select_table_flags(name.keyspace, name.name) for name in doubtful))
    flags = {name: read_flags(reading) for name, reading in zip(doubtful, readings)}
    return [as_clients_see(table, flags.get(table.name)) for table in tables]


def table_missing(session: Session, name: TableName) -> Failure:
    """Why the table or type cannot be changed: it is not there, nor perhaps its keyspace, or not whole, or it is virtual."""
    try:
        if name.is_type:
            observe_tables(session, name.keyspace)
            return _type_missing(name, close_matches(name.name, observe_types(session, name.keyspace)))
        stored, virtual = _stored_and_virtual(session, name.keyspace)
    except KeyspaceMissing as failure:
        return failure
    if name.name in virtual:
        return own_keyspace(name.keyspace)
    if name.name in stored:
        return StatementFailed(
            f"system_schema.tables lists {name} and system_schema.columns has no columns of it: another user may be creating "
            "or dropping it. Run this again."
        )
    tables = close_matches(name.name, [*stored, *virtual])
    there = f"the keyspace has: {_list(tables)}" if tables else "the keyspace has no tables"
    return TableMissing(
        f"Table {display_name(name.name)} does not exist in keyspace {display_name(name.keyspace)}; {there}."
        f"{_question(name.name, tables)}",
        available=tables,
    )


def _type_missing(name: TableName, types: list[str]) -> TypeMissing:
    there = f"the keyspace has: {_list(types)}" if types else "the keyspace has none"
    return TypeMissing(
        f"User-defined type {display_name(name.name)} does not exist in keyspace {display_name(name.keyspace)}; {there}."
        f"{_question(name.name, types)} This module adds fields to a type that exists: create it with CREATE TYPE first.",
        available=types,
    )


def _list(names: list[str]) -> str:
    rest = len(names) - _LISTED
    return ", ".join(display_name(name) for name in names[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    return tuple(map(_column, rows))


def read_fields(rows: Sequence[Row]) -> tuple[Column, ...]:
    """The fields of a user-defined type in their order; raises StatementFailed if the server does not show them."""
    found = [(row["field_names"], row["field_types"]) for row in rows]
    if any(names is None or types is None or len(names) != len(types) for names, types in found):
        raise StatementFailed("system_schema.types does not show the names and types of the fields here.")
    return tuple(Column(name, stored_type(text), FIELD) for names, types in found for name, text in zip(names, types))


def _column(row: Row) -> Column:
    position = -1 if row["position"] is None else row["position"]
    return Column(
        row["column_name"], stored_type(row["type"]), row["kind"], position, row["clustering_order"] or "none"
    )
