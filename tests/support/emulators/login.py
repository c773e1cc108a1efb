# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login of a front: a password, or AWS's signature, checked here, while the node behind requires none."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import struct
from urllib.parse import quote

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
        """Signature Version 4 as AWS documents it, of a PUT of /authenticate with the nonce as its content."""
        found = re.fullmatch(r"signature=(\w+),access_key=(\w+),amzdate=([\w:.-]+)(?:,session_token=(.*))?", response)
        if not found or found.group(2) != login.access_key:
            return False
        stamp = found.group(3)
        day = stamp[:10].replace("-", "")
        scope = f"{day}/{login.region}/cassandra/aws4_request"
        fields = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{login.access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": "900",
        }
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(fields.items()))
        request = f"PUT\n/authenticate\n{query}\nhost:cassandra\n\nhost\n{_digest(self._nonce)}"
        key = f"AWS4{login.secret_key}".encode()
        for part in (day, login.region, "cassandra", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{_digest(request)}"
        return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), found.group(1))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
