# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Round trips that follow one another, counted by proxies that stand for a distance: the number is asserted, never a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from cassandra.cluster import Session
from delay_proxy import Distance, delay_proxy
from on_node import session_on

from embedded_cassandra import cluster
from embedded_cassandra.addresses import beside

from .conftest import RunModule, RunningNode, run_module_here

# So far away that what goes out together is together.
FAR = 0.15
COLUMNS = [{"name": f"c{number}", "type": "text"} for number in range(3)]


@pytest.mark.parametrize("protocol", [None, 4, 5])
def test_one_node(node: RunningNode, cql: Session, keyspace: str, run_module: RunModule, protocol: int | None) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    task = {"keyspace": keyspace, "table": "t", "columns": COLUMNS, "protocol_version": protocol}
    trips = []
    for _run in ("first", "again"):
        distance = Distance(FAR)
        with delay_proxy((node.address, node.port), distance) as port:
            run_module("cassandra_column", {**task, "login_host": ["127.0.0.1"], "login_port": port})
        trips.append(distance.round_trips)
    assert trips[0] <= 9
    assert trips[1] <= 6


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
    assert distance.round_trips <= 7 + 2 * tables


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
    assert distance.round_trips <= 12 + 2
    assert sorted(first["verified_by"]) == sorted(addresses)
    distance.round_trips = 0
    again = run_module_here("cassandra_column", task)
    assert (again["changed"], distance.round_trips <= 6) == (False, True)
