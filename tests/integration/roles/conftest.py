# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays of one role by the real ansible-playbook, and a real web server to look at."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

# As --mode of pytest says.
MODE = "stellarmap_cassandra_in_process"
REPOSITORY = Path(__file__).resolve().parents[3]
TOOLS = Path(sys.executable).parent


@dataclass(frozen=True)
class Played:
    """What a play of a role came to; C(result) is the role's result variable, C(changed) the number in the recap."""

    code: int
    output: str
    result: dict[str, Any]
    changed: int


PlayRole = Callable[..., Played]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of ansible-playbook: the collection of this checkout, and a home of its own."""
    return {
        **os.environ,
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".cache" / "collections"),
        "ANSIBLE_HOME": str(tmp_path / "ansible-home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
    }


@pytest.fixture
def play_role(tmp_path: Path, environment: dict[str, str]) -> PlayRole:
    """Plays a role with variables; C(before) are words before the command, C(options) those of ansible-playbook."""

    def play(role: str, variables: dict[str, Any], *options: str, before: tuple[str, ...] = ()) -> Played:
        result = tmp_path / "result.json"
        result.unlink(missing_ok=True)
        playbook, given = tmp_path / "play.yml", tmp_path / "variables.json"
        playbook.write_text(json.dumps([_play(role, result)]))
        given.write_text(json.dumps({MODE: os.environ.get(MODE, "auto"), **variables}))
        done = subprocess.run(
            [*before, "ansible-playbook", str(playbook), "--extra-vars", f"@{given}", *options],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        output = done.stdout + done.stderr
        changed = re.search(r"localhost +: .*changed=(\d+)", output)
        assert changed, output
        return Played(done.returncode, output, json.loads(result.read_text()), int(changed.group(1)))

    return play


def _play(role: str, result: Path) -> dict[str, Any]:
    keep = {
        "name": "Keep the result",
        "ansible.builtin.copy": {"content": f"{{{{ {role}_result | default({{}}) | to_json }}}}", "dest": str(result)},
        "check_mode": False,
        "changed_when": False,
    }
    include = {"name": "Play", "ansible.builtin.include_role": {"name": f"stellarmap.cassandra.{role}"}}
    return {
        "name": "Test",
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"name": "Test", "block": [include], "always": [keep]}],
    }


@dataclass
class Page:
    """An answer of the web server; C(steps) are answers to give before this one, one for each request."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    steps: list[Page] = field(default_factory=list)


@dataclass
class WebServer:
    """A web server whose pages a test sets; C(requests) are those it got: method, path, headers, body."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A running web server."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            served.requests.append((self.command, self.path, dict(self.headers.items()), body))
            page = served.pages.get(self.path.split("?")[0], Page("no such page", 404))
            page = page.steps.pop(0) if page.steps else page
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(page.text.encode())))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(page.text.encode())

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = WebServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
