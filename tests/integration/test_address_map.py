# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A ring behind relays, as behind NAT or port-forward: its nodes advertise addresses that lead nowhere from here."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from delay_proxy import Distance, delay_proxy
from on_node import session_on

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.private import SWITCH
from embedded_cassandra import Cluster, cluster

from .conftest import Result, run_module_here
from .ring import addresses_of, make_keyspace, make_table, on_every_node

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("address_map")

# Of a network that is for documentation, and that nobody routes (RFC 5737).
ADVERTISED = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]


class Behind(NamedTuple):
    """The ring, and the ports of 127.0.0.1 that lead to its nodes."""

    ring: Cluster
    ports: list[int]

    def map_to(self, *numbers: int) -> dict[str, str]:
        """The map that leads from each node's address to the relay of the node with this number, in their order."""
        return {address: f"127.0.0.1:{self.ports[number]}" for address, number in zip(ADVERTISED, numbers)}

    def shown(self, *numbers: int, lead: int = 0) -> list[str]:
        """How a result lists these nodes if that one coordinates: up to 4.0 it does not tell what it advertises."""
        is_silent = self.ring.nodes[lead].version.startswith("4.0")
        return sorted(self.ring.addresses[one] if is_silent and one == lead else ADVERTISED[one] for one in numbers)

    def run(self, table: str, check: bool = False, **more: Any) -> Result:
        given = {"login_host": [f"127.0.0.1:{self.ports[0]}"], "keyspace": "shop", "table": table, "connect_timeout": 3}
        return run_module_here("cassandra_column", {**given, "columns": [{"a": "int"}], **more}, check)


@pytest.fixture(scope="module")
def behind(request: pytest.FixtureRequest) -> Iterator[Behind]:
    version = request.config.getoption("--cassandra").split(",")[0]

    def each(address: str) -> dict[str, Any]:
        return {"broadcast_rpc_address": f"192.0.2.{address.rpartition('.')[2]}"}

    with contextlib.ExitStack() as stack:
        ring = stack.enter_context(cluster(version, nodes=3, each=each))
        make_keyspace(ring)
        relays = [delay_proxy((node.address, node.port), Distance(0)) for node in ring.nodes]
        yield Behind(ring, [stack.enter_context(one) for one in relays])


@pytest.fixture
def table(behind: Behind, request: pytest.FixtureRequest) -> str:
    name = "".join(letter for letter in request.node.name.lower() if letter.isalnum())[-40:]
    with session_on(behind.ring.addresses[0]) as session:
        make_table(session, name)
    return name


@pytest.mark.parametrize("driver", ["", "documented"])
def test_each_node_is_asked_where_the_map_leads(
    behind: Behind, table: str, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, driver)
    done = behind.run(table, login_address_map=behind.map_to(0, 1, 2))
    assert (done["failed"], done["changed"], done.get("not_checked", [])) == (False, True, []), done
    assert addresses_of(done["verified_by"]) == behind.shown(0, 1, 2)
    assert done["cluster"]["schema_agreed"] is True
    assert [one["a"] for one in on_every_node(behind.ring, table)] == ["int"] * 3
    again = behind.run(table, login_address_map=behind.map_to(0, 1, 2))
    assert (again["failed"], again["changed"]) == (False, False), again


def test_a_contact_point_that_a_node_advertises(behind: Behind, table: str) -> None:
    done = behind.run(table, login_host=[ADVERTISED[1]], login_address_map=behind.map_to(0, 1, 2))
    assert (done["failed"], done["changed"]) == (False, True), done
    assert addresses_of(done["verified_by"]) == behind.shown(0, 1, 2, lead=1)


def test_a_tunnel_to_one_node(behind: Behind, table: str) -> None:
    """Without an option the run stops, and names those that it could not ask; one line goes on with the one node."""
    for check in (True, False):
        refused = behind.run(table, check)
        assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False), refused
        for address in ADVERTISED[1:]:
            assert f"{address}:9042, the address that node" in refused["msg"]
        assert "login_address_map" in refused["msg"]
        assert "set ask_nodes_limit: 0, which asks the contact point alone" in refused["msg"]
        assert refused["msg"].endswith("Nothing was executed.")
    done = behind.run(table, ask_nodes_limit=0)
    assert (done["failed"], done["changed"]) == (False, True), done
    assert addresses_of(done["verified_by"]) == behind.shown(0)
    (unchecked,) = done["not_checked"]
    assert addresses_of(unchecked["nodes"]) == ADVERTISED[1:]
    assert "ask_nodes_limit is 0" in unchecked["reason"]


