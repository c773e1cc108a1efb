# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows which are plain commands, with real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import alive, fetch, listening, wait_for


@pytest.fixture
def web_server(tmp_path: Path, web_argv: list[str], free_port: int, pid_file: Path) -> dict[str, Any]:
    """The web server as a workflow."""
    return {
        "name": "Web server",
        "manager": "command",
        "argv": web_argv,
        "chdir": str(tmp_path),
        "pid_file": str(pid_file),
        "log_file": str(tmp_path / "web.log"),
        "grace": 2,
        "timeout": 20,
        "up": {"url": f"http://127.0.0.1:{free_port}/", "stable_for": 0.3},
    }


def _pid(path: Path) -> int:
    return int(path.read_text().splitlines()[0])


def _statuses(result: dict[str, Any]) -> dict[str, str]:
    return {workflow["name"]: workflow["status"] for workflow in result["workflows"]}


def test_life_of_a_command(play_role, web_server, pid_file, code, free_port):
    """Started, left alone, only announced in check mode, restarted when its code changed, then left alone again."""
    variables = {"workflows_list": [web_server], "workflows_watch": [str(code)]}

    first = play_role("workflows", variables)
    assert (first.code, first.changed, _statuses(first.result)) == (0, 1, {"Web server": "restarted"})
    assert first.result["workflows"][0]["reason"] == "it is not running"
    old = _pid(pid_file)
    assert os.getsid(old) == os.getpgid(old) == old

    rerun = play_role("workflows", variables)
    assert (rerun.code, rerun.changed, _statuses(rerun.result)) == (0, 0, {"Web server": "unchanged"})

    code.write_text("new")
    check = play_role("workflows", variables, "--check")
    assert (check.code, check.changed, _statuses(check.result)) == (0, 1, {"Web server": "would_restart"})
    assert check.result["workflows"][0]["commands"] == [web_server["argv"]]
    assert _pid(pid_file) == old
    assert alive(old)
    assert fetch(web_server["up"]["url"]) == b"old"

    restarted = play_role("workflows", variables)
    assert (restarted.code, restarted.changed, _statuses(restarted.result)) == (0, 1, {"Web server": "restarted"})
    assert restarted.result["workflows"][0]["reason"] == f"it runs since before {code} changed"
    assert not alive(old)
    assert fetch(web_server["up"]["url"]) == b"new"
    assert play_role("workflows", variables).changed == 0


@pytest.mark.parametrize("variable", ["workflows_changed", "workflows_restart"])
def test_asked_for(play_role, web_server, pid_file, variable):
    """Restarted because the play says so."""
    play_role("workflows", {"workflows_list": [web_server]})
    old = _pid(pid_file)
    asked = play_role("workflows", {"workflows_list": [web_server], variable: True})
    assert asked.result["workflows"][0]["reason"] == "asked for"
    assert not alive(old)
    assert alive(_pid(pid_file))


