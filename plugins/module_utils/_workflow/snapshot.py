# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The processes of a host at one moment, as the role's one shell script prints them: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

# The kernel shows start times in hundredths of a second since the boot, on every machine.
_TICKS = 100
# The uptime and the time of a file are rounded down to such a step each: no process is shown as younger than it is.
_STEPS = 2
# What the clock, the file system and the kernel round away between the start of a process and its pid file.
_ROUNDING = 2.0

# Its words: seconds to sleep first, a pid file or nothing, and the command that asks the manager.
_SCRIPT = r"""\
sleep "$1"
LC_ALL=C TZ=UTC; export LC_ALL TZ
date +%s.%N; cat /proc/uptime
echo '=== pid file'; test -z "$2" || { stat -c %Y -- "$2"; head -n 1 -- "$2"; } 2>/dev/null
echo '=== processes'; cat /proc/[0-9]*/stat 2>/dev/null
shift 2; answer=$("$@" 2>&1); status=$?
# Of what the manager runs, the program with which it was started.
echo '=== programs'
for pid in $(printf '%s\n' "$answer" | sed -n 's/.* pid \([0-9]*\),.*/\1/p'); do
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | head -n 1
done
echo '=== answer'; printf '%s\n' "$answer"; echo "=== status $status"
"""


class Process(NamedTuple):
    """A living process; number and start together name it until the next boot."""

    pid: int
    parent: int
    ticks: int
    started: float

    @property
    def identity(self) -> str:
        return f"{self.pid}@{self.ticks}"


class Snapshot(NamedTuple):
    """The time of a host, its processes by number, the one that the pid file names, and the manager's answer.

    C(programs) are the programs with which the processes in the answer were started.
    """

    now: float
    processes: Mapping[int, Process]
    recorded: Process | None
    programs: tuple[str, ...]
    answer: str
    status: int

    def descendants(self, pids: Iterable[int]) -> list[Process]:
        """The processes with these numbers and all that descend from them."""
        found = {pid for pid in pids if pid in self.processes}
        while True:
            children = {one.pid for one in self.processes.values() if one.parent in found} - found
            if not children:
                return [self.processes[pid] for pid in sorted(found)]
            found |= children


def snapshot_command(seconds: float, pid_file: str) -> list[str]:
    """The command that prints a snapshot after some seconds; the command that asks the manager follows it."""
    return ["sh", "-c", _SCRIPT, "sh", f"{seconds:g}", pid_file]


def read_snapshot(text: str) -> Snapshot:
    """What the script printed; raises ValueError where it printed something else, as on a host without /proc."""
    head, _mark, rest = text.partition("=== pid file\n")
    pid_file, _mark, rest = rest.partition("=== processes\n")
    stats, _mark, rest = rest.partition("=== programs\n")
    programs, _mark, rest = rest.partition("=== answer\n")
    answer, _mark, status = rest.rpartition("=== status ")
    now, uptime = (float(line.split()[0]) for line in head.splitlines()[:2])
    processes = dict(_read_processes(stats, now - uptime))
    recorded = _recorded(pid_file.split(), processes)
    return Snapshot(now, processes, recorded, tuple(programs.splitlines()), answer, int(status))


def _read_processes(stats: str, boot: float) -> Iterable[tuple[int, Process]]:
    for line in stats.splitlines():
        # The name in parentheses may hold spaces and parentheses.
        head, _parenthesis, tail = line.rpartition(")")
        fields = tail.split()
        if len(fields) > 19 and fields[0] not in "ZX":
            pid, ticks = int(head.split(" ", 1)[0]), int(fields[19])
            yield pid, Process(pid, int(fields[1]), ticks, boot + (ticks - _STEPS) / _TICKS)


def _recorded(words: list[str], processes: Mapping[int, Process]) -> Process | None:
    """The process that a pid file names: a younger one than the file has only inherited the number."""
    if len(words) < 2 or not words[1].isdigit():
        return None
    process = processes.get(int(words[1]))
    return process if process and process.started <= float(words[0]) + _ROUNDING else None
