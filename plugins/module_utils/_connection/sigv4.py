# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login of Amazon Keyspaces by AWS's Signature Version 4, with AWS's own plug-in for the driver.

The credentials are those that the AWS SDK finds in its usual places; they pass through nothing of ours.
"""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from .._errors import AuthenticationRefused, InvalidInput, MissingDriver

LIBRARY = "cassandra-sigv4"

# The endpoints that AWS documents: cassandra.us-east-1.amazonaws.com, cassandra-fips.us-east-1.amazonaws.com.
_ENDPOINT = re.compile(r"cassandra(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)")


def sigv4_provider(region: str | None, host: str) -> Any:
    """What the driver signs its login with.

    C(region) is that of the option, if any, and C(host) the endpoint, which may name it. Raises MissingDriver,
    InvalidInput if no region is known, and AuthenticationRefused if there are no credentials.
    """
    boto3, plugin = _import()
    session = boto3.Session(region_name=region or region_of(host))
    if not session.region_name:
        raise InvalidInput("login_sigv4 needs the AWS region of the endpoint: set login_region or AWS_REGION.")
    try:
        found = session.get_credentials()
    except Exception as error:  # botocore has an exception of its own for each place that it looks into
        raise _no_credentials(type(error).__name__) from error
    if found is None:
        raise _no_credentials("none was found")
    return plugin.SigV4AuthProvider(session)


def region_of(host: str) -> str | None:
    """The region in the name of an endpoint of Amazon Keyspaces."""
    found = _ENDPOINT.match(host)
    return found.group(1) if found else None


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
            f"({type(error).__name__}: {error}). Install it: {sys.executable} -m pip install {LIBRARY}."
        ) from error