def test_the_whole_group_is_stopped(play_role, web_server, pid_file, tmp_path):
    """Children of the old command end with it, those which ignore SIGTERM after the grace."""
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    parent = (
        "import pathlib, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {stubborn!r}])\n"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    children = tmp_path / "child"
    workflow = {**web_server, "argv": [sys.executable, "-c", parent, str(children)], "up": {"stable_for": 0.5}}
    play_role("workflows", {"workflows_list": [workflow]})
    wait_for(children.exists)
    old, child = _pid(pid_file), int(children.read_text())
    play_role("workflows", {"workflows_list": [workflow], "workflows_restart": True})
    assert not alive(old)
    assert not alive(child)


def test_a_failure_ends_it_and_the_next_run_goes_on(play_role, web_server, pid_file, code, tmp_path):
    """What comes before the failure is done, what comes after is not touched and is done by the next run."""
    worker = {
        **web_server,
        "name": "Worker",
        "argv": [sys.executable, "-c", "import time; print('worker', flush=True); time.sleep(600)"],
        "pid_file": str(tmp_path / "worker.pid"),
        "log_file": str(tmp_path / "worker.log"),
        "up": {"stable_for": 0.2},
    }
    broken = {
        **worker,
        "name": "Broken",
        "argv": [sys.executable, "-c", "raise RuntimeError('no such column')"],
        "pid_file": str(tmp_path / "broken.pid"),
        "log_file": str(tmp_path / "broken.log"),
    }
    (tmp_path / "broken.log").write_text("an old line\n")
    variables = {"workflows_list": [web_server, broken, worker], "workflows_watch": [str(code)]}

    failed = play_role("workflows", variables)
    assert failed.code != 0
    assert _statuses(failed.result) == {"Web server": "restarted", "Broken": "failed", "Worker": "not_reached"}
    assert failed.result["failure"] == "workflow_not_back"
    assert "Broken ended" in failed.result["msg"]
    assert "RuntimeError: no such column" in failed.result["msg"]
    assert "an old line" not in failed.result["msg"]
    assert failed.result["workflows"][1]["log"][-1] == "RuntimeError: no such column"

    repaired = {**broken, "argv": worker["argv"]}
    gone_on = play_role("workflows", {**variables, "workflows_list": [web_server, repaired, worker]})
    try:
        assert gone_on.code == 0, gone_on.output
        assert _statuses(gone_on.result) == {"Web server": "unchanged", "Broken": "restarted", "Worker": "restarted"}
    finally:
        for name in ("broken.pid", "worker.pid"):
            os.kill(_pid(tmp_path / name), 9)


@pytest.mark.parametrize(
    ("up", "said"),
    [
        ({"url": "http://127.0.0.1:{port}/broken"}, "/broken answers 500, not 200"),
        ({"port": 1}, "nothing answers on 127.0.0.1:1 "),
    ],
)
def test_alive_is_not_up(play_role, web_server, free_port, up, said):
    """A process which runs and does not answer is a failure when its time is over."""
    up = {name: value.format(port=free_port) if name == "url" else value for name, value in up.items()}
    failed = play_role("workflows", {"workflows_list": [{**web_server, "timeout": 2, "up": up}]})
    assert failed.code != 0
    assert "did not come back within 2 s" in failed.result["msg"]
    assert said in failed.result["msg"]
    assert "serving old" in failed.result["msg"]


def test_what_falls_over_soon_is_not_up(play_role, web_server):
    """A process which ends while one looks whether it stays is a failure."""
    argv = [sys.executable, "-c", "import time; time.sleep(0.5); print('out of memory', flush=True)"]
    failed = play_role("workflows", {"workflows_list": [{**web_server, "argv": argv, "up": {"stable_for": 2}}]})
    assert failed.code != 0
    assert failed.result["workflows"][0]["log"] == ["out of memory"]


def test_a_one_shot_may_end(play_role, web_server, tmp_path):
    """It is started when something changed, not waited for, and not missed when it has ended."""
    traces = tmp_path / "traces"
    argv = ["sh", "-c", f"echo run >> {traces}"]
    job = {**web_server, "name": "Job", "argv": argv, "one_shot": True, "up": None}
    changed = play_role("workflows", {"workflows_list": [job], "workflows_changed": True})
    assert (changed.code, _statuses(changed.result)) == (0, {"Job": "restarted"})
    wait_for(traces.exists)
    rerun = play_role("workflows", {"workflows_list": [job]})
    assert (rerun.code, rerun.changed, _statuses(rerun.result)) == (0, 0, {"Job": "unchanged"})
    assert traces.read_text() == "run\n"


def test_an_unknown_copy_is_refused_until_it_is_named(play_role, web_server, pid_file, free_port):
    """No second process beside one which was started by hand; named in the pid file it is taken over."""
    by_hand = subprocess.Popen(web_server["argv"], cwd=web_server["chdir"], start_new_session=True)
    try:
        wait_for(lambda: listening(free_port))
        for options in ((), ("--check",)):
            refused = play_role("workflows", {"workflows_list": [web_server]}, *options)
            assert refused.code != 0
            assert refused.result["failure"] == "refused"
            assert f"runs already, as process {by_hand.pid}" in refused.result["msg"]
        pid_file.write_text(f"{by_hand.pid}\n")
        assert play_role("workflows", {"workflows_list": [web_server]}).changed == 0
        taken = play_role("workflows", {"workflows_list": [web_server], "workflows_restart": True})
        assert taken.code == 0, taken.output
        assert by_hand.wait(5) is not None
        assert alive(_pid(pid_file))
    finally:
        by_hand.kill()
        by_hand.wait()


@pytest.mark.parametrize("mark", ["", "\n11111111-1111-4111-8111-111111111111 5\n"])
def test_a_number_which_means_another_process_is_harmless(play_role, web_server, pid_file, mark):
    """After a boot the number in a pid file may be anybody's: that process is left alone."""
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        pid_file.write_text(f"{bystander.pid}{mark}")
        played = play_role("workflows", {"workflows_list": [web_server], "workflows_restart": True})
        assert (played.code, _statuses(played.result)) == (0, {"Web server": "restarted"})
        assert bystander.poll() is None
        assert _pid(pid_file) != bystander.pid
    finally:
        bystander.kill()
        bystander.wait()


def test_skipped_and_manual(play_role):
    """What is not in use is skipped, what has no interface becomes a notice, but only when there is something to do."""
    workflows = [
        {"name": "Loader", "manager": "systemd", "unit": "loader.service", "enabled": False},
        {"name": "Storefront", "manager": "manual", "instructions": "press Restart in the console."},
    ]
    for options in ((), ("--check",)):
        changed = play_role("workflows", {"workflows_list": workflows, "workflows_changed": True}, *options)
        assert (changed.code, changed.changed) == (0, 0)
        assert _statuses(changed.result) == {"Loader": "skipped", "Storefront": "manual"}
        assert changed.result["notices"] == ["Restart Storefront by hand: press Restart in the console."]
        assert "Restart Storefront by hand" in changed.output
    quiet = play_role("workflows", {"workflows_list": workflows})
    assert _statuses(quiet.result) == {"Loader": "skipped", "Storefront": "unchanged"}
    assert quiet.result["notices"] == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"workflows_list": [{"name": "A", "manager": "systemd"}]}, "unit"),
        ({"workflows_list": [{"name": "A", "manager": "manual"}] * 2}, "more than one is called: A"),
        ({"workflows_list": [], "workflows_watch": ["/nowhere/models.py"]}, "/nowhere/models.py is to be watched"),
        ({"workflows_list": [{"name": "A", "manager": "magic"}]}, "magic"),
    ],
)
def test_wrong_descriptions(play_role, variables, said):
    """Refused before anything is touched."""
    refused = play_role("workflows", variables)
    assert refused.code != 0
    assert said in refused.output


def test_booleans_as_text(play_role, web_server, pid_file):
    """The false of the command line is false."""
    play_role("workflows", {"workflows_list": [web_server]})
    old = _pid(pid_file)
    played = play_role("workflows", {"workflows_list": [web_server]}, "-e", "workflows_restart=false")
    assert (played.changed, _pid(pid_file)) == (0, old)


def test_log_of_the_failure_is_readable(play_role, web_server):
    """The lines of the log stand in the message as lines."""
    argv = [sys.executable, "-c", "print('one'); print('two'); raise SystemExit(3)"]
    failed = play_role("workflows", {"workflows_list": [{**web_server, "argv": argv}]})
    assert failed.result["msg"].endswith("Its last log lines:\none\ntwo")
    assert json.dumps(failed.result["workflows"][0]["log"]) == '["one", "two"]'
