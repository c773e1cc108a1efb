# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that are programs of a real supervisord."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from running_application import SUPERVISORD

from ..conftest import TOOLS
from .conftest import alive, fetch, reasons, statuses, wait_for

CONFIG = (
    SUPERVISORD
    + """\
[program:web]
command={web}
startsecs=0
[program:pair]
command={python} -u -c "import time; time.sleep(600)"
process_name=pair_%(process_num)d
numprocs=2
startsecs=0
[program:crash]
command={python} -u -c "import sys; print('starting'); sys.exit('no such column: source')"
autostart=false
startretries=1
[program:dies]
command={python} -c "import sys, time; print('no column', flush=True); time.sleep(4); sys.exit(3)"
autostart=false
[program:missing]
command=/nowhere/binary
autostart=false
[program:vanished]
command={folder}/vanished 600
startsecs=0
"""
)


@dataclass(frozen=True)
class Supervisor:
    """A running supervisord."""

    config: Path
    folder: Path

    def program(self, program: str, **more: Any) -> dict[str, Any]:
        """One of its programs as a service."""
        return {
            "name": program.capitalize(),
            "manager": "supervisord",
            "program": program,
            "config": str(self.config),
            "timeout": 15,
            "supervisorctl": str(TOOLS / "supervisorctl"),
            "ready": {"stable_for": 0.3},
            **more,
        }

    def ask(self, *words: str) -> str:
        """What supervisorctl says."""
        argv = [TOOLS / "supervisorctl", "-c", self.config, *words]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout

    def pid(self, program: str) -> int:
        """The process of a program."""
        return int(self.ask("pid", program))


@pytest.fixture
def supervisor(tmp_path_factory: pytest.TempPathFactory, web_argv: list[str]) -> Iterator[Supervisor]:
    # The address of a UNIX socket has no more than 108 characters.
    folder = tmp_path_factory.mktemp("s")
    config = folder / "s.conf"
    shutil.copy("/bin/sleep", folder / "vanished")
    config.write_text(CONFIG.format(folder=folder, python=sys.executable, web=" ".join(web_argv)))
    process = subprocess.Popen(
        [TOOLS / "supervisord", "-n", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    )
    running = Supervisor(config, folder)
    try:
        wait_for(lambda: running.ask("status", "web", "pair:*").count("RUNNING") == 3)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def test_life_of_a_program(play, supervisor, code, free_port):
    """Left alone, announced in check mode, restarted when its code changed, left alone again."""
    url = f"http://127.0.0.1:{free_port}/"
    web = supervisor.program("web", ready={"url": url, "stable_for": 0.3})
    watched = {"watch": [str(code)]}
    assert play([web], **watched).changed == 0

    code.write_text("new")
    old = supervisor.pid("web")
    check = play([web], "--check", **watched)
    assert (check.changed, statuses(check.result)) == (1, {"Web": "would_restart"})
    assert reasons(check.result) == {"Web": f"its process is older than {code}"}
    assert supervisor.pid("web") == old

    restarted = play([web], **watched)
    assert (restarted.code, restarted.changed, statuses(restarted.result)) == (0, 2, {"Web": "restarted"}), (
        restarted.output
    )
    assert supervisor.pid("web") != old
    assert fetch(url) == b"new"
    assert play([web], **watched).changed == 0


def test_a_group_and_a_stopped_program(play, supervisor):
    """All processes of a group are new."""
    before = set(re.findall(r"pid (\d+)", supervisor.ask("status", "pair:*")))
    supervisor.ask("stop", "web")
    services = [supervisor.program("pair:*"), supervisor.program("web")]
    played = play(services, changed=True)
    assert played.code == 0, played.output
    assert set(statuses(played.result).values()) == {"restarted"}
    assert reasons(played.result)["Web"].startswith("it is not running: web STOPPED")
    after = set(re.findall(r"pid (\d+)", supervisor.ask("status", "pair:*")))
    assert len(after) == 2
    assert not before & after
    assert not any(alive(int(pid)) for pid in before)
    assert play(services).changed == 0


def test_a_program_that_crashes(play, supervisor):
    """A failure with the reason from its log, and the others not touched."""
    old = supervisor.pid("web")
    failed = play([supervisor.program("crash"), supervisor.program("web")], changed=True)
    assert failed.code != 0
    assert [one["status"] for one in failed.result["services"]] == ["failed", "not_reached"]
    assert "Crash could not be restarted: " in failed.result["msg"]
    assert "no such column: source" in failed.result["msg"]
    assert "starting" in failed.result["services"][0]["log"]
    assert supervisor.pid("web") == old


def test_a_program_that_dies_four_seconds_after_each_start(play, supervisor):
    """It happens to run when it is read, and it is newer than everything: it is watched before it counts as unchanged."""
    first = play([supervisor.program("dies", ready=None)])
    assert (first.code != 0, first.result["failure"]) == (True, "not_stable"), first.output
    assert "Dies did not stay up: it " in first.result["msg"]
    assert "no column" in first.result["services"][0]["log"]
    wait_for(lambda: "RUNNING" in supervisor.ask("status", "dies"))
    again = play([supervisor.program("dies", ready=None)])
    assert (again.code != 0, again.result["failure"]) == (True, "not_stable"), again.output


def test_what_cannot_be_started_again_is_not_stopped(play, supervisor):
    """The program of the running process has vanished from the disk: told before it is stopped, in check mode too."""
    old = supervisor.pid("vanished")
    (supervisor.folder / "vanished").unlink()
    for options in (("--check",), ()):
        failed = play([supervisor.program("vanished")], *options, restart=True)
        assert failed.code != 0, failed.output
        assert f"{supervisor.folder}/vanished is no program that can be executed" in failed.result["msg"]
        assert supervisor.pid("vanished") == old


def test_unknown_and_unreachable(play, supervisor, tmp_path):
    """Known before anything is restarted, in check mode as well."""
    (tmp_path / "none.conf").write_text(f"[supervisorctl]\nserverurl=unix://{tmp_path}/none.sock\n")
    lost = {**supervisor.program("web"), "config": str(tmp_path / "none.conf")}
    wrong = [
        (supervisor.program("webb"), "service_unknown", "Webb: supervisord has no program webb"),
        (lost, "manager_unavailable", "Web: supervisord cannot be asked: "),
    ]
    for (service, kind, said), options in zip(wrong, ((), ("--check",))):
        failed = play([service], *options, restart=True)
        assert failed.code != 0
        assert (failed.result["failure"], said in failed.result["msg"]) == (kind, True), failed.result["msg"]
