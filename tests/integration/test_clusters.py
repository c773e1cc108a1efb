# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rings: nodes which are stopped, killed, of another version; and many runs at once."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from cassandra import ConsistencyLevel
from cassandra.cluster import Session
from cassandra.query import SimpleStatement
from fault_proxy import Fault, fault_proxy
from module_run import ForkedModule
from on_node import session_on

from embedded_cassandra import Cluster, cluster
from embedded_cassandra.addresses import beside
from embedded_cassandra.ready import wait_for

from .conftest import Result, run_module_here
from .ring import addresses_of, make_keyspace, make_table, on_every_node, params

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("clusters")


@pytest.fixture(scope="module")
def ring(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    version = request.config.getoption("--cassandra").split(",")[0]
    with cluster(version, nodes=3) as running:
        make_keyspace(running)
        yield running


@pytest.fixture
def session(ring: Cluster) -> Iterator[Session]:
    with session_on(ring.addresses[0]) as running:
        yield running


def at_once(runs: list[dict[str, Any]]) -> list[Result]:
    """The results of processes which run the module at the same time."""
    modules = [ForkedModule(run) for run in runs]
    for module in modules:
        module.begin()
    results = [module.result() for module in modules]
    assert None not in results
    return [result for result in results if result is not None]


@pytest.mark.promise
def test_a_change_is_on_every_node_when_it_is_reported(ring: Cluster, session: Session) -> None:
    make_table(session, "plain")
    result = run_module_here("cassandra_column", params(ring, "plain", [{"a": "int"}, {"b": "set<text>"}]))
    assert (result["changed"], len(result["cluster"]["nodes"]), result["cluster"]["schema_agreed"]) == (True, 3, True)
    assert on_every_node(ring, "plain") == [{"id": "int", "v": "text", "a": "int", "b": "set<text>"}] * 3


def test_a_field_of_a_type_is_on_every_node_when_it_is_reported(ring: Cluster, session: Session) -> None:
    session.execute("CREATE TYPE shop.address (street text)", timeout=60)
    task = {
        "login_host": ring.addresses[:1],
        "keyspace": "shop",
        "type": "address",
        "fields": [{"a": "int"}, {"b": "int"}],
    }
    result = run_module_here("cassandra_type", task)
    assert (result["changed"], addresses_of(result["verified_by"])) == (True, sorted(ring.addresses))
    query = "SELECT field_names FROM system_schema.types WHERE keyspace_name = 'shop' AND type_name = 'address'"
    for address in ring.addresses:
        with session_on(address) as one:
            assert one.execute(query).one().field_names == ["street", "a", "b"]


def test_only_the_contact_point_can_be_reached_from_here(request: pytest.FixtureRequest) -> None:
    """A host behind a firewall: the other node is well, and the address that it has for clients leads nowhere."""
    version = request.config.getoption("--cassandra").split(",")[0]
    with cluster(version, nodes=2, each=lambda one: {"broadcast_rpc_address": beside(one, 100)}) as running:
        make_keyspace(running)
        with session_on(running.addresses[0]) as session:
            make_table(session, "behind")
        given = params(running, "behind", [{"a": "int"}], connect_timeout=2)
        refused = run_module_here("cassandra_column", given)
        assert (refused["failure"], "set ask_nodes_limit: 0" in refused["msg"]) == ("nodes_unreachable", True)
        done = run_module_here("cassandra_column", {**given, "ask_nodes_limit": 0})
        first = running.addresses[0]
        # Cassandra 4.0 shows in system.local the address that the node listens on, later versions that for clients.
        shown = first if version == "4.0" else beside(first, 100)
        assert (done["changed"], addresses_of(done["verified_by"])) == (True, [shown])
        assert done["cluster"]["schema_agreed"] is True
        assert on_every_node(running, "behind") == [{"id": "int", "v": "text", "a": "int"}] * 2


@pytest.mark.parametrize("runs", [2, 4, 16])
def test_the_same_columns_from_many_at_once(ring: Cluster, session: Session, runs: int) -> None:
    make_table(session, f"same{runs}")
    columns = [{"a": "int"}, {"b": "text"}]
    results = at_once([params(ring, f"same{runs}", columns, lead=number % 3) for number in range(runs)])
    assert [result["failed"] for result in results] == [False] * runs, [result.get("msg") for result in results]
    assert any(result["changed"] for result in results)
    assert on_every_node(ring, f"same{runs}") == [{"id": "int", "v": "text", "a": "int", "b": "text"}] * 3


def test_different_columns_from_many_at_once(ring: Cluster, session: Session) -> None:
    make_table(session, "different")
    results = at_once([params(ring, "different", [{f"c{number}": "int"}], lead=number % 3) for number in range(6)])
    assert [result["failed"] for result in results] == [False] * 6, [result.get("msg") for result in results]
    expected = {"id": "int", "v": "text", **{f"c{number}": "int" for number in range(6)}}
    assert on_every_node(ring, "different") == [expected] * 3


def test_a_node_which_hangs(ring: Cluster, session: Session) -> None:
    make_table(session, "hanging")
    hung = ring.nodes[2]
    given = params(ring, "hanging", [{"a": "int"}], connect_timeout=2, schema_agreement_timeout=3)
    run_module_here("cassandra_column", params(ring, "hanging", [{"there": "int"}]))
    # What the others have heard of its schema version is what they tell until it goes on.
    wait_for(ring.nodes, False)
    hung.pause()
    try:
        for check in (True, False):
            refused = run_module_here("cassandra_column", given, check)
            assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False)
            assert hung.address in refused["msg"]
            assert "Nothing was executed" in refused["msg"]
        # A run with nothing to do asks for no health.
        nothing = run_module_here("cassandra_column", params(ring, "hanging", [{"there": "int"}]))
        assert (nothing["failed"], nothing["changed"]) == (False, False), nothing["msg"]
        allowed = run_module_here("cassandra_column", {**given, "allow_unreachable_nodes": True, "request_timeout": 20})
        assert (allowed["failed"], allowed["changed"]) == (False, True), allowed["msg"]
        assert addresses_of(allowed["cluster"]["disagreeing_nodes"]) == [hung.address]
        assert any(hung.address in str(warning) for warning in allowed["warnings"])
        # Now it is the node which is away that has not agreed: neither ok nor changed.
        later = run_module_here("cassandra_column", given)
        assert later["failure"] == "schema_disagreement"
        assert hung.address in later["msg"]
    finally:
        hung.resume()
    settled = run_module_here("cassandra_column", {**given, "schema_agreement_timeout": 90})
    assert (settled["failed"], settled["changed"]) == (False, False), settled["msg"]
    assert on_every_node(ring, "hanging")[2]["a"] == "int"


