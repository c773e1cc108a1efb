# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A ring whose nodes talk to each other through proxies, so that a node can be cut off while every client still reaches it.

A node listens on its address and is known to the others by a second one, its broadcast address, where the proxy is.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psutil

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
    client: socket.socket
    server: socket.socket

    def belongs_to(self, node: Node) -> bool:
        ours = psutil.Process(node.pid).net_connections("tcp")
        return self.target == node.address or self.port in {one.laddr.port for one in ours}

    def end(self) -> None:
        for one in (self.client, self.server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Partition:
    """The proxies of a ring."""

    def __init__(self) -> None:
        self._away: Node | None = None
        self._links: list[_Link] = []
        self._lock = threading.Lock()
        self._listeners: list[socket.socket] = []

    @contextlib.contextmanager
    def without(self, node: Node) -> Iterator[None]:
        """Close what the node has with the others, both ways, and let nothing new through until the block of code ends."""
        with self._lock:
            self._away = node
            for link in self._links:
                if link.belongs_to(node):
                    link.end()
        try:
            yield
        finally:
            self._away = None

    def listen(self, address: str) -> None:
        """Take connections for the node at C(address)."""
        listener = socket.create_server((_broadcast(address), STORAGE_PORT))
        self._listeners.append(listener)
        threading.Thread(target=self._accept, args=(listener, address), daemon=True).start()

    def close(self) -> None:
        """End all of it."""
        for one in self._listeners:
            # Closing alone does not wake who waits in accept().
            one.shutdown(socket.SHUT_RDWR)
            one.close()
        for link in self._links:
            link.end()

    def _accept(self, listener: socket.socket, target: str) -> None:
        while True:
            try:
                client, (_address, port) = listener.accept()
            except OSError:
                return
            with self._lock:
                try:
                    link = _Link(target, port, client, socket.create_connection((target, STORAGE_PORT), 5))
                except OSError:
                    client.close()
                    continue
                if self._away and link.belongs_to(self._away):
                    link.end()
                self._links.append(link)
                threading.Thread(target=_pass_on, args=(link.client, link.server), daemon=True).start()


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    with contextlib.suppress(OSError), selectors.DefaultSelector() as ready:
        ready.register(client, selectors.EVENT_READ, server)
        ready.register(server, selectors.EVENT_READ, client)
        while True:
            for key, _events in ready.select():
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if not data:
                    raise OSError
                key.data.sendall(data)
    client.close()
    server.close()


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
    partition = Partition()
    try:
        with cluster(
            version, nodes, each=lambda address: _settings(partition, address, each(address)), durable=True
        ) as running:
            yield running, partition
    finally:
        partition.close()
