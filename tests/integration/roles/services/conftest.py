# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real processes for the services: a web server that reads its code once, and the script that restarts it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from running_application import application_python

from ..conftest import PlayRole

WEB = """
import http.server, pathlib, sys
version = pathlib.Path(sys.argv[2]).read_text()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/" else 500)
        self.end_headers()
        self.wfile.write(version.encode())
print("serving", version, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
# As they are written everywhere: the old process is known from its pid file alone.
RESTART = """\
#!/bin/sh
if test -f web.pid; then
  kill "$(cat web.pid)" 2>/dev/null
  while kill -0 "$(cat web.pid)" 2>/dev/null; do sleep 0.05; done
fi
nohup {web} >>web.log 2>&1 </dev/null &
echo $! >web.pid
"""


@pytest.fixture(scope="session")
def python() -> Path:
    """The Python of the application's own environment."""
    return application_python()


def alive(pid: int) -> bool:
    """Whether a process of that number runs and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def processes_of(word: str) -> list[int]:
    """The living processes with this word among their arguments."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if word.encode() in arguments and alive(int(entry.parent.name)):
            found.append(int(entry.parent.name))
    return found


def wait_for(condition: Callable[[], object], seconds: float = 15) -> None:
    """Return when the condition is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def fetch(url: str) -> bytes:
    """What a page says."""
    with urlopen(url, timeout=5) as answer:  # noqa: S310
        return bytes(answer.read())


def statuses(result: dict[str, Any]) -> dict[str, str]:
    """The status of each service."""
    return {service["name"]: service["status"] for service in result["services"]}


def reasons(result: dict[str, Any]) -> dict[str, str]:
    """The reason for each service."""
    return {service["name"]: service["reason"] for service in result["services"]}


@pytest.fixture
def play(play_role: PlayRole, tmp_path: Path) -> PlayRole:
    """Plays the role services; what it keeps lies in the test's own folder."""

    def run(services: list[dict[str, Any]], *options: str, before: tuple[str, ...] = (), **variables: Any) -> Any:
        given = {"services_list": services, "services_state_file": str(tmp_path / "kept" / "state.json")}
        named = {f"services_{name}": value for name, value in variables.items()}
        return play_role("services", {**given, **named}, *options, before=before)

    return run


@pytest.fixture
def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """The file that the web server reads when it starts: older than it, beyond what is rounded away."""
    path = tmp_path / "code.txt"
    path.write_text("old")
    # The time of its last change is the kernel's, and cannot be set back.
    time.sleep(0.05)
    return path


@pytest.fixture
def web_argv(tmp_path: Path, free_port: int, code: Path) -> Iterator[list[str]]:
    """The command of the web server; what still runs it in the end is stopped."""
    script = tmp_path / "web.py"
    script.write_text(WEB)
    yield [sys.executable, str(script), str(free_port), str(code)]
    for pid in processes_of(str(script)):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def pid_file(tmp_path: Path) -> Path:
    """The pid file, which the restart script writes."""
    return tmp_path / "web.pid"


@pytest.fixture
def web_server(tmp_path: Path, web_argv: list[str], free_port: int, pid_file: Path) -> dict[str, Any]:
    """The web server as a service with a restart script."""
    script = tmp_path / "restart.sh"
    script.write_text(RESTART.format(web=" ".join(web_argv)))
    script.chmod(0o755)
    return {
        "name": "Web server",
        "manager": "command",
        "argv": ["./restart.sh"],
        "chdir": str(tmp_path),
        "pid_file": str(pid_file),
        "log_file": str(tmp_path / "web.log"),
        "timeout": 20,
        "ready": {"url": f"http://127.0.0.1:{free_port}/", "stable_for": 0.3},
    }