@pytest.mark.promise
def test_a_node_which_is_dead(ring: Cluster, session: Session) -> None:
    make_table(session, "dead")
    dead = ring.nodes[1]
    dead.kill()
    try:
        refused = run_module_here("cassandra_column", params(ring, "dead", [{"a": "int"}]))
        assert (refused["failure"], dead.address in refused["msg"]) == ("nodes_unreachable", True)
    finally:
        dead.start().wait()
        wait_for(ring.nodes, False)
    done = run_module_here("cassandra_column", params(ring, "dead", [{"a": "int"}]))
    assert (done["failed"], done["changed"]) == (False, True), done["msg"]
    assert on_every_node(ring, "dead") == [{"id": "int", "v": "text", "a": "int"}] * 3


@pytest.fixture
def lock(session: Session) -> dict[str, Any]:
    """The options of a run which takes the lock, with its table made and empty."""
    session.execute(
        "CREATE TABLE IF NOT EXISTS shop.stellarmap_schema_lock (name text PRIMARY KEY, owner text)", timeout=60
    )
    session.execute("DELETE FROM shop.stellarmap_schema_lock WHERE name = 'schema' IF EXISTS", timeout=60)
    return {"lock_keyspace": "shop"}


def holders(session: Session) -> list[str]:
    query = SimpleStatement("SELECT owner FROM shop.stellarmap_schema_lock", consistency_level=ConsistencyLevel.QUORUM)
    return [row.owner for row in session.execute(query, timeout=30)]


def test_the_lock_is_taken_for_a_change_only_and_given_back(
    ring: Cluster, session: Session, lock: dict[str, Any]
) -> None:
    make_table(session, "locked")
    given = params(ring, "locked", [{"a": "int"}], **lock)
    assert run_module_here("cassandra_column", given)["changed"]
    assert holders(session) == []
    session.execute(
        "INSERT INTO shop.stellarmap_schema_lock (name, owner) VALUES ('schema', 'bob') IF NOT EXISTS", timeout=30
    )
    # Nothing to do, or a dry run: no lock is needed.
    assert not run_module_here("cassandra_column", given)["failed"]
    more = {**params(ring, "locked", [{"b": "int"}]), **lock, "lock_timeout": 1}
    assert run_module_here("cassandra_column", more, check=True)["changed"]
    waited = run_module_here("cassandra_column", more)
    assert (waited["failed"], waited["failure"]) == (True, "locked")
    assert (
        "bob holds the lock in keyspace shop, waited 1 s for it. No run of this module wrote its row" in waited["msg"]
    )
    assert "If nothing else holds it, delete it: DELETE FROM shop.stellarmap_schema_lock" in waited["msg"]
    assert holders(session) == ["bob"]
    # The owner was killed: what it left behind expires by itself.
    session.execute(
        "UPDATE shop.stellarmap_schema_lock USING TTL 3 SET owner = 'bob' WHERE name = 'schema' IF EXISTS", timeout=30
    )
    session.execute("DELETE FROM shop.stellarmap_schema_lock WHERE name = 'schema' IF EXISTS", timeout=30)
    session.execute(
        "INSERT INTO shop.stellarmap_schema_lock (name, owner) VALUES ('schema', 'eve') IF NOT EXISTS USING TTL 15",
        timeout=30,
    )
    waited = run_module_here("cassandra_column", {**more, "lock_timeout": 0.2})
    assert re.search(
        r"^eve holds .* the lock is free at \d\d:\d\d:\d\d UTC \(in 1?\d s\); a run that lives renews", waited["msg"]
    ), waited["msg"]
    late = run_module_here("cassandra_column", {**more, "lock_timeout": 30})
    assert late["changed"]
    assert re.search(r"Waited \d+ s for the lock, which was held by eve\.", str(late["warnings"]))
    waited_for = (
        r"After \d+ s still waiting for the lock, which eve holds\. If that run was killed, the lock is free at"
    )
    assert re.search(waited_for, str(late["warnings"])), late["warnings"]
    assert holders(session) == []


