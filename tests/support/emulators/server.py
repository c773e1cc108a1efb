# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front: a proxy that reads each request, answers what the service answers otherwise, and passes on the rest."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from embedded_cassandra.certificates import Authority
from embedded_cassandra.ready import connect

from .connection import Connection
from .node_behind import NodeBehind
from .personality import Personality

CQL_PORT = 9042


class Front:
    """The running front. C(requests) are the texts that were asked, C(ca_certs) the authority of its certificate."""

    def __init__(self, node: str, personality: Personality, addresses: Sequence[str], port: int) -> None:
        self.personality = personality
        self.addresses, self.port = list(addresses), port
        self.requests: list[str] = []
        self.ca_certs = ""
        self.refused: dict[str, int] = {}
        self._node = node
        self._tls: ssl.SSLContext | None = None
        self._servers: dict[str, asyncio.Server] = {}
        self._writers: dict[str, list[asyncio.StreamWriter]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="front", daemon=True)

    def encrypt(self, folder: Path, *names: str) -> None:
        """Speak TLS with a certificate for these names and nothing else."""
        authority = Authority(folder)
        pem = authority.issue(*names)
        self.ca_certs = str(authority.path)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(pem.certificate, pem.key)

    def start(self, behind: NodeBehind) -> None:
        self._behind = behind
        self._thread.start()
        for address in self.addresses:
            asyncio.run_coroutine_threadsafe(self._listen(address), self._loop).result(10)

    def stop(self, address: str) -> None:
        """End one of the addresses, as a node that goes down."""
        asyncio.run_coroutine_threadsafe(self._end(address), self._loop).result(10)

    def close(self) -> None:
        for address in list(self._servers):
            self.stop(address)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self, address: str) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.setdefault(address, []).append(writer)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                node = await asyncio.open_connection(self._node, CQL_PORT)
                self._writers[address].append(node[1])
                await Connection(self, self._behind, address, (reader, writer), node).run()
            writer.close()

        server = await asyncio.start_server(serve, address, self.port, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self._servers[address] = server

    async def _end(self, address: str) -> None:
        self._servers.pop(address).close()
        for writer in self._writers.pop(address, []):
            writer.close()


@contextlib.contextmanager
def front(
    node: str,
    personality: Personality,
    addresses: Sequence[str] = ("127.0.0.1",),
    port: int = 0,
    tls: tuple[Path, Sequence[str]] | None = None,
) -> Iterator[Front]:
    """A front before the node; C(tls) is a folder for certificates and the names in them. Port 0 is any free one."""
    driver = connect(node)
    behind = NodeBehind(driver.connect(), personality)
    behind.prepare()
    running = Front(node, personality, addresses, port)
    if tls:
        running.encrypt(tls[0], *tls[1])
    running.start(behind)
    try:
        yield running
    finally:
        running.close()
        driver.shutdown()
