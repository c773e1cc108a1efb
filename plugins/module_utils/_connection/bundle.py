# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Astra DB's secure connect bundle, checked before the driver reads it, so that each fault has its own sentence."""

from __future__ import annotations

import json
import os
import socket
import ssl
import zipfile
from typing import Any

from .._errors import ConnectionFailed, Failure, InvalidInput
from .errors import CERTIFICATE_REFUSED, connection_reason

_NEEDED = ("config.json", "ca.crt", "cert", "key")


def cloud_options(bundle: str, connect_timeout: float) -> dict[str, Any]:
    """The driver's C(cloud) options; raises InvalidInput for a bundle that cannot be used.

    The driver unpacks the bundle, private key and all, into a folder beside the zip unless it is told to use the
    temporary one, and removes it at once.
    """
    if not os.path.exists(bundle):
        raise InvalidInput(f"secure_connect_bundle {bundle} does not exist: download it from the Astra DB console.")
    try:
        with zipfile.ZipFile(bundle) as archive:
            missing = [name for name in _NEEDED if name not in archive.namelist()]
            if missing:
                raise InvalidInput(
                    f"secure_connect_bundle {bundle} is incomplete, it has no {', '.join(missing)}: download it again."
                )
            json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError) as error:
        raise InvalidInput(f"secure_connect_bundle {bundle} is not a usable zip file ({error}).") from error
    except OSError as error:
        raise InvalidInput(f"secure_connect_bundle {bundle} cannot be read: {error.strerror}.") from error
    return {"secure_connect_bundle": bundle, "use_default_tempdir": True, "connect_timeout": connect_timeout}


def explain_bundle(bundle: str | None, error: Exception) -> Failure:
    """What an exception of the driver means that came before any connection to a node."""
    if isinstance(error, Failure):
        return error
    if bundle is None:
        return ConnectionFailed(f"The driver could not be set up: {error}.")
    if isinstance(error.__context__, OSError):
        # The driver asks the metadata service with urllib, and raises its own sentence instead of what happened.
        return ConnectionFailed(f"Astra DB's metadata service did not let {bundle} in: {_metadata_reason(error)}.")
    return InvalidInput(f"secure_connect_bundle {bundle} cannot be used: {type(error).__name__}: {error}.")


def _metadata_reason(error: Exception) -> str:
    cause: Any = error.__context__ or error
    if getattr(cause, "code", None):
        return f"it answered {cause.code}, the database may be paused: resume it in the console"
    cause = getattr(cause, "reason", None) if isinstance(getattr(cause, "reason", None), Exception) else cause
    if isinstance(cause, socket.gaierror):
        return "its name does not resolve, the database may be terminated"
    rejected = isinstance(cause, ssl.SSLError) and cause.reason in CERTIFICATE_REFUSED
    if rejected or isinstance(cause, (ConnectionResetError, ssl.SSLEOFError)):
        # With TLS 1.3 a server may close the connection without an alert when it rejects the client's certificate.
        return "it rejected the bundle's certificate, which may have expired: download a new bundle from the console"
    return f"{connection_reason(cause)}; the database may be paused or the bundle of another one"
