# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes as Linux shows them in /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A living process; C(ticks) is its time of birth, which together with its number names it until the next boot."""

    pid: int
    ticks: int
    parent: int = field(compare=False)
    group: int = field(compare=False)
    session: int = field(compare=False)


def read_process(pid: int) -> Process | None:
    """The process, or None if it is gone or a zombie."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The name in parentheses may hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Process(pid, int(fields[19]), int(fields[1]), int(fields[2]), int(fields[3]))


def all_processes() -> Iterator[Process]:
    """All living processes."""
    for entry in os.listdir(_PROC):
        process = read_process(int(entry)) if entry.isdigit() else None
        if process:
            yield process


def command_line(pid: int) -> tuple[str, ...]:
    """The arguments of a process; empty where it is gone or a thread of the kernel."""
    return _texts(pid, "cmdline")


def environment(pid: int) -> dict[str, str]:
    """The environment a process was started with; empty where this user may not see it."""
    return dict(text.split("=", 1) for text in _texts(pid, "environ") if "=" in text)


def working_directory(pid: int) -> str:
    """Where a process works; empty where this user may not see it."""
    try:
        return os.readlink(_PROC / str(pid) / "cwd")
    except OSError:
        return ""


def boot_id() -> str:
    """The name of this boot of the machine: numbers and ticks start anew with the next."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def started_at(process: Process) -> float:
    """When the process was started, in seconds since the epoch, to 0.01 s."""
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - process.ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - age


def _texts(pid: int, name: str) -> tuple[str, ...]:
    try:
        content = (_PROC / str(pid) / name).read_bytes()
    except OSError:
        return ()
    return tuple(text.decode(errors="replace") for text in content.split(b"\0")[:-1])
