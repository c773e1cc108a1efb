# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login of a front: a password, or AWS's signature, checked here, while the node behind requires none."""

from __future__ import annotations

import re
import secrets
import struct
from datetime import datetime

from . import wire
from .personality import BAD_CREDENTIALS, Login
from .wire import Frame

_SIGV4 = b"SigV4\0\0"


class Gate:
    """What stands before the session of one connection."""

    def __init__(self, login: Login | None) -> None:
        self._login = login
        self._nonce = secrets.token_hex(16)

    def after_startup(self, ready: Frame) -> Frame:
        """The answer to STARTUP."""
        if not self._login:
            return ready
        return ready._replace(opcode=wire.AUTHENTICATE, body=wire.short_string(self._login.authenticator))

    def answer(self, frame: Frame) -> Frame:
        """The answer to a response of the client."""
        login, token = self._login, frame.body[4:]
        assert login
        if token == _SIGV4 and login.access_key:
            # The challenge that the plug-ins of AWS read (cassandra_sigv4.auth, _extract_nonce).
            return frame.answer(wire.AUTH_CHALLENGE, wire.long_bytes(b"nonce=" + self._nonce.encode()))
        if token.startswith(b"signature="):
            is_right = self._is_signed(login, token.decode())
        else:
            is_right = bool(login.user) and token == f"\0{login.user}\0{login.password}".encode()
        if is_right:
            return frame.answer(wire.AUTH_SUCCESS, struct.pack("!i", -1))
        return frame.error(BAD_CREDENTIALS, "The security token included in the request is invalid.")

    def _is_signed(self, login: Login, response: str) -> bool:
        """Whether it is what AWS's plug-in makes of the nonce with the right key and region."""
        from botocore.credentials import Credentials
        from cassandra_sigv4.auth import _generate_signature

        found = re.fullmatch(r"signature=(\w+),access_key=(\w+),amzdate=([\w:.-]+)", response)
        if not found or found[2] != login.access_key:
            return False
        stamp = datetime.strptime(found[3], "%Y-%m-%dT%H:%M:%S.%fZ")
        credentials = Credentials(login.access_key, login.secret_key)
        return bool(found[1] == _generate_signature(self._nonce, stamp, credentials, login.region))
