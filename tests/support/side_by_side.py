# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs targets of make side by side and keeps their outputs apart: C(python -m side_by_side integration lint,unit).

Each argument is a lane: its targets run one after the other, beside those of the other lanes. The whole output of a target
that failed is shown, and of each target the last line, which is where pytest says how many tests passed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

LOGS = Path(__file__).resolve().parents[2] / ".cache" / "test"


@dataclass(frozen=True)
class Outcome:
    """How a target ended, and where its output is."""

    target: str
    code: int
    seconds: float
    log: Path

    def __str__(self) -> str:
        return f"{self.target}: {'FAILED' if self.code else 'passed'} after {self.seconds:.0f} s"

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace").rstrip()

    @property
    def last_line(self) -> str:
        """What the target itself said last; make says after it that it failed."""
        return next((line for line in reversed(self.output.splitlines()) if not line.startswith("make")), "")


@dataclass
class Runner:
    """The processes that run now; none is started once it is stopped."""

    logs: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def lane(self, targets: Sequence[str]) -> list[Outcome]:
        return [self.run(target) for target in targets if not self.stopped.is_set()]

    def run(self, target: str) -> Outcome:
        started, path = time.monotonic(), self.logs / f"{target}.log"
        # The parent's options (such as -j) are not for it.
        environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
        command = [os.environ.get("MAKE", "make"), "--no-print-directory", target]
        with open(path, "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
            self.running.append(process)
            outcome = Outcome(target, process.wait(), time.monotonic() - started, path)
        print(outcome, flush=True)
        return outcome

    def stop(self) -> None:
        self.stopped.set()
        for process in self.running:
            process.terminate()


def run_lanes(lanes: Sequence[Sequence[str]], logs: Path) -> list[Outcome]:
    """How each target ended, in the order of the lanes; whatever interrupts it ends them all."""
    logs.mkdir(parents=True, exist_ok=True)
    runner = Runner(logs)
    with ThreadPoolExecutor(len(lanes)) as pool:
        try:
            return [outcome for lane in list(pool.map(runner.lane, lanes)) for outcome in lane]
        except BaseException:
            runner.stop()
            raise


def report(outcomes: Sequence[Outcome]) -> str:
    """The output of what failed, the last line of each, and at the end the names of what failed."""
    failed = [outcome for outcome in outcomes if outcome.code]
    parts = [f"\n=== {outcome.target}, all its output:\n{outcome.output}" for outcome in failed]
    parts += [f"\n=== {outcome}\n{outcome.last_line}" for outcome in outcomes]
    if failed:
        parts.append(f"\nFAILED: {', '.join(outcome.target for outcome in failed)}")
    return "\n".join(parts)


def main() -> int:
    # SIGTERM ends it as Ctrl-C does; a shell starts what runs in its background with SIGINT ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    lanes = [lane.split(",") for lane in sys.argv[1:]]
    print(f"The output of each is in {LOGS}.", flush=True)
    # The longest lane is given first and shown last.
    outcomes = run_lanes(lanes, LOGS)[::-1]
    print(report(outcomes), flush=True)
    return int(any(outcome.code for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
