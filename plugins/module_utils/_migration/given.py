# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate before a play: what was asked on the command line is done, or refused with the right way to ask it; pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from .._clean import one_line
from .._cql.identifier import close_matches
from .._errors import InvalidInput
from .definition import KEYS
from .shape import with_aliases

_FILE = ("migration_file", "migration_connection", "report_file")
_HOST = (*_FILE, "migration_hosts", "application_hosts")
# The variables that each playbook reads.
VARIABLES = {
    "migrate": (*_HOST, "approved_plan"),
    "plan": (*_HOST, "plan_file", "plan_folder"),
    "verify": _HOST,
    "drift": (*_HOST, "migration_files", "drift_junit", "drift_model_keyspace"),
    "rollback": (*_HOST, "rollback_confirm", "rollback_all_listed", "approved_plan"),
    "render_cql": (*_HOST, "render_cql_path", "render_cql_release_version"),
    "draft": (
        *("migration_connection", "report_file", "migration_hosts"),
        *("draft_models", "draft_keyspace", "draft_file"),
    ),
    "fleet": (
        *_FILE,
        *("fleet_hosts", "fleet_serial", "fleet_max_fail_percentage", "fleet_page"),
        *("approved_plan", "approved_plans"),
    ),
}
_KNOWN = sorted({name for names in VARIABLES.values() for name in names})
# What belongs to ansible-playbook itself.
_OPTIONS_OF_ANSIBLE = {"check": "check", "check_mode": "check", "dry_run": "check", "diff": "diff", "limit": "limit"}
# Letters that are missing, doubled or in the wrong order are above it, another word in the name is below.
_SIMILAR = 0.9
# Tags with which a play without tags does what it does without them.
_HARMLESS_TAGS = {"all", "untagged"}


def check_names(
    playbook: str, given: Mapping[str, Any], options: Mapping[str, Any], connection: Mapping[str, Any], text: str = ""
) -> None:
    """Raise InvalidInput for a variable of the command line that nothing reads, although something was meant by it.

    Without its approved plan a run would change what nobody approved, without its hosts all clusters, and without its
    C(login_host) another cluster. C(text) is that of the migration file: what its templates use is read. C(options) and
    C(connection) are the argument specs of C(cassandra_column).
    """
    _check_whole_file(given)
    if "_raw_params" in given:
        raise InvalidInput(
            "A text after -e is no variable. Write the name, the sign = and the value without spaces between them, such as "
            "-e migration_file=shipped_at.yml."
        )
    reads = VARIABLES[playbook]
    places = _places(options, connection)
    for name in given:
        if name in reads or (name not in _KNOWN and _uses(text, name)):
            continue
        if name in _KNOWN:
            raise InvalidInput(f"The playbook {playbook} does not read {name}. It reads: {', '.join(reads)}.")
        if f"{playbook}_{name}" in reads:
            raise InvalidInput(f"The playbook {playbook} does not read {name}. Did you mean {playbook}_{name}?")
        if name in places:
            raise InvalidInput(f"No playbook of this collection reads {name} as a variable. {places[name]}")
        similar = close_matches(name, _KNOWN)[0]
        if difflib.SequenceMatcher(None, name.lower(), similar).ratio() >= _SIMILAR:
            raise InvalidInput(f"No playbook of this collection reads {name}. Did you mean {similar}?")


def check_inventory(missing: Collection[str]) -> None:
    """Raise InvalidInput for inventories of the command line that are not there: without its hosts a run goes elsewhere."""
    if missing:
        raise InvalidInput(
            f"Nothing was done: there is no inventory {', '.join(missing)}. Correct -i, or leave it out to run from this host."
        )


