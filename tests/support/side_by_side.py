# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs targets of make side by side: C(python -m side_by_side integration lint,unit).

Each argument is a lane: its targets run one after the other, next to those of the other lanes. A line every 30 seconds says
where each lane is; the end names what failed, and its log. With C(--minutes=N) the run ends after that time, and the end
names what did not fit.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

LOGS = Path(__file__).resolve().parents[2] / ".cache" / "test"
EVERY = 30.0


@dataclass
class Target:
    """A target of make, where its output goes, and how far it is: C(code) is None before it ends."""

    name: str
    log: Path
    started: float = 0.0
    seconds: float = 0.0
    code: int | None = None

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace").rstrip() if self.log.exists() else ""

    @property
    def last_line(self) -> str:
        """What the target itself said last; make says after it that it failed."""
        return next((line for line in reversed(self.output.splitlines()) if not line.startswith("make")), "")

    def __str__(self) -> str:
        how = {None: "did not fit", 0: "passed"}.get(self.code, "FAILED")
        return f"{self.name}: {how} after {self.seconds:.0f} s"


@dataclass
class Runner:
    """Lanes of targets, and the processes that run now; none is started once it is stopped."""

    lanes: list[list[Target]]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    # A process that was started is among those that run before anybody stops them.
    starts: threading.Lock = field(default_factory=threading.Lock)

    def lane(self, targets: Sequence[Target]) -> None:
        for target in targets:
            self.run(target)

    def run(self, target: Target) -> None:
        if process := self._start(target):
            code = process.wait()
            target.seconds = time.monotonic() - target.started
            target.code = None if self.stopped.is_set() else code
            print(target, flush=True)

    def _start(self, target: Target) -> subprocess.Popen[bytes] | None:
        # The parent's options (such as -j) are not for it.
        environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
        environment["PYTEST_ADDOPTS"] = "-v " + os.environ.get("PYTEST_ADDOPTS", "")
        command = [os.environ.get("MAKE", "make"), "--no-print-directory", target.name]
        with self.starts:
            if self.stopped.is_set():
                return None
            target.started = time.monotonic()
            with open(target.log, "wb") as log:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
                )
            self.running.append(process)
        return process

    def line(self) -> str:
        """Where each lane is."""
        now, parts = time.monotonic(), []
        for number, targets in enumerate(self.lanes, 1):
            current = next((one for one in targets if one.started and not one.seconds), None)
            failed = sum(bool(one.code) for one in targets)
            where = f"{current.name} {now - current.started:.0f} s, {current.last_line[:90]}" if current else "ended"
            parts.append(f"[{number}] {where}" + (f" ({failed} targets failed)" if failed else ""))
        return " | ".join(parts)

    def stop(self) -> None:
        """Interrupt what runs, as Ctrl-C does: make alone would leave behind what it started."""
        self.stopped.set()
        with self.starts:
            for process in self.running:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGINT)


def run_lanes(lanes: Sequence[Sequence[str]], logs: Path, limit: float | None = None) -> list[Target]:
    """How each target ended, in the order of the lanes; C(limit) seconds end them all, and so does an interruption."""
    logs.mkdir(parents=True, exist_ok=True)
    for log in logs.glob("*.log"):
        log.unlink()
    runner = Runner([[Target(name, logs / f"{name}.log") for name in names] for names in lanes])
    started = time.monotonic()
    with ThreadPoolExecutor(len(lanes)) as pool:
        try:
            working = [pool.submit(runner.lane, targets) for targets in runner.lanes]
            while wait(working, EVERY).not_done:
                minutes, seconds = divmod(int(time.monotonic() - started), 60)
                print(f"{minutes:3}:{seconds:02} {runner.line()}", flush=True)
                if limit and time.monotonic() - started > limit:
                    runner.stop()
        except BaseException:
            runner.stop()
            raise
    for one in working:
        one.result()
    return [target for targets in runner.lanes for target in targets]


def report(targets: Sequence[Target]) -> str:
    """The end of the output of what failed, the last line of each, and at the end what failed, with its log."""
    failed = [target for target in targets if target.code]
    late = [target for target in targets if target.code is None]
    parts = [f"\n=== {target.name}, the end of its output:\n{_tail(target.output)}" for target in failed]
    parts += [f"\n=== {target}\n{target.last_line}" for target in targets if target.code is not None]
    if late:
        parts.append(f"\nDid not fit: {', '.join(target.name for target in late)}")
    if failed:
        parts.append("\nFAILED: " + ", ".join(f"{target.name} ({target.log})" for target in failed))
    return "\n".join(parts)


def _tail(output: str) -> str:
    """Without the tests that passed, the last 200 lines."""
    lines = [line for line in output.splitlines() if "] PASSED " not in line and " PASSED " not in line]
    return "\n".join(lines[-200:])


def main() -> int:
    # SIGTERM ends it as Ctrl-C does; a shell starts what runs in its background with SIGINT ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    limits = [float(word.partition("=")[2]) * 60 for word in sys.argv[1:] if word.startswith("--minutes=")]
    lanes = [lane.split(",") for lane in sys.argv[1:] if not lane.startswith("--")]
    print(f"The output of each target is in {LOGS}.", flush=True)
    # The longest lane is given first and shown last.
    targets = run_lanes(lanes, LOGS, *limits)[::-1]
    print(report(targets), flush=True)
    return int(any(target.code for target in targets))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
