# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import (
    MixedVersions,
    NodesUnreachable,
    Refused,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.capabilities import Capabilities
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.model import Cluster, Node
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.policy import (
    Policy,
    check_reachable,
    check_server,
    check_versions,
    may_ignore,
    nodes_to_ask,
)


def node(number: int, release: str | None = "5.0.9", schema: str | None = "s1", host_id: str | None = "h") -> Node:
    return Node(f"10.0.0.{number}", 9042, "dc1", host_id, release, schema)


HIDDEN = Capabilities(peers_answer=False)
RAFT = Capabilities("ScyllaDB 2025.1.2", "2025.1.2", versions_are_comparable=False, needs_majority=True)


LOCAL = node(1)


def ring(*peers: Node, local: Node = LOCAL) -> Cluster:
    return Cluster("ring", local, peers)


STALE = tuple(
    one._replace(is_stale=True) for one in (node(7, release=None), node(8, schema=None), node(9, host_id=None))
)
POLICY = Policy(agreement_timeout=60, ask_nodes_limit=32)


@pytest.mark.parametrize("stale", STALE)
def test_what_decommissioned_nodes_leave_behind_does_not_count(stale: Node) -> None:
    cluster = ring(node(2), stale)
    assert cluster.nodes == (node(1), node(2))
    assert cluster.stale_peers == (stale,)
    assert nodes_to_ask(cluster, POLICY) == (node(2),)


@pytest.mark.parametrize(
    ("limit", "capabilities", "asked"),
    [(32, Capabilities(), 3), (4, Capabilities(), 3), (3, Capabilities(), 0), (1, Capabilities(), 0), (32, HIDDEN, 0)],
)
def test_who_is_asked(limit: int, capabilities: Capabilities, asked: int) -> None:
    policy = POLICY._replace(ask_nodes_limit=limit)
    cluster = ring(node(2), node(3), node(4))._replace(capabilities=capabilities)
    assert nodes_to_ask(cluster, policy) == (node(2), node(3), node(4))[:asked]


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
    cluster = ring(node(2), node(3))
    assert check_reachable(cluster, {}, POLICY) == []
    silent = {"10.0.0.2": "10.0.0.2 hangs", "10.0.0.3": "10.0.0.3 is dead"}
    with pytest.raises(NodesUnreachable) as caught:
        check_reachable(cluster, silent, POLICY)
    assert caught.value.message == (
        "Not every node of the cluster answers (10.0.0.2 hangs; 10.0.0.3 is dead). Start these nodes, remove them from "
        "the cluster, or set allow_unreachable_nodes. If they run, and only this host cannot reach them, set "
        "ask_nodes_limit: 0. Nothing was executed."
    )
    assert check_reachable(cluster, silent, POLICY._replace(allow_unreachable_nodes=True)) == []


@pytest.mark.parametrize(
    ("nodes", "down", "is_safe"),
    [(3, 1, True), (3, 2, False), (4, 1, True), (4, 2, False), (5, 2, True), (2, 1, False)],
)
def test_a_minority_may_be_down_where_a_majority_decides(nodes: int, down: int, is_safe: bool) -> None:
    cluster = ring(*(node(number) for number in range(2, nodes + 1)))._replace(capabilities=RAFT)
    silent = {f"10.0.0.{number}": f"10.0.0.{number} is dead" for number in range(nodes, nodes - down, -1)}
    assert may_ignore(cluster, silent) is is_safe
    if is_safe:
        (warning,) = check_reachable(cluster, silent, POLICY)
        assert "ScyllaDB changes its schema by a majority of its nodes, and these are a minority." in warning
    else:
        with pytest.raises(NodesUnreachable):
            check_reachable(cluster, silent, POLICY)
    # Before that was known to be so, the same nodes stopped a change.
    with pytest.raises(NodesUnreachable):
        check_reachable(cluster._replace(capabilities=Capabilities()), silent, POLICY)


def test_the_floor() -> None:
    check_server(ring())
    with pytest.raises(Refused) as caught:
        check_server(ring()._replace(capabilities=Capabilities("Cassandra 3.11.19", is_below_floor=True)))
    assert (
        "Cassandra 3.11.19 is too old: this collection changes schemas on Cassandra 4.0 and later"
        in caught.value.message
    )


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
