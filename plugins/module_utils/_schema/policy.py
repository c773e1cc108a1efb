# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true of the cluster before a change: each finding is a refusal with a name and an override; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._errors import MixedVersions, NodesUnreachable, Refused
from .model import Cluster, Node


class Policy(NamedTuple):
    """What the user allows; the timeout is in seconds, the limit in nodes."""

    agreement_timeout: float
    ask_nodes_limit: int
    allow_mixed_versions: bool = False
    allow_unreachable_nodes: bool = False


class LockPolicy(NamedTuple):
    """The keyspace of the advisory lock, and how many seconds to wait for it."""

    keyspace: str
    timeout: float


def nodes_to_ask(cluster: Cluster, policy: Policy) -> tuple[Node, ...]:
    """The peers to ask one by one: none of a service that hides them, and none of a large cluster."""
    peers = cluster.nodes[1:]
    return peers if cluster.capabilities.peers_answer and len(peers) < policy.ask_nodes_limit else ()


def check_server(cluster: Cluster) -> None:
    """Raises Refused for a server that is older than this collection supports."""
    if cluster.capabilities.is_below_floor:
        raise Refused(
            f"{cluster.capabilities.server} is too old: this collection changes schemas on Cassandra 4.0 and later, since "
            "a column that is added while a table is read can corrupt answers before that (CASSANDRA-13004). Upgrade the "
            "cluster first. Nothing was executed."
        )


def check_versions(cluster: Cluster, policy: Policy) -> None:
    """Raises MixedVersions during a rolling upgrade, when a change of the schema is lost on some nodes.

    Measured on 4.1.10 with 5.0.9: a change made through the newer node never reaches the older one.
    """
    if len(cluster.release_versions) > 1 and not policy.allow_mixed_versions:
        nodes = ", ".join(f"{node.address} {node.release_version}" for node in cluster.nodes if node.release_version)
        raise MixedVersions(
            f"The nodes run different versions of {cluster.capabilities.product} ({nodes}). Finish the upgrade first, or "
            "set allow_mixed_versions. Nothing was executed."
        )


def check_reachable(cluster: Cluster, unreachable: Mapping[str, str], policy: Policy) -> list[str]:
    """What to know of nodes that did not answer; raises NodesUnreachable if a change is not safe without them.

    C(unreachable) maps addresses to reasons.
    """
    if not unreachable:
        return []
    reasons, majority = "; ".join(unreachable.values()), may_ignore(cluster, unreachable)
    if majority:
        return [
            f"Not every node of the cluster answers ({reasons}). The change is safe: {cluster.capabilities.product} changes "
            "its schema by a majority of its nodes, and these are a minority."
        ]
    if not policy.allow_unreachable_nodes:
        raise NodesUnreachable(
            f"Not every node of the cluster answers ({reasons}). Start these nodes, remove them from the cluster, or set "
            "allow_unreachable_nodes. If they run, and only this host cannot reach them, set ask_nodes_limit: 0. Nothing was "
            "executed."
        )
    return []


def may_ignore(cluster: Cluster, unreachable: Mapping[str, str]) -> bool:
    """Whether a change is safe without these nodes: a majority decides on it, and they are a minority."""
    return cluster.capabilities.needs_majority and 2 * len(unreachable) < len(cluster.nodes)
