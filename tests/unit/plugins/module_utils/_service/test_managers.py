# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What managers report, and what is true: recorded answers."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.commands import Ran
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.managers import (
    ask_manager,
    command_problem,
    commands,
    read_state,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.options import Service
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.processes import Host, Process

HOST = Host(1000, {7: Process(7, 1, 40000, 400), 8: Process(8, 7, 50000, 500), 9: Process(9, 1, 50000, 450)})
SYSTEMD = Service("Web", "systemd", unit="web")
SUPERVISORD = Service("Web", "supervisord", program="web")
COMPOSE = Service("Web", "docker_compose", service="web", project_dir="/srv")
SHOWN = (
    "LoadState=loaded\nActiveState={state}\nSubState=x\nResult=success\nMainPID={pid}\nNRestarts=3\nCanReload=no\n"
    "ExecMainStartTimestamp=Thu 1970-01-01 00:10:00 UTC\nExecStart={{ path=/bin/web ; argv[]=/bin/web -x ; }}\n"
)
# As Compose 2.33 prints them.
OBSOLETE = (
    'time="2026-11-29T00:10:00Z" level=warning msg="/srv/compose.yaml: the attribute `version` is obsolete, it will be ignored, '
    'please remove it to avoid potential confusion"\n'
)
UNSET = (
    'time="2026-11-29T00:10:00Z" level=warning msg="The \\"TAG\\" variable is not set. Defaulting to a blank string."\n'
)


def container(status: str, started: str = "1970-01-01T00:10:00.25Z", health: str = "") -> str:
    more = f', "Health": {{"Status": "{health}"}}' if health else ""
    return f'[{{"Id": "abc", "RestartCount": 0, "State": {{"Status": "{status}", "StartedAt": "{started}"{more}}}}}]\n'


@pytest.mark.parametrize(
    ("service", "answer", "expected"),
    [
        (SYSTEMD, Ran(0, SHOWN.format(state="active", pid=7), ""), (True, 400, "")),
        (SYSTEMD, Ran(0, SHOWN.format(state="reloading", pid=7), ""), (True, 400, "")),
        (SYSTEMD, Ran(0, SHOWN.format(state="active", pid=0), ""), (True, 600, "")),
        (SYSTEMD, Ran(0, SHOWN.format(state="failed", pid=0), ""), (False, 600, "")),
        (SYSTEMD, Ran(0, SHOWN.format(state="activating", pid=7), ""), (False, 600, "")),
        (
            SYSTEMD,
            Ran(0, "LoadState=not-found\n", ""),
            (False, None, "systemd has no usable unit web: it is not-found"),
        ),
        (
            SYSTEMD,
            Ran(1, "", "Failed to connect to bus\n"),
            (False, None, "systemd cannot be asked: Failed to connect to bus"),
        ),
        (
            SYSTEMD,
            Ran(127, "", "systemctl: No such file\n"),
            (False, None, "systemd cannot be asked: systemctl: No such file"),
        ),
        (SYSTEMD, Ran(None, "", ""), (False, None, "systemd cannot be asked: it gives no answer in time")),
        (SUPERVISORD, Ran(0, "web     RUNNING   pid 7, uptime 1 day, 0:00:05\n", ""), (True, 400, "")),
        (
            SUPERVISORD,
            Ran(0, "g:a  RUNNING  pid 7, uptime 0:01:00\ng:b  RUNNING  pid 9, uptime 0:01:00\n", ""),
            (True, 400, ""),
        ),
        (SUPERVISORD, Ran(0, "web  RUNNING  pid 99, uptime 0:01:00\n", ""), (True, None, "")),
        (SUPERVISORD, Ran(3, "web     FATAL     Exited too quickly\n", ""), (False, None, "")),
        (
            SUPERVISORD,
            Ran(3, "web     BACKOFF   Exited too quickly (process log may have details)\n", ""),
            (False, None, ""),
        ),
        # One of several processes of a group.
        (
            SUPERVISORD,
            Ran(3, "g:a  RUNNING  pid 7, uptime 0:01:00\ng:b  STOPPED  Not started\n", ""),
            (False, None, ""),
        ),
        (SUPERVISORD, Ran(4, "web: ERROR (no such process)\n", ""), (False, None, "supervisord has no program web")),
        (
            SUPERVISORD,
            Ran(4, "unix:///x no such file\n", ""),
            (False, None, "supervisord cannot be asked: unix:///x no such file"),
        ),
        (COMPOSE, Ran(0, container("running"), ""), (True, 600.25, "")),
        # Its warnings are no ids.
        (COMPOSE, Ran(0, container("running"), OBSOLETE + UNSET), (True, 600.25, "")),
        (COMPOSE, Ran(0, container("running", "1970-01-01T00:10:00.123456789Z"), ""), (True, 600.123456789, "")),
        (COMPOSE, Ran(0, container("running", health="healthy"), ""), (True, 600.25, "")),
        (COMPOSE, Ran(0, container("running", health="starting"), ""), (False, 600.25, "")),
        (COMPOSE, Ran(0, container("restarting"), ""), (False, 600.25, "")),
        (COMPOSE, Ran(0, container("exited"), ""), (False, 600.25, "")),
        (COMPOSE, Ran(0, "", OBSOLETE), (False, None, "")),
        (COMPOSE, Ran(1, "", OBSOLETE + "no such service: web\n"), (False, None, "the project has no service web")),
        (
            COMPOSE,
            Ran(1, "", "Cannot connect to the Docker daemon\n"),
            (False, None, "docker_compose cannot be asked: Cannot connect to the Docker daemon"),
        ),
        (COMPOSE, Ran(127, "", ""), (False, None, "docker_compose cannot be asked: it gives no answer")),
    ],
)
def test_what_the_managers_say(service, answer, expected):
    state = read_state(service, answer, HOST, None)
    assert (state.running, state.started, state.text if state.failure else "") == expected


def test_what_systemd_knows_more():
    state = read_state(SYSTEMD, Ran(0, SHOWN.format(state="active", pid=7), ""), HOST, None)
    assert (state.programs, state.restarts, [one.pid for one in state.everyone]) == (("/bin/web",), 3, [7, 8])
    reloading = read_state(
        Service("W", "systemd", unit="w", reload=True), Ran(0, SHOWN.format(state="active", pid=7), ""), HOST, None
    )
    assert "has no ExecReload" in reloading.text


def test_a_pid_file_alone():
    service = Service("Web", "command", argv=["x"], pid_file="/web.pid")
    assert ask_manager(service, lambda argv: Ran(1, "", "")) is None
    assert read_state(service, None, HOST, HOST.processes[7]).started == 400
    assert not read_state(service, None, HOST, None).running
    assert read_state(Service("Web", "command", argv=["x"]), None, HOST, None).running


def test_only_the_standard_output_of_compose_holds_ids():
    asked = []

    def ask(argv: list[str]) -> Ran:
        asked.append(argv)
        return Ran(0, "abc\ndef\n", OBSOLETE) if "ps" in argv else Ran(0, "[]", "")

    ask_manager(COMPOSE, ask)
    assert asked == [
        ["docker", "compose", "--project-directory", "/srv", "ps", "--all", "--quiet", "web"],
        ["docker", "inspect", "abc", "def"],
    ]


ENDLESS = "restart it did not end within 5 s, and was stopped with all that it had not detached."
COMMAND = Service("Web", "command", argv=["./restart.sh"])


@pytest.mark.parametrize(
    ("service", "ran", "problem"),
    [
        # Exit status 0 of supervisorctl is no success.
        (SUPERVISORD, Ran(0, "web: ERROR (no such process)\n", ""), "supervisord says: web: ERROR (no such process)."),
        (
            SUPERVISORD,
            Ran(0, "web: stopped\nweb: ERROR (spawn error)\n", ""),
            "supervisord says: web: ERROR (spawn error).",
        ),
        (
            SUPERVISORD,
            Ran(0, "g:a: stopped\ng:a: started\ng:b: ERROR (no such file)\n", ""),
            "supervisord says: g:b: ERROR (no such file).",
        ),
        # That it did not run before is no failure.
        (SUPERVISORD, Ran(0, "web: ERROR (not running)\nweb: started\n", ""), ""),
        (SUPERVISORD, Ran(7, "web: ERROR (not running)\nweb: started\n", ""), ""),
        (
            SUPERVISORD,
            Ran(1, "", "error: <class 'FileNotFoundError'>\n"),
            "supervisord says: error: <class 'FileNotFoundError'>.",
        ),
        (SYSTEMD, Ran(0, "", ""), ""),
        (
            SYSTEMD,
            Ran(1, "", "Job for web.service failed.\n"),
            "restart it ended with status 1: Job for web.service failed.",
        ),
        # The output of a command of the user's own may hold secrets: the log shows it masked.
        (COMMAND, Ran(1, "", "secret"), "restart it ended with status 1."),
        (COMMAND, Ran(None, "", ""), f"{ENDLESS} A restart command starts the program in the background and ends."),
        (SYSTEMD, Ran(None, "", ""), ENDLESS),
    ],
)
def test_whether_a_restart_was_one(service, ran, problem):
    assert command_problem(service, ["restart", "it"], ran, 5) == problem


@pytest.mark.parametrize(
    ("service", "action", "told"),
    [
        # A unit that failed too often is not started again before its count is reset.
        (SYSTEMD, "restart", [["systemctl", "reset-failed", "web"], ["systemctl", "restart", "web"]]),
        (SYSTEMD, "reload", [["systemctl", "reload", "web"]]),
        (SUPERVISORD, "restart", [["supervisorctl", "restart", "web"]]),
        (SUPERVISORD, "reload", [["supervisorctl", "signal", "HUP", "web"]]),
        (
            COMPOSE,
            "restart",
            [
                [
                    "docker",
                    "compose",
                    "--project-directory",
                    "/srv",
                    "up",
                    "--detach",
                    "--force-recreate",
                    "--build",
                    "--no-deps",
                    "--",
                    "web",
                ]
            ],
        ),
        (COMMAND, "restart", [["./restart.sh"]]),
        (Service("W", "command", pid_file="/x", reload=True), "reload", []),
    ],
)
def test_what_the_managers_are_told(service, action, told):
    assert commands(service, action) == told
