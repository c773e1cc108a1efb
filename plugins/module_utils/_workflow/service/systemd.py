# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows which are units of systemd."""

from __future__ import annotations

import time

from .command import Run
from .model import Argv, ManagerSilent, Observation, Workflow, WorkflowUnknown

_PROPERTIES = "LoadState,ActiveState,SubState,Result,InvocationID,ExecMainStartTimestampMonotonic"


def restart(workflow: Workflow) -> tuple[Argv, ...]:
    """How the unit is restarted. For a unit which ends by itself systemctl would wait until it has ended."""
    no_wait = ("--no-block",) if workflow.one_shot else ()
    return ((*_systemctl(workflow), "restart", *no_wait, workflow.options["unit"]),)


def observe(workflow: Workflow, run: Run) -> Observation:
    """The unit as systemd sees it; raises ManagerSilent or WorkflowUnknown."""
    done = run((*_systemctl(workflow), "show", f"--property={_PROPERTIES}", workflow.options["unit"]), workflow.timeout)
    if done.rc:
        raise ManagerSilent(f"systemd cannot be asked about {workflow.name}: {done.words}")
    return read_properties(workflow, dict(line.split("=", 1) for line in done.out.splitlines() if "=" in line))


def read_properties(workflow: Workflow, found: dict[str, str]) -> Observation:
    """The observation in what C(systemctl show) says; raises WorkflowUnknown."""
    if found.get("LoadState") != "loaded":
        unit, state = workflow.options["unit"], found.get("LoadState", "unknown")
        raise WorkflowUnknown(f"systemd has no usable unit {unit} for {workflow.name}: it is {state}.")
    state = found["ActiveState"]
    microseconds = int(found.get("ExecMainStartTimestampMonotonic") or 0)
    return Observation(
        running=state in ("active", "reloading"),
        identity=found.get("InvocationID", ""),
        started=time.time() - time.monotonic() + microseconds / 1e6 if microseconds else None,
        final=state in ("failed", "inactive"),
        text=f"{state} ({found['SubState']}), result: {found['Result']}",
    )


def logs(workflow: Workflow, _seen: Observation) -> tuple[Argv, ...]:
    """What shows the last lines of the unit's log."""
    unit = ("--user-unit" if workflow.options["scope"] == "user" else "--unit", workflow.options["unit"])
    return (("journalctl", "--quiet", "--no-pager", "--output=cat", f"--lines={workflow.log_lines}", *unit),)


def _systemctl(workflow: Workflow) -> Argv:
    return ("systemctl", "--user") if workflow.options["scope"] == "user" else ("systemctl",)
