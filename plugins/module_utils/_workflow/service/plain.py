# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows which are plain commands: each in a session of its own, known by a pid file, stopped as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from ..._errors import InvalidInput, Refused
from . import procfs
from .model import Argv, NotBack, Observation, Workflow
from .pid_file import recorded_family, recorded_leader, runs, write_pid_file

# In the environment of what is started here: which pid file names it. Two workers may run the very same command.
_MARK = "WORKFLOW_PID_FILE"
_POLL = 0.05
_AFTER_KILL = 10.0


def restart(workflow: Workflow) -> tuple[Argv, ...]:
    """The command which is started; stopping the old one needs none."""
    return (tuple(workflow.options["argv"]),)


def observe(workflow: Workflow, _run: object) -> Observation:
    """What the pid file leads to."""
    leader = recorded_leader(workflow)
    if not leader:
        return Observation(False, final=True, text="no process")
    return Observation(True, f"{leader.pid} {leader.ticks}", procfs.started_at(leader), text=f"process {leader.pid}")


def logs(_workflow: Workflow, _seen: Observation) -> tuple[Argv, ...]:
    """No command: the log is a file."""
    return ()


def check(workflow: Workflow) -> None:
    """Raise InvalidInput where there is no place for its files, Refused where a copy runs which nobody knows of."""
    for path in (workflow.options["pid_file"], workflow.log_file):
        if path and not os.path.isdir(os.path.dirname(path)):
            raise InvalidInput(f"{workflow.name}: there is no directory for {path} on this host.")
    strangers = set() if recorded_family(workflow) else _strangers(workflow)
    if strangers:
        raise Refused(
            f"{workflow.name} runs already, as {_numbered(strangers)}, and {workflow.options['pid_file']} does not "
            "name it: a second one is not started. Write the number of its first process into that file, or stop it."
        )


def stop(workflow: Workflow) -> None:
    """Stop the old process with its whole group and session: SIGTERM, and after the grace SIGKILL."""
    number = recorded_family(workflow)
    told: set[procfs.Process] = set()
    deadline = time.monotonic() + workflow.options["grace"]
    while number:
        # Those who have lost their parent since they were told still count.
        family = _family(number) | {process for process in told if _alive(process)}
        overdue = time.monotonic() - deadline
        if not family:
            return
        if overdue > _AFTER_KILL:
            raise NotBack(f"{workflow.name} does not stop, not even by SIGKILL; what is left: {_numbered(family)}.")
        for process in family if overdue > 0 else family - told:
            _signal(process, signal.SIGKILL if overdue > 0 else signal.SIGTERM)
        told |= family
        time.sleep(_POLL)


def start(workflow: Workflow) -> None:
    """Start the command and write the pid file; raises NotBack if it cannot be executed."""
    options = workflow.options
    try:
        with open(workflow.log_file or os.devnull, "ab") as log:
            process = subprocess.Popen(
                options["argv"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=options["chdir"],
                env={**os.environ, **options["environment"], _MARK: options["pid_file"]},
                # Its own session: it outlives this play, and is stopped as a whole.
                start_new_session=True,
            )
    except OSError as error:
        raise NotBack(f"{workflow.name} cannot be started: {error}.") from error
    write_pid_file(workflow, process.pid)


def _strangers(workflow: Workflow) -> set[procfs.Process]:
    """What runs the same command in the same directory, and is not known by another pid file."""
    options = workflow.options
    argv, place = tuple(options["argv"]), os.path.realpath(options["chdir"])
    return {
        process
        for process in procfs.all_processes()
        if runs(procfs.command_line(process.pid), argv)
        and procfs.working_directory(process.pid) == place
        and procfs.environment(process.pid).get(_MARK, options["pid_file"]) == options["pid_file"]
    }


def _family(number: int) -> set[procfs.Process]:
    """The process, its group, its session, and all who descend from them."""
    everyone = list(procfs.all_processes())
    family = {one for one in everyone if number in (one.pid, one.group, one.session)}
    while True:
        parents = {member.pid for member in family}
        children = {one for one in everyone if one.parent in parents} - family
        if not children:
            return family
        family |= children


def _alive(process: procfs.Process) -> bool:
    return procfs.read_process(process.pid) == process


def _signal(process: procfs.Process, number: signal.Signals) -> None:
    if _alive(process):
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def _numbered(processes: set[procfs.Process]) -> str:
    return "process " + ", ".join(str(process.pid) for process in sorted(processes, key=lambda one: one.ticks))
