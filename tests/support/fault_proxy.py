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
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from relay import end, relay


class Fault(Enum):
    """What happens to the request, and to its answer."""

    CUT_REQUEST = "the connection ends before the request reaches the node"
    CUT_ANSWER = "the request reaches the node, and the connection ends instead of the answer"
    RESET_ANSWER = "the same with a reset"
    LOSE_ANSWER = "the request reaches the node, and the answer never comes"
    DELAY_ANSWER = "the request reaches the node, and the answer is late"
    HOLD_REQUEST = "the request reaches the node just before the next one like it"
    MEET = "the request reaches the node once what C(then) waits for has come"
    LOSE_REQUEST = "the connection stays open, and nothing sent from then on reaches the node"
    CORRUPT_ANSWER = "the request reaches the node, and the answer comes with other bytes"
    # Of version 4 of the protocol, with the code of C(Strike.code).
    ERROR_INSTEAD = "an error comes, and the request does not reach the node"
    ERROR_AFTERWARDS = "the request reaches the node, and an error comes in place of the answer"


# What an error carries behind its words, by its code: a consistency level, numbers of replicas, the kind of a write.
_CL, _TWO = b"\x00\x06", struct.pack("!II", 1, 2)
_TAILS = {
    0x1000: _CL + _TWO,
    0x1100: _CL + _TWO + b"\x00\x06SIMPLE",
    0x1200: _CL + _TWO + b"\x00",
    0x1300: _CL + _TWO + b"\x00\x00\x00\x01\x00",
    0x1500: _CL + _TWO + b"\x00\x00\x00\x01\x00\x06SIMPLE",
    0x1700: _CL + _TWO,
    0x2400: b"\x00\x01c\x00\x01t",
}
# Shorter than any time-out of the tests.
_DELAY = 1.0


@dataclass
class Strike:
    """One fault for the connections that are joined with it; C(struck) tells how often it has struck."""

    fault: Fault
    trigger: bytes
    then: Callable[[], None] = lambda: None
    last: bool = False
    # The error that some faults bring, by its code: here that of an overloaded server, of which nothing is known.
    code: int = 0x1001
    # How many requests that hold the trigger pass before it strikes.
    skip: int = 0
    struck: int = 0
    # Where its proxy is.
    address: str = ""
    port: int = 0
    held: tuple[socket.socket, bytes] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def strikes(self, data: bytes) -> Fault | None:
        """What happens to this request; None lets it pass."""
        with self.lock:
            if self.struck or self.trigger not in data:
                return None
            if self.skip:
                self.skip -= 1
                return None
            self.struck += 1
            return self.fault

    def error(self, data: bytes) -> bytes:
        """The frames of version 4 that answer each request with the server's error."""
        answers, words = b"", b"drawn"
        body = struct.pack("!IH", self.code, len(words)) + words + _TAILS.get(self.code, b"")
        while len(data) >= 9:
            version, _flags, stream, _opcode, length = struct.unpack("!BBhBI", data[:9])
            answers += struct.pack("!BBhBI", 0x80 | version, 0, stream, 0, len(body)) + body
            data = data[9 + length :]
        return answers

    def join(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what either side sends, until the fault strikes."""
        if self.last and self.struck:
            return
        answers = threading.Event()
        answers.set()
        threading.Thread(target=_requests, args=(self, client, server, answers), daemon=True).start()
        threading.Thread(target=_answers, args=(server, client, answers), daemon=True).start()


@contextlib.contextmanager
def fault_proxy(
    target: tuple[str, int],
    fault: Fault,
    trigger: bytes = b"ALTER TABLE",
    then: Callable[[], None] = lambda: None,
    last: bool = False,
) -> Iterator[Strike]:
    """A proxy on a loopback address of its own before C(target); C(then) is called when the fault has struck.

    With C(last) nobody answers after the fault, as behind a firewall: who connects then waits in vain.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    strike = Strike(fault, trigger, then, last)
    strike.address, strike.port = listener.getsockname()
    with relay(listener, target, strike.join):
        yield strike


def _requests(strike: Strike, client: socket.socket, server: socket.socket, answers: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := client.recv(65536):
            fault = strike.strikes(data)
            if fault is None:
                if strike.held and strike.trigger in data:
                    (first, before), strike.held = strike.held, None
                    first.sendall(before)
                    time.sleep(_DELAY)
                server.sendall(data)
                continue
            if fault is Fault.ERROR_INSTEAD:
                client.sendall(strike.error(data))
                continue
            if fault is Fault.LOSE_REQUEST:
                strike.then()
                while client.recv(65536):
                    pass
                break
            if fault is Fault.HOLD_REQUEST:
                strike.held = server, data
                continue
            if fault is Fault.MEET:
                strike.then()
                server.sendall(data)
                continue
            if fault is not Fault.CUT_REQUEST:
                answers.clear()
                server.sendall(data)
            if fault not in (Fault.CUT_REQUEST, Fault.LOSE_ANSWER):
                _wait_until_answered(server)
            strike.then()
            if fault is Fault.RESET_ANSWER:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if fault is Fault.DELAY_ANSWER:
                time.sleep(_DELAY)
                answers.set()
                continue
            if fault in (Fault.CORRUPT_ANSWER, Fault.ERROR_AFTERWARDS):
                answer = server.recv(65536)
                corrupt = fault is Fault.CORRUPT_ANSWER
                client.sendall(bytes(byte ^ 0x55 for byte in answer) if corrupt else strike.error(data))
                answers.set()
                continue
            if fault is not Fault.LOSE_ANSWER:
                break
    _close(client, server)
    answers.set()


def _wait_until_answered(server: socket.socket) -> None:
    """The answer is seen and not taken: then the node has done what it was asked."""
    server.settimeout(10)
    server.recv(1, socket.MSG_PEEK)


def _answers(server: socket.socket, client: socket.socket, answers: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while server.recv(1, socket.MSG_PEEK):
            # A late answer comes in the end; one that is lost is waited for until the connection ends.
            answers.wait()
            client.sendall(server.recv(65536))
    _close(client)


def _close(*sockets: socket.socket) -> None:
    end(*sockets)
    for one in sockets:
        one.close()
