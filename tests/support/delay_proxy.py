# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy before a node that lies a long way off: what goes by takes its time, and the round trips are counted."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from relay import end, relay


@dataclass
class Distance:
    """So many seconds to the nodes and back, and the number of C(round_trips) that followed one another.

    A request that leaves when the answers of n round trips are there belongs to round trip n + 1, whatever its connection.
    """

    seconds: float
    round_trips: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arrived(self, number: int) -> None:
        with self._lock:
            self.round_trips = max(self.round_trips, number)


@dataclass
class _Link:
    """One connection, and the round trip to which its last request belongs."""

    distance: Distance
    current: int = 0


@contextlib.contextmanager
def delay_proxy(
    target: tuple[str, int], distance: Distance, address: str = "127.0.0.1", port: int = 0
) -> Iterator[int]:
    """A proxy before C(target) at this address; gives its port. Several may share a distance."""
    listener = socket.create_server((address, port))

    def join(client: socket.socket, server: socket.socket) -> None:
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = _Link(distance)
        _carry(client, server, link, is_answer=False)
        _carry(server, client, link, is_answer=True)

    with relay(listener, target, join):
        yield listener.getsockname()[1]


def _carry(source: socket.socket, sink: socket.socket, link: _Link, is_answer: bool) -> None:
    on_the_way: queue.SimpleQueue[tuple[float, bytes, int]] = queue.SimpleQueue()

    def depart() -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not is_answer:
                    link.current = link.distance.round_trips + 1
                on_the_way.put((time.monotonic() + link.distance.seconds / 2, data, link.current))
        on_the_way.put((0.0, b"", 0))

    def arrive() -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data, number = on_the_way.get()
                if not data:
                    break
                time.sleep(max(0.0, due - time.monotonic()))
                if is_answer:
                    link.distance.arrived(number)
                sink.sendall(data)
        end(source, sink)

    for work in (depart, arrive):
        threading.Thread(target=work, daemon=True).start()
