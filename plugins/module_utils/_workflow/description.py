# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people write about a workflow, checked and completed: pure, before anything is asked or touched."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._errors import InvalidInput
from .queries import log_command, query
from .snapshot import snapshot_command

MANUAL = "manual"
_ISO = "%Y-%m-%dT%H:%M:%S.%f%z"
# The one place of the defaults; a test compares them with the argument_specs of the role.
DEFAULTS: Mapping[str, Any] = {
    "enabled": True,
    "one_shot": False,
    "reload": False,
    "timeout": 60,
    "watch": [],
    "check_argv": [],
    "chdir": "/",
    "environment": {},
    "environment_file": "",
    "log_file": "",
    "log_lines": 20,
    "instructions": "",
    "scope": "system",
    "config": "",
    "supervisorctl": "supervisorctl",
    "files": [],
    "build": True,
    "docker": "docker",
    "argv": [],
    "pid_file": "",
}
READY_DEFAULTS: Mapping[str, Any] = {
    "url": "",
    "status": [200],
    "headers": {},
    "validate_certs": True,
    "host": "127.0.0.1",
    "port": 0,
    "argv": [],
    "stable_for": 2,
}
_REQUIRED: Mapping[str, Sequence[str]] = {
    "systemd": ("unit",),
    "supervisord": ("program",),
    "docker_compose": ("service", "project_dir"),
    "command": ("argv",),
    MANUAL: (),
}
_INTERPRETER = re.compile(r"((ba|da|k|z)?sh|python[0-9.]*|perl|ruby|node)\Z")
# The reason of a failure may stand long before the end.
_LOG_READ = 400
MODULE_OF_MANAGER: Mapping[str, str] = {
    "supervisord": "community.general.supervisorctl",
    "docker_compose": "community.docker.docker_compose_v2",
}


def describe(items: Sequence[Mapping[str, Any]], watch: Sequence[str]) -> list[dict[str, Any]]:
    """The workflows with their defaults; raises InvalidInput where one cannot be right."""
    workflows = [_complete(item, watch) for item in items]
    names = [workflow["name"] for workflow in workflows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"Each workflow needs a name of its own; more than one is called: {', '.join(twice)}.")
    for workflow in workflows:
        if workflow["enabled"]:
            _check(workflow)
    return [{**workflow, **_commands(workflow)} for workflow in workflows]


def read_done(given: Any, names: Sequence[str]) -> list[str]:
    """The names that a person has confirmed; a text from the command line holds several with commas. Raises InvalidInput."""
    parts = given.strip("[] ").split(",") if isinstance(given, str) else given
    done = [str(part).strip(" '\"") for part in parts if str(part).strip()]
    unknown = [name for name in done if name not in names]
    if unknown:
        known = ", ".join(names) or "none"
        raise InvalidInput(
            f"workflows_done names {', '.join(unknown)}, which is no workflow. The workflows are: {known}."
        )
    return done


def _complete(item: Mapping[str, Any], watch: Sequence[str]) -> dict[str, Any]:
    given = {key: value for key, value in item.items() if value is not None}
    workflow = {**DEFAULTS, **given}
    ready = {key: value for key, value in (given.get("ready") or {}).items() if value is not None}
    workflow["ready"] = {**READY_DEFAULTS, **ready}
    workflow["watch"] = [*dict.fromkeys([*watch, *workflow["watch"]])]
    for flag in ("enabled", "one_shot", "reload", "build"):
        workflow[flag] = _truth(workflow[flag])
    workflow["ready"]["validate_certs"] = _truth(workflow["ready"]["validate_certs"])
    for number in ("timeout", "log_lines"):
        workflow[number] = float(workflow[number]) if number == "timeout" else int(workflow[number])
    workflow["ready"]["stable_for"] = float(workflow["ready"]["stable_for"])
    workflow["probes"] = [probe for probe in ("port", "url", "argv") if workflow["ready"][probe]]
    # What nobody but this role remembers about it is kept under this name.
    workflow["key"] = " ".join([workflow["name"], *workflow["watch"]])
    return workflow


def read_changes(changes: Mapping[str, Any]) -> dict[str, float]:
    """The times of changes in seconds since 1970, from ISO 8601 with its offset; raises InvalidInput."""
    try:
        return {name: datetime.strptime(str(time), _ISO).timestamp() for name, time in changes.items()}
    except ValueError as error:
        raise InvalidInput(
            f"A time of workflows_changes is not like 2026-11-26T07:52:21.574+00:00: {error}."
        ) from error


def programs(argv: Sequence[str]) -> list[str]:
    """What has to be there to run a command: C(x:) and the program, C(r:) and the script that it interprets."""
    if not argv:
        return []
    interprets = len(argv) > 1 and _INTERPRETER.match(argv[0].rpartition("/")[2]) and not argv[1].startswith("-")
    return [f"x:{argv[0]}", *([f"r:{argv[1]}"] if interprets else [])]


def _commands(workflow: Mapping[str, Any]) -> dict[str, list[str]]:
    """The commands that read its state now and after the time in which it has to stay up, and the end of its log."""
    if not workflow["enabled"]:
        return {"read": [], "read_later": [], "log": []}
    stable_for = workflow["ready"]["stable_for"]
    read, later = ([*snapshot_command(seconds, workflow["pid_file"]), *query(workflow)] for seconds in (0, stable_for))
    return {"read": read, "read_later": later, "log": log_command(workflow, _LOG_READ)}


def _check(workflow: Mapping[str, Any]) -> None:
    name, manager = workflow["name"], workflow["manager"]
    if manager not in _REQUIRED:
        raise InvalidInput(f"{name}: the manager {manager} is unknown; it can be {', '.join(_REQUIRED)}.")
    signaled = manager == "command" and workflow["reload"] and workflow["pid_file"]
    absent = [option for option in _REQUIRED[manager] if not workflow.get(option) and not signaled]
    if absent:
        raise InvalidInput(f"{name}: the manager {manager} needs {' and '.join(absent)}.")
    if workflow["reload"] and (workflow["one_shot"] or manager == "docker_compose"):
        raise InvalidInput(f"{name}: reload is for a program that keeps running and is told to replace its workers.")
    if workflow["one_shot"] and workflow["probes"]:
        raise InvalidInput(f"{name}: a one_shot workflow ends by itself, so it has no ready.")


def missing_collection(workflow: Mapping[str, Any], installed: Callable[[str], bool]) -> str:
    """A sentence where the controller does not have the module that the manager needs, or an empty text."""
    module = MODULE_OF_MANAGER.get(workflow["manager"], "")
    if not workflow["enabled"] or not module or installed(module):
        return ""
    collection = module.rpartition(".")[0]
    return (
        f"the manager {workflow['manager']} needs the collection {collection}, which is not installed on the controller: "
        f"ansible-galaxy collection install {collection}"
    )


def _truth(value: Any) -> bool:
    return value.strip().lower() in ("yes", "on", "1", "true", "y", "t") if isinstance(value, str) else bool(value)
