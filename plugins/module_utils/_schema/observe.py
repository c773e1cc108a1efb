# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads: what the server says now, of one table and of the cluster; never the whole schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._connection.nodes import NodeSessions
from .._connection.session import Row, Session
from .._cql import statement as cql
from .._cql.identifier import close_matches, display_name, nearest, yaml_name
from .._cql.index import read_index, select_indexes
from .._cql.system_table import Statement, virtual
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


def observe(
    session: Session, desired: Sequence[Desired], more: Sequence[Statement] = ()
) -> tuple[Cluster, list[Table], list[Reading]]:
    """The cluster and these tables, with their indexes if any are asked for, and readings of C(more), all made together.

    A missing table has no columns.
    """
    asked = [statement for one in desired for statement in _statements(one)]
    cluster, readings = read_cluster(session, [*asked, *more])
    return cluster, _desired_tables(session, desired, readings), readings[len(asked) :]


def _statements(desired: Desired) -> list[Statement]:
    keyspace, name, _kind = desired.table
    columns = cql.select_fields if desired.table.is_type else cql.select_columns
    return [columns(keyspace, name), *([select_indexes(keyspace, name)] if desired.has_indexes else [])]


def _desired_tables(session: Session, desired: Sequence[Desired], readings: Sequence[Reading]) -> list[Table]:
    """The tables by the answers to their statements."""
    answers, columns, indexes = iter(readings), [], []
    for one in desired:
        columns.append(required(next(answers)))
        # A server that shows no indexes is refused one, once it is known which server that is.
        indexes.append(next(answers).rows if one.has_indexes else [])
    tables = _tables(session, [one.table for one in desired], columns)
    return [table._replace(indexes=tuple(map(read_index, rows))) for table, rows in zip(tables, indexes)]


def observe_plans(nodes: NodeSessions, desired: Sequence[Desired]) -> tuple[list[Plan], Cluster]:
    """What is left to do in each table as the coordinator has it now, and the cluster; a missing table is part of its plan."""

    def plans(session: Session) -> tuple[list[Plan], Cluster]:
        cluster, tables, _more = observe(session, desired)
        missing = [None if table.columns else table_missing(session, table.name) for table in tables]
        made = (make_plan(one, table) for one, table in zip(desired, tables))
        return [plan._replace(missing=failure) for plan, failure in zip(made, missing)], cluster

    return nodes.run(plans)


def observe_plan(nodes: NodeSessions, desired: Desired) -> Plan:
    """What is left to do, by the table as the coordinator has it now."""
    (plan,), _cluster_now = observe_plans(nodes, [desired])
    return plan


def read_keyspaces(session: Session) -> list[Row]:
    """All keyspaces with their replication, by name; a virtual one has none."""
    stored, of_virtual = read_available(session, cql.SELECT_KEYSPACES, cql.SELECT_VIRTUAL_KEYSPACES)
    rows = [*required(stored), *({"replication": None, "durable_writes": None, **row} for row in of_virtual.rows)]
    return sorted(rows, key=lambda row: str(row["keyspace_name"]))


def _read_schema(session: Session, statement: Statement) -> tuple[list[Row], list[Row]]:
    """The rows of a table of C(system_schema), and those of the same table of the virtual schema."""
    stored, of_virtual = read_available(session, statement, virtual(statement))
    return required(stored), of_virtual.rows


def observe_tables(session: Session, keyspace: str) -> list[str]:
    """The names of the tables of a keyspace, virtual ones too; raises KeyspaceMissing if there is no such keyspace."""
    stored, of_virtual = _stored_and_virtual(session, keyspace)
    return sorted([*stored, *of_virtual])


def _stored_and_virtual(session: Session, keyspace: str) -> list[list[str]]:
    """The names of the tables that are stored, and of those that are virtual; raises KeyspaceMissing."""
    found = [[row["table_name"] for row in rows] for rows in _read_schema(session, cql.select_tables(keyspace))]
    if not any(found):
        keyspaces = [row["keyspace_name"] for row in read_keyspaces(session)]
        if keyspace not in keyspaces:
            raise keyspace_missing(keyspace, keyspaces)
    return found


def observe_table(session: Session, name: TableName) -> Table:
    """The table as the node has it, also a virtual one; raises KeyspaceMissing or TableMissing with what there is instead."""
    stored, of_virtual = _read_schema(session, cql.select_columns(name.keyspace, name.name))
    (table,) = _tables(session, [name], [stored or of_virtual])
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
    known, listed = _known(keyspace, keyspaces, "this cluster has")
    return KeyspaceMissing(f"Keyspace {display_name(keyspace)} does not exist; {listed}", available=known)


def _known(name: str, names: Iterable[str], words: str) -> tuple[list[str], str]:
    """What there is, the nearest name first, and the same as the end of a sentence: C(words), the names, which may be meant."""
    known = close_matches(name, names)
    rest, meant = len(known) - _LISTED, nearest(name, known)
    listed = ", ".join(map(display_name, known[:_LISTED])) + (f" and {rest} more" if rest > 0 else "")
    # As it is written in YAML: a name with capital letters has quotes of its own there.
    return (
        known,
        f"{words}{f': {listed}' if known else ' none'}.{f' Did you mean {yaml_name(meant)}?' if meant else ''}",
    )


def _tables(session: Session, names: Sequence[TableName], found: Sequence[Sequence[Row]]) -> list[Table]:
    """The tables as clients see them; one without rows has no columns."""
    tables = [
        Table(name, read_fields(rows) if name.is_type else tuple(map(_column, rows)))
        for name, rows in zip(names, found)
    ]
    doubtful = [table.name for table in tables if may_be_compact(table)]
    if not doubtful:
        return tables
    readings = read_available(session, *(cql.select_table_flags(name.keyspace, name.name) for name in doubtful))
    flags = {name: read_flags(reading) for name, reading in zip(doubtful, readings)}
    return [as_clients_see(table, flags.get(table.name)) for table in tables]


def table_missing(session: Session, name: TableName) -> Failure:
    """Why the table or type cannot be changed: it is not there, nor perhaps its keyspace, or not whole, or it is virtual."""
    try:
        stored, of_virtual = _stored_and_virtual(session, name.keyspace)
    except KeyspaceMissing as failure:
        return failure
    names = sorted([*stored, *of_virtual])
    if name.is_type:
        (types,) = read_available(session, cql.select_user_types(name.keyspace))
        names = [row["type_name"] for row in required(types)]
    elif name.name in of_virtual:
        return own_keyspace(name.keyspace)
    elif name.name in stored:
        return StatementFailed(
            f"system_schema.tables lists {name} and system_schema.columns has no columns of it: another user may be creating "
            "or dropping it. Run this again."
        )
    known, listed = _known(name.name, names, "the keyspace has")
    where = f"{display_name(name.name)} does not exist in keyspace {display_name(name.keyspace)}; {listed}"
    if not name.is_type:
        return TableMissing(f"Table {where}", available=known)
    create = "This module adds fields to a type that exists: create it with CREATE TYPE first."
    return TypeMissing(f"User-defined type {where} {create}", available=known)


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