def test_the_lock_is_given_back_by_a_run_which_fails(ring: Cluster, session: Session, lock: dict[str, Any]) -> None:
    make_table(session, "failing")
    failed = run_module_here("cassandra_column", params(ring, "failing", [{"a": "counter"}], **lock))
    assert (failed["failure"], holders(session)) == ("refused", [])


def test_without_its_table_a_lock_says_how_to_make_it(ring: Cluster, session: Session) -> None:
    make_table(session, "lockless")
    failed = run_module_here("cassandra_column", params(ring, "lockless", [{"a": "int"}], lock_keyspace="system_auth"))
    assert (failed["failed"], failed["failure"]) == (True, "invalid_input")
    assert "CREATE TABLE system_auth.stellarmap_schema_lock (name text PRIMARY KEY, owner text);" in failed["msg"]


TORN_ROUNDS = 12


def two_types(ring: Cluster, table: str, **more: Any) -> list[dict[str, Any]]:
    """Two runs which add one column with two types, each through a node of its own."""
    return [
        params(ring, table, [{"x": kind}], lead=number, schema_agreement_timeout=5, **more)
        for number, kind in enumerate(("int", "text"))
    ]


def test_with_the_lock_two_types_at_once_never_break_the_ring(
    ring: Cluster, session: Session, lock: dict[str, Any]
) -> None:
    for number in range(TORN_ROUNDS):
        make_table(session, f"whole{number}")
        results = at_once(two_types(ring, f"whole{number}", **lock))
        # One wins, the other is told what is there.
        assert sorted(result.get("failure", "") for result in results) == ["", "conflict"], results
        (winner,) = (result for result in results if not result["failed"])
        assert [seen["x"] for seen in on_every_node(ring, f"whole{number}")] == [
            winner["tables"][0]["columns"][0]["type"]
        ] * 3
    assert holders(session) == []


def meeting(ring: Cluster, runs: list[dict[str, Any]]) -> list[Result]:
    """The results of runs whose changes are all on their way before the first reaches its node."""
    met = threading.Barrier(len(runs), timeout=60)
    with contextlib.ExitStack() as stack:
        nodes = [(node.address, node.port) for node in ring.nodes]
        proxies = [stack.enter_context(fault_proxy(node, Fault.MEET, then=met.wait)) for node in nodes[: len(runs)]]
        results = at_once(
            [{**run, "login_host": [f"{proxy.address}:{proxy.port}"]} for run, proxy in zip(runs, proxies)]
        )
        assert [proxy.struck for proxy in proxies] == [1] * len(runs)
    return results


def test_without_the_lock_they_break_it_and_nobody_is_told_a_success(ring: Cluster, session: Session) -> None:
    """The last test of the ring: it goes on until the nodes disagree for ever, as 4.0 to 5.0 do, and 6.0 never does."""
    for number in range(TORN_ROUNDS):
        make_table(session, f"torn{number}")
        results = meeting(ring, two_types(ring, f"torn{number}"))
        happy = [result["tables"][0]["columns"][0]["type"] for result in results if not result["failed"]]
        assert len(happy) <= 1, results
        for result in results:
            if result["failed"]:
                assert result["failure"] in ("schema_disagreement", "conflict", "statement_failed"), result["msg"]
        if not happy:
            assert {result["failure"] for result in results} == {"schema_disagreement"}
            assert "nodetool describecluster" in results[0]["msg"]
            return
        assert [seen["x"] for seen in on_every_node(ring, f"torn{number}")] == happy * 3
    # Its metadata service puts all changes of a cluster in one order.
    is_safe = ring.nodes[0].version.startswith("6.")
    assert is_safe, "the ring did not break: is this version safe, or are the runs not at the same moment?"


def test_a_cluster_in_the_middle_of_an_upgrade() -> None:
    with cluster(versions=["4.1", "5.0"]) as mixed:
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        with session_on(mixed.addresses[0]) as session:
            session.execute(f"CREATE KEYSPACE shop WITH replication = {replication}", timeout=60)
            session.execute("CREATE TABLE shop.t (id int PRIMARY KEY, v text)", timeout=60)
        for check in (True, False):
            refused = run_module_here("cassandra_column", params(mixed, "t", [{"a": "int"}]), check)
            assert (refused["failure"], refused["changed"]) == ("mixed_versions", False)
            for node in mixed.nodes:
                assert f"{node.address} {node.version}" in refused["msg"]
        assert run_module_here("cassandra_column", params(mixed, "t", [{"v": "text"}]))["changed"] is False
