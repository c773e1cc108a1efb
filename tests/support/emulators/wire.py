# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Frames of the native protocol, version 4, as far as a front reads and writes them (native_protocol_v4.spec)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

ERROR, STARTUP, READY, AUTHENTICATE, OPTIONS, SUPPORTED, QUERY, RESULT = 0, 1, 2, 3, 5, 6, 7, 8
PREPARE, EXECUTE, REGISTER, AUTH_CHALLENGE, AUTH_RESPONSE, AUTH_SUCCESS = 9, 10, 11, 14, 15, 16
_RESPONSE = 0x80
_SKIP_METADATA = 0x02
_PREPARED = 4


class Frame(NamedTuple):
    """A frame: of a request, or of a response with the first bit of its version set."""

    version: int
    flags: int
    stream: int
    opcode: int
    body: bytes

    def encode(self) -> bytes:
        return struct.pack("!BBhBI", self.version, self.flags, self.stream, self.opcode, len(self.body)) + self.body

    def answer(self, opcode: int, body: bytes = b"", version: int = 4) -> Frame:
        """The response to this request."""
        return Frame(_RESPONSE | version, 0, self.stream, opcode, body)

    def error(self, code: int, message: str) -> Frame:
        """The response to this request that says why it failed."""
        return self.answer(ERROR, struct.pack("!I", code) + short_string(message))


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """The next frame; raises asyncio.IncompleteReadError at the end."""
    head = await reader.readexactly(9)
    version, flags, stream, opcode, length = struct.unpack("!BBhBI", head)
    return Frame(version, flags, stream, opcode, await reader.readexactly(length))


def short_string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("!H", len(data)) + data


def long_bytes(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


def with_options(body: bytes, options: Mapping[str, Sequence[str]]) -> bytes:
    """The body of a SUPPORTED with these options after those that it has."""
    parts = [struct.pack("!H", struct.unpack_from("!H", body)[0] + len(options)), body[2:]]
    for name, values in options.items():
        parts += [short_string(name), struct.pack("!H", len(values)), *map(short_string, values)]
    return b"".join(parts)


def split_query(body: bytes) -> tuple[str, bytes]:
    """The text of a QUERY or PREPARE, and what follows it."""
    length = struct.unpack_from("!I", body)[0]
    return body[4 : 4 + length].decode(), body[4 + length :]


def split_execute(body: bytes) -> tuple[bytes, bytes]:
    """The id of the prepared statement in an EXECUTE, and what follows it: the same as in a QUERY."""
    length = struct.unpack_from("!H", body)[0]
    return body[2 : 2 + length], body[2 + length :]


def as_query(text: str, parameters: bytes) -> bytes:
    """The body of a QUERY with these parameters, whose answer describes its columns."""
    flags = parameters[2] & ~_SKIP_METADATA
    return long_bytes(text.encode()) + parameters[:2] + bytes([flags]) + parameters[3:]


def prepared_id(body: bytes) -> bytes | None:
    """The id in the RESULT of a PREPARE; None for another result."""
    if struct.unpack_from("!I", body)[0] != _PREPARED:
        return None
    return split_execute(body[4:])[0]
