# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy before a node which reads what clients ask: each request of the native protocol (v4, and v5 with its segments)."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

from relay import pass_on, relay

# The opcodes of requests (native_protocol_v5.spec, section 2.4).
OPCODES = {1: "STARTUP", 5: "OPTIONS", 7: "QUERY", 9: "PREPARE", 10: "EXECUTE", 11: "REGISTER", 13: "BATCH", 15: "AUTH"}


@dataclass
class Wire:
    """What went over the wire: the requests as (opcode, text), and the number of connections."""

    address: str
    port: int
    connections: int = 0
    requests: list[tuple[str, str]] = field(default_factory=list)

    def texts(self, word: str) -> list[str]:
        """The requests which hold a word."""
        return [text for _opcode, text in self.requests if word in text]


@contextlib.contextmanager
def wire_reader(target: tuple[str, int], at: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[Wire]:
    """A reading proxy before C(target)."""
    listener = socket.create_server(at)
    wire = Wire(*listener.getsockname())

    def join(client: socket.socket, server: socket.socket) -> None:
        wire.connections += 1
        pass_on(client, server, _Decoder(wire).feed)

    with relay(listener, target, join):
        yield wire


class _Decoder:
    """Takes bytes as they come and notes the requests in them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._bytes = b""
        self._payload = b""
        self._segments = False

    def feed(self, data: bytes) -> None:
        self._bytes += data
        if not self._segments:
            self._bytes = self._frames(self._bytes)
        # A segment without compression: 17 bits of length in a header of 6 bytes, and a checksum of 4 after it.
        while self._segments and len(self._bytes) >= 6:
            length = int.from_bytes(self._bytes[:3], "little") & 0x1FFFF
            if len(self._bytes) < 10 + length:
                return
            self._payload = self._frames(self._payload + self._bytes[6 : 6 + length])
            self._bytes = self._bytes[10 + length :]

    def _frames(self, data: bytes) -> bytes:
        while len(data) >= 9:
            length = int.from_bytes(data[5:9], "big")
            if len(data) < 9 + length:
                break
            opcode = OPCODES.get(data[4], str(data[4]))
            self._wire.requests.append((opcode, data[9 : 9 + length].decode("utf-8", "replace")))
            version, data = data[0], data[9 + length :]
            if opcode == "STARTUP" and version == 5:
                # From here on version 5 speaks in segments.
                self._segments, self._bytes = True, data
                return data
        return data
