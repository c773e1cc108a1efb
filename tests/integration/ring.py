# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of rings share: a keyspace on all nodes, its tables, and what each node has of them."""

from __future__ import annotations

from typing import Any

from cassandra.cluster import Session
from on_node import columns_on, session_on

from embedded_cassandra import Cluster


def make_keyspace(ring: Cluster) -> None:
    with session_on(ring.addresses[0]) as session:
        session.execute(
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}", timeout=60
        )


def make_table(session: Session, name: str) -> None:
    session.execute(f"CREATE TABLE shop.{name} (id int PRIMARY KEY, v text)", timeout=60)


def params(ring: Cluster, table: str, columns: list[dict[str, str]], lead: int = 0, **more: Any) -> dict[str, Any]:
    return {"login_host": [ring.addresses[lead]], "keyspace": "shop", "table": table, "columns": columns, **more}


def on_node(address: str, table: str) -> dict[str, str]:
    """The names and types of the table's columns as the node at C(address) has them."""
    return columns_on(address, "shop", table)


def on_every_node(ring: Cluster, table: str) -> list[dict[str, str]]:
    """The same of each node."""
    return [on_node(address, table) for address in ring.addresses]


def addresses_of(nodes: list[dict[str, Any]]) -> list[str]:
    """The addresses of the nodes in a result, sorted; each node is listed once."""
    assert len({node["host_id"] for node in nodes}) == len(nodes)
    return sorted(node["address"] for node in nodes)
