# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads: what the server says now, of one table and of the cluster; never the whole schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .._connection.nodes import NodeSessions
from .._connection.session import Session
from .._cql import statement as cql
from .._cql.identifier import close_matches, display_name
from .._cql.type_parser import stored_type
from .._errors import KeyspaceMissing, StatementFailed, TableMissing
from .data_loss import Values
from .desired import Desired
from .model import REGULAR, Cluster, Column, Node, Table, TableName
from .plan import Plan, make_plan
from .preconditions import Dropped, TableContext

_LISTED = 20


def observe_table(session: Session, name: TableName) -> Table:
    """The table as the node has it; raises KeyspaceMissing or TableMissing with what there is instead."""
    (rows,) = session.read(cql.select_columns(name.keyspace, name.name))
    if not rows:
        raise _missing(session, name)
    return Table(name, tuple(_column(row) for row in rows))


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
    while a node which is down holds the old schema (cassandra-driver 3.30.1, measured).
    """
    try:
        local, peers = session.read(cql.SELECT_LOCAL, cql.SELECT_PEERS_V2)
    except StatementFailed:
        local, peers = session.read(cql.SELECT_LOCAL, cql.SELECT_PEERS)
    # 3.11 does not store the port of the node itself.
    answering = _node({**local[0], "native_port": session.port})
    return Cluster(local[0]["cluster_name"], answering, tuple(_node(row) for row in peers))


def observe_version(session: Session) -> str | None:
    """The schema version of the node itself, which its peers know late, and in a partition not at all."""
    (rows,) = session.read(cql.SELECT_LOCAL)
    return _text(rows[0]["schema_version"])


def observe_context(session: Session, name: TableName, release_version: str, drops: bool) -> TableContext:
    """What decides whether columns can be added to the table, or dropped, as far as this role may read it."""
    flags, views, dropped, types, *indexes = session.read(
        cql.select_table_flags(name.keyspace, name.name),
        cql.select_views(name.keyspace),
        cql.select_dropped_columns(name.keyspace, name.name),
        cql.select_user_types(name.keyspace),
        *([cql.select_indexes(name.keyspace, name.name)] if drops else []),
    )
    permissions = roles = None
    if session.settings.user:
        permissions = session.read_if_allowed(cql.list_permissions(session.settings.user))
        roles = session.read_if_allowed(cql.list_roles(session.settings.user))
    settings = session.read_if_allowed(cql.SELECT_GUARDRAILS) or []
    superuser = any(row["super"] for row in roles or [])
    return TableContext(
        release_version=release_version,
        table_id=_text(flags[0]["id"]) if flags else None,
        flags=frozenset(flags[0]["flags"] or ()) if flags else None,
        view_of=next((row["base_table_name"] for row in views if row["view_name"] == name.name), None),
        views=tuple(row["view_name"] for row in views if row["base_table_name"] == name.name),
        wildcard_views=tuple(
            row["view_name"] for row in views if row["base_table_name"] == name.name and row["include_all_columns"]
        ),
        dropped={row["column_name"]: _dropped(row) for row in dropped},
        user_types={row["type_name"]: tuple(map(stored_type, row["field_types"])) for row in types},
        indexes={row["index_name"]: row["options"].get("target", "") for rows in indexes for row in rows},
        settings={row["name"]: row["value"] for row in settings},
        user=session.settings.user,
        may_alter=None if permissions is None else superuser or _holds_alter(permissions, name),
        is_superuser=superuser,
    )


def count_values(session: Session, name: TableName, columns: Sequence[str], limit: int) -> Values:
    """How many of the first C(limit) rows hold a value in each column; one more is read to know whether that was all.

    Raises StatementFailed where they cannot be read.
    """
    found: Counter[str] = Counter()
    rows = 0
    try:
        for row in session.read_pages(cql.select_values(name.keyspace, name.name, columns, limit + 1)):
            rows += 1
            if rows <= limit:
                found.update(column for column, value in zip(columns, row.values()) if value is not None)
    except StatementFailed as error:
        raise StatementFailed(
            f"The rows of {name} cannot be read to say what a drop destroys: {error.message}. "
            "Set rows_to_read to 0 to do without. Nothing was executed."
        ) from error
    return Values({column: found[column] for column in columns}, min(rows, limit), rows <= limit)


def keyspace_missing(keyspace: str, keyspaces: list[str]) -> KeyspaceMissing:
    """The failure for a keyspace which is not among those which exist."""
    known = close_matches(keyspace, keyspaces)
    return KeyspaceMissing(
        f"Keyspace {display_name(keyspace)} does not exist; this cluster has: {_list(known)}.", keyspaces=known
    )


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


def _dropped(row: Mapping[str, Any]) -> Dropped:
    # Cassandra 3.11 before 3.11.3 did not store the kind.
    return Dropped(stored_type(row["type"]), row["kind"] or REGULAR, f"{row['dropped_time']:%Y-%m-%d %H:%M:%S} UTC")


def _holds_alter(permissions: Sequence[Mapping[str, Any]], name: TableName) -> bool:
    """Whether ALTER is granted on the table or above it; the resources are printed without quotes."""
    above = {
        f"<table {name.keyspace}.{name.name}>",
        f"<all tables in {name.keyspace}>",
        f"<keyspace {name.keyspace}>",
        "<all keyspaces>",
    }
    return any(row["permission"] == "ALTER" and row["resource"] in above for row in permissions)


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
