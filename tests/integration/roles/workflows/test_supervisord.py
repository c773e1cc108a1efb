# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows which are programs of a real supervisord."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ...conftest import SUPERVISORD
from ..conftest import TOOLS
from .conftest import alive, fetch, wait_for

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
[program:missing]
command=/nowhere/binary
autostart=false
[program:once]
command=sh -c "echo run >> {folder}/traces"
autostart=false
autorestart=false
"""
)


@dataclass(frozen=True)
class Supervisor:
    """A running supervisord."""

    config: Path
    folder: Path

    def program(self, program: str, **more: Any) -> dict[str, Any]:
        """One of its programs as a workflow."""
        return {
            "name": program.capitalize(),
            "manager": "supervisord",
            "program": program,
            "config": str(self.config),
            "timeout": 15,
            "up": {"stable_for": 0.3},
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


def test_life_of_a_program(play_role, supervisor, code, free_port):
    """Left alone, announced in check mode, restarted when its code changed, left alone again."""
    url = f"http://127.0.0.1:{free_port}/"
    web = supervisor.program("web", up={"url": url, "stable_for": 0.3})
    variables = {"workflows_list": [web], "workflows_watch": [str(code)]}
    assert play_role("workflows", variables).changed == 0

    code.write_text("new")
    old = supervisor.pid("web")
    check = play_role("workflows", variables, "--check")
    assert check.result["workflows"][0]["status"] == "would_restart"
    assert check.result["workflows"][0]["commands"] == [
        ["supervisorctl", "-c", str(supervisor.config), "restart", "web"]
    ]
    assert supervisor.pid("web") == old

    restarted = play_role("workflows", variables)
    assert (restarted.code, restarted.changed) == (0, 1), restarted.output
    assert supervisor.pid("web") != old
    assert fetch(url) == b"new"
    assert play_role("workflows", variables).changed == 0


def test_a_group(play_role, supervisor):
    """All processes of a group are new."""
    before = set(re.findall(r"pid (\d+)", supervisor.ask("status", "pair:*")))
    played = play_role("workflows", {"workflows_list": [supervisor.program("pair:*")], "workflows_restart": True})
    assert played.code == 0, played.output
    after = set(re.findall(r"pid (\d+)", supervisor.ask("status", "pair:*")))
    assert len(after) == 2
    assert not before & after
    assert not any(alive(int(pid)) for pid in before)


def test_a_stopped_program_is_started(play_role, supervisor):
    """What is in use and does not run is a reason of its own."""
    supervisor.ask("stop", "web")
    played = play_role("workflows", {"workflows_list": [supervisor.program("web")]})
    assert (played.code, played.changed) == (0, 1)
    assert played.result["workflows"][0]["reason"] == "it is not running"
    assert "RUNNING" in supervisor.ask("status", "web")


def test_a_program_which_crashes(play_role, supervisor):
    """A failure with the last lines of its log, and the others not touched."""
    old = supervisor.pid("web")
    workflows = [supervisor.program("crash"), supervisor.program("web")]
    failed = play_role("workflows", {"workflows_list": workflows, "workflows_changed": True})
    assert failed.code != 0
    assert [one["status"] for one in failed.result["workflows"]] == ["failed", "not_reached"]
    assert "no such column: source" in failed.result["msg"]
    assert "starting" in failed.result["workflows"][0]["log"]
    assert supervisor.pid("web") == old


def test_a_program_which_cannot_be_executed(play_role, supervisor):
    """The words of supervisord are in the message."""
    failed = play_role("workflows", {"workflows_list": [supervisor.program("missing")]})
    assert failed.code != 0
    assert "Missing could not be restarted" in failed.result["msg"]
    assert "no such file" in failed.result["msg"]


def test_a_program_which_ends_by_itself(play_role, supervisor):
    """Started, although supervisord finds that it ended too soon, and then left alone."""
    once = supervisor.program("once", one_shot=True)
    changed = play_role("workflows", {"workflows_list": [once], "workflows_changed": True})
    assert changed.code == 0, changed.output
    assert changed.result["workflows"][0]["status"] == "restarted"
    assert "run" in (supervisor.folder / "traces").read_text()
    assert play_role("workflows", {"workflows_list": [once]}).changed == 0


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_an_unknown_program(play_role, supervisor, options):
    """Known before anything is restarted, in check mode as well."""
    failed = play_role("workflows", {"workflows_list": [supervisor.program("webb")]}, *options)
    assert failed.code != 0
    assert failed.result["failure"] == "workflow_unknown"
    assert "supervisord has no program webb for Webb" in failed.result["msg"]


def test_no_supervisord(play_role, supervisor, tmp_path):
    """A failure where it cannot be asked; a warning where only a plan is wanted."""
    lost = {**supervisor.program("web"), "config": str(tmp_path / "none.conf")}
    (tmp_path / "none.conf").write_text(f"[supervisorctl]\nserverurl=unix://{tmp_path}/none.sock\n")
    failed = play_role("workflows", {"workflows_list": [lost], "workflows_restart": True})
    assert failed.code != 0
    assert failed.result["failure"] == "manager_silent"
    planned = play_role("workflows", {"workflows_list": [lost], "workflows_restart": True}, "--check")
    assert planned.code == 0
    assert planned.result["workflows"][0]["status"] == "would_restart"
    assert "A real run would fail here" in planned.output
