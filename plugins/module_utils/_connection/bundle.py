# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Astra DB's secure connect bundle: looked at before the driver does, so that each fault has its own sentence."""

from __future__ import annotations

import json
import os
import zipfile
from typing import Any

from .._errors import ConnectionFailed, Failure, InvalidInput

_NEEDED = ("config.json", "ca.crt", "cert", "key")


def cloud_options(bundle: str, connect_timeout: float) -> dict[str, Any]:
    """The driver's C(cloud) options; raises InvalidInput for a bundle which cannot be used.

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
    except (zipfile.BadZipFile, ValueError) as error:
        raise InvalidInput(f"secure_connect_bundle {bundle} is not a usable zip file ({error}).") from error
    except OSError as error:
        raise InvalidInput(f"secure_connect_bundle {bundle} cannot be read: {error.strerror}.") from error
    return {"secure_connect_bundle": bundle, "use_default_tempdir": True, "connect_timeout": connect_timeout}


def explain_bundle(bundle: str | None, error: Exception) -> Failure:
    """What an exception of the driver means which came before any connection to a node."""
    if isinstance(error, Failure):
        return error
    if bundle is None:
        return ConnectionFailed(f"The driver could not be set up: {error}.")
    if "metadata service" in str(error):
        return ConnectionFailed(
            f"The Astra DB metadata service named by {bundle} does not answer as it should: the database may be "
            "paused (resume it in the console), gone, or the bundle may be expired or of another database."
        )
    return InvalidInput(f"secure_connect_bundle {bundle} cannot be used: {type(error).__name__}: {error}.")
