# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows which are programs of supervisord, asked and told by its own C(supervisorctl)."""

from __future__ import annotations

import re

from . import procfs
from .command import Completed, Run
from .model import Argv, ManagerSilent, Observation, Workflow, WorkflowUnknown

_LINE = re.compile(r"^(\S+)\s+(STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)\s*(?:pid (\d+), )?(.*)$")


def restart(workflow: Workflow) -> tuple[Argv, ...]:
    """How the program, or all of a group (C(group:*)), is restarted."""
    return ((*_supervisorctl(workflow), "restart", workflow.options["program"]),)


def observe(workflow: Workflow, run: Run) -> Observation:
    """The program as supervisord sees it; raises ManagerSilent or WorkflowUnknown."""
    done = run((*_supervisorctl(workflow), "status", workflow.options["program"]), workflow.timeout)
    return read_status(workflow, done)


def read_status(workflow: Workflow, done: Completed) -> Observation:
    """The observation in what C(supervisorctl status) says; raises ManagerSilent or WorkflowUnknown."""
    found = [match.groups() for match in map(_LINE.match, done.out.splitlines()) if match]
    if "no such process" in done.words or "no such group" in done.words:
        raise WorkflowUnknown(f"supervisord has no program {workflow.options['program']} for {workflow.name}.")
    if not found:
        raise ManagerSilent(f"supervisord cannot be asked about {workflow.name}: {done.words}")
    states = {state for _name, state, _pid, _text in found}
    pids = [int(pid) for _name, _state, pid, _text in found if pid]
    processes = [process for process in map(procfs.read_process, pids) if process]
    return Observation(
        running=states == {"RUNNING"},
        identity=" ".join(map(str, sorted(pids))),
        # The oldest counts: it is the first to run old code.
        started=min(map(procfs.started_at, processes)) if len(processes) == len(found) else None,
        final="FATAL" in states,
        text="; ".join(f"{name} {state} {text}".strip() for name, state, _pid, text in found),
    )


def logs(workflow: Workflow, seen: Observation) -> tuple[Argv, ...]:
    """What shows the last lines of both logs of each of the programs."""
    programs = [part.split(" ", 1)[0] for part in seen.text.split("; ")] if seen.text else [workflow.options["program"]]
    tail = (*_supervisorctl(workflow), "tail", f"-{200 * workflow.log_lines}")
    return tuple((*tail, program, stream) for program in programs for stream in ("stdout", "stderr"))


def _supervisorctl(workflow: Workflow) -> Argv:
    config = workflow.options["config"]
    return (workflow.options["supervisorctl"], *(("-c", config) if config else ()))
