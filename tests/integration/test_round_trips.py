# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Round trips that follow one another, counted by proxies that stand for a distance: the number is asserted, never a time."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
from cassandra.cluster import Session
from delay_proxy import Distance, delay_proxy
from on_node import session_on

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.connect import open_session
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.private import SWITCH
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.settings import read_settings
from embedded_cassandra import cluster
from embedded_cassandra.addresses import beside

from .conftest import RunModule, RunningNode, run_module_here
from .ring import addresses_of

# So far away that what goes out together is together.
FAR = 0.15
COLUMNS = [{"name": f"c{number}", "type": "text"} for number in range(3)]


@pytest.mark.parametrize(
    ("protocol", "driver", "most"),
    [(None, "", [7, 4]), (4, "", [7, 4]), (5, "", [7, 4]), (None, "documented", [12, 8])],
)
def test_one_node(
    node: RunningNode,
    cql: Session,
    keyspace: str,
    run_module: RunModule,
    monkeypatch: pytest.MonkeyPatch,
    protocol: int | None,
    driver: str,
    most: list[int],
) -> None:
    monkeypatch.setenv(SWITCH, driver)
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    task = {"keyspace": keyspace, "table": "t", "columns": COLUMNS}
    task |= {"protocol_version": protocol} if protocol else {}
    trips = []
    for _run in ("first", "again"):
        distance = Distance(FAR)
        with delay_proxy((node.address, node.port), distance) as port:
            result = run_module("cassandra_column", {**task, "login_host": ["127.0.0.1"], "login_port": port})
        assert result.get("changed") is (not trips), result
        trips.append(distance.round_trips)
    assert [trips[0] <= most[0], trips[1] <= most[1]] == [True, True], trips


def test_no_request_waits_until_the_one_before_it_has_arrived(node: RunningNode) -> None:
    """A proxy on this machine cannot tell: it takes what is sent at once, and a node far away does not."""
    options = {name: option.get("default") for name, option in connection_options().items()}
    options.update(login_host=[node.address], login_port=node.port)
    with open_session(read_settings(options)) as session, session.asking() as driver:
        connections = [one for holder in driver.cluster.get_connection_holders() for one in holder.get_connections()]
        options_of_sockets = {one._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in connections}
    assert options_of_sockets == {1}


@pytest.mark.parametrize("tables", [1, 5])
def test_several_tables_are_read_together(
    node: RunningNode, cql: Session, keyspace: str, run_module: RunModule, tables: int
) -> None:
    names = [f"t{number}" for number in range(tables)]
    for name in names:
        cql.execute(f"CREATE TABLE {keyspace}.{name} (id int PRIMARY KEY)")
    task = {"keyspace": keyspace, "tables": [{"table": name, "columns": COLUMNS} for name in names]}
    distance = Distance(FAR)
    with delay_proxy((node.address, node.port), distance) as port:
        run_module("cassandra_column", {**task, "login_host": ["127.0.0.1"], "login_port": port})
    # Two for each table, the change and the look at it; whatever else there is does not depend on their number.
    assert distance.round_trips <= 5 + 2 * tables


@pytest.fixture
def far_ring() -> Iterator[tuple[list[str], Distance]]:
    """The addresses of a ring of three whose nodes tell clients to come by the proxies, and its distance."""
    distance = Distance(FAR)
    with contextlib.ExitStack() as stack:
        ring = stack.enter_context(cluster(nodes=3, each=lambda one: {"broadcast_rpc_address": _far(one)}))
        for address in ring.addresses:
            stack.enter_context(delay_proxy((address, 9042), distance, _far(address), 9042))
        yield [_far(address) for address in ring.addresses], distance


def _far(address: str) -> str:
    return beside(address, 100)


def _versions(session: Session) -> set[object]:
    rows = [
        row for table in ("local", "peers_v2") for row in session.execute(f"SELECT schema_version FROM system.{table}")
    ]
    return {row.schema_version for row in rows}


def test_a_ring_of_three(far_ring: tuple[list[str], Distance]) -> None:
    addresses, distance = far_ring
    replication = "{'class': 'SimpleStrategy', 'replication_factor': 3}"
    with session_on(addresses[0]) as session:
        session.execute(f"CREATE KEYSPACE shop WITH replication = {replication}", timeout=60)
        session.execute("CREATE TABLE shop.orders (id int PRIMARY KEY)", timeout=60)
    task = {"login_host": [addresses[0]], "keyspace": "shop", "table": "orders", "columns": COLUMNS}
    distance.round_trips = 0
    first = run_module_here("cassandra_column", task)
    # The agreement of a ring may take another look or two.
    assert distance.round_trips <= 9 + 2
    assert addresses_of(first["verified_by"]) == sorted(addresses)
    # A node hears of the others' versions by gossip, some time after they have them.
    with session_on(addresses[0]) as session:
        until = time.monotonic() + 15
        while len(_versions(session)) > 1 and time.monotonic() < until:
            time.sleep(0.1)
    distance.round_trips = 0
    again = run_module_here("cassandra_column", task)
    assert (again["changed"], distance.round_trips <= 4) == (False, True)