def check_options(tags: Collection[str], skip_tags: Collection[str], start_at_task: str | None) -> None:
    """Raise InvalidInput if the options of ansible-playbook leave no task of a play without tags, or a part of them."""
    if start_at_task:
        raise InvalidInput(
            "--start-at-task would skip the tasks that read the migration file. Run the playbook without it: it continues "
            "from where the last run ended."
        )
    if not _HARMLESS_TAGS & set(tags):
        raise InvalidInput(
            f"Nothing was done: no task of this playbook has a tag, so --tags {','.join(sorted(tags))} leaves none. "
            "Leave --tags out."
        )
    if _HARMLESS_TAGS & set(skip_tags):
        raise InvalidInput(f"Nothing was done: --skip-tags {','.join(sorted(skip_tags))} leaves no task. Leave it out.")


_INPUTS = ("migration_file", "approved_plan")
OUTPUTS = ("plan_file", "plan_folder", "report_file", "fleet_page", "drift_junit", "draft_file", "render_cql_path")
FILES = (*_INPUTS, *OUTPUTS)


def check_files(paths: Mapping[str, str]) -> None:
    """Raise InvalidInput if a file that the run writes is also one that it reads or writes otherwise.

    C(paths) are the absolute paths of variables that name files.
    """
    named: dict[str, str] = {}
    for name in filter(paths.__contains__, FILES):
        other = named.setdefault(paths[name], name)
        if other != name and name in OUTPUTS:
            raise InvalidInput(
                f"{name} and {other} both name {paths[name]}, and the run would overwrite it. Give {name} another name. "
                "Nothing was changed."
            )


def hosts_variable(playbook: str) -> tuple[str, str]:
    """The variable that names the hosts of a playbook, and what counts without it."""
    return ("fleet_hosts", "all") if playbook == "fleet" else ("migration_hosts", "localhost")


def check_hosts(
    playbook: str, pattern: str, hosts: Sequence[str], limited: Sequence[str], limit: str | None, many: bool
) -> None:
    """Raise InvalidInput if a play would have no host, or several that it cannot tell apart.

    C(hosts) are those of the inventory that C(pattern) names, C(limited) those of them that C(limit) leaves; C(many) says
    that a plan of each of them is asked for.
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
    if len(limited) == 1 or playbook in ("fleet", "drift") or many:
        return
    raise InvalidInput(
        f"Nothing was done: migration_hosts is {pattern}, which is {len(limited)} hosts, and the playbook {playbook} works "
        "for one. Name one of them, or take each of them as a cluster: with the playbook fleet, or with the playbook plan and "
        "-e plan_folder=DIR."
    )


def _check_whole_file(given: Mapping[str, Any]) -> None:
    """Raise InvalidInput if the keys of a migration file came as variables, as C(-e @FILE) makes them."""
    keys = [key for key in given if key in KEYS]
    if {"columns", "tables"} & set(keys) and ("keyspace" in keys or "table" in keys) and "migration_file" not in given:
        raise InvalidInput(
            f"The keys of a migration file came as variables ({', '.join(map(one_line, keys))}). Instead of -e @FILE, give the "
            "name of the file: -e migration_file=FILE."
        )


def _places(options: Mapping[str, Any], connection: Mapping[str, Any]) -> dict[str, str]:
    """Where a name belongs that is no variable."""
    file = "It belongs to the migration file"
    return {
        **{key: f"{file}, as the key {key}." for key in KEYS},
        **{name: f"{file}, as options: {{{name}: ...}}." for name in with_aliases(options) if name not in KEYS},
        **{name: f"{file}, as connection: {{{name}: ...}}." for name in with_aliases(connection)},
        **{name: _environment(name, option) for option, names in _fallbacks(connection) for name in names},
        **{name: f"It is an option of ansible-playbook: --{option}." for name, option in _OPTIONS_OF_ANSIBLE.items()},
    }


def _fallbacks(spec: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """The options that an environment variable gives, with its names."""
    return ((name, option["fallback"][1]) for name, option in spec.items() if "fallback" in option)


def _environment(name: str, option: str) -> str:
    return f"It is an environment variable: write it before the command, as {name}=... ansible-playbook ..., or give {option}."


def _uses(text: str, name: str) -> bool:
    """Whether a template of the migration file uses the variable."""
    templates = re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text, re.DOTALL)
    return any(re.search(rf"\b{re.escape(name)}\b", template) for template in templates)
