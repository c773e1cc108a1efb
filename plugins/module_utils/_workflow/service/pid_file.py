# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pid file of a plain command: the number in the first line, and below it which run of that number is meant."""

from __future__ import annotations

import os
from pathlib import Path

from ..._errors import InvalidInput
from . import procfs
from .model import Argv, Workflow


def write_pid_file(workflow: Workflow, number: int) -> None:
    """Record the process."""
    path = workflow.options["pid_file"]
    process = procfs.read_process(number)
    # Renamed into place: whoever reads it never sees half of it.
    Path(f"{path}.new").write_text(f"{number}\n{procfs.boot_id()} {process.ticks if process else 0}\n")
    os.replace(f"{path}.new", path)


def recorded_leader(workflow: Workflow) -> procfs.Process | None:
    """The living process which the pid file means; a number alone is believed only if it runs this very command."""
    number, mark = _read(workflow)
    process = procfs.read_process(number) if number else None
    if not process:
        return None
    if mark:
        return process if mark == f"{procfs.boot_id()} {process.ticks}" else None
    return process if runs(procfs.command_line(number), tuple(workflow.options["argv"])) else None


def recorded_family(workflow: Workflow) -> int:
    """The number of the recorded process if it or anything of its session can still live, or 0."""
    number, mark = _read(workflow)
    if recorded_leader(workflow):
        return number
    # No number is given anew while a session bears it: if no process has it, what is left of the session is ours.
    return number if mark.startswith(procfs.boot_id()) and procfs.read_process(number) is None else 0


def runs(command_line: Argv, argv: Argv) -> bool:
    """Whether a process with this command line was started as argv, by itself or, for a script, by its interpreter."""
    return any(
        command_line[place + 1 :] == argv[1:] and os.path.basename(command_line[place]) == os.path.basename(argv[0])
        for place in range(min(2, len(command_line)))
    )


def _read(workflow: Workflow) -> tuple[int, str]:
    path = workflow.options["pid_file"]
    try:
        lines = Path(path).read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return 0, ""
    except OSError as error:
        raise InvalidInput(f"{path} of {workflow.name} cannot be read: {error.strerror}.") from error
    if not lines or not lines[0].strip().isdigit():
        raise InvalidInput(f"{path} of {workflow.name} holds no process number.")
    return int(lines[0]), lines[1] if len(lines) > 1 else ""
