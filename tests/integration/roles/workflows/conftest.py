# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real processes for the workflows: a web server and a worker which read their code once, at the start."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

WEB = """
import http.server, pathlib, sys
version = pathlib.Path(sys.argv[2]).read_text()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/" else 500)
        self.end_headers()
        self.wfile.write(version.encode())
    def log_message(self, *args):
        pass
print("serving", version, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def alive(pid: int) -> bool:
    """Whether a process of that number runs and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


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


def listening(port: int) -> bool:
    """Whether something accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """The file which the web server reads when it starts."""
    path = tmp_path / "code.txt"
    path.write_text("old")
    return path


@pytest.fixture
def web_argv(tmp_path: Path, free_port: int, code: Path) -> list[str]:
    """The command of the web server."""
    script = tmp_path / "web.py"
    script.write_text(WEB)
    return [sys.executable, str(script), str(free_port), str(code)]


@pytest.fixture
def pid_file(tmp_path: Path) -> Iterator[Path]:
    """A pid file; the session of the process which it names in the end is stopped."""
    path = tmp_path / "web.pid"
    yield path
    if path.exists():
        pid = int(path.read_text().splitlines()[0])
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                session = int(entry.read_text().rpartition(")")[2].split()[3])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if session == pid:
                os.kill(int(entry.parent.name), signal.SIGKILL)
