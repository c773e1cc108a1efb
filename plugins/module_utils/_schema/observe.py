# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads: what the server says now, of one table and of the cluster; never the whole schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._connection.nodes import NodeSessions
from .._connection.session import Row, Session, answered
from .._cql import statement as cql
from .._cql.identifier import close_matches, display_name
from .._cql.type_parser import stored_type
from .._errors import KeyspaceMissing, StatementFailed, TableMissing
from .desired import Desired
from .model import Cluster, Column, Node, Table, TableName
from .plan import Plan, make_plan

_LISTED = 20


def observe(session: Session, names: Sequence[TableName]) -> tuple[Cluster, list[Table]]:
    """The cluster and these tables, read together; raises KeyspaceMissing or TableMissing with what there is instead."""
    cluster, rows = _read_cluster(session, [cql.select_columns(name.keyspace, name.name) for name in names])
    return cluster, [_table(session, name, found) for name, found in zip(names, rows)]


def observe_table(session: Session, name: TableName) -> Table:
    """The table as the node has it; raises KeyspaceMissing or TableMissing with what there is instead."""
    (rows,) = session.read(cql.select_columns(name.keyspace, name.name))
    return _table(session, name, rows)


def observe_plans(nodes: NodeSessions, desired: Sequence[Desired]) -> tuple[list[Plan], Cluster]:
    """What is left to do in each table as the coordinator has it now, and the cluster."""
    cluster, tables = nodes.run(lambda session: observe(session, [one.table for one in desired]))
    return [make_plan(one, table) for one, table in zip(desired, tables)], cluster


def observe_plan(nodes: NodeSessions, desired: Desired) -> Plan:
    """What is left to do, by the table as the coordinator has it now."""
    return make_plan(desired, nodes.run(lambda session: observe_table(session, desired.table)))


def observe_keyspaces(session: Session) -> list[str]:
    """The names of all keyspaces."""
    (rows,) = session.read(cql.SELECT_KEYSPACES)
    return sorted(row["keyspace_name"] for row in rows)


def observe_tables(session: Session, keyspace: str) -> list[str]:
    """The names of the tables of a keyspace; raises KeyspaceMissing if there is no such keyspace."""
    (rows,) = session.read(cql.select_tables(keyspace))
    if not rows:
        keyspaces = observe_keyspaces(session)
        if keyspace not in keyspaces:
            raise keyspace_missing(keyspace, keyspaces)
    return sorted(row["table_name"] for row in rows)


def observe_cluster(session: Session) -> Cluster:
    """The cluster as the node sees it, with the schema version of every node.

    The driver's own C(is_schema_agreed) is no witness: without schema metadata it is always false, with it it is true
    while a node that is down holds the old schema (cassandra-driver 3.30.1, measured).
    """
    return _read_cluster(session)[0]


def _read_cluster(session: Session, more: Sequence[cql.Statement] = ()) -> tuple[Cluster, list[list[Row]]]:
    """The cluster, and the rows of other statements read together with it."""
    local, peers, *others = session.answers(cql.SELECT_LOCAL, cql.SELECT_PEERS_V2, *more)
    if isinstance(peers, StatementFailed):
        (peers,) = session.read(cql.SELECT_PEERS)
    (facts,) = answered(local)
    # 3.11 does not store the port of the node itself.
    answering = _node({**facts, "native_port": session.port})
    cluster = Cluster(facts["cluster_name"], answering, tuple(_node(row) for row in answered(peers)))
    return cluster, [answered(one) for one in others]


def observe_version(session: Session, name: TableName | None = None) -> tuple[str | None, Table | None]:
    """The schema version of the node itself, which its peers know late, and in a partition not at all; and a table it has."""
    columns = [cql.select_columns(name.keyspace, name.name)] if name else []
    local, *tables = session.read(cql.SELECT_LOCAL, *columns)
    version = _text(local[0]["schema_version"])
    return version, Table(name, tuple(map(_column, tables[0]))) if name and tables[0] else None


def keyspace_missing(keyspace: str, keyspaces: list[str]) -> KeyspaceMissing:
    """The failure for a keyspace that is not among those that exist."""
    known = close_matches(keyspace, keyspaces)
    return KeyspaceMissing(
        f"Keyspace {display_name(keyspace)} does not exist; this cluster has: {_list(known)}.", keyspaces=known
    )


def _table(session: Session, name: TableName, rows: Sequence[Row]) -> Table:
    if not rows:
        raise _missing(session, name)
    return Table(name, tuple(map(_column, rows)))


def _missing(session: Session, name: TableName) -> KeyspaceMissing | TableMissing:
    tables = close_matches(name.name, observe_tables(session, name.keyspace))
    there = f"the keyspace has: {_list(tables)}" if tables else "the keyspace has no tables"
    return TableMissing(
        f"Table {display_name(name.name)} does not exist in keyspace {display_name(name.keyspace)}; {there}.",
        tables=tables,
    )


def _list(names: list[str]) -> str:
    rest = len(names) - _LISTED
    return ", ".join(display_name(name) for name in names[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _column(row: Mapping[str, Any]) -> Column:
    return Column(
        row["column_name"], stored_type(row["type"]), row["kind"], row["position"], row["clustering_order"] or "none"
    )


def _node(row: Mapping[str, Any]) -> Node:
    address = row.get("native_address") or row.get("rpc_address") or row.get("peer")
    return Node(
        address=str(address),
        port=row.get("native_port"),
        datacenter=row["data_center"],
        host_id=_text(row["host_id"]),
        release_version=row["release_version"],
        schema_version=_text(row["schema_version"]),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
