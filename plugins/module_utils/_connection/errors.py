# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the exceptions of the driver, the server and the network mean, for a user; pure: it knows the driver's by their names.

The code that a server sends and the type of an exception decide. Where only words exist, they stand in the two tables here,
each with the versions that write them, and words that no table has are repeated as they are.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from .._cql.statement import ADD_IDENTITY, ALLOW_LOGIN
from .._errors import AuthenticationRefused, ConnectionFailed, Failure, NotAuthorized

# How the driver writes down an error of the server, in every exception that stands for one; it adds what it parsed of a time-out.
_SERVER_ERROR = re.compile(r"code=([0-9a-f]{4}) \[[^]]*\] message=\"(.*)\"\s*(?:info=\{.*\})?\s*>?\s*\Z", re.DOTALL)

# The codes of native_protocol_v5.spec, section 9.
_PROTOCOL_ERROR, _BAD_CREDENTIALS, _UNAUTHORIZED = 0x000A, 0x0100, 0x2100
# The same by the exceptions that the driver documents, for a driver that writes them down in another way.
_CODES = {
    "AuthenticationFailed": _BAD_CREDENTIALS,
    "Unavailable": 0x1000,
    "WriteTimeout": 0x1100,
    "ReadTimeout": 0x1200,
    "ReadFailure": 0x1300,
    "FunctionFailure": 0x1400,
    "WriteFailure": 0x1500,
    "Unauthorized": _UNAUTHORIZED,
    "InvalidRequest": 0x2200,
    "ConfigurationException": 0x2300,
    "AlreadyExists": 0x2400,
}


class ServerError(NamedTuple):
    """An error that a server sent: its code and its words."""

    code: int
    words: str


class LoginRequired(Exception):
    """A server asks for a login, and none was given. C(authenticator) is its Java class, as the server names it."""

    def __init__(self, authenticator: str) -> None:
        super().__init__(f"{authenticator} requires a login")
        self.authenticator = authenticator


class UnreadableAnswer(Exception):
    """An answer came, and the driver cannot decode it: what is between broke it, or it is of another kind than was asked for."""


# Cassandra answers all of these with 0100. Its words are those of 4.0.19, 4.1.10, 5.0.9 and 6.0-alpha2 (certificates: 5.0 on).
_REFUSED_LOGINS = (
    (r"username .* and/or password are incorrect", "check login_user and login_password"),
    (r"Password must not be null", "login_password is empty"),
    (r"not permitted to log in", f"a superuser can allow it with {ALLOW_LOGIN}"),
    (
        r"Unable to perform authentication",
        "the credentials were not compared, because too few of the nodes that hold them answer: run this again when those "
        "nodes are up, and check the replication of system_auth",
    ),
    (r"Certificate identity .* not authorized", f"a superuser can allow this certificate with {ADD_IDENTITY}"),
    (
        r"Unable to extract Spiffe from the certificate",
        "ssl_certfile has no identity: it needs a URI that begins with spiffe:// as its subject alternative name",
    ),
)

# What the driver writes of an answer that it cannot read: 3.29.0 to 3.30.1, and scylla-driver 3.29. TLS answers a client without
# TLS by a record whose first byte is 21.
_TLS_ONLY = "protocol version 21"
# The first byte of an answer of another protocol, such as of HTTP or SSH. Those of Cassandra end at 6; 65 and 66 are of DSE.
_OTHER_PROTOCOL = re.compile(r"protocol version (?!6[56]\b)([7-9]|[1-9][0-9]+)\b")

_UNTRUSTED = "its certificate is not signed by a trusted authority (ssl_ca_certs)"
# X509_V_ERR_… of OpenSSL, x509_vfy.h.
_CERTIFICATE_FAULTS = {
    **dict.fromkeys((2, 18, 19, 20, 21), _UNTRUSTED),
    9: "its certificate is not valid yet: compare the clocks",
    10: "its certificate has expired",
    62: "its certificate is for another host name (ssl_server_names takes the one that it is for)",
    64: "its certificate does not carry this address (ssl_server_names takes a name that it carries)",
}
# Names of reasons in OpenSSL's sslerr.h, which Python gives as SSLError.reason; 1.1.1 to 3.x.
_TLS_FAULTS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it requires a client certificate: give ssl_certfile and ssl_keyfile",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not trust the client certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it does not take the client certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not take the client certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it says that the client certificate has expired",
    "WRONG_VERSION_NUMBER": "it does not speak TLS on this port: leave out ssl and its options, or correct the port",
    "RECORD_LAYER_FAILURE": "it does not speak TLS on this port: leave out ssl and its options, or correct the port",
}
# Those of them with which a server refuses a client's certificate.
CERTIFICATE_REFUSED = frozenset(name for name, reason in _TLS_FAULTS.items() if "client certificate" in reason)
LATE = "no answer in time"
# Python's own time-out of a socket has no number, and the driver passes on its words alone: Python 3.9 to 3.14.
_TIMED_OUT = "timed out"
NO_CONNECTION = "there is no connection to it any more"
# What the driver says of a pool that it closed: 3.29.0 to 3.30.1, and scylla-driver 3.29.
_POOL_CLOSED = "Pool is shutdown"
_NETWORK_FAULTS = {
    errno.ECONNREFUSED: "connection refused: nothing listens on this port",
    errno.EHOSTUNREACH: "no route to host",
    errno.ENETUNREACH: "network unreachable",
    errno.ETIMEDOUT: LATE,
    errno.ECONNRESET: "it reset the connection: it may speak TLS only (ssl: true)",
}
# Exceptions of the driver by their names, the nearest first.
_DRIVER_FAULTS = {
    "OperationTimedOut": LATE,
    "ConnectionShutdown": "the connection was closed",
    "NoHostAvailable": NO_CONNECTION,
}


