# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What careful people look at before a change, as pure decisions: each finding is a refusal with a name and an override."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._errors import MixedVersions, NodesUnreachable
from .model import Cluster, Node


class Policy(NamedTuple):
    """What the user allows; the time-out is in seconds, the limit in nodes."""

    agreement_timeout: float
    ask_nodes_limit: int
    allow_mixed_versions: bool = False
    allow_unreachable_nodes: bool = False


def nodes_to_ask(cluster: Cluster, policy: Policy, hosted: bool) -> tuple[Node, ...]:
    """The peers to ask one by one: none of a hosted service, which hides them, and none of a large cluster."""
    peers = cluster.nodes[1:]
    return () if hosted or len(peers) >= policy.ask_nodes_limit else peers


def require_one_version(cluster: Cluster, policy: Policy) -> None:
    """Raises MixedVersions in the middle of a rolling upgrade, where a change of the schema is lost on some nodes.

    Measured on 4.1.10 with 5.0.9: a change made through the newer node never reaches the older one.
    """
    if len(cluster.release_versions) > 1 and not policy.allow_mixed_versions:
        nodes = ", ".join(f"{node.address} {node.release_version}" for node in cluster.nodes)
        raise MixedVersions(
            f"The nodes run different versions of Cassandra ({nodes}): finish the upgrade first, or set "
            "allow_mixed_versions. Nothing was executed."
        )


def require_answers(silent: Mapping[str, str], policy: Policy) -> None:
    """Raises NodesUnreachable if known nodes did not answer."""
    if silent and not policy.allow_unreachable_nodes:
        raise NodesUnreachable(
            f"Not every node of the cluster answers ({'; '.join(silent.values())}): bring them back or remove them from "
            "the cluster, or set allow_unreachable_nodes. Nothing was executed."
        )
