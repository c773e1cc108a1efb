# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last lines a workflow wrote."""

from __future__ import annotations

import os
from subprocess import TimeoutExpired

from .command import Run
from .model import Argv, ManagerSilent, Workflow

_BYTES_A_LINE = 400


def log_size(workflow: Workflow) -> int:
    """How long the log file is: what a later run writes comes after it."""
    try:
        return os.path.getsize(workflow.log_file) if workflow.log_file else 0
    except OSError:
        return 0


def last_lines(workflow: Workflow, commands: tuple[Argv, ...], run: Run, since: int = 0) -> tuple[str, ...]:
    """The last lines of the log file, written since it had that size, or of what the commands of the manager show."""
    if workflow.log_file:
        return _file_lines(workflow, since)
    lines: list[str] = []
    for argv in commands:
        try:
            done = run(argv, workflow.timeout)
        except (ManagerSilent, TimeoutExpired) as error:
            lines.append(f"(no log: {error})")
            continue
        lines += _last(workflow, done.out)
    return tuple(lines)


def _file_lines(workflow: Workflow, since: int) -> tuple[str, ...]:
    path = workflow.log_file or ""
    try:
        with open(path, "rb") as log:
            size = log.seek(0, os.SEEK_END)
            # A log which is shorter than before was rotated.
            start = since if since <= size else 0
            log.seek(max(start, size - _BYTES_A_LINE * workflow.log_lines))
            text = log.read().decode(errors="replace")
    except OSError as error:
        return (f"(no log: {error})",)
    return tuple(_last(workflow, text))


def _last(workflow: Workflow, text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()][-workflow.log_lines :]
