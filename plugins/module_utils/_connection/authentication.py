# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is answered to a server that asks for a login although the user gave none."""

from __future__ import annotations

from typing import Any

from .errors import LoginRequired

_BY_USER = "PasswordAuthenticator"


def certificate_login(has_certificate: bool) -> Any:
    """The driver's provider for connections without a user; it raises LoginRequired if the server wants one.

    Cassandra 5.0 asks clients that it knows by their certificates for a login too, and takes any answer; 6.0 does not ask.
    """
    from cassandra.auth import Authenticator, AuthProvider

    class Certificate(Authenticator):  # type: ignore[misc]
        def initial_response(self) -> bytes:
            name = self.server_authenticator_class or ""
            if not has_certificate or name.rpartition(".")[2] == _BY_USER:
                raise LoginRequired(name)
            return b"\0"

        def evaluate_challenge(self, _challenge: bytes) -> bytes:
            return b"\0"

    class Provider(AuthProvider):  # type: ignore[misc]
        def new_authenticator(self, _host: str) -> Certificate:
            return Certificate()

    return Provider()
