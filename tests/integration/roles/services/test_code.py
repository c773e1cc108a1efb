# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new process is not new code: a real gunicorn that preloads, that runs another release, and a worker that nobody listed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import alive, fetch, reasons, statuses, wait_for

# Answers with the folder from which it runs, and the text of the model that it has loaded.
WSGI = """
import os, pathlib
LOADED = os.getcwd() + " " + (pathlib.Path(__file__).parent / "models.py").read_text()
def application(environ, start):
    body = LOADED.encode()
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
"""
START = """\
#!/bin/sh
cd {folder}
test -f g.pid && kill $(cat g.pid) && while kill -0 $(cat g.pid) 2>/dev/null; do sleep 0.1; done
exec {python} -m gunicorn --daemon -p {folder}/g.pid -b 127.0.0.1:{port} -w 1 {more} wsgi:application
"""
Start = Callable[..., list[str]]


def release(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "wsgi.py").write_text(WSGI)
    (folder / "models.py").write_text("old")
    return folder


@pytest.fixture
def start(tmp_path: Path, python: Path, free_port: int) -> Iterator[Start]:
    """Starts gunicorn with further words, and returns the command that restarts it so."""

    def run(more: str, **environment: str) -> list[str]:
        script = tmp_path / "start.sh"
        script.write_text(START.format(folder=tmp_path, python=python, port=free_port, more=more))
        subprocess.run(["sh", str(script)], check=True, env={**os.environ, **environment})
        wait_for(lambda: answers(free_port))
        return ["sh", str(script)]

    yield run
    pid = int((tmp_path / "g.pid").read_text())
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not alive(pid))


def answers(port: int) -> bytes:
    try:
        return fetch(f"http://127.0.0.1:{port}/")
    except OSError:
        return b""


def server(tmp_path: Path, **more: Any) -> dict[str, Any]:
    named = {"name": "Web", "manager": "command", "chdir": str(tmp_path), "pid_file": "g.pid", "timeout": 15}
    return {**named, "ready": {"stable_for": 0.2}, **more}


@pytest.mark.parametrize(
    ("more", "variables"),
    [
        ("--preload", {}),
        ("", {"GUNICORN_CMD_ARGS": "--preload"}),
        ("-c conf.py", {}),
    ],
)
def test_a_reload_cannot_replace_what_is_preloaded(play, start, tmp_path, free_port, more, variables):
    """Told before the signal, in check mode too; a restart command replaces it, and then nothing is due."""
    (tmp_path / "conf.py").write_text("preload_app = True\n")
    models = release(tmp_path / "code") / "models.py"
    restart = start(f"--chdir {models.parent} {more}", **variables)
    time.sleep(0.05)
    models.write_text("new")
    watched = {"watch": [str(models)], "path": str(models.parent)}
    for options in (("--check",), ()) if more == "--preload" else ((),):
        failed = play([server(tmp_path, reload=True)], *options, **watched)
        assert (failed.code != 0, failed.result["failure"]) == (True, "old_code"), failed.output
        assert f"its process is older than {models}. gunicorn preloads the application" in failed.result["msg"]
        assert "Restart the main process, for example with argv" in failed.result["msg"]
    assert answers(free_port).endswith(b"old")
    done = play([server(tmp_path, argv=restart, environment=variables)], **watched)
    assert (done.code, statuses(done.result)) == (0, {"Web": "restarted"}), done.output
    assert answers(free_port).endswith(b"new")
    quiet = play([server(tmp_path, reload=True)], **watched)
    assert (quiet.code, statuses(quiet.result)) == (0, {"Web": "unchanged"}), quiet.output


def test_a_process_of_another_release(play, start, tmp_path, free_port):
    """Named with both folders, after a reload and after a restart from the old folder; right only from the new one."""
    first, second = release(tmp_path / "releases" / "1"), release(tmp_path / "releases" / "2")
    current = tmp_path / "current"
    current.symlink_to(first)
    restart = start(f"--chdir {first}")
    old = int((tmp_path / "g.pid").read_text())
    # Time passes between the start and the deployment.
    time.sleep(0.1)
    (tmp_path / "next").symlink_to(second)
    (tmp_path / "next").rename(current)
    watched = {"watch": [str(current / "models.py")], "path": str(current)}
    by_hand = play([{**server(tmp_path), "manager": "manual"}], **watched)
    assert statuses(by_hand.result) == {"Web": "waiting"}
    for action, more in (("reload", {"reload": True}), ("restart", {"argv": restart})):
        failed = play([server(tmp_path, **more)], **watched)
        assert (failed.code != 0, failed.result["failure"]) == (True, "old_code"), failed.output
        assert f"Web was {action}ed, but process " in failed.result["msg"]
        assert f"runs from {first}, and {current} leads to {second}." in failed.result["msg"]
        assert not failed.result["services"][0]["proven"]
        assert answers(free_port).startswith(str(first).encode())
    # The folder alone is reason enough.
    again = play([server(tmp_path, argv=restart)], "--check", path=str(current))
    assert f"runs from {first}, and {current} leads to {second}" in reasons(again.result)["Web"]
    script = Path(restart[1])
    script.write_text(script.read_text().replace(str(first), str(current)))
    done = play([server(tmp_path, argv=restart)], **watched)
    assert (done.code, statuses(done.result), done.result["services"][0]["proven"]) == (
        0,
        {"Web": "restarted"},
        True,
    ), done.output
    assert answers(free_port).startswith(str(second).encode())
    assert not alive(old)


def test_a_worker_that_is_not_listed(play, start, tmp_path, free_port):
    """It is named in a warning without its arguments, and the outcome stays; listed, it is waited for."""
    models = release(tmp_path / "code") / "models.py"
    restart = start(f"--chdir {models.parent}")
    loop = "import time; time.sleep(600)"
    worker = subprocess.Popen([sys.executable, "-c", loop, "--token=marker"], cwd=models.parent)
    # A person looks at the same folder.
    shell = subprocess.Popen(["sh", "-c", "sleep 600; true"], cwd=models.parent, start_new_session=True)
    try:
        time.sleep(0.1)
        models.write_text("new")
        watched = {"watch": [str(models)], "path": str(models.parent)}
        done = play([server(tmp_path, argv=restart)], **watched)
        assert (done.code, statuses(done.result)) == (0, {"Web": "restarted"}), done.output
        said = " ".join(done.output.split())
        # Other programs of the tests' own environment may be named with it.
        assert re.search(
            rf"belong to no listed service and are older than {re.escape(str(models))}: .*\b{worker.pid} \(", said
        )
        assert len(done.result["warnings"]) == 1
        assert f"{shell.pid} (" not in said
        assert "marker" not in said
        (tmp_path / "w.pid").write_text(f"{worker.pid}\n")
        listed = [server(tmp_path), {"name": "Worker", "manager": "manual", "pid_file": str(tmp_path / "w.pid")}]
        waiting = play([{**listed[0], "argv": restart}, listed[1]], **watched)
        assert statuses(waiting.result) == {"Web": "unchanged", "Worker": "waiting"}, waiting.output
        assert f" {worker.pid} (" not in waiting.output
    finally:
        worker.kill()
        worker.wait()
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
