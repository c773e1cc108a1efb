# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook of the collection was given: a name that nothing reads may be the one that a gate depends on; pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from .._cql.identifier import close_matches
from .._errors import InvalidInput

_FILE = ("migration_file", "migration_connection")
_HOST = (*_FILE, "migration_hosts")
# The variables that each playbook reads.
VARIABLES = {
    "migrate": (*_HOST, "approved_plan"),
    "plan": (*_HOST, "plan_file"),
    "verify": _HOST,
    "drift": (*_HOST, "migration_files", "drift_junit", "drift_json"),
    "rollback": (*_HOST, "rollback_confirm", "approved_plan"),
    "render_cql": ("migration_file", "migration_hosts", "render_cql_path", "render_cql_release_version"),
    "fleet": (
        *_FILE,
        *("fleet_hosts", "fleet_serial", "fleet_max_fail_percentage", "fleet_page"),
        "approved_plan",
    ),
}
_KNOWN = sorted({name for names in VARIABLES.values() for name in names})
# What one playbook reads instead of what another one does.
_INSTEAD = {
    "plan_file": "approved_plan",
    "approved_plan": "plan_file",
    "migration_hosts": "fleet_hosts",
    "fleet_hosts": "migration_hosts",
    "migration_files": "migration_file",
}
# Letters that are missing, doubled or in the wrong order are above it, another word in the name is below.
_SIMILAR = 0.9


def check_names(playbook: str, given: Collection[str]) -> None:
    """Raise InvalidInput for a variable of the command line that was meant to be another one.

    Without its approved plan a run would change what nobody approved, and without its hosts it would change all clusters.
    """
    reads = VARIABLES[playbook]
    for name in given:
        meant = _INSTEAD.get(name)
        if name in _KNOWN:
            if name not in reads and meant in reads and meant not in given:
                raise InvalidInput(f"The playbook {playbook} does not read {name}. Did you mean {meant}?")
            continue
        nearest = close_matches(name, _KNOWN)[0]
        if difflib.SequenceMatcher(None, name.lower(), nearest).ratio() >= _SIMILAR:
            raise InvalidInput(f"No playbook of this collection reads {name}. Did you mean {nearest}?")


def hosts_variable(playbook: str) -> tuple[str, str]:
    """The variable that names the hosts of a playbook, and what counts without it."""
    return ("fleet_hosts", "all") if playbook == "fleet" else ("migration_hosts", "localhost")


def check_hosts(playbook: str, pattern: str, hosts: Sequence[str], limited: Sequence[str], limit: str | None) -> str:
    """What a person should know of the hosts of a play, or nothing; raises InvalidInput where it would have none.

    C(hosts) are those of the inventory that C(pattern) names, C(limited) those of them that C(limit) leaves.
    """
    variable, _default = hosts_variable(playbook)
    if not hosts:
        raise InvalidInput(
            f"Nothing was done: no host of the inventory matches {pattern}. Check the inventory (-i) and {variable}."
        )
    if not limited:
        raise InvalidInput(
            f"Nothing was done: --limit {limit} leaves no host of {pattern}. {variable} says which hosts the playbook takes."
        )
    if playbook in ("fleet", "drift") or len(limited) == 1:
        return ""
    return (
        f"migration_hosts is {pattern}, which is {len(limited)} hosts. The playbook {playbook} works once, from {limited[0]}."
        " To migrate each of them as a cluster, use the playbook fleet."
    )
