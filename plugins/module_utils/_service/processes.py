# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The processes of this host at one moment, from /proc."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from .._errors import Failure

PROC = Path("/proc")
# What the clock and the file system round away between the start of a process and its pid file.
_ROUNDING = 2.0


class NoProcesses(Failure):
    """This host shows no processes."""

    kind = "manager_unavailable"


class Process(NamedTuple):
    """A living process, or a container under its C(name). Number and start name a process until the next boot."""

    pid: int
    parent: int
    ticks: int
    started: float
    name: str = ""

    @property
    def identity(self) -> str:
        return self.name or f"{self.pid}@{self.ticks}"


class Host(NamedTuple):
    """The time of the host, and its processes by number."""

    now: float
    processes: Mapping[int, Process]

    def descendants(self, pids: Iterable[int]) -> list[Process]:
        """The processes with these numbers and all that descend from them."""
        roots = set(pids)
        return [process for pid, process in sorted(self.processes.items()) if roots & self.ancestors(pid)]

    def ancestors(self, pid: int) -> set[int]:
        """The number and those of all processes above it."""
        found: set[int] = set()
        while pid in self.processes and pid not in found:
            found.add(pid)
            pid = self.processes[pid].parent
        return found


class Place(NamedTuple):
    """How a process was started: its command, folder, program and environment. What is hidden from us is empty."""

    argv: tuple[str, ...] = ()
    cwd: str = ""
    exe: str = ""
    environment: Mapping[str, str] = {}


def read_stat(text: str, boot: float, hertz: int) -> Process | None:
    """The process of a C(/proc/PID/stat), or None if it has ended. Its name may hold parentheses and line breaks."""
    head, _parenthesis, tail = text.rpartition(")")
    fields = tail.split()
    if len(fields) < 20 or fields[0] in "ZX":
        return None
    ticks = int(fields[19])
    return Process(int(head.split(" ", 1)[0]), int(fields[1]), ticks, boot + ticks / hertz)


def read_host() -> Host:
    """All living processes; raises NoProcesses."""
    hertz, processes = os.sysconf("SC_CLK_TCK"), {}
    try:
        # The clock of their starts: a container may show an uptime of its own in /proc/uptime.
        boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        entries = os.listdir(PROC)
    except (OSError, AttributeError) as error:
        raise NoProcesses(f"This host shows no processes ({error}). The module needs Linux with /proc.") from error
    for entry in entries:
        if entry.isdigit():
            # It may end while it is read.
            with contextlib.suppress(OSError, ValueError):
                process = read_stat((PROC / entry / "stat").read_text(errors="replace"), boot, hertz)
                if process:
                    processes[process.pid] = process
    return Host(time.time(), processes)


def read_place(pid: int) -> Place:
    """How a process was started, as far as we may see it."""
    shown = dict.fromkeys(("cmdline", "environ", "cwd", "exe"), "")
    for name in shown:
        path = PROC / str(pid) / name
        with contextlib.suppress(OSError):
            shown[name] = os.readlink(path) if name in ("cwd", "exe") else os.fsdecode(path.read_bytes())
    environment = dict(one.split("=", 1) for one in shown["environ"].split("\0") if "=" in one)
    return Place(tuple(filter(None, shown["cmdline"].split("\0"))), shown["cwd"], shown["exe"], environment)


def recorded(path: str, host: Host) -> Process | None:
    """The living process that a pid file names. A process that is younger than the file has only inherited the number."""
    try:
        with open(path, encoding="ascii") as file:
            word, written = file.readline().strip(), os.fstat(file.fileno()).st_mtime
        process = host.processes.get(int(word))
    except (OSError, ValueError):
        return None
    return process if process and process.started <= written + _ROUNDING else None