def test_a_map_of_some_nodes(behind: Behind, table: str) -> None:
    some = behind.map_to(0, 1)
    refused = behind.run(table, login_address_map=some)
    assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False), refused
    assert ADVERTISED[2] in refused["msg"]
    assert ADVERTISED[1] not in refused["msg"]
    done = behind.run(table, login_address_map=some, allow_unreachable_nodes=True)
    assert (done["failed"], done["changed"]) == (False, True), done
    assert addresses_of(done["verified_by"]) == behind.shown(0, 1)
    (unchecked,) = done["not_checked"]
    assert addresses_of(unchecked["nodes"]) == ADVERTISED[2:]


@pytest.mark.parametrize("driver", ["", "documented"])
@pytest.mark.parametrize("numbers", [(0, 2, 1), (1, 0, 0)], ids=["exchanged", "one_for_two"])
def test_an_entry_that_leads_to_another_node_is_no_answer(
    behind: Behind, table: str, numbers: tuple[int, ...], driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, driver)
    with delay_proxy((behind.ring.addresses[0], behind.ring.nodes[0].port), Distance(0)) as another:
        wrong = behind.map_to(*numbers)
        if wrong[ADVERTISED[1]] == wrong[ADVERTISED[2]]:
            wrong[ADVERTISED[2]] = f"localhost:{another}"
        refused = behind.run(table, login_address_map=wrong)
        assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False), refused
        for address in ADVERTISED[1:]:
            assert f"login_address_map leads to {wrong[address]}, " in refused["msg"]
        assert refused["msg"].count("another node (") == 2
        allowed = behind.run(table, login_address_map=wrong, allow_unreachable_nodes=True)
        assert (allowed["failed"], allowed["changed"]) == (False, True), allowed
        assert addresses_of(allowed["verified_by"]) == behind.shown(0)


def test_a_name_with_addresses_of_both_families(behind: Behind, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens on ::1, which comes first."""
    resolve, asked = socket.getaddrinfo, set()

    def both(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host != "both.example":
            return resolve(host, port, *args, **options)
        asked.add(port)
        kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(socket.AF_INET6, *kind, ("::1", port, 0, 0)), (socket.AF_INET, *kind, ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    named = {address: place.replace("127.0.0.1", "both.example") for address, place in behind.map_to(0, 1, 2).items()}
    done = behind.run(table, login_host=[ADVERTISED[0]], login_address_map=named)
    assert (done["failed"], addresses_of(done.get("verified_by", []))) == (False, behind.shown(0, 1, 2)), done
    assert asked == set(behind.ports)


def test_an_address_that_no_node_advertises(behind: Behind, table: str) -> None:
    more = {**behind.map_to(0, 1, 2), "192.0.2.9": "127.0.0.1:9", f"{ADVERTISED[1]}:9999": "127.0.0.1:10"}
    done = behind.run(table, login_address_map=more)
    assert (done["failed"], done["changed"]) == (False, True), done
    assert (
        "login_address_map has an entry for 192.0.2.9, 192.0.2.2:9999, which no node advertises. "
        f"The nodes advertise {behind.shown(0)[0]}, 192.0.2.2:9042, 192.0.2.3:9042."
    ) in str(done["warnings"])
    nowhere = behind.run(
        table, login_address_map={**behind.map_to(0, 1), ADVERTISED[2]: "127.0.0.1:9"}, columns=[{"b": "int"}]
    )
    assert "login_address_map leads to 127.0.0.1:9, connection refused: nothing listens on this port" in nowhere["msg"]


def test_a_node_that_is_frozen_behind_its_relay(behind: Behind, table: str) -> None:
    frozen = behind.ring.nodes[2]
    frozen.pause()
    try:
        refused = behind.run(table, login_address_map=behind.map_to(0, 1, 2))
    finally:
        frozen.resume()
    assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False), refused
    assert ADVERTISED[2] in refused["msg"]
    assert ADVERTISED[1] not in refused["msg"]
