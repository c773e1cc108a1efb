# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the managers are told and understood: pure, as tables; and the plan for a Compose service by check mode."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.service import (
    docker_compose,
    supervisord,
    systemd,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.service.command import Completed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.service.decide import (
    Wanted,
    reason_to_restart,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.service.model import Observation, Workflow
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.service.pid_file import runs

COMPOSE = {"docker": "docker", "project_dir": "/srv/shop", "files": [], "service": "web", "build": True}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {},
            (
                ("docker", "compose", "--project-directory", "/srv/shop", "build", "web"),
                "docker compose --project-directory /srv/shop up --detach --no-deps --force-recreate web".split(),
            ),
        ),
        (
            {"build": False, "files": ["a.yml", "b.yml"], "docker": "podman"},
            (
                "podman compose --project-directory /srv/shop --file a.yml --file b.yml "
                "up --detach --no-deps --force-recreate web".split(),
            ),
        ),
    ],
)
def test_compose_commands(options, expected):
    workflow = Workflow("Web", "docker_compose", options={**COMPOSE, **options})
    assert docker_compose.restart(workflow) == tuple(map(tuple, expected))


@pytest.mark.parametrize(
    ("states", "running", "final", "started"),
    [
        ([{"Status": "running", "StartedAt": "2026-11-23T18:00:00.25Z"}], True, False, 1795456800.25),
        ([{"Status": "running", "StartedAt": "2026-11-23T18:00:00.123456789Z"}], True, False, 1795456800.123456789),
        (
            [{"Status": "running", "StartedAt": "2026-11-23T18:00:00Z", "Health": {"Status": "healthy"}}],
            True,
            False,
            1795456800,
        ),
        (
            [{"Status": "running", "StartedAt": "2026-11-23T18:00:00Z", "Health": {"Status": "starting"}}],
            False,
            False,
            None,
        ),
        ([{"Status": "restarting", "StartedAt": "2026-11-23T18:00:00Z"}], False, False, None),
        ([{"Status": "exited", "StartedAt": "2026-11-23T18:00:00Z"}], False, True, None),
    ],
)
def test_compose_states(states, running, final, started):
    seen = docker_compose.read_states(["abc"], states)
    assert (seen.running, seen.final) == (running, final)
    assert seen.started == pytest.approx(started, abs=1e-3)


@pytest.mark.parametrize(
    ("out", "running", "final"),
    [
        ("web                              RUNNING   pid 4194304, uptime 1 day, 0:00:05\n", True, False),
        ("web                              STARTING  \n", False, False),
        (
            "web                              BACKOFF   Exited too quickly (process log may have details)\n",
            False,
            False,
        ),
        ("web                              FATAL     can't find command '/nowhere'\n", False, True),
        ("web                              EXITED    Nov 23 06:00 PM\n", False, False),
        ("g:a   RUNNING   pid 4194304, uptime 0:00:05\ng:b   STOPPED   Not started\n", False, False),
    ],
)
def test_supervisord_states(out, running, final):
    seen = supervisord.read_status(Workflow("Web", "supervisord", options={"program": "web"}), Completed(0, out, ""))
    assert (seen.running, seen.final) == (running, final)


@pytest.mark.parametrize(
    ("state", "running", "final"),
    [("active", True, False), ("reloading", True, False), ("activating", False, False), ("failed", False, True)],
)
def test_systemd_states(state, running, final):
    found = {"LoadState": "loaded", "ActiveState": state, "SubState": "x", "Result": "success", "InvocationID": "1"}
    seen = systemd.read_properties(Workflow("Web", "systemd", options={"unit": "web"}), found)
    assert (seen.running, seen.final, seen.started) == (running, final, None)


@pytest.mark.parametrize(
    ("one_shot", "running", "started", "restart", "reason"),
    [
        (False, True, 10.0, False, ""),
        (False, True, 10.0, True, "asked for"),
        (False, True, 4.0, False, "it runs since before /code changed"),
        (False, True, None, False, ""),
        (False, False, None, False, "it is not running"),
        (True, False, None, False, ""),
        (True, False, None, True, "asked for"),
        (True, True, 4.0, False, "it runs since before /code changed"),
    ],
)
def test_decision(one_shot, running, started, restart, reason):
    seen = Observation(running, started=started)
    wanted = Wanted(restart, {"/code": 5.0})
    assert reason_to_restart(Workflow("Web", "systemd", one_shot=one_shot), seen, wanted) == reason


@pytest.mark.parametrize(
    ("command_line", "argv", "same"),
    [
        (("python", "a.py"), ("python", "a.py"), True),
        (("/usr/bin/python", "a.py"), ("python", "a.py"), True),
        (("/v/bin/python", "/v/bin/gunicorn", "app"), ("gunicorn", "app"), True),
        (("python", "b.py"), ("python", "a.py"), False),
        (("vim", "a.py"), ("python", "a.py"), False),
        (("python", "a.py", "more"), ("python", "a.py"), False),
        ((), ("python",), False),
    ],
)
def test_same_command(command_line, argv, same):
    assert runs(command_line, argv) is same


def test_plan_for_compose(play_role):
    """Where Docker cannot be asked, check mode plans and warns."""
    service = {
        "name": "Web",
        "manager": "docker_compose",
        "project_dir": "/srv/shop",
        "service": "web",
        "docker": "/nowhere",
    }
    planned = play_role("workflows", {"workflows_list": [service], "workflows_changed": True}, "--check")
    assert (planned.code, planned.result["workflows"][0]["status"]) == (0, "would_restart")
    assert [argv[4] for argv in planned.result["workflows"][0]["commands"]] == ["build", "up"]
    assert "/nowhere cannot be run on this host" in planned.output
    failed = play_role("workflows", {"workflows_list": [service], "workflows_changed": True})
    assert failed.code != 0
    assert failed.result["failure"] == "manager_silent"
