# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The TLS context of a connection: it verifies the server and its host name unless the user said otherwise."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from .._errors import InvalidInput
from .settings import Tls


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """The context for these settings; raises InvalidInput where a file cannot be read or used.

    Made by C(ssl.create_default_context): the driver's own C(ssl_options) verify nothing, even with C(CERT_REQUIRED)
    (cassandra-driver 3.30.1, connection.py writes the requirement into the context's C(options)).
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca_certs)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"ssl_ca_certs {tls.ca_certs} cannot be used: {_reason(error)}.") from error
    context.check_hostname = tls.check_hostname
    if not tls.validate_certs:
        context.verify_mode = ssl.CERT_NONE
    if tls.certfile:
        try:
            # Without a password OpenSSL would ask for one on the terminal and wait.
            context.load_cert_chain(tls.certfile, tls.keyfile, password=tls.keyfile_password or "")
        except (OSError, ValueError) as error:
            key = f" with ssl_keyfile {tls.keyfile}" if tls.keyfile else ""
            raise InvalidInput(f"ssl_certfile {tls.certfile}{key} cannot be used: {_reason(error)}.") from error
    if tls.server_names:
        _require_names(context, tls.server_names)
    context.sslsocket_class = _Socket
    return context


class _Socket(ssl.SSLSocket):
    """It leaves why a handshake failed at its context: the driver passes on the words of an exception only, without its type."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except ssl.SSLError as error:
            self.context.fault = error  # type: ignore[attr-defined]
            raise


def _require_names(context: ssl.SSLContext, names: Mapping[str, str]) -> None:
    """Let the context require the name of an address where the driver gives it the address."""
    wrap: Any = context.wrap_socket

    def wrap_socket(*args: Any, server_hostname: str | None = None, **options: Any) -> Any:
        name = names.get(server_hostname or "", names.get("*", server_hostname))
        return wrap(*args, server_hostname=name, **options)

    context.wrap_socket = wrap_socket  # type: ignore[method-assign, assignment]


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"it holds no usable PEM certificate or key, or the key's password is wrong ({error.reason or 'no PEM data'})"
    return (isinstance(error, OSError) and error.strerror) or str(error)
