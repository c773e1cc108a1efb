# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy before a node which breaks the connection around one request: what toxiproxy cannot do, since it does not read.

The fault strikes once, when the first request goes by which holds C(trigger); everything else passes, or with C(last) what
comes before it.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from relay import relay


class Fault(Enum):
    """What happens to the request, and to its answer."""

    CUT_REQUEST = "the connection ends before the request reaches the node"
    CUT_ANSWER = "the request reaches the node, and the connection ends instead of the answer"
    RESET_ANSWER = "the same with a reset"
    LOSE_ANSWER = "the request reaches the node, and the answer never comes"


@dataclass
class FaultProxy:
    """The running proxy; C(struck) tells how often the fault has struck."""

    address: str
    port: int
    fault: Fault
    trigger: bytes
    then: Callable[[], None]
    last: bool = False
    struck: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def strikes(self, data: bytes) -> bool:
        with self.lock:
            if self.struck or self.trigger not in data:
                return False
            self.struck += 1
            return True


@contextlib.contextmanager
def fault_proxy(
    target: tuple[str, int],
    fault: Fault,
    trigger: bytes = b"ALTER TABLE",
    then: Callable[[], None] = lambda: None,
    last: bool = False,
) -> Iterator[FaultProxy]:
    """A proxy on a loopback address of its own before C(target); C(then) is called when the fault has struck.

    With C(last) nobody answers after the fault, as behind a firewall: who connects then waits in vain.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = FaultProxy("127.0.0.1", listener.getsockname()[1], fault, trigger, then, last)

    def join(client: socket.socket, server: socket.socket) -> None:
        if proxy.last and proxy.struck:
            return
        answers = threading.Event()
        answers.set()
        threading.Thread(target=_requests, args=(proxy, client, server, answers), daemon=True).start()
        threading.Thread(target=_answers, args=(server, client, answers), daemon=True).start()

    with relay(listener, target, join):
        yield proxy


def _requests(proxy: FaultProxy, client: socket.socket, server: socket.socket, answers: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := client.recv(65536):
            strikes = proxy.strikes(data)
            if not strikes:
                server.sendall(data)
                continue
            if proxy.fault is not Fault.CUT_REQUEST:
                answers.clear()
                server.sendall(data)
            if proxy.fault in (Fault.CUT_ANSWER, Fault.RESET_ANSWER):
                _wait_until_answered(server)
            proxy.then()
            if proxy.fault is Fault.RESET_ANSWER:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if proxy.fault is not Fault.LOSE_ANSWER:
                break
    _close(client)
    _close(server)


def _wait_until_answered(server: socket.socket) -> None:
    """The answer is seen and not taken: then the node has done what it was asked."""
    server.settimeout(10)
    server.recv(1, socket.MSG_PEEK)


def _answers(server: socket.socket, client: socket.socket, answers: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while server.recv(1, socket.MSG_PEEK):
            if not answers.is_set():
                return
            client.sendall(server.recv(65536))
    _close(client)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
