# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lanes of C(make test): a failure is never lost, and what pytest says last is among the last lines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from side_by_side import Runner, Target, report, run_lanes

SUPPORT = Path(__file__).resolve().parents[1] / "support"
# A shell that waits for a program such as touch may take an interruption for that one alone, and goes on.
MAKEFILE = """\
good:
\t@echo much; echo '== 3 passed in 1.0s =='
bad:
\t@echo why it failed; echo '== 1 failed, 2 passed in 1.0s =='; exit 3
after:
\t@echo done
meet:
\t@touch met-$$PPID; n=0; until [ $$(ls met-* | wc -l) -eq 2 ]; do n=$$((n+1)); [ $$n -lt 100 ] || exit 1; sleep 0.1; done
meet-too: meet
long:
\t@: > begun; exec sleep 60
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_failure_stops_nothing_and_is_named_at_the_end(project: Path) -> None:
    outcomes = run_lanes([["good"], ["bad", "after"]], project / "logs")
    assert [(outcome.name, outcome.code) for outcome in outcomes] == [("good", 0), ("bad", 2), ("after", 0)]
    lines = report(outcomes).splitlines()
    assert lines[-1] == f"FAILED: bad ({project}/logs/bad.log)"
    assert "why it failed" in lines
    assert "much" not in lines
    good, bad, _after = outcomes
    assert lines[lines.index(f"=== {bad}") + 1] == "== 1 failed, 2 passed in 1.0s =="
    assert lines.index(f"=== {good}") + 1 == lines.index("== 3 passed in 1.0s ==")


def test_the_lanes_run_at_the_same_time(project: Path) -> None:
    assert [outcome.code for outcome in run_lanes([["meet"], ["meet-too"]], project / "logs")] == [0, 0]


def test_the_last_line_of_all_is_the_last_of_the_last(tmp_path: Path) -> None:
    logs = [tmp_path / "unit.log", tmp_path / "integration.log"]
    for log in logs:
        log.write_text(f"...\n== {len(log.stem)} passed in 2.00s ==\n\n")
    text = report([Target(log.stem, log, 1, 2, 0) for log in logs])
    assert text.endswith("== 11 passed in 2.00s ==")


def test_what_does_not_fit_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("side_by_side.EVERY", 0.1)
    targets = run_lanes([["good", "long", "after"]], project / "logs", limit=1)
    assert [target.code for target in targets] == [0, None, None]
    assert report(targets).splitlines()[-1] == "Did not fit: long, after"


def test_a_line_says_where_a_lane_is(tmp_path: Path) -> None:
    target = Target("unit", tmp_path / "unit.log", time.monotonic())
    target.log.write_text("2 workers [12 items]\n\n[gw0] [  8%] PASSED tests/a.py::b\nmake: Error 1\n")
    assert Runner([[target]]).line() == "[1] unit 0 s, [gw0] [  8%] PASSED tests/a.py::b"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_interrupts_it_ends_all(project: Path, number: int) -> None:
    environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
    code = f"import side_by_side, pathlib; side_by_side.LOGS = pathlib.Path({str(project)!r}); side_by_side.main()"
    code = f"import sys; sys.argv = ['', 'long,after']; {code}"
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not (project / "begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(20) != 0
    assert sorted(path.name for path in project.glob("*.log")) == ["long.log"]


def test_what_has_just_been_started_is_stopped_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may show that a program runs before the thread which started it knows."""
    target = Target("long", project / "long.log")
    runner, start = Runner([[target]]), subprocess.Popen
    stopping = threading.Thread(target=runner.stop)

    def popen(*words: Any, **options: Any) -> subprocess.Popen[bytes]:
        process = start(*words, **options)
        stopping.start()
        stopping.join(0.3)
        return process

    monkeypatch.setattr(subprocess, "Popen", popen)
    runner.run(target)
    assert (target.code, target.seconds < 30) == (None, True)
    stopping.join()
    runner.run(target)
    assert runner.running == [runner.running[0]]
