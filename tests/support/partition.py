# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A ring whose nodes talk to each other through proxies, so that a node can be cut off while every client still reaches it.

A node listens on its address and is known to the others by a second one, its broadcast address, where the proxy is.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psutil
from relay import end, pass_on, relay

from embedded_cassandra import Cluster, cluster
from embedded_cassandra.addresses import beside
from embedded_cassandra.config import STORAGE_PORT
from embedded_cassandra.node import Node

# Added to the last number of a node's address.
_SHIFT = 100


@dataclass(frozen=True)
class _Link:
    """A connection to the node at C(target); who opened it is known by the port alone, for on loopback all are 127.0.0.1."""

    target: str
    port: int
    ends: tuple[socket.socket, socket.socket]

    def belongs_to(self, node: Node) -> bool:
        if self.target == node.address:
            return True
        # A node that is killed meanwhile has no connections.
        with contextlib.suppress(psutil.NoSuchProcess):
            return self.port in {one.laddr.port for one in psutil.Process(node.pid).net_connections("tcp")}
        return False


class Partition:
    """The proxies of a ring, which C(listeners) ends."""

    def __init__(self, listeners: contextlib.ExitStack) -> None:
        self._listeners = listeners
        self._away: Node | None = None
        self._links: list[_Link] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def without(self, node: Node) -> Iterator[None]:
        """Close what the node has with the others, both ways, and let nothing new through until the block of code ends."""
        with self._lock:
            self._away = node
            for link in self._links:
                if link.belongs_to(node):
                    end(*link.ends)
        try:
            yield
        finally:
            self._away = None

    def listen(self, address: str) -> None:
        """Take connections for the node at C(address)."""

        def join(client: socket.socket, server: socket.socket) -> None:
            with contextlib.suppress(OSError), self._lock:
                link = _Link(address, client.getpeername()[1], (client, server))
                self._links.append(link)
                if self._away and link.belongs_to(self._away):
                    end(*link.ends)
                pass_on(client, server)

        listener = socket.create_server((_broadcast(address), STORAGE_PORT))
        self._listeners.enter_context(relay(listener, (address, STORAGE_PORT), join))


def _broadcast(address: str) -> str:
    return beside(address, _SHIFT)


def _settings(partition: Partition, address: str, more: Mapping[str, Any]) -> dict[str, Any]:
    partition.listen(address)
    seed = _broadcast(address.rpartition(".")[0] + ".1")
    return {
        **more,
        "broadcast_address": _broadcast(address),
        "seed_provider": [
            {"class_name": "org.apache.cassandra.locator.SimpleSeedProvider", "parameters": [{"seeds": seed}]}
        ],
    }


@contextlib.contextmanager
def partitioned_ring(
    version: str, nodes: int, each: Callable[[str], Mapping[str, Any]] = lambda address: {}
) -> Iterator[tuple[Cluster, Partition]]:
    """A ring with the means to cut a node off and to kill it; C(each) gives the settings of a node, as for C(cluster)."""
    with contextlib.ExitStack() as listeners:
        partition = Partition(listeners)
        with cluster(
            version, nodes, each=lambda address: _settings(partition, address, each(address)), durable=True
        ) as running:
            yield running, partition
