# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads: what the server says now, of one table and of the cluster; never the whole schema."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .._connection.nodes import NodeSessions
from .._connection.session import Row, Session
from .._cql import statement as cql
from .._cql.identifier import close_matches, display_name, nearest, yaml_name
from .._cql.type_parser import stored_type
from .._cql.version import same_version
from .._errors import Failure, KeyspaceMissing, TableMissing
from .capabilities import Capabilities, NotChecked, Offer, read_capabilities, wants_own_version
from .checks import Reading, not_checked
from .compact import as_clients_see, may_be_compact
from .desired import Desired
from .model import Cluster, Column, Node, Table, TableName
from .plan import Plan, make_plan
from .preconditions import own_keyspace
from .reading import read_available, read_flags, required

_LISTED = 20
_NO_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104


def observe(session: Session, names: Sequence[TableName]) -> tuple[Cluster, list[Table]]:
    """The cluster and these tables, read together; raises KeyspaceMissing or TableMissing with what there is instead."""
    cluster, tables = _observe(session, names)
    return cluster, [_there(session, table) for table in tables]


def _observe(session: Session, names: Sequence[TableName]) -> tuple[Cluster, list[Table]]:
    """The same, in which a table that does not exist has no columns."""
    cluster, rows = _read_cluster(session, [cql.select_columns(name.keyspace, name.name) for name in names])
    return cluster, _tables(session, names, rows)


def observe_table(session: Session, name: TableName) -> Table:
    """The table as the node has it; raises KeyspaceMissing or TableMissing with what there is instead."""
    (table,) = _tables(session, [name], [_must_read(session, cql.select_columns(name.keyspace, name.name))])
    return _there(session, table)


def observe_plans(nodes: NodeSessions, desired: Sequence[Desired]) -> tuple[list[Plan], Cluster]:
    """What is left to do in each table as the coordinator has it now, and the cluster; a missing table is part of its plan."""

    def plans(session: Session) -> tuple[list[Plan], Cluster]:
        cluster, tables = _observe(session, [one.table for one in desired])
        return [_plan(session, one, table) for one, table in zip(desired, tables)], cluster

    return nodes.run(plans)


def _plan(session: Session, desired: Desired, table: Table) -> Plan:
    return make_plan(desired, table)._replace(missing=None if table.columns else _missing(session, table.name))


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
    statement = cql.select_tables(keyspace)
    stored, virtual = read_available(session, statement, cql.virtual(statement))
    rows = [*required(stored), *virtual.rows]
    if not rows:
        keyspaces = observe_keyspaces(session)
        if keyspace not in keyspaces:
            raise keyspace_missing(keyspace, keyspaces)
    return sorted(row["table_name"] for row in rows)


def observe_any_table(session: Session, name: TableName) -> Table:
    """The same as C(observe_table), of a virtual table too."""
    statement = cql.select_columns(name.keyspace, name.name)
    stored, virtual = read_available(session, statement, cql.virtual(statement))
    (table,) = _tables(session, [name], [required(stored) or virtual.rows])
    return _there(session, table)


def observe_cluster(session: Session) -> Cluster:
    """The cluster as the node sees it, with the schema version of every node.

    The driver's own C(is_schema_agreed) is no witness. Without schema metadata it is always false. With it, it is true
    while a node that is down holds the old schema (cassandra-driver 3.30.1, measured).
    """
    return _read_cluster(session)[0]


def _read_cluster(session: Session, more: Sequence[cql.Statement] = ()) -> tuple[Cluster, list[list[Row]]]:
    """The cluster, and the rows of other statements read together with it."""
    local, peers, *others = read_available(session, cql.SELECT_LOCAL, cql.SELECT_PEERS_V2, *more)
    if not peers.is_there:
        (peers,) = read_available(session, cql.SELECT_PEERS)
    return _cluster(session, local, peers), [required(one) for one in others]


def _cluster(session: Session, local: Reading, peers: Reading) -> Cluster:
    (facts,) = required(local)
    capabilities = _capabilities(session, facts)
    # 3.11 does not store the port of the node itself.
    answering = _node({**facts, "native_port": session.port, "peer": session.meets[0]}, local.lacks, session.port)
    if capabilities.peers_answer:
        # A service with one endpoint may answer each request by another node, and a node is no part of what it shows.
        session.identify(answering.host_id)
    if capabilities.release_version:
        answering = answering._replace(release_version=capabilities.release_version)
    readings = {"local": local, **({"peers": peers} if capabilities.peers_are_nodes else {})}
    nodes = [answering]
    if capabilities.peers_are_nodes:
        nodes += sorted(_peers(peers, capabilities, answering), key=_place)
    return Cluster(
        facts["cluster_name"] or "",
        answering,
        tuple(nodes[1:]),
        capabilities,
        (
            *capabilities.not_checked,
            *not_checked(readings),
            *_incomplete((local.source.table, peers.source.table), nodes),
        ),
    )


