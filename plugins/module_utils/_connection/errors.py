# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the driver's exceptions mean, in words for a user; pure: it reads names and texts, so it needs no driver."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping

from .._errors import AuthenticationRefused

# The driver adds what it parsed of a time-out, as C(info={...}).
_SERVER_WORDS = re.compile(r"message=\"(.*)\"\s*(?:info=\{.*\})?\s*>?\s*\Z", re.DOTALL)

# Written by the driver where a server asks for a login and none was given.
_NO_LOGIN = "Remote end requires authentication"

# Written by the servers (authentication) or by OpenSSL and the driver (the rest); the first that is found counts.
_REASONS = (
    (_NO_LOGIN, "it requires authentication"),
    ("CERTIFICATE_REQUIRED", "it requires a client certificate: give ssl_certfile and ssl_keyfile"),
    ("certificate has expired", "its certificate has expired"),
    ("Hostname mismatch", "its certificate is for another host name (ssl_server_names takes the one that it is for)"),
    (
        "IP address mismatch",
        "its certificate does not carry this address (ssl_server_names takes a name that it carries)",
    ),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not signed by a trusted authority (ssl_ca_certs)"),
    ("UNKNOWN_CA", "it does not trust the client certificate"),
    ("CERTIFICATE_EXPIRED", "it says that the client certificate has expired"),
    ("WRONG_VERSION_NUMBER", "it does not speak TLS (ssl: false)"),
    ("EOF occurred in violation of protocol", "it ended the TLS handshake: it may require a client certificate"),
    ("protocol version 21", "it speaks TLS only (ssl: true)"),
    ("Connection refused", "connection refused"),
    ("No route to host", "no route to host"),
    ("Network is unreachable", "network unreachable"),
    ("timed out", "no answer in time"),
    ("Timed out", "no answer in time"),
    ("Client request timeout", "no answer within request_timeout"),
    ("ConnectionShutdown", "the connection was closed"),
    ("was closed", "the connection was closed"),
    ("is defunct", "the connection broke"),
    ("is already closed", "the connection was closed"),
    ("Pool is shutdown", "the connection was closed"),
    # All that the driver says where a request it makes by itself, before there is a session, gets no answer.
    ("errors=None, last_host=None", "no answer in time"),
    ("Unable to connect to any servers", "none of its nodes answers any more"),
    ("Unable to complete the operation against any hosts", "there is no connection to it any more"),
    ("no connection", "there is no connection to it any more"),
)


def server_words(error: BaseException) -> str:
    """The server's own message without the driver's wrapping."""
    text = str(error)
    found = _SERVER_WORDS.search(text)
    words = found.group(1) if found else getattr(error, "message", None) or text
    return f"{words}".strip() or type(error).__name__


def connection_reason(error: BaseException) -> str:
    """Why one address could not be used, in a few words."""
    text = str(error)
    if isinstance(error, socket.gaierror):
        return "the name does not resolve"
    if is_bad_credentials(error):
        return server_words(error)
    for sign, reason in _REASONS:
        if sign in text:
            return reason
    if isinstance(error, ConnectionResetError):
        return "it reset the connection: it may speak TLS only (ssl: true)"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or text}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {server_words(error)}"


def is_bad_credentials(error: BaseException) -> bool:
    """Whether a server rejected the credentials that it was given."""
    return type(error).__name__ == "AuthenticationFailed" and _NO_LOGIN not in str(error)


def lacks_credentials(error: BaseException) -> bool:
    """Whether a server asks for a login, and none was given."""
    return _NO_LOGIN in str(error)


def is_wrong_protocol(error: BaseException) -> bool:
    """Whether a server does not speak the version of the native protocol that was tried."""
    text = str(error).lower()
    return "protocol" in text and "version" in text and "protocol version 21" not in text


def missing_credentials(has_bundle: bool, attempts: Mapping[str, str]) -> AuthenticationRefused:
    """The failure that says what to give."""
    ways = (
        "login_token, or set ASTRA_DB_TOKEN"
        if has_bundle
        else "login_user and login_password, or set CASSANDRA_USER and CASSANDRA_PASSWORD"
    )
    return AuthenticationRefused(
        f"The cluster requires a login: give {ways}. Tried {attempts_sentence(attempts)}.", attempts=dict(attempts)
    )


def refused_credentials(user: str | None, attempts: Mapping[str, str], sigv4: bool = False) -> AuthenticationRefused:
    """The failure that says whose credentials were rejected, where."""
    if sigv4:
        return AuthenticationRefused(
            "The signature by AWS credentials was rejected: check that credentials the AWS SDK finds (AWS_PROFILE), that "
            f"login_region is the region of the endpoint, and the clock. Tried {attempts_sentence(attempts)}.",
            attempts=dict(attempts),
        )
    if user == "token":
        way_out = "the token is wrong or has expired, make a new one in the Astra DB console"
    else:
        way_out = "check login_user and login_password"
    return AuthenticationRefused(
        f"The credentials of {user!r} were rejected: {way_out}. Tried {attempts_sentence(attempts)}.",
        attempts=dict(attempts),
    )


def attempts_sentence(attempts: Mapping[str, str]) -> str:
    """Every address with its reason."""
    return "; ".join(f"{address}: {reason}" for address, reason in attempts.items())
