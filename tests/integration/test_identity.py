# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node is its host_id: what answers at its address counts only if it is that node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cassandra.cluster import Session
from emulators import Front, Personality, Table, front
from emulators.personality import MISSING
from on_node import session_on

from embedded_cassandra import Cluster, Node, cluster

from .conftest import Result, RunningNode, run_module_here
from .ring import addresses_of, make_keyspace, make_table, on_node, params

OTHER = "6f1c9a52-0000-4000-8000-000000000001"
VERSION = "59adb24e-f3cd-3e02-97f0-5b395827453f"
OLD_VERSION = "11111111-f3cd-3e02-97f0-5b395827453f"
PEERS = (
    "peer inet PRIMARY KEY, data_center text, host_id uuid, rack text, release_version text, rpc_address inet, "
    "schema_version uuid, tokens set<text>"
)
Ensure = Callable[..., Result]


@pytest.fixture
def through(cql: Session, keyspace: str) -> Ensure:
    """Runs cassandra_column through a front."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)", timeout=30)

    def ensure(at: Front, check: bool = False, **more: Any) -> Result:
        login = {"login_host": [f"{at.addresses[0]}:{at.port}"], "connect_timeout": 2}
        columns = [{"name": "b2", "type": "int"}]
        return run_module_here(
            "cassandra_column", {**login, "keyspace": keyspace, "table": "t", "columns": columns, **more}, check
        )

    return ensure


def with_peer(node: RunningNode, **changes: Any) -> Personality:
    """A node with one peer, as its system.peers tells it; both hold one schema version."""
    row = {
        "peer": "127.0.0.250",
        "data_center": "datacenter1",
        "host_id": OTHER,
        "rack": "rack1",
        "release_version": node.version,
        "rpc_address": "127.0.0.1",
        "schema_version": VERSION,
        **changes,
    }
    tables = {
        "system.local": Table(instead={"schema_version": f"(uuid){VERSION}"}),
        "system.peers_v2": MISSING,
        "system.peers": Table(definition=PEERS, rows=(row,)),
    }
    return Personality("with a peer", (3, 4), tables)


@pytest.mark.parametrize("version", [VERSION, OLD_VERSION], ids=["agreed", "old"])
def test_a_peer_with_the_address_of_the_contact(node: RunningNode, through: Ensure, version: str) -> None:
    with front(node.address, with_peer(node, schema_version=version)) as at:
        for check in (True, False):
            refused = through(at, check)
            assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False), refused
            assert f"127.0.0.1:{at.port}, the address that node {OTHER} advertises" in refused["msg"]
            assert refused["msg"].endswith("Nothing was executed.")
        done = through(at, allow_unreachable_nodes=True)
    assert (done["failed"], done["changed"], len(done["verified_by"])) == (False, True, 1), done.get("msg")
    assert OTHER not in {one["host_id"] for one in done["verified_by"]}
    (unchecked,) = (one for one in done["not_checked"] if one["nodes"])
    assert (unchecked["check"], [one["host_id"] for one in unchecked["nodes"]]) == ("the table on each node", [OTHER])
    assert {one["host_id"] for one in done["cluster"]["disagreeing_nodes"]} == (
        {OTHER} if version == OLD_VERSION else set()
    )


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])  # noqa: S104
def test_a_peer_that_listens_everywhere_is_met_at_its_own_address(
    node: RunningNode, through: Ensure, address: str
) -> None:
    with front(node.address, with_peer(node, rpc_address=address)) as at:
        refused = through(at)
    assert refused["failure"] == "nodes_unreachable"
    assert f"127.0.0.250:{at.port}, the address that node {OTHER} advertises: connection refused" in refused["msg"]
    assert address not in refused["msg"].replace("127.0.0.250", "")


@pytest.mark.parametrize("lacks", ["host_id", "schema_version", "release_version"])
def test_a_peer_whose_row_is_not_whole_is_named(node: RunningNode, through: Ensure, lacks: str) -> None:
    with front(node.address, with_peer(node, **{lacks: None})) as at:
        done = through(at)
    assert (done["failed"], done["changed"]) == (False, True), done.get("msg")
    (named,) = (one for one in done["not_checked"] if one["nodes"])
    assert named["check"] == "each node that the cluster lists"
    assert named["reason"].startswith(f"system.peers has no {lacks} of 127.0.0.1.")


@pytest.mark.parametrize("limit", [0, 1])
def test_nodes_beyond_the_limit_are_named(node: RunningNode, through: Ensure, limit: int) -> None:
    with front(node.address, with_peer(node)) as at:
        for check in (True, False):
            done = through(at, check, ask_nodes_limit=limit)
            assert (done["failed"], done["changed"]) == (False, True), done.get("msg")
            (named,) = (one for one in done["not_checked"] if one["nodes"])
            assert (named["check"], named["nodes"][0]["host_id"]) == ("the table on each node", OTHER)
    assert len(done["verified_by"]) == 1


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A ring of three whose nodes all tell clients to come to the first one."""
    version = request.config.getoption("--cassandra").split(",")[0]
    if version == "6.0":
        pytest.skip("Cassandra 6.0 starts no node whose address for clients is that of another one.")

    def each(address: str) -> dict[str, Any]:
        first = f"{address.rpartition('.')[0]}.1"
        return {} if address == first else {"broadcast_rpc_address": first}

    with cluster(version, nodes=3, each=each) as running:
        make_keyspace(running)
        yield running


def _pause(node: Node) -> Callable[[], None]:
    node.pause()
    return node.resume


def test_all_nodes_advertise_one_address(shared: Cluster) -> None:
    with session_on(shared.addresses[0]) as session:
        make_table(session, "t")
    given = params(shared, "t", [{"b2": "int"}], connect_timeout=5, schema_agreement_timeout=3)
    resume = _pause(shared.nodes[2])
    try:
        refused = run_module_here("cassandra_column", given)
        assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False), refused
        done = run_module_here("cassandra_column", {**given, "allow_unreachable_nodes": True, "request_timeout": 20})
        assert (done["failed"], done["changed"]) == (False, True), done.get("msg")
        assert addresses_of(done["verified_by"]) == shared.addresses[:1]
        (unchecked,) = (one for one in done["not_checked"] if one["nodes"])
        assert len({one["host_id"] for one in unchecked["nodes"]}) == 2
        assert done["cluster"]["schema_agreed"] is False
        # Its table is the old one: a rerun does not say that all is well.
        again = run_module_here("cassandra_column", given)
        assert again["failure"] == "schema_disagreement", again
    finally:
        resume()
    assert "b2" in on_node(shared.addresses[0], "t")


def test_what_fails_before_there_is_a_session_says_that_nothing_was_executed(keyspace: str) -> None:
    task = {"keyspace": keyspace, "table": "t", "columns": [{"name": "a", "type": "int"}]}
    for more in ({"login_host": ["127.0.0.250"]}, {"rows_to_read": -1}, {"approved_plan": "/no/such/file"}):
        refused = run_module_here("cassandra_column", {"connect_timeout": 2, **task, **more})
        assert refused["msg"].endswith("Nothing was executed."), refused
