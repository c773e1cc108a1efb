# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow: look, decide, restart; one workflow after the other, and none after one which fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from subprocess import TimeoutExpired
from types import ModuleType
from typing import Any

from ..._errors import Failure, InvalidInput
from ..._runner import ModuleApi
from . import docker_compose, plain, supervisord, systemd
from .comeback import restart_and_wait
from .command import run_command
from .decide import Wanted, reason_to_leave, reason_to_restart
from .model import MANUAL, ManagerSilent, Observation, Outcome, Workflow, read_workflows

_MANAGERS: Mapping[str, ModuleType] = {
    "systemd": systemd,
    "supervisord": supervisord,
    "docker_compose": docker_compose,
    "command": plain,
}


def restart_workflows(params: Mapping[str, Any], check: bool, host: ModuleApi) -> dict[str, Any]:
    """The outcome of each workflow; raises the first failure, with the outcomes so far and who was not reached."""
    workflows = read_workflows(params["workflows"])
    wanted = Wanted(params["restart"], _changed_at(params["watch"]))
    outcomes: list[Outcome] = []
    for place, workflow in enumerate(workflows):
        try:
            outcomes.append(_ensure(workflow, wanted, check, host.warn))
        except Failure as error:
            reason, log = error.facts.pop("reason", error.message), error.facts.pop("log", ())
            failed = Outcome(workflow.name, workflow.manager, "failed", reason, log=log)
            rest = [Outcome(one.name, one.manager, "not_reached") for one in workflows[place + 1 :]]
            error.facts.update(_result([*outcomes, failed, *rest]))
            raise
    return _result(outcomes)


def _result(outcomes: list[Outcome]) -> dict[str, Any]:
    return {
        "changed": any(outcome.status in ("restarted", "would_restart") for outcome in outcomes),
        "workflows": [outcome.as_result() for outcome in outcomes],
        "notices": [f"Restart {one.name} by hand: {one.reason}" for one in outcomes if one.status == MANUAL],
    }


def _changed_at(paths: list[str]) -> dict[str, float]:
    """When each file last changed on this host: the change time, which no copy or unpacking sets back."""
    try:
        return {path: os.stat(path).st_ctime for path in paths}
    except OSError as error:
        raise InvalidInput(f"{error.filename} is to be watched, but cannot be read: {error.strerror}.") from error


def _ensure(workflow: Workflow, wanted: Wanted, check: bool, warn: Callable[[str], None]) -> Outcome:
    outcome = Outcome(workflow.name, workflow.manager, "unchanged")
    if not workflow.enabled:
        return replace(outcome, status="skipped", reason="it is not enabled")
    if workflow.manager == MANUAL:
        return _by_hand(workflow, outcome, wanted)
    manager = _MANAGERS[workflow.manager]
    seen = _look(workflow, manager, check and wanted.restart, warn)
    reason = reason_to_restart(workflow, seen, wanted)
    if not reason:
        return replace(outcome, reason=reason_to_leave(seen, wanted))
    if manager is plain:
        plain.check(workflow)
    outcome = replace(outcome, reason=reason, commands=manager.restart(workflow))
    if check:
        return replace(outcome, status="would_restart")
    return replace(outcome, status="restarted", seconds=restart_and_wait(workflow, manager, seen))


def _by_hand(workflow: Workflow, outcome: Outcome, wanted: Wanted) -> Outcome:
    if not wanted.restart:
        return replace(outcome, reason="nothing asks for a restart; whether it was restarted by hand is not known here")
    return replace(outcome, status=MANUAL, reason=workflow.instructions or "its platform has no interface for it.")


def _look(workflow: Workflow, manager: ModuleType, planning: bool, warn: Callable[[str], None]) -> Observation:
    """What is seen of the workflow; where only a restart is planned, a manager which is silent here is a warning."""
    try:
        seen: Observation = manager.observe(workflow, run_command)
    except ManagerSilent as error:
        if not planning:
            raise
        warn(f"{error.message.rstrip('.')}. A real run would fail here.")
        return Observation(running=False, text="unknown")
    except TimeoutExpired as error:
        raise ManagerSilent(f"{workflow.manager} does not answer about {workflow.name}: {error}.") from error
    return seen
