# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which hosts of the inventory a pattern names; those of an application are all there, and none is left out by --limit."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.plugins.lookup.inventory_hostnames import LookupModule

from ..module_utils._errors import InvalidInput

# A part of a pattern ends at a colon, unless that is in brackets, as in web[1:3].
_PART = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")


def inventory_hosts(
    loader: Any, groups: Mapping[str, Sequence[str]], pattern: Any, limit: str | None = None
) -> list[str]:
    """The hosts of the inventory that a pattern names, as far as C(--limit) leaves them."""
    found: list[str] = LookupModule(loader=loader).run(_parts_of(pattern), {"groups": groups})
    lines = list(_lines_of(limit or ""))
    if not lines:
        return found
    left = LookupModule(loader=loader).run(lines, {"groups": groups})
    return [host for host in found if host in left]


def _parts_of(pattern: Any) -> list[str]:
    """The parts of a pattern of hosts, which a comma or a colon separates."""
    if isinstance(pattern, list):
        return [part for one in pattern for part in _parts_of(one)]
    text = str(pattern)
    parts = text.split(",") if "," in text or _is_address(text) else _PART.findall(text)
    return [part.strip() for part in parts if part.strip()]


def _is_address(text: str) -> bool:
    """Whether its colons are those of an IPv6 address."""
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _lines_of(limit: str) -> Iterator[str]:
    """The parts of C(--limit), of which each that begins with @ names a file of hosts."""
    for part in _parts_of(limit):
        yield from filter(None, Path(part[1:]).read_text().splitlines()) if part.startswith("@") else (part,)


def application_hosts(loader: Any, pattern: Any, task_vars: Mapping[str, Any], strict: bool) -> list[str]:
    """The names; raises InvalidInput if a part of the pattern matches no host, or if --limit leaves one out.

    Without C(strict), which is for runs that touch no application, no host at all is fine.
    """
    groups, limit = task_vars["groups"], task_vars.get("ansible_limit")
    found = inventory_hosts(loader, groups, pattern)
    if not found and not strict:
        return []
    shown = ",".join(map(str, pattern)) if isinstance(pattern, list) else str(pattern)
    nobody = [one for one in _parts_of(pattern) if not inventory_hosts(loader, groups, one.lstrip("!&"))]
    if nobody or not found:
        raise InvalidInput(
            f"application.hosts is {shown}, and no host of the inventory matches {', '.join(nobody) or shown}. Nothing was "
            "changed. Check the inventory (-i) and the pattern."
        )
    left = inventory_hosts(loader, groups, pattern, limit)
    missing = [host for host in found if host not in left]
    if missing and strict:
        raise InvalidInput(
            f"--limit {limit} leaves out {', '.join(missing)} of application.hosts, and a migration is complete only with "
            "each of its hosts. Nothing was changed. Leave --limit out. To migrate a part of the hosts, name that part: "
            "-e application_hosts=PATTERN."
        )
    return found
