# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a connection logs in: as a user, by a client certificate, or by AWS's Signature Version 4."""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from .._errors import AuthenticationRefused, InvalidInput, MissingDriver
from .errors import LoginRequired
from .settings import Settings

_LIBRARY = "cassandra-sigv4"
# A server that takes no certificate for a login.
_BY_USER = "PasswordAuthenticator"

# The endpoints that AWS documents: cassandra.us-east-1.amazonaws.com, cassandra-fips.us-east-1.amazonaws.com.
_ENDPOINT = re.compile(r"cassandra(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)")


def login(settings: Settings) -> Any:
    """The driver's provider of a login.

    Raises MissingDriver, InvalidInput or AuthenticationRefused if what AWS's way needs is not there.
    """
    from cassandra.auth import PlainTextAuthProvider

    if settings.sigv4:
        return _sigv4_login(settings.region, settings.contact_points[0][0])
    if settings.user:
        return PlainTextAuthProvider(settings.user, settings.password)
    return _certificate_login(bool(settings.tls and settings.tls.certfile))


def _certificate_login(has_certificate: bool) -> Any:
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


def _sigv4_login(region: str | None, host: str) -> Any:
    """What the driver signs its login with, by AWS's own plug-in and the credentials that the AWS SDK finds in its places.

    C(region) is that of the option, if any, and C(host) the endpoint, which may name it.
    """
    boto3, plugin = _import()
    found = _ENDPOINT.match(host)
    session = boto3.Session(region_name=region or (found[1] if found else None))
    if not session.region_name:
        raise InvalidInput("login_sigv4 needs the AWS region of the endpoint: set login_region or AWS_REGION.")
    try:
        credentials = session.get_credentials()
    except Exception as error:  # botocore has an exception of its own for each place that it looks into
        raise _no_credentials(type(error).__name__) from error
    if credentials is None:
        raise _no_credentials("none was found")
    return plugin.SigV4AuthProvider(session)


def _no_credentials(reason: str) -> AuthenticationRefused:
    return AuthenticationRefused(
        f"login_sigv4 needs AWS credentials ({reason}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, on "
        "the host that runs the module, or give that host a role.",
        attempts={},
    )


def _import() -> tuple[Any, Any]:
    try:
        return importlib.import_module("boto3"), importlib.import_module("cassandra_sigv4.auth")
    except Exception as error:
        raise MissingDriver(
            f"login_sigv4 needs AWS's plug-in of the driver, which {sys.executable} cannot import "
            f"({type(error).__name__}: {error}). Install it: {sys.executable} -m pip install {_LIBRARY}."
        ) from error
