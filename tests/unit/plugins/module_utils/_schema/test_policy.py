# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import MixedVersions, NodesUnreachable
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.model import Cluster, Node
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.policy import (
    Policy,
    check_reachable,
    check_versions,
    nodes_to_ask,
)


def node(number: int, release: str | None = "5.0.9", schema: str | None = "s1", host_id: str | None = "h") -> Node:
    return Node(f"10.0.0.{number}", 9042, "dc1", host_id, release, schema)


LOCAL = node(1)


def ring(*peers: Node, local: Node = LOCAL) -> Cluster:
    return Cluster("ring", local, peers)


STALE = (node(7, release=None), node(8, schema=None), node(9, host_id=None))
POLICY = Policy(agreement_timeout=60, ask_nodes_limit=32)


@pytest.mark.parametrize("stale", STALE)
def test_what_decommissioned_nodes_leave_behind_does_not_count(stale: Node) -> None:
    cluster = ring(node(2), stale)
    assert cluster.nodes == (node(1), node(2))
    assert cluster.stale_peers == (stale,)
    assert nodes_to_ask(cluster, POLICY, is_managed=False) == (node(2),)


@pytest.mark.parametrize(
    ("limit", "is_managed", "asked"), [(32, False, 3), (4, False, 3), (3, False, 0), (1, False, 0), (32, True, 0)]
)
def test_who_is_asked(limit: int, is_managed: bool, asked: int) -> None:
    policy = POLICY._replace(ask_nodes_limit=limit)
    assert nodes_to_ask(ring(node(2), node(3), node(4)), policy, is_managed) == (node(2), node(3), node(4))[:asked]


def test_one_version() -> None:
    check_versions(ring(node(2)), POLICY)
    mixed = ring(node(2, "4.1.10"))
    with pytest.raises(MixedVersions) as caught:
        check_versions(mixed, POLICY)
    assert caught.value.message == (
        "The nodes run different versions of Cassandra (10.0.0.1 5.0.9, 10.0.0.2 4.1.10). Finish the upgrade first, or set "
        "allow_mixed_versions. Nothing was executed."
    )
    check_versions(mixed, POLICY._replace(allow_mixed_versions=True))
    check_versions(ring(), POLICY)
    check_versions(ring(local=node(1, None)), POLICY)


def test_answers() -> None:
    check_reachable({}, POLICY)
    silent = {"10.0.0.2": "10.0.0.2 hangs", "10.0.0.3": "10.0.0.3 is dead"}
    with pytest.raises(NodesUnreachable) as caught:
        check_reachable(silent, POLICY)
    assert caught.value.message == (
        "Not every node of the cluster answers (10.0.0.2 hangs; 10.0.0.3 is dead). Start these nodes, remove them from "
        "the cluster, or set allow_unreachable_nodes. Nothing was executed."
    )
    check_reachable(silent, POLICY._replace(allow_unreachable_nodes=True))


@pytest.mark.parametrize(
    ("peers", "disagreeing"),
    [
        ((), ()),
        ((node(2), node(3)), ()),
        ((node(2), node(3, schema="s2")), (node(3, schema="s2"),)),
        # Nodes of different versions never agree: only equals are compared.
        ((node(2, "4.1.10", "s2"),), ()),
        ((node(2, "4.1.10", "s2"), node(3, "4.1.10", "s3")), (node(3, "4.1.10", "s3"),)),
        (STALE, ()),
    ],
)
def test_who_disagrees(peers: tuple[Node, ...], disagreeing: tuple[Node, ...]) -> None:
    assert ring(*peers).disagreeing == disagreeing


def test_what_nodes_say_of_themselves_counts_more_than_what_others_know() -> None:
    cluster = ring(node(2), node(3)).with_versions({"10.0.0.2": "s2"})
    assert cluster.disagreeing == (node(2, schema="s2"),)
    assert cluster.local == node(1)
    assert ring(node(2, "4.1.10"), node(3)).release_versions == ("4.1.10", "5.0.9")
