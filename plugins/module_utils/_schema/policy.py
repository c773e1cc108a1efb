# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be true of the cluster before a change: each finding is a refusal with a name and an override; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._errors import MixedVersions, NodesUnreachable
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


def nodes_to_ask(cluster: Cluster, policy: Policy, is_managed: bool) -> tuple[Node, ...]:
    """The peers to ask one by one: none of a managed service, which hides them, and none of a large cluster."""
    peers = cluster.nodes[1:]
    return () if is_managed or len(peers) >= policy.ask_nodes_limit else peers


def check_versions(cluster: Cluster, policy: Policy) -> None:
    """Raises MixedVersions during a rolling upgrade, when a change of the schema is lost on some nodes.

    Measured on 4.1.10 with 5.0.9: a change made through the newer node never reaches the older one.
    """
    if len(cluster.release_versions) > 1 and not policy.allow_mixed_versions:
        nodes = ", ".join(f"{node.address} {node.release_version}" for node in cluster.nodes)
        raise MixedVersions(
            f"The nodes run different versions of Cassandra ({nodes}). Finish the upgrade first, or set "
            "allow_mixed_versions. Nothing was executed."
        )


def check_reachable(unreachable: Mapping[str, str], policy: Policy) -> None:
    """Raises NodesUnreachable if known nodes did not answer; C(unreachable) maps addresses to reasons."""
    if unreachable and not policy.allow_unreachable_nodes:
        raise NodesUnreachable(
            f"Not every node of the cluster answers ({'; '.join(unreachable.values())}). Start these nodes, remove them "
            "from the cluster, or set allow_unreachable_nodes. Nothing was executed."
        )
