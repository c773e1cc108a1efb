# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import (
    MixedVersions,
    NodesUnreachable,
    Refused,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._place import Lost
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.capabilities import Capabilities
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import Cluster, Node
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import (
    Policy,
    check_reachable,
    check_server,
    check_versions,
    may_ignore,
    nodes_to_ask,
    not_asked,
)


def node(number: int, release: str | None = "5.0.9", schema: str | None = "s1") -> Node:
    return Node(f"10.0.0.{number}", 9042, "dc1", f"host-{number}", release, schema)


def lost(*numbers: int) -> dict[str, Lost]:
    return {f"host-{number}": Lost(node(number).place, "connection refused") for number in numbers}


HIDDEN = Capabilities(peers_answer=False)
RAFT = Capabilities("ScyllaDB", "2025.1.2", versions_are_comparable=False, needs_majority=True)


LOCAL = node(1)


def ring(*peers: Node, local: Node = LOCAL) -> Cluster:
    return Cluster("ring", local, peers)


STALE = tuple(
    one._replace(lacks=(lacks,))
    for one, lacks in (
        (node(7, release=None), "release_version"),
        (node(8, schema=None), "schema_version"),
        (node(9)._replace(host_id=None), "host_id"),
    )
)
POLICY = Policy(agreement_timeout=60, ask_nodes_limit=32)


@pytest.mark.parametrize("stale", STALE)
def test_what_decommissioned_nodes_leave_behind_does_not_count(stale: Node) -> None:
    cluster = ring(node(2), stale)
    assert cluster.nodes == (node(1), node(2))
    assert nodes_to_ask(cluster, POLICY) == (node(1).place, node(2).place)


@pytest.mark.parametrize(
    ("limit", "capabilities", "asked"),
    [(32, Capabilities(), 4), (4, Capabilities(), 4), (3, Capabilities(), 1), (0, Capabilities(), 1), (32, HIDDEN, 0)],
)
def test_who_is_asked(limit: int, capabilities: Capabilities, asked: int) -> None:
    policy = POLICY._replace(ask_nodes_limit=limit)
    cluster = ring(node(2), node(3), node(4))._replace(capabilities=capabilities)
    places = tuple(node(number).place for number in range(1, 5))
    assert nodes_to_ask(cluster, policy) == places[:asked]
    # Those that nobody asks are named, unless the service hides them: then it is the service that is named.
    named = [place for one in not_asked(cluster, policy) for place in one.nodes]
    assert named == list(places[1:] if asked == 1 else ())


def test_one_version() -> None:
    check_versions(ring(node(2)), POLICY)
    mixed = ring(node(2, "4.1.10"))
    with pytest.raises(MixedVersions) as caught:
        check_versions(mixed, POLICY)
    assert caught.value.message == (
        "The nodes run different versions of Cassandra (10.0.0.1 5.0.9, 10.0.0.2 4.1.10). Finish the upgrade first, or set "
        "allow_mixed_versions."
    )
    check_versions(mixed, POLICY._replace(allow_mixed_versions=True))
    check_versions(ring(), POLICY)
    check_versions(ring(local=node(1, None)), POLICY)


def test_answers() -> None:
    cluster = ring(node(2), node(3))
    assert check_reachable(cluster, {}, POLICY) == []
    silent = lost(2, 3)
    with pytest.raises(NodesUnreachable) as caught:
        check_reachable(cluster, silent, POLICY)
    assert caught.value.message == (
        "Not every node of the cluster answers (10.0.0.2:9042, the address that node host-2 advertises: connection refused; "
        "10.0.0.3:9042, the address that node host-3 advertises: connection refused). Start these nodes, remove them from "
        "the cluster, or set allow_unreachable_nodes. If they run, and only this host cannot reach them, as behind NAT or a "
        "tunnel, name with login_address_map where it reaches each of them, or set ask_nodes_limit: 0, which asks the "
        "contact point alone."
    )
    assert check_reachable(cluster, silent, POLICY._replace(allow_unreachable_nodes=True)) == []


@pytest.mark.parametrize(
    ("nodes", "down", "is_safe"),
    [(3, 1, True), (3, 2, False), (4, 1, True), (4, 2, False), (5, 2, True), (2, 1, False)],
)
def test_a_minority_may_be_down_where_a_majority_decides(nodes: int, down: int, is_safe: bool) -> None:
    cluster = ring(*(node(number) for number in range(2, nodes + 1)))._replace(capabilities=RAFT)
    silent = lost(*range(nodes, nodes - down, -1))
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
        check_server(ring()._replace(capabilities=Capabilities(release_version="3.11.19", is_too_old=True)))
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
    cluster = ring(node(2), node(3)).with_answers("schema_version", {"host-2": "s2"})
    assert cluster.disagreeing == (node(2, schema="s2"),)
    assert cluster.local == node(1)
    assert ring(node(2, "4.1.10"), node(3)).release_versions == ("4.1.10", "5.0.9")


@pytest.mark.parametrize(
    ("others", "label"),
    [
        ([node(2)], "10.0.0.1"),
        ([node(2)._replace(address="10.0.0.1", port=9043)], "10.0.0.1:9042"),
        ([node(2)._replace(address="10.0.0.1")], "10.0.0.1:9042 (host-1)"),
    ],
    ids=["an address of its own", "a port of its own", "nothing but its host_id"],
)
def test_what_people_call_a_node(others: list[Node], label: str) -> None:
    assert ring(*others).label(node(1).place) == label
