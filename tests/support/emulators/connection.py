# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One connection of a client through the front to the node."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import wire
from .login import Gate
from .node_behind import NodeBehind, Pending
from .personality import INVALID, PROTOCOL_ERROR, Refusal
from .rewrite import Unknown, rewrite_select, select_table
from .wire import Frame

if TYPE_CHECKING:
    from .server import Front

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Connection:
    """Requests go to the node as they are, or otherwise, or not at all; C(_expected) are answers to be read on the way."""

    def __init__(self, front: Front, behind: NodeBehind, address: str, client: Streams, node: Streams) -> None:
        self._front, self._behind, self._address = front, behind, address
        self._client, self._node = client, node
        self._expected: dict[int, Callable[[Frame], Frame]] = {}
        self._gate = Gate(front.personality.login)

    async def run(self) -> None:
        """Pass on until one side ends."""
        answers = asyncio.ensure_future(self._answers())
        try:
            while True:
                frame = await wire.read_frame(self._client[0])
                answer = await self._request(frame)
                if answer:
                    await self._send(answer)
        finally:
            answers.cancel()
            self._node[1].close()

    async def _answers(self) -> None:
        try:
            while True:
                frame = await wire.read_frame(self._node[0])
                then = self._expected.pop(frame.stream, None)
                await self._send(then(frame) if then else frame)
        except (OSError, asyncio.IncompleteReadError):
            self._client[1].close()

    async def _send(self, frame: Frame) -> None:
        self._client[1].write(frame.encode())
        await self._client[1].drain()

    async def _pass_on(self, frame: Frame, then: Callable[[Frame], Frame] | None = None) -> None:
        if then:
            self._expected[frame.stream] = then
        self._node[1].write(frame.encode())
        await self._node[1].drain()

    async def _request(self, frame: Frame) -> Frame | None:
        """What the front answers by itself; None if the node answers."""
        spoken = self._front.personality.protocols
        if frame.version not in spoken:
            # As Cassandra's own: the answer is in the newest version that both could speak.
            known = ", ".join(f"{one}/v{one}" for one in spoken)
            words = f"Invalid or unsupported protocol version ({frame.version}); supported versions are ({known})"
            return frame.answer(wire.ERROR, _error_body(PROTOCOL_ERROR, words), max(spoken))
        if frame.opcode == wire.AUTH_RESPONSE:
            return self._gate.answer(frame)
        if frame.opcode == wire.STARTUP:
            await self._pass_on(frame, self._gate.after_startup)
        elif frame.opcode == wire.QUERY:
            return await self._text(frame, *wire.split_query(frame.body))
        else:
            await self._pass_on(frame)
        return None

    async def _text(self, frame: Frame, text: str, parameters: bytes) -> Frame | None:
        """A QUERY."""
        self._front.requests.append(text)
        refusal = next((one for one in self._front.personality.refusals if self._refuses(one, text)), None)
        if refusal:
            return frame.error(refusal.code, refusal.message)
        altered = self._behind.altered(text)
        if altered and self._front.personality.ddl:
            return await self._alter(frame, altered)
        try:
            asked = await self._rewrite(text)
        except Unknown as unknown:
            return frame.error(INVALID, str(unknown))
        await self._pass_on(frame._replace(body=wire.long_bytes(asked.encode()) + parameters))
        return None

    def _refuses(self, refusal: Refusal, text: str) -> bool:
        count = self._front.refused
        if not refusal.matches(text) or (refusal.times and count.get(refusal.message, 0) >= refusal.times):
            return False
        count[refusal.message] = count.get(refusal.message, 0) + 1
        return True

    async def _rewrite(self, text: str) -> str:
        personality, name = self._front.personality, select_table(text)
        if personality.ddl and name == personality.ddl.status_table:
            await asyncio.to_thread(self._behind.note_status, text)
        shown = self._behind.shown(text) if name == "system_schema.columns" else []
        text = rewrite_select(text, personality, self._behind.columns, shown)
        # What a node says of itself differs from address to address.
        return text.replace("{address}", self._address).replace("{host_id}", host_id_at(self._address))

    async def _alter(self, frame: Frame, table: tuple[str, str]) -> Frame | None:
        """An ALTER of a service whose changes show late: the node executes it at once, and the front hides it."""
        ddl = self._front.personality.ddl
        assert ddl
        running = self._behind.changes.get(table)
        if ddl.busy and running and running.age < running.ddl.end:
            return frame.error(INVALID, ddl.busy)
        before = await asyncio.to_thread(self._behind.columns_of, table)

        def accepted(answer: Frame) -> Frame:
            if answer.opcode == wire.RESULT:
                self._behind.changes[table] = Pending(before, ddl)
            return answer

        await self._pass_on(frame, accepted)
        return None


def host_id_at(address: str) -> str:
    """The host_id of the node that a front stands for at this address, if its personality says C({host_id})."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, address))


def _error_body(code: int, words: str) -> bytes:
    return code.to_bytes(4, "big") + wire.short_string(words)
