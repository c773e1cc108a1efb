# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release version says of a server's CQL; pure."""

from __future__ import annotations

import re

_APACHE = re.compile(r"(\d+)\.(\d+)(\.\d+)?(-[A-Za-z]\w*)?\Z")


def apache_version(release_version: str) -> tuple[int, int] | None:
    """The first two numbers of a version of Apache's own; None for others: Astra DB and DSE are called 4.0.0.6816."""
    match = _APACHE.match(release_version)
    return (int(match.group(1)), int(match.group(2))) if match else None


def same_version(one: str | None, other: str | None) -> bool:
    """Whether two release versions are one: Cassandra 6.0-alpha2 is 6.0.0-alpha2 in C(system.peers) (measured)."""
    return _complete(one or "") == _complete(other or "")


def _complete(release_version: str) -> tuple[str | None, ...]:
    match = _APACHE.match(release_version)
    if not match:
        return (release_version,)
    major, minor, patch, suffix = match.groups()
    return (major, minor, patch or ".0", suffix)