def _incomplete(tables: tuple[str, str], nodes: Sequence[Node]) -> Iterator[NotChecked]:
    """The rows that lack what tells a node and its versions: the first one is that of the node which answers."""
    lacking = [node for node in nodes if node.lacks]
    if lacking:
        rows = "; ".join(
            f"{tables[node is not nodes[0]]} has no {' and no '.join(node.lacks)} of {node.address}" for node in lacking
        )
        reason = f"{rows}. Such a peer counts as a node that left the cluster"
        yield NotChecked("each node that the cluster lists", reason, tuple(node.place for node in lacking))


def _capabilities(session: Session, local: Row) -> Capabilities:
    """What the server can do; asks for a version of its own only if the one in C(system.local) needs it."""
    name, version = local["cluster_name"] or "", local["release_version"] or ""
    offer = Offer(name, version, None, session.has_bundle)
    if wants_own_version(offer):
        (versions,) = read_available(session, cql.SELECT_OWN_VERSION)
        offer = offer._replace(own_version=versions.rows[0]["version"] if versions.rows else None)
    return read_capabilities(offer)


def _peers(peers: Reading, capabilities: Capabilities, answering: Node) -> Iterator[Node]:
    for row in peers.rows:
        node = _node(row, peers.lacks, answering.port)
        if node.host_id and node.host_id == answering.host_id:
            # ScyllaDB may list the node among its own peers.
            continue
        if not capabilities.versions_are_comparable:
            node = node._replace(release_version=None)
        elif same_version(node.release_version, answering.release_version):
            node = node._replace(release_version=answering.release_version)
        yield node


def _place(node: Node) -> tuple[int, str]:
    """The server gives them in the order of hashes; people look for 10.0.0.2 between 10.0.0.1 and 10.0.0.10."""
    return len(node.address), node.address


def observe_version(session: Session, name: TableName | None = None) -> tuple[str | None, Table | None]:
    """The schema version of the node itself, which its peers know late, and in a partition not at all; and a table it has."""
    columns = [cql.select_columns(name.keyspace, name.name)] if name else []
    local, *tables = map(required, read_available(session, cql.SELECT_LOCAL, *columns))
    session.identify(_text(local[0]["host_id"]))
    version = _text(local[0]["schema_version"])
    return version, _tables(session, [name], tables)[0] if name and tables[0] else None


def observe_release_version(session: Session) -> str | None:
    """The release version of the node itself, if its peers do not know it."""
    return observe_cluster(session).local.release_version


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
    tables = [Table(name, tuple(map(_column, rows))) for name, rows in zip(names, found)]
    doubtful = [table.name for table in tables if may_be_compact(table)]
    if not doubtful:
        return tables
    readings = read_available(session, *(cql.select_table_flags(name.keyspace, name.name) for name in doubtful))
    flags = {name: read_flags(reading) for name, reading in zip(doubtful, readings)}
    return [as_clients_see(table, flags.get(table.name)) for table in tables]


def _there(session: Session, table: Table) -> Table:
    if not table.columns:
        raise _missing(session, table.name)
    return table


def _missing(session: Session, name: TableName) -> Failure:
    """Why the table cannot be changed: it is not there, nor perhaps its keyspace, or it is virtual."""
    try:
        tables = close_matches(name.name, observe_tables(session, name.keyspace))
    except KeyspaceMissing as failure:
        return failure
    if name.name in tables:
        return own_keyspace(name.keyspace)
    there = f"the keyspace has: {_list(tables)}" if tables else "the keyspace has no tables"
    return TableMissing(
        f"Table {display_name(name.name)} does not exist in keyspace {display_name(name.keyspace)}; {there}."
        f"{_question(name.name, tables)}",
        available=tables,
    )


def _list(names: list[str]) -> str:
    rest = len(names) - _LISTED
    return ", ".join(display_name(name) for name in names[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _column(row: Row) -> Column:
    position = -1 if row["position"] is None else row["position"]
    return Column(
        row["column_name"], stored_type(row["type"]), row["kind"], position, row["clustering_order"] or "none"
    )


def _node(row: Row, lacks: Collection[str], port: int) -> Node:
    addresses = [str(row.get(name) or "") for name in ("native_address", "rpc_address", "peer")]
    facts = {name: row[name] for name in ("host_id", "release_version", "schema_version")}
    return Node(
        # A node that listens on every address of its host may say so here, and that would be every address of this host.
        address=next((one for one in addresses if one not in _NO_ADDRESS), "an unknown address"),
        port=row.get("native_port") or port,
        datacenter=row["data_center"],
        host_id=_text(facts["host_id"]),
        release_version=facts["release_version"],
        schema_version=_text(facts["schema_version"]),
        # A server that has no such column says nothing by that.
        lacks=tuple(name for name, value in facts.items() if not value and name not in lacks),
    )


def _must_read(session: Session, statement: cql.Statement) -> list[Row]:
    (reading,) = read_available(session, statement)
    return required(reading)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
