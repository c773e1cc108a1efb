# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads: the cluster as a node sees it, and the node itself: each answer tells whose it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ..._connection.session import Row, Session
from ..._cql import statement as cql
from ..._cql.system_table import Statement
from ..._cql.version import same_version
from .capabilities import Capabilities, NotChecked, Offer, Reading, not_checked, read_capabilities
from .model import Cluster, Node
from .reading import read_available, required

_NO_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104


def observe_cluster(session: Session) -> Cluster:
    """The cluster as the node sees it, with the schema version of every node.

    The driver's own C(is_schema_agreed) is no witness. Without schema metadata it is always false. With it, it is true
    while a node that is down holds the old schema (cassandra-driver 3.30.1, measured).
    """
    return read_cluster(session)[0]


def read_cluster(session: Session, more: Sequence[Statement] = ()) -> tuple[Cluster, list[Reading]]:
    """The cluster, and readings of other statements made together with it."""
    local, peers, *others = read_available(session, cql.SELECT_LOCAL, cql.SELECT_PEERS_V2, *more)
    if not peers.is_there:
        (peers,) = read_available(session, cql.SELECT_PEERS)
    return _cluster(session, local, peers), others


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
    readings, others = {"local": local}, []
    if capabilities.peers_are_nodes:
        readings["peers"] = peers
        # The server gives them in the order of hashes; people look for 10.0.0.2 between 10.0.0.1 and 10.0.0.10.
        others = sorted(_peers(peers, capabilities, answering), key=lambda node: (len(node.address), node.address))
    incomplete = [(local.source.table, answering), *((peers.source.table, node) for node in others)]
    unknown = (*capabilities.not_checked, *not_checked(readings), *_incomplete(incomplete))
    return Cluster(facts["cluster_name"] or "", answering, tuple(others), capabilities, unknown)


def _incomplete(nodes: Sequence[tuple[str, Node]]) -> Iterator[NotChecked]:
    """The nodes that lack what tells a node and its versions, each with the table that it is read from."""
    lacking = [(table, node) for table, node in nodes if node.lacks]
    if lacking:
        rows = "; ".join(f"{table} has no {' and no '.join(node.lacks)} of {node.address}" for table, node in lacking)
        reason = rows if lacking == nodes[:1] else f"{rows}. Such a peer counts as a node that left the cluster"
        yield NotChecked("each node that the cluster lists", reason, tuple(node.place for _table, node in lacking))


def _capabilities(session: Session, local: Row) -> Capabilities:
    """What the server can do; asks for a version of its own only if the one in C(system.local) needs it."""
    name, version = local["cluster_name"] or "", local["release_version"] or ""
    offer = Offer(name, version, None, session.settings.bundle is not None)
    if read_capabilities(offer).is_too_old:
        # ScyllaDB says so too, and Cassandra has no such table.
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
        elif node.release_version != answering.release_version and same_version(
            node.release_version, answering.release_version
        ):
            node = node._replace(release_version=answering.release_version)
        yield node


def _node(row: Row, lacks: Collection[str], port: int) -> Node:
    addresses = [str(row.get(name) or "") for name in ("native_address", "rpc_address", "peer")]
    facts = {name: row[name] for name in ("host_id", "release_version", "schema_version")}
    return Node(
        # A node that listens on every address of its host may say so here, and that would be every address of this host.
        address=next((one for one in addresses if one not in _NO_ADDRESS), "an unknown address"),
        port=row.get("native_port") or port,
        datacenter=row["data_center"],
        host_id=as_text(facts["host_id"]),
        release_version=facts["release_version"],
        schema_version=as_text(facts["schema_version"]),
        # A server that has no such column says nothing by that.
        lacks=tuple(name for name, value in facts.items() if not value and name not in lacks),
    )


def as_text(value: Any) -> str | None:
    return None if value is None else str(value)
