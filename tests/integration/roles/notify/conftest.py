# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real mail servers: without TLS, with STARTTLS, with TLS from the begin, and with a password."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class Mails:
    """What a mail server took, and the passwords that clients sent."""

    taken: list[str] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content.decode())
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.passwords.append(data.password.decode())
        return AuthResult(success=data.password == b"right", handled=False)


@dataclass(frozen=True)
class MailServer:
    """A running mail server; its certificate names localhost only."""

    port: int
    ca_path: str
    mails: Mails


StartMailServer = Callable[[str], MailServer]


@pytest.fixture
def start_mail_server() -> Iterator[StartMailServer]:
    """Starts mail servers by how they protect the connection: none, starttls or tls."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with contextlib.ExitStack() as stack:
        ca_path = stack.enter_context(authority.cert_pem.tempfile())

        def start(security: str) -> MailServer:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            mails = Mails()
            options: dict[str, Any] = {"ssl_context": context} if security == "tls" else {}
            if security == "starttls":
                options = {"tls_context": context, "require_starttls": True}
            auth = {"authenticator": mails.authenticate, "auth_require_tls": security == "starttls"}
            controller = Controller(mails, "127.0.0.1", port, **options, **auth)
            controller.start()
            stack.callback(controller.stop)
            return MailServer(port, ca_path, mails)

        yield start


@pytest.fixture
def mail_server(start_mail_server: StartMailServer) -> tuple[int, Mails]:
    """The port of a mail server without TLS, and what it takes."""
    server = start_mail_server("none")
    return server.port, server.mails
