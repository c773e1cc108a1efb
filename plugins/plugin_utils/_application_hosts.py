# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The hosts of an application, by their pattern: each of them is one of the inventory, and none is left out by --limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._errors import InvalidInput
from ._ansible_core import inventory_hosts, patterns_of


def application_hosts(loader: Any, pattern: Any, task_vars: Mapping[str, Any], strict: bool) -> list[str]:
    """The names; raises InvalidInput if a part of the pattern matches no host, or if --limit leaves one out.

    Without C(strict), which is for runs that touch no application, no host at all is fine.
    """
    groups, limit = task_vars["groups"], task_vars.get("ansible_limit")
    found = inventory_hosts(loader, groups, pattern, None)
    if not found and not strict:
        return []
    shown = ",".join(map(str, pattern)) if isinstance(pattern, list) else str(pattern)
    nobody = [one for one in patterns_of(pattern) if not inventory_hosts(loader, groups, one.lstrip("!&"), None)]
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
