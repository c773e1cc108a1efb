# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services of Docker Compose.

There is no engine where the tests run: a program of the test answers in the place of docker, and records what it was told.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import reasons, statuses

DOCKER = """\
#!{python}
import datetime, json, pathlib, sys
folder = pathlib.Path(__file__).parent
state = json.loads((folder / "state.json").read_text())
words = sys.argv[3:] if sys.argv[1] == "--host" else sys.argv[1:]
with open(folder / "told", "a") as told:
    told.write(json.dumps(words) + "\\n")
if words[0] == "version":
    print(json.dumps({{"Client": {{"Version": "28.0.0"}}, "Server": {{"ApiVersion": "1.48"}}}}))
elif words[:2] == ["compose", "version"]:
    print(json.dumps({{"version": "2.33.0"}}))
elif words[0] == "inspect":
    container = {{"Status": state["status"], "StartedAt": state["started"]}}
    print(json.dumps([{{"Id": state["id"], "State": container}}]))
elif "logs" in words:
    print(state["log"])
elif "images" in words:
    print("[]")
elif "up" in words:
    if state["build"] == "fails":
        print(json.dumps({{"error": True, "message": "failed to solve: no such package"}}), file=sys.stderr)
        sys.exit(17)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
    state.update(id="new", started=now, status=state["next"], log=state["log"] + "\\nRuntimeError: no such column")
    (folder / "state.json").write_text(json.dumps(state))
    print(json.dumps({{"id": "Container shop-web-1", "status": "Started"}}), file=sys.stderr)
elif "ps" in words and "--quiet" in words:
    # As Compose 2.33 does for an old file with a variable that is not set.
    print('time="2026-11-29T00:10:00Z" level=warning msg="compose.yaml: the attribute `version` is obsolete"', file=sys.stderr)
    print('time="2026-11-29T00:10:00Z" level=warning msg="The TAG variable is not set."', file=sys.stderr)
    if words[-1] != "web":
        print("no such service: " + words[-1], file=sys.stderr)
        sys.exit(1)
    print(state["id"])
"""


class Engine:
    """The program in the place of docker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "compose.yaml").write_text("services:\n  web:\n    image: shop\n")
        (folder / "docker").write_text(DOCKER.format(python=sys.executable))
        (folder / "docker").chmod(0o755)
        self.answer(started="2020-11-25T00:00:00.123456789Z")

    def answer(self, **more: Any) -> None:
        """Set what it answers."""
        known = {"id": "old", "status": "running", "next": "running", "build": "works", "log": "serving"}
        (self.folder / "state.json").write_text(json.dumps({**known, **more}))

    def ups(self) -> list[list[str]]:
        """The words of each `up` that it was told."""
        told = [json.loads(line) for line in (self.folder / "told").read_text().splitlines()]
        return [words[words.index("up") :] for words in told if "up" in words]

    def service(self, **more: Any) -> dict[str, Any]:
        """Its service as a service."""
        named = {"name": "Web", "manager": "docker_compose", "project_dir": str(self.folder), "service": "web"}
        return {**named, "docker": str(self.folder / "docker"), "timeout": 2, "ready": {"stable_for": 0.1}, **more}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def test_life_of_a_service(play, engine, code):
    """Predicted, rebuilt and recreated alone, and left alone afterwards."""
    watched = {"watch": [str(code)]}
    check = play([engine.service()], "--check", **watched)
    assert (statuses(check.result), engine.ups()) == ({"Web": "would_restart"}, []), check.output
    done = play([engine.service()], **watched)
    assert (done.code, statuses(done.result)) == (0, {"Web": "restarted"}), done.output
    assert reasons(done.result) == {"Web": f"its process is older than {code}"}
    (told,) = engine.ups()
    assert {"--detach", "--force-recreate", "--no-deps", "--build"} <= set(told)
    assert told[-2:] == ["--", "web"]
    assert statuses(play([engine.service()], **watched).result) == {"Web": "unchanged"}


def test_what_goes_wrong(play, engine):
    """A build that fails leaves the old container; a container that ends shows its log; what is unknown is told before."""
    started = "2020-11-25T00:00:00Z"
    engine.answer(build="fails", started=started)
    failed = play([engine.service()], restart=True)
    assert "failed to solve: no such package" in failed.result["msg"]
    engine.answer(next="exited", started=started)
    failed = play([engine.service(build=False)], restart=True)
    assert "Web ended: docker_compose says: exited (health: none)" in failed.result["msg"]
    assert "RuntimeError: no such column" in failed.result["msg"]
    assert "--build" not in engine.ups()[-1]
    wrong = [
        ({"service": "webb"}, "service_unknown", "the project has no service webb"),
        ({"docker": "/nowhere"}, "manager_unavailable", "docker_compose cannot be asked: /nowhere"),
    ]
    for more, kind, said in wrong:
        refused = play([engine.service(**more)], "--check", restart=True)
        assert (refused.result["failure"], said in refused.result["msg"]) == (kind, True), refused.result["msg"]
