# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A ring of 1,000 nodes costs as many connections as a node alone."""

from __future__ import annotations

from typing import Any

from simulated_ring import simulated_rings

from .conftest import run_module_here

NODES = 1000


def test_one_connection_whatever_the_size() -> None:
    with simulated_rings(NODES) as (ring,):
        options: dict[str, Any] = {
            "login_host": [ring.contact_point],
            "protocol_version": 4,
            "keyspace": "shop",
            "table": "orders",
        }
        there = run_module_here("cassandra_column", {**options, "columns": [{"v": "text"}]})
        assert (there["failed"], there["changed"], len(there["cluster"]["nodes"])) == (False, False, NODES)
        assert ring.connections() == 1
        planned = run_module_here("cassandra_column", {**options, "columns": [{"new": "text"}]}, check=True)
        assert (planned["failed"], planned["changed"]) == (False, True)
        assert ring.connections() == 2
