# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Frames of the native protocol, version 4, as far as a front reads and writes them (native_protocol_v4.spec)."""

from __future__ import annotations

import asyncio
import struct
from typing import NamedTuple

ERROR, STARTUP, AUTHENTICATE, QUERY, RESULT = 0, 1, 3, 7, 8
AUTH_CHALLENGE, AUTH_RESPONSE, AUTH_SUCCESS = 14, 15, 16
_RESPONSE = 0x80


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


def split_query(body: bytes) -> tuple[str, bytes]:
    """The text of a QUERY, and what follows it."""
    length = struct.unpack_from("!I", body)[0]
    return body[4 : 4 + length].decode(), body[4 + length :]