def server_error(error: BaseException) -> ServerError | None:
    """The error of a server that an exception stands for; None if no server answered."""
    found = _SERVER_ERROR.search(str(error))
    if found:
        return ServerError(int(found[1], 16), found[2].strip())
    code = next((_CODES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _CODES), None)
    return None if code is None else ServerError(code, f"{error}".strip() or type(error).__name__)


def server_words(error: BaseException) -> str:
    """The server's own message without the driver's wrapping."""
    found = server_error(error)
    words = found.words if found else getattr(error, "message", None) or error
    return f"{words}".strip() or type(error).__name__


def is_of_driver(error: BaseException) -> bool:
    """Whether the driver, the server or the network raised it, and no code of ours."""
    return isinstance(error, (OSError, UnreadableAnswer)) or any(
        kind.__module__.split(".")[0] == "cassandra" for kind in type(error).__mro__
    )


def connection_reason(error: BaseException) -> str:
    """Why one address could not be used, in a few words."""
    if isinstance(error, LoginRequired):
        return "it requires a login"
    if isinstance(error, OSError):
        return _network_reason(error)
    if _TLS_ONLY in str(error):
        return "it speaks TLS only (ssl: true)"
    if _OTHER_PROTOCOL.search(str(error)):
        return "what listens on this port does not speak CQL: correct the port"
    if is_wrong_protocol(error):
        return f"it does not speak the version of the native protocol that was tried ({server_words(error)})"
    found = server_error(error)
    if found:
        return found.words
    if str(error).startswith(_POOL_CLOSED):
        return NO_CONNECTION
    names = [kind.__name__ for kind in type(error).__mro__]
    return next((_DRIVER_FAULTS[name] for name in names if name in _DRIVER_FAULTS), f"no answer: {server_words(error)}")


def _network_reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "the name does not resolve"
    if isinstance(error, ssl.SSLCertVerificationError):
        said = getattr(error, "verify_message", error)
        return _CERTIFICATE_FAULTS.get(error.verify_code, f"its certificate is refused: {said}")
    if isinstance(error, ssl.SSLEOFError):
        return "it ended the TLS handshake: it may require a client certificate (ssl_certfile and ssl_keyfile)"
    if isinstance(error, ssl.SSLError):
        return _TLS_FAULTS.get(error.reason or "", f"TLS failed: {error.reason or error}")
    if isinstance(error, TimeoutError) or (error.errno is None and str(error).endswith(_TIMED_OUT)):
        return LATE
    return _NETWORK_FAULTS.get(error.errno or 0, f"no answer: {error.strerror or server_words(error)}")


def is_wrong_protocol(error: BaseException) -> bool:
    """Whether a server does not speak the version of the native protocol that was tried."""
    found = server_error(error)
    if found:
        return found.code == _PROTOCOL_ERROR
    # The driver's own exceptions for it are the base of all others, and one that its documentation does not list.
    return type(error).__name__ in ("DriverException", "ProtocolVersionUnsupported")


def connection_failure(
    causes: Mapping[str, BaseException], user: str | None, has_bundle: bool, sigv4: bool = False
) -> Failure:
    """The failure of connecting, from what each address answered; C(user) is None without a login."""
    attempts = {address: connection_reason(error) for address, error in causes.items()}
    answers = [found for found in map(server_error, causes.values()) if found]
    tried = f"Tried {'; '.join(f'{address}: {reason}' for address, reason in attempts.items())}."
    for answer in answers:
        if answer.code == _BAD_CREDENTIALS:
            return AuthenticationRefused(f"{_refused(answer.words, user, sigv4)} {tried}", attempts=attempts)
        if answer.code == _UNAUTHORIZED:
            return NotAuthorized(f"The cluster refuses this client: {answer.words}. {tried}", attempts=attempts)
    if any(isinstance(error, LoginRequired) for error in causes.values()):
        return AuthenticationRefused(f"{_required(has_bundle)} {tried}", attempts=attempts)
    return ConnectionFailed(f"No Cassandra node could be reached. {tried}", attempts=attempts)


def _required(has_bundle: bool) -> str:
    if has_bundle:
        return "The cluster requires a login: give login_token, or set ASTRA_DB_TOKEN."
    return (
        "The cluster requires a login: give login_user and login_password, or set CASSANDRA_USER and CASSANDRA_PASSWORD "
        "(if it logs in by certificate, give ssl_certfile and ssl_keyfile)."
    )


def _refused(words: str, user: str | None, sigv4: bool) -> str:
    if sigv4:
        return (
            "The signature by AWS credentials was rejected: check that credentials the AWS SDK finds (AWS_PROFILE), that "
            "login_region is the region of the endpoint, and the clock."
        )
    if user == "token":
        return "The token was refused: it is wrong or has expired, make a new one in the Astra DB console."
    what_to_do = next((text for sign, text in _REFUSED_LOGINS if re.search(sign, words)), "")
    who = f"of {user!r}" if user else "by the client certificate"
    return f"The login {who} was refused{f': {what_to_do}' if what_to_do else ''}."
