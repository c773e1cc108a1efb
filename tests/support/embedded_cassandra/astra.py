# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands before an Astra DB database, before real nodes: bundle, metadata service, and the proxy which routes by SNI.

The protocol is what cassandra-driver's C(datastax/cloud) speaks: a GET of C(/metadata) with the bundle's certificate names the
proxy and the nodes; then each connection is TLS to the proxy with a node's host id as server name.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .certificates import Authority
from .ready import connect

METADATA_PORT = 29080
PROXY_PORT = 29042
DATACENTER = "datacenter1"


@dataclass
class AstraFront:
    """The running front; C(bundle) is the zip file to connect with, C(seen) what was asked of it."""

    bundle: Path
    seen: list[str] = field(default_factory=list)
    paused: bool = False


def host_ids(addresses: Sequence[str], token: str) -> dict[str, str]:
    """The nodes with the addresses by their host ids, after a role was made which has the token as its password."""
    ids: dict[str, str] = {}
    for address in addresses:
        driver = connect(address, auth=True)
        session = driver.connect()
        if not ids:
            session.execute(f"CREATE ROLE \"token\" WITH SUPERUSER = true AND LOGIN = true AND PASSWORD = '{token}'")
        ids[str(session.execute("SELECT host_id FROM system.local").one().host_id)] = address
        driver.shutdown()
    return ids


@contextlib.contextmanager
def astra_front(
    folder: Path,
    address: str,
    nodes: Mapping[str, str],
    *,
    leave_out: Sequence[str] = (),
    expired: bool = False,
) -> Iterator[AstraFront]:
    """Stand before C(nodes), which maps host ids to addresses. A paused front answers as for a hibernated database.

    C(leave_out) names files which the bundle lacks; C(expired) gives the bundle a certificate which has expired.
    """
    authority = Authority(folder / "certificates")
    front = AstraFront(_write_bundle(folder, authority, address, leave_out, expired))
    server = _Server(front, authority, address, nodes)
    server.start()
    try:
        yield front
    finally:
        server.stop()


def _write_bundle(folder: Path, authority: Authority, address: str, leave_out: Sequence[str], expired: bool) -> Path:
    client = authority.issue("client@astra.example", expired=expired)
    config = {"host": address, "port": METADATA_PORT, "cql_port": PROXY_PORT, "keyspace": "k", "localDC": DATACENTER}
    files = {
        "ca.crt": authority.path.read_bytes(),
        "cert": client.certificate.read_bytes(),
        "key": client.key.read_bytes(),
        "config.json": json.dumps(config).encode(),
    }
    bundle = folder / "secure-connect-embedded.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in files.items():
            if name not in leave_out:
                archive.writestr(name, content)
    return bundle


class _Server(threading.Thread):
    """Both services on an event loop of their own."""

    def __init__(self, front: AstraFront, authority: Authority, address: str, nodes: Mapping[str, str]) -> None:
        super().__init__(name="astra-front")
        self._front, self._address, self._nodes = front, address, nodes
        self._pem = authority.issue(address, "localhost")
        self._authority = authority
        self._up = threading.Event()
        self._end = asyncio.Event()

    def start(self) -> None:
        super().start()
        if not self._up.wait(10):
            raise RuntimeError("The Astra front did not start.")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self.join()

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self._authority.path))
        context.load_cert_chain(self._pem.certificate, self._pem.key)
        # The bundle's certificate is wanted on both ports.
        context.verify_mode = ssl.CERT_REQUIRED
        context.sni_callback = _remember_name
        metadata = await asyncio.start_server(self._metadata, self._address, METADATA_PORT, ssl=context)
        proxy = await asyncio.start_server(self._proxy, self._address, PROXY_PORT, ssl=context)
        self._up.set()
        await self._end.wait()
        for server in (metadata, proxy):
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _metadata(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self._front.seen.append("metadata")
        info = {
            "type": "sni_proxy",
            "local_dc": DATACENTER,
            "contact_points": list(self._nodes),
            "sni_proxy_address": f"{self._address}:{PROXY_PORT}",
        }
        body = json.dumps({"version": 1, "region": "embedded", "contact_info": info}).encode()
        status = b"503 Service Unavailable" if self._front.paused else b"200 OK"
        head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        writer.write(head % (status, len(body)) + body)
        await writer.drain()
        writer.close()

    async def _proxy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = getattr(writer.get_extra_info("ssl_object"), "asked_name", None)
        self._front.seen.append(f"sni {name}")
        with contextlib.suppress(OSError, KeyError):
            to_reader, to_writer = await asyncio.open_connection(self._nodes[str(name)], 9042)
            await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))
        writer.close()


def _remember_name(tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
    tls.asked_name = name  # type: ignore[attr-defined]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
