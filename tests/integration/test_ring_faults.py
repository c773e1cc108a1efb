# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A ring which is cut in two around a change, and a coordinator which dies in the middle of one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cassandra.cluster import Session
from fault_proxy import Fault, fault_proxy
from on_node import session_on
from partition import Partition, partitioned_ring

from embedded_cassandra import Cluster
from embedded_cassandra.ready import wait_for

from .conftest import run_module_here
from .ring import make_keyspace, make_table, on_every_node, on_node, params

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("ring_faults")

OLD = {"id": "int", "v": "text"}


@pytest.fixture(scope="module")
def torn_ring(request: pytest.FixtureRequest) -> Iterator[tuple[Cluster, Partition]]:
    version = request.config.getoption("--cassandra").split(",")[0]
    with partitioned_ring(version, nodes=3) as (running, partition):
        make_keyspace(running)
        yield running, partition


@pytest.fixture
def ring(torn_ring: tuple[Cluster, Partition]) -> Cluster:
    return torn_ring[0]


@pytest.fixture
def session(ring: Cluster) -> Iterator[Session]:
    with session_on(ring.addresses[1]) as running:
        yield running


def _decides_together(ring: Cluster) -> bool:
    """Since Cassandra 6.0 the cluster metadata service takes a change or nobody does; its one member here is the first node."""
    return ring.nodes[0].version.startswith("6.")


@pytest.mark.parametrize("lead", [0, 2], ids=["the larger part", "the smaller part"])
def test_a_partition(torn_ring: tuple[Cluster, Partition], session: Session, lead: int) -> None:
    ring, partition = torn_ring
    name = f"cut{lead}"
    make_table(session, name)
    wanted = params(ring, name, [{"a": "int"}], lead, schema_agreement_timeout=3)
    with partition.without(ring.nodes[2]):
        torn = run_module_here("cassandra_column", wanted)
        if lead == 2 and _decides_together(ring):
            assert (torn["failure"], torn["changed"]) == ("statement_failed", False), torn["msg"]
            assert "The cluster metadata service of Cassandra 6.0 did not take the change" in torn["msg"]
            assert on_every_node(ring, name) == [OLD] * 3
            return
        assert (torn["failure"], torn["changed"]) == ("schema_disagreement", True), torn["msg"]
        assert torn["msg"].startswith("The change was applied, and the nodes do not agree")
        assert ring.addresses[2] in torn["msg"]
        # Who comes through the other part is not led to make it worse: the nodes are asked, not only their gossip.
        other = params(ring, name, [{"a": "text"}], 2 - lead, schema_agreement_timeout=3)
        refused = run_module_here("cassandra_column", other)
        assert (refused["failure"], refused["changed"]) == ("schema_disagreement", False), refused["msg"]
        assert refused["msg"].endswith("Nothing was executed.")
        expected = [{**OLD, "a": "int"} if (index == 2) == (lead == 2) else OLD for index in range(3)]
        assert on_every_node(ring, name) == expected
    healed = run_module_here("cassandra_column", {**wanted, "schema_agreement_timeout": 120})
    assert (healed["failed"], healed["changed"]) == (False, False), healed["msg"]
    assert on_every_node(ring, name) == [{**OLD, "a": "int"}] * 3


@pytest.mark.parametrize(
    "fault", [Fault.CUT_REQUEST, Fault.LOSE_ANSWER, Fault.CUT_ANSWER], ids=lambda fault: fault.name
)
def test_the_coordinator_dies_in_the_middle(ring: Cluster, session: Session, fault: Fault) -> None:
    """Before it has the change, while it has it, and after it made it."""
    name = fault.name.lower()
    make_table(session, name)
    doomed = ring.nodes[0]
    wanted = params(ring, name, [{"a": "int"}, {"b": "text"}], schema_agreement_timeout=5, request_timeout=8)
    with fault_proxy((doomed.address, doomed.port), fault, then=doomed.kill) as proxy:
        result = run_module_here("cassandra_column", {**wanted, "login_host": [f"{proxy.address}:{proxy.port}"]})
        assert proxy.struck == 1
    try:
        there = [{"a", "b"} <= on_node(node.address, name).keys() for node in ring.nodes[1:]]
        (status,) = {column["status"] for column in result["tables"][0]["columns"]}
        # A change that was sent, got no answer and does not show may still come.
        assert status in ("added", "missing", "unknown")
        assert result["changed"] == (status != "missing")
        assert result["failed"] if status == "unknown" else result["changed"] in there, (there, result)
        # The dead node cannot be asked, so nobody may call it a success. The other two may need longer to agree (4.0).
        assert result["failed"] is True, result["msg"]
        assert result["failure"] in ("nodes_unreachable", "schema_disagreement"), result["msg"]
        assert "Nothing was executed" not in result["msg"]
        assert doomed.address in result["msg"] or result["failure"] == "schema_disagreement"
    finally:
        doomed.start().wait()
        wait_for(ring.nodes, False)
    again = run_module_here("cassandra_column", {**wanted, "schema_agreement_timeout": 60})
    assert again["failed"] is False, again["msg"]
    assert on_every_node(ring, name) == [{**OLD, "a": "int", "b": "text"}] * 3


def test_the_coordinator_dies_before_the_change(ring: Cluster, session: Session) -> None:
    """It is a node that does not answer then, like any other, whichever node takes its place."""
    make_table(session, "before_it")
    doomed = ring.nodes[0]
    wanted = params(ring, "before_it", [{"a": "int"}])
    with fault_proxy((doomed.address, doomed.port), Fault.CUT_REQUEST, b"dropped_columns", doomed.kill) as proxy:
        refused = run_module_here("cassandra_column", {**wanted, "login_host": [f"{proxy.address}:{proxy.port}"]})
        assert proxy.struck == 1
    try:
        assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False), refused
        assert "Nothing was executed" in refused["msg"]
        assert all("a" not in on_node(node.address, "before_it") for node in ring.nodes[1:])
    finally:
        doomed.start().wait()
        wait_for(ring.nodes, False)
    again = run_module_here("cassandra_column", {**wanted, "schema_agreement_timeout": 60})
    assert (again["failed"], again["changed"]) == (False, True), again["msg"]
