# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cassandra 6.0 keeps its schema in a metadata service: a ring with nodes stopped, and a node that comes from 5.0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cassandra.cluster import Session
from on_node import session_on

from embedded_cassandra import Cluster, Node, cluster
from embedded_cassandra.download import jars, java_home
from embedded_cassandra.versions import release

from .conftest import run_module_here
from .ring import addresses_of, make_keyspace, make_table, on_node, params

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("metadata_service")

_TIMEOUTS = ("read_request_timeout", "write_request_timeout", "cas_contention_timeout")


@pytest.fixture(scope="module")
def ring() -> Iterator[Cluster]:
    """The first node is the metadata service, as it is by default; on a busy machine it needs time to begin."""
    with cluster("6.0", nodes=3, settings=dict.fromkeys(_TIMEOUTS, "20s")) as running:
        make_keyspace(running)
        yield running


@pytest.fixture
def session(ring: Cluster) -> Iterator[Session]:
    with session_on(ring.addresses[0]) as running:
        yield running


def test_a_node_that_is_no_member_is_stopped(ring: Cluster, session: Session) -> None:
    make_table(session, "one")
    wanted = params(ring, "one", [{"a": "int"}], connect_timeout=5)
    ring.nodes[2].pause()
    try:
        refused = run_module_here("cassandra_column", wanted)
        assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False)
        done = run_module_here("cassandra_column", {**wanted, "allow_unreachable_nodes": True})
        assert (done["failed"], done["changed"]) == (False, True), done.get("msg")
    finally:
        ring.nodes[2].resume()
    # It catches up by itself, and agrees by its epoch.
    again = run_module_here("cassandra_column", {**wanted, "columns": [{"b": "int"}]})
    assert (again["failed"], again["changed"]) == (False, True), again.get("msg")
    assert addresses_of(again["verified_by"]) == ring.addresses
    assert {"a", "b"} <= on_node(ring.addresses[2], "one").keys()


def test_the_only_member_is_stopped(ring: Cluster, session: Session) -> None:
    make_table(session, "two")
    wanted = params(ring, "two", [{"a": "int"}], lead=1, connect_timeout=5, request_timeout=30)
    ring.nodes[0].pause()
    try:
        refused = run_module_here("cassandra_column", wanted)
        assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False)
        result = run_module_here("cassandra_column", {**wanted, "allow_unreachable_nodes": True})
        assert (result["failure"], result["changed"]) == ("statement_failed", False), result["msg"]
        assert "The cluster metadata service of Cassandra 6.0 did not take the change in time" in result["msg"]
        assert "start those that are down" in result["msg"]
        assert "was sent, and may still be made." in result["msg"]
    finally:
        ring.nodes[0].resume()
    healed = run_module_here("cassandra_column", wanted)
    # The service may have made it when it was back.
    ((status,),) = ([column["status"] for column in table["columns"]] for table in healed["tables"])
    assert (healed["failed"], status) == (False, "added" if healed["changed"] else "present"), healed.get("msg")


def test_a_node_that_comes_from_5_0_is_not_initialized() -> None:
    with cluster("5.0") as running:
        old = running.nodes[0]
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        with session_on(old.address) as session:
            session.execute(f"CREATE KEYSPACE shop WITH replication = {replication}", timeout=60)
            make_table(session, "orders")
        old.stop()
        later = release("6.0")
        new = Node(replace(old.config, release=later), java_home(), jars(later)).start()
        try:
            new.wait()
            result = run_module_here("cassandra_column", params(running, "orders", [{"a": "int"}]))
        finally:
            new.kill()
    assert (result["failure"], result["changed"]) == ("statement_failed", False), result["msg"]
    assert "run 'nodetool cms initialize' on one of them" in result["msg"]
