# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application on many hosts: what is asked of each of them, and in which order they are taken; pure.

The migration file is rendered for each host with its variables. A test whose address is the same for all of them is a test
of the whole application, and so are the queries: they follow once, after the last host.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from .._errors import InvalidInput
from .._http.target import read_target
from .checks import canary_checks
from .definition import Definition
from .shape import shape

# The sections of a migration file that differ from host to host.
SECTIONS = ("application", "model_fields", "services", "smoke_tests")
_SERIAL = re.compile(r"([1-9]\d*)(%?)")


def read_pattern(section: Mapping[str, Any], given: Any, touches: bool) -> Any:
    """The pattern of the hosts of the application, None if it is where the run is; raises InvalidInput.

    C(section) is what the file says of them, C(given) what the run passes in its place, and C(touches) whether the run asks or
    changes the application.
    """
    named = {"application.hosts": section["hosts"]} if "hosts" in section else {}
    named |= {} if given is None else {"application_hosts": given}
    for name, pattern in named.items():
        if not (isinstance(pattern, list) and pattern) and not (isinstance(pattern, str) and pattern.strip()):
            raise InvalidInput(
                f"'{name}' is a pattern of the inventory, such as web, and it is {shape(pattern)}. Nothing was changed."
            )
    if touches and not named and "serial" in section:
        raise InvalidInput(
            "'application.serial' is for an application on many hosts. Add application.hosts, a pattern of the inventory, or "
            "pass -e application_hosts=PATTERN. Nothing was changed."
        )
    return list(named.values())[-1] if named else None


def make_batches(hosts: Sequence[str], serial: Any) -> list[list[str]]:
    """The hosts in the order in which they are taken, as Ansible's keyword C(serial) forms batches; raises InvalidInput."""
    sizes = [_size(one, len(hosts)) for one in (serial if isinstance(serial, list) and serial else [serial])]
    left = list(hosts)
    batches: list[list[str]] = []
    while left:
        size = sizes[min(len(batches), len(sizes) - 1)]
        batches.append(left[:size])
        left = left[size:]
    return batches


def _size(serial: Any, count: int) -> int:
    match = _SERIAL.fullmatch(str(serial).strip())
    if not match:
        raise InvalidInput(
            "'application.serial' is a number of hosts, such as 1, a percentage of them, such as 30%, or a list of these."
        )
    number = int(match[1])
    return max(1, number * count // 100) if match[2] else number


def open_hosts(batches: Sequence[Sequence[str]], failed: Collection[str]) -> list[str]:
    """The hosts that may be taken: those of all batches up to the first one that has a failure."""
    found: list[str] = []
    for batch in batches:
        found += batch
        if set(batch) & set(failed):
            break
    return found


def split(definitions: Mapping[str, Definition]) -> dict[str, Any]:
    """The C(steps) and C(roles) that are taken once, and those of each of the C(hosts), by what the file says for each host."""
    first = next(iter(definitions.values()))
    tests = {host: one.roles["smoke_tests"] for host, one in definitions.items()}
    shared = [entry for entry in _addresses(first.roles["smoke_tests"]) if _is_shared(entry, tests.values())]
    whole = _part(first.roles["smoke_tests"], shared, True)
    queries = [entry for section in tests.values() for entry in section["data"] or []]
    whole["data"] = [entry for number, entry in enumerate(queries) if entry not in queries[:number]]
    hosts, services = {}, {host: _service_names(one.roles["services"]) for host, one in definitions.items()}
    everywhere = set().union(*services.values())
    for host, one in definitions.items():
        own = _part(tests[host], shared, False)
        steps = [step for step in one.steps if step != "smoke_tests" or own["http"] or own["canary"]]
        restarted = _confirmed(one.roles["services"], everywhere - services[host])
        hosts[host] = {"steps": steps, "roles": {**one.roles, "services": restarted, "smoke_tests": own}}
    asks = any(whole[key] for key in ("http", "data", "canary"))
    return {
        "steps": ["smoke_tests"] if asks and "smoke_tests" in first.steps else [],
        "roles": {**first.roles, "smoke_tests": whole},
        "hosts": hosts,
    }


def _service_names(section: Mapping[str, Any]) -> set[str]:
    return {str(entry.get("name")) for entry in section.get("list") or []}


def _confirmed(section: Mapping[str, Any], others: Collection[str]) -> dict[str, Any]:
    """The section without the confirmed services that only other hosts have: one run confirms those of all of them."""
    given = section.get("confirmed") or []
    names = [name.strip() for name in (given.split(",") if isinstance(given, str) else map(str, given))]
    return {**section, **({"confirmed": [name for name in names if name not in others]} if names else {})}


def _part(section: Mapping[str, Any], shared: Sequence[Any], is_whole: bool) -> dict[str, Any]:
    """The requests of a section whose address is shared, or those of the host."""
    http = [entry for entry in section["http"] or [] if (_resolved(entry, section) in shared) is is_whole]
    takes_canary = any((_resolved(entry, section) in shared) is is_whole for entry in canary_checks(section))
    return {**section, "http": http, "data": [], "canary": section["canary"] if takes_canary else {}}


def _addresses(section: Mapping[str, Any]) -> list[Any]:
    return [_resolved(entry, section) for entry in [*(section["http"] or []), *canary_checks(section)]]


def _resolved(entry: Mapping[str, Any], section: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with its whole address."""
    return {**entry, "url": read_target(str(entry["url"]), str(section.get("base_url") or ""), {}).url}


def _is_shared(entry: Mapping[str, Any], sections: Collection[Mapping[str, Any]]) -> bool:
    """Whether a test is that of the whole application: each host has it, and its address names no host by itself."""
    name = urlsplit(str(entry["url"])).hostname or ""
    is_own = name in ("localhost", "::1") or name.startswith("127.")
    return not is_own and all(entry in _addresses(section) for section in sections)
