# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rings of any size, simulated by DataStax's Simulacron, which speaks the real protocol and knows one table.

It stands for the size of a cluster alone; what a server does with a change is never asked of it. It knows the protocol up
to version 4.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embedded_cassandra.addresses import address_block
from embedded_cassandra.config import temporary_files
from embedded_cassandra.download import artifact, java_home

_LIMIT = 60.0
_COLUMNS = "SELECT column_name, type, kind, position, clustering_order FROM system_schema.columns "
_WHERE = "WHERE keyspace_name = 'shop' AND table_name = 'orders'"
_TYPES = {"column_name": "ascii", "type": "ascii", "kind": "ascii", "position": "int", "clustering_order": "ascii"}
_TABLE = [("id", "int", "partition_key", 0, "none"), ("v", "text", "regular", -1, "none")]


class SimulatedRing:
    """A ring; C(contact_point) is its first node as C(host:port). The table is C(shop.orders) (id int PRIMARY KEY, v text)."""

    def __init__(self, api: str, nodes: int) -> None:
        self._api = api
        created = self._call(f"/cluster?data_centers={nodes}&cassandra_version=4.0.0")
        self._number = created["id"]
        self.contact_point: str = created["data_centers"][0]["nodes"][0]["address"]
        rows = [dict(zip(_TYPES, values)) for values in _TABLE]
        when = {"query": _COLUMNS + _WHERE}
        then = {"result": "success", "rows": rows, "column_types": _TYPES, "delay_in_ms": 0}
        self._call(f"/prime/{self._number}", {"when": when, "then": then})

    def connections(self) -> int:
        """How many connections were opened since the ring was made, to all nodes together."""
        centers = self._call(f"/log/{self._number}")["data_centers"]
        queries = [query for center in centers for node in center["nodes"] for query in node["queries"]]
        return sum(query["type"] == "STARTUP" for query in queries)

    def _call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        method = "GET" if path.startswith("/log") else "POST"
        data = json.dumps(body).encode() if body else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._api + path, data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=_LIMIT) as answer:  # noqa: S310
            return json.load(answer)


@contextlib.contextmanager
def simulated_rings(*sizes: int) -> Iterator[list[SimulatedRing]]:
    """Rings of so many nodes each, side by side; raises RuntimeError if Simulacron does not start."""
    jars = artifact("simulacron-standalone", "0.12.0", "com.datastax.oss.simulacron")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with contextlib.ExitStack() as stack:
        prefix, log = stack.enter_context(address_block()), stack.enter_context(tempfile.TemporaryFile())
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        java = [str(java_home() / "bin" / "java"), "-Xmx384m", *temporary_files(work)]
        command = [*java, "-cp", ":".join(map(str, jars))]
        options = ["--ip", f"{prefix}1", "--starting-port", "20000", "--httpport", str(port), "--loglevel", "WARN"]
        main = "com.datastax.oss.simulacron.standalone.App"
        process = stack.enter_context(subprocess.Popen([*command, main, *options], stdout=log, stderr=log))
        stack.callback(process.kill)
        _wait(process, port)
        yield [SimulatedRing(f"http://localhost:{port}", size) for size in sizes]


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("localhost", port), 1).close()
            return
        time.sleep(0.05)
    raise RuntimeError("Simulacron did not start.")
