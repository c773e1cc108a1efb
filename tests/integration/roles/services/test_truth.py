# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts and files that mislead: a virtual uptime, a damaged state file, a home that cannot be written, tools that hang."""

from __future__ import annotations

import json
import os
import re
import time

import pytest

from .conftest import alive, reasons, statuses


def test_a_host_with_an_uptime_of_its_own(play, web_server, code, pid_file, tmp_path):
    """As in LXC: a process does not count as new, whatever the uptime and the boot time say."""
    play([web_server], watch=[str(code)])
    old = int(pid_file.read_text())
    code.write_text("new")
    (tmp_path / "uptime").write_text("5.00 5.00\n")
    (tmp_path / "stat").write_text(f"btime {int(time.time()) - 5}\n")
    mounts = " && ".join(f"mount --bind {tmp_path}/{name} /proc/{name}" for name in ("uptime", "stat"))
    container = ("unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh")
    check = play([web_server], "--check", watch=[str(code)], before=container)
    assert reasons(check.result) == {"Web server": f"its process is older than {code}"}, check.output
    assert alive(old)


def test_any_name_is_confirmed_and_the_file_may_be_damaged(play, code, tmp_path):
    names = ["'Nightly'", "Import, export", 'the "big" one']
    services = [{"name": name, "manager": "manual"} for name in names]
    watched = {"watch": [str(code)]}
    waiting = play(services, **watched)
    assert set(statuses(waiting.result).values()) == {"waiting"}
    assert '"services_confirmed": ["\'"\'"\'Nightly\'"\'"\'"]' in waiting.result["remaining"][0]["confirm"]
    one = play(services, "-e", json.dumps({"services_confirmed": names[:1]}), **watched)
    assert statuses(one.result) == dict(zip(names, ["confirmed", "waiting", "waiting"]))
    play(services, "-e", json.dumps({"services_confirmed": names[1:]}), **watched)
    quiet = play(services, **watched)
    assert (quiet.code, set(statuses(quiet.result).values())) == (0, {"confirmed"}), quiet.output
    state = tmp_path / "kept" / "state.json"
    state.write_text(state.read_text()[:-10])
    damaged = play(services, **watched)
    assert (damaged.code, set(statuses(damaged.result).values())) == (0, {"waiting"})
    assert "is damaged" in damaged.output
    play(services, confirmed=names, **watched)
    assert set(statuses(play(services, **watched).result).values()) == {"confirmed"}


def test_what_cannot_be_remembered_is_told_before_anything_is_touched(
    play, play_role, web_server, code, environment, pid_file
):
    """A home that is another than that of the passwd file, for example."""
    play([web_server])
    old = int(pid_file.read_text())
    environment["HOME"] = "/proc/nowhere"
    for options in (("--check",), ()):
        given = {"services_list": [web_server], "services_restart": True}
        failed = play_role("services", given, *options)
        assert (failed.code != 0, failed.result["failure"]) == (True, "state_file"), failed.output
        assert (
            "The state file /proc/nowhere/.local/state/stellarmap.cassandra/services.json cannot be written"
            in failed.output
        )
        assert "Give services_state_file" in failed.result["msg"]
    assert alive(old)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"argv": ["true"], "ready": {"argv": ["sleep", "600"]}}, "is not ready: sleep 600 did not end within 2 s."),
        ({"argv": ["sleep", "600"]}, "could not be restarted: sleep 600 did not end within 2 s"),
        (
            {"argv": ["true"], "check_argv": ["sleep", "600"]},
            "nothing was stopped, because the check sleep 600 did not end within 2 s",
        ),
        (
            {"manager": "supervisord", "program": "x", "supervisorctl": "{hangs}"},
            "supervisord cannot be asked: it gives no answer in time",
        ),
        (
            {"manager": "docker_compose", "service": "x", "project_dir": "/", "docker": "{hangs}"},
            "docker_compose cannot be asked: it gives no answer",
        ),
    ],
)
def test_nothing_hangs(play, tmp_path, more, said):
    hangs = tmp_path / "hangs"
    hangs.write_text("#!/bin/sh\nsleep 600\n")
    hangs.chmod(0o755)
    filled = json.loads(json.dumps(more).replace("{hangs}", str(hangs)))
    began = time.monotonic()
    failed = play([{"name": "Web", "manager": "command", "timeout": 2, **filled}], restart=True)
    assert failed.code != 0
    assert said in failed.result["msg"]
    assert time.monotonic() - began < 60


def test_nothing_due_is_one_module(play, web_server, code, tmp_path):
    """Three services, and one call on the host reads them all."""
    other = {"name": "Worker", "manager": "command", "argv": ["true"]}
    services = [web_server, other, {**other, "name": "Job"}]
    play(services)
    quiet = play(services, "-v")
    tasks = re.findall(r"TASK \[(?:stellarmap.cassandra.)?services : ([^\]]*)", quiet.output)
    assert tasks[1:] == ["Read the services, decide what is due, and try what would replace it", "Services"]
    due = play(services, "-v", restart=True)
    # The first call, one for each service, and the last one.
    assert due.output.count("(item=") == 3
    assert statuses(due.result) == {"Web server": "restarted", "Worker": "restarted", "Job": "restarted"}


def test_secrets_are_in_no_output(play, web_server, tmp_path):
    """Those of a file as those that are given, in what a failing program prints, in right and wrong shape."""
    (tmp_path / "app.env").write_text("BROKER=marker-broker-1\nDB_PASSWORD='marker two'\n")
    printing = {
        **web_server,
        "environment_file": "app.env",
        "environment": {"TOKEN": "marker-token", "DEBUG": 1, "OTHER": "marker-other"},
        "check_argv": ["sh", "-c", "echo Error: $BROKER $DB_PASSWORD $TOKEN $OTHER port 1234; exit 1"],
    }
    printing["ready"] = {**web_server["ready"], "headers": {"X-Key": "marker-header"}}
    failed = play([printing], "-vvvv", restart=True)
    assert "Error: ******** ******** ******** ******** port 1234" in failed.result["msg"]
    assert "marker" not in re.sub(r"app\.env", "", failed.output), [
        one for one in failed.output.splitlines() if "marker" in one
    ]
    for wrong in ({"environment": ["marker-list"]}, {"ready": {"headers": "marker-text"}}, {"environment": "marker"}):
        refused = play([{**web_server, **wrong}], "-vvvv")
        assert refused.code != 0
        assert "marker" not in refused.output, [one for one in refused.output.splitlines() if "marker" in one]
    assert os.path.exists(tmp_path / "app.env")
