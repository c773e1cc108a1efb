# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is owed to workflows, decided from facts: tables, and the descriptions compared with the role's documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.description import (
    DEFAULTS,
    READY_DEFAULTS,
    describe,
    programs,
    read_done,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.outcome import (
    restart_problem,
    stability_problem,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.plan import Wanted, plan_step
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.report import make_report
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.snapshot import read_snapshot
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.state import read_state

REPOSITORY = Path(__file__).resolve().parents[5]
NOW, UPTIME = 1000.0, 900.0
SERVER = {"name": "Web", "manager": "command", "argv": ["restart"], "pid_file": "/web.pid"}
BY_HAND = {"name": "Web", "manager": "manual"}
JOB = {"name": "Job", "manager": "command", "argv": ["job"], "one_shot": True}


def stat(pid: int, parent: int, started: float, name: str = "web", state: str = "S") -> str:
    """A line of /proc/PID/stat of a process that was started at that time."""
    ticks = round((started - (NOW - UPTIME)) * 100)
    return f"{pid} ({name}) {state} {parent} {'0 ' * 17}{ticks} 0"


def printed(*processes: str, pid_file: str = "", answer: str = "", status: int = 0) -> str:
    """What the script of a snapshot prints."""
    stats = "".join(f"{line}\n" for line in processes)
    head = f"{NOW}\n{UPTIME} 5.0\n=== pid file\n{pid_file}=== processes\n{stats}"
    return f"{head}=== programs\n/bin/web\nweb: main\n=== answer\n{answer}=== status {status}\n"


def running(started: float, *more: str) -> str:
    """A snapshot in which the pid file names process 7."""
    return printed(stat(7, 1, started), *more, pid_file=f"{int(started)}\n7\n")


STOPPED = printed(pid_file="")
OLD, NEW = running(400), running(600)
NEWER, OLDER = "its process is newer than every change", "its process is older than /code"
GONE = "it is not running: /web.pid names no running process"
UNKNOWN = "nobody knows whether its process is newer than /code"
CHANGED = {"/code": 500.0}
KEPT = {"Web": {"changed": 500.0}}
UNSEEN = {**SERVER, "pid_file": None, "watch": ["/code"]}
RELOADING = {**SERVER, "reload": True, "watch": ["/code"]}
SHOWN_BY_HAND = {**BY_HAND, "pid_file": "/web.pid", "watch": ["/code"]}
WATCHED = {"watch": ["/code"]}


@pytest.mark.parametrize(
    ("item", "text", "wanted", "status", "reason", "proven"),
    [
        # A process and the files that it reads.
        ({**SERVER, **WATCHED}, NEW, {}, "unchanged", NEWER, True),
        ({**SERVER, **WATCHED}, OLD, {}, "restarted", OLDER, False),
        # Both times are rounded down: this process may have been started a moment before the change.
        ({**SERVER, **WATCHED}, running(500.01), {}, "restarted", OLDER, False),
        ({**SERVER, **WATCHED}, running(500.04), {}, "unchanged", NEWER, True),
        ({**SERVER, **WATCHED}, OLD, {"check_mode": True}, "would_restart", OLDER, False),
        ({**SERVER, **WATCHED}, STOPPED, {}, "restarted", GONE, False),
        (SERVER, NEW, {"asked": True}, "restarted", "workflows_restart asks for it", False),
        (SERVER, NEW, {"changed": True}, "restarted", "it uses what this run changed", False),
        (
            SERVER,
            NEW,
            {"changed": True, "check_mode": True},
            "would_restart",
            "it uses what this run would change",
            False,
        ),
        (SERVER, OLD, {}, "unchanged", NEWER, True),
        # What a run before changed and only that run could know.
        (
            SERVER,
            OLD,
            {"kept": KEPT},
            "restarted",
            "its process is older than the change of 1970-01-01 00:08:20 UTC",
            False,
        ),
        (SERVER, NEW, {"kept": KEPT}, "unchanged", NEWER, True),
        # A person's word is no proof against a process.
        ({**SERVER, **WATCHED}, OLD, {"done": ["Web"]}, "restarted", OLDER, False),
        # No process shows it: what was kept counts, or nobody knows.
        (UNSEEN, STOPPED, {}, "restarted", UNKNOWN, False),
        (
            UNSEEN,
            STOPPED,
            {"kept": {"Web /code": {"started": 600}}},
            "unchanged",
            "nothing that it uses has changed since 1970-01-01 00:10:00 UTC",
            False,
        ),
        (UNSEEN, STOPPED, {"kept": {"Web /code": {"started": 400}}}, "restarted", OLDER, False),
        (
            UNSEEN,
            STOPPED,
            {"done": ["Web"]},
            "unchanged",
            "nothing that it uses has changed since 1970-01-01 00:16:40 UTC",
            True,
        ),
        # A number in a pid file that is older than the process has been inherited.
        (SERVER, printed(stat(7, 1, 600), pid_file="500\n7\n"), {}, "restarted", GONE, False),
        (SERVER, printed(stat(7, 1, 600, state="Z"), pid_file="600\n7\n"), {}, "restarted", GONE, False),
        # A reload replaces the workers below a main process that stays.
        (RELOADING, running(400, stat(8, 7, 600)), {}, "unchanged", NEWER, True),
        (RELOADING, running(400, stat(8, 7, 600), stat(9, 7, 450)), {}, "reloaded", OLDER, False),
        (RELOADING, STOPPED, {}, "restarted", GONE, False),
        (
            {**SERVER, "argv": None, "reload": True},
            STOPPED,
            {},
            "failed",
            "it is not running: /web.pid names no running process, and without argv nothing can start it",
            False,
        ),
        # Jobs that end by themselves.
        ({**JOB, **WATCHED}, STOPPED, {}, "restarted", "nobody knows whether its last run is newer than /code", False),
        (
            {**JOB, **WATCHED},
            STOPPED,
            {"kept": {"Job /code": {"started": 600}}},
            "unchanged",
            "its last run is newer than every change",
            True,
        ),
        (
            {**JOB, **WATCHED},
            STOPPED,
            {"kept": {"Job /code": {"started": 400}}},
            "restarted",
            "its last run is older than /code",
            False,
        ),
        (JOB, STOPPED, {}, "unchanged", "nothing that it uses has changed", True),
        (JOB, STOPPED, {"changed": True}, "restarted", "it uses what this run changed", False),
        # By hand is not done.
        ({**BY_HAND, **WATCHED}, STOPPED, {}, "waiting", UNKNOWN, False),
        ({**BY_HAND, **WATCHED}, STOPPED, {"done": ["Web"]}, "confirmed", "confirmed on 1970-01-01 00:16:40 UTC", True),
        (
            {**BY_HAND, **WATCHED},
            STOPPED,
            {"kept": {"Web /code": {"started": 600}}},
            "confirmed",
            "confirmed on 1970-01-01 00:10:00 UTC",
            True,
        ),
        ({**BY_HAND, **WATCHED}, STOPPED, {"kept": {"Web /code": {"started": 400}}}, "waiting", OLDER, False),
        (BY_HAND, STOPPED, {}, "unchanged", "nothing that it uses has changed", False),
        (BY_HAND, STOPPED, {"changed": True}, "waiting", "it uses what this run changed", False),
        (
            BY_HAND,
            STOPPED,
            {"kept": KEPT},
            "waiting",
            "nobody knows whether its process is newer than the change of 1970-01-01 00:08:20 UTC",
            False,
        ),
        (SHOWN_BY_HAND, NEW, {}, "unchanged", NEWER, True),
        (SHOWN_BY_HAND, OLD, {}, "waiting", OLDER, False),
        (
            SHOWN_BY_HAND,
            OLD,
            {"done": ["Web"]},
            "waiting",
            "it was confirmed, but its process is older than /code",
            False,
        ),
        # A change that no file shows, with a time of its own.
        (
            SERVER,
            OLD,
            {"changes": {"column k.t.c": 450.0}},
            "restarted",
            "its process is older than column k.t.c",
            False,
        ),
        (SERVER, NEW, {"changes": {"column k.t.c": 450.0}}, "unchanged", NEWER, True),
        # What is not in use is skipped, whatever else is said about it.
        ({**SERVER, "enabled": "no"}, "", {"asked": True}, "skipped", "it is not enabled", True),
        # A host without /proc.
        (SERVER, "", {}, "failed", "its host shows no processes: it needs Linux with /proc", False),
    ],
)
def test_what_is_owed(item, text, wanted, status, reason, proven):
    (workflow,) = describe([item], [])
    step = plan_step(workflow, text, Wanted(changed_at=CHANGED, **wanted))
    assert (step.status, step.reason, step.proven) == (status, reason, proven)


@pytest.mark.parametrize(
    ("item", "text", "mark", "confirm"),
    [
        # The file and the process tell the next run as well.
        ({**SERVER, **WATCHED}, OLD, False, False),
        ({**SERVER, **WATCHED}, NEW, True, False),
        (BY_HAND, STOPPED, True, False),
    ],
)
def test_what_only_this_run_knows(item, text, mark, confirm):
    (workflow,) = describe([item], [])
    step = plan_step(workflow, text, Wanted(changed=True, changed_at=CHANGED))
    assert (step.mark, step.confirm) == (mark, confirm)


SYSTEMD = {"name": "Web", "manager": "systemd", "unit": "web"}
SHOWN = (
    "LoadState=loaded\nActiveState={state}\nSubState=x\nResult=success\nMainPID={pid}\n"
    "ExecMainStartTimestamp=Thu 1970-01-01 00:10:00 UTC\nExecStart={{ path=/bin/web ; argv[]=/bin/web -x ; }}\n"
)
SUPERVISORD = {"name": "Web", "manager": "supervisord", "program": "web"}
COMPOSE = {"name": "Web", "manager": "docker_compose", "service": "web", "project_dir": "/srv"}


def container(status: str, started: str = "1970-01-01T00:10:00.25Z", health: str = "") -> str:
    more = f', "Health": {{"Status": "{health}"}}' if health else ""
    return f'[{{"Id": "abc", "State": {{"Status": "{status}", "StartedAt": "{started}"{more}}}}}]\n'


@pytest.mark.parametrize(
    ("item", "answer", "status", "expected"),
    [
        (SYSTEMD, SHOWN.format(state="active", pid=7), 0, (True, 399.98, "")),
        (SYSTEMD, SHOWN.format(state="reloading", pid=7), 0, (True, 399.98, "")),
        (SYSTEMD, SHOWN.format(state="active", pid=0), 0, (True, 600.0, "")),
        (SYSTEMD, SHOWN.format(state="failed", pid=0), 0, (False, 600.0, "")),
        (SYSTEMD, SHOWN.format(state="activating", pid=7), 0, (False, 600.0, "")),
        (SYSTEMD, "LoadState=not-found\n", 0, (False, None, "systemd has no usable unit web: it is not-found")),
        (SYSTEMD, "Failed to connect to bus\n", 1, (False, None, "systemd cannot be asked: Failed to connect to bus")),
        (SYSTEMD, "", 127, (False, None, "systemd cannot be asked: systemctl cannot be run on this host")),
        (SUPERVISORD, "web     RUNNING   pid 7, uptime 1 day, 0:00:05\n", 0, (True, 399.98, "")),
        (
            SUPERVISORD,
            "g:a  RUNNING  pid 7, uptime 0:01:00\ng:b  RUNNING  pid 8, uptime 0:01:00\n",
            0,
            (True, 399.98, ""),
        ),
        (SUPERVISORD, "web  RUNNING  pid 99, uptime 0:01:00\n", 0, (True, None, "")),
        (SUPERVISORD, "web     FATAL     Exited too quickly\n", 3, (False, None, "")),
        (SUPERVISORD, "g:a  RUNNING  pid 7, uptime 0:01:00\ng:b  STOPPED  Not started\n", 3, (False, None, "")),
        (SUPERVISORD, "web: ERROR (no such process)\n", 4, (False, None, "supervisord has no program web")),
        (
            SUPERVISORD,
            "unix:///x no such file\n",
            4,
            (False, None, "supervisord cannot be asked: unix:///x no such file"),
        ),
        (COMPOSE, container("running"), 0, (True, 600.25, "")),
        (COMPOSE, container("running", "1970-01-01T00:10:00.123456789Z"), 0, (True, 600.123456789, "")),
        (COMPOSE, container("running", health="healthy"), 0, (True, 600.25, "")),
        (COMPOSE, container("running", health="starting"), 0, (False, 600.25, "")),
        (COMPOSE, container("exited"), 0, (False, 600.25, "")),
        (COMPOSE, "", 0, (False, None, "")),
        (COMPOSE, "no such service: web\n", 1, (False, None, "the project has no service web")),
        (
            COMPOSE,
            "Cannot connect to the Docker daemon\n",
            1,
            (False, None, "docker_compose cannot be asked: Cannot connect to the Docker daemon"),
        ),
        (COMPOSE, "", 127, (False, None, "docker_compose cannot be asked: docker cannot be run on this host")),
    ],
)
def test_what_the_managers_say(item, answer, status, expected):
    (workflow,) = describe([item], [])
    state = read_state(workflow, read_snapshot(printed(stat(7, 1, 400), stat(8, 1, 500), answer=answer, status=status)))
    assert (state.running, state.started, state.error) == expected


@pytest.mark.parametrize(
    ("item", "answer"),
    [(SYSTEMD, SHOWN.format(state="active", pid=7)), (SUPERVISORD, "web  RUNNING  pid 7, uptime 0:01:00\n")],
)
def test_the_program_that_its_next_start_needs(item, answer):
    (workflow,) = describe([item], [])
    step = plan_step(workflow, printed(stat(7, 1, 400), answer=answer), Wanted(asked=True))
    assert (step.action, step.tries) == ("restart", ["x:/bin/web"])


BEFORE = running(400, stat(8, 7, 410))


@pytest.mark.parametrize(
    ("item", "after", "action", "problem"),
    [
        (SERVER, BEFORE, "restart", "it still is the old process: process 7"),
        (SERVER, printed(stat(9, 1, 600), pid_file="600\n9\n"), "restart", ""),
        (
            SERVER,
            printed(stat(9, 1, 600), stat(7, 1, 400), pid_file="600\n9\n"),
            "restart",
            "the old process 7 still runs",
        ),
        # Its worker has lost its parent, and still serves.
        (
            SERVER,
            printed(stat(9, 1, 600), stat(8, 1, 410), pid_file="600\n9\n"),
            "restart",
            "the old process 8 still runs",
        ),
        # Another process with an old number is no old process.
        (SERVER, printed(stat(9, 1, 600), stat(8, 1, 601), pid_file="600\n9\n"), "restart", ""),
        (SERVER, STOPPED, "restart", "/web.pid names no running process"),
        (RELOADING, running(400, stat(9, 7, 600)), "reload", ""),
        (RELOADING, running(400, stat(9, 7, 600), stat(8, 7, 410)), "reload", "the old process 8 still runs"),
        (
            RELOADING,
            running(400),
            "reload",
            "no worker shows the reload; a program without worker processes has to be restarted",
        ),
    ],
)
def test_whether_it_is_back(item, after, action, problem):
    (workflow,) = describe([item], [])
    before, snapshot = read_state(workflow, read_snapshot(BEFORE)), read_snapshot(after)
    assert restart_problem(workflow, before, snapshot, read_state(workflow, snapshot), action) == problem


def test_whether_it_stays_up():
    (workflow,) = describe([SERVER], [])
    settled, gone = (read_state(workflow, read_snapshot(text)) for text in (NEW, STOPPED))
    other = read_state(workflow, read_snapshot(printed(stat(9, 1, 601), pid_file="601\n9\n")))
    assert stability_problem(workflow, settled, settled) == ""
    assert "ended within 2 s: /web.pid names no running process" in stability_problem(workflow, settled, gone)
    assert stability_problem(workflow, settled, other) == "it was started again within 2 s"


def test_the_name_of_a_process_may_hold_anything():
    snapshot = read_snapshot(printed(stat(7, 1, 400, name="a) S 1 (b"), "gone", stat(9, 7, 500)))
    assert sorted(snapshot.processes) == [7, 9]
    assert [one.pid for one in snapshot.descendants([7])] == [7, 9]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([BY_HAND, BY_HAND], "more than one is called: Web"),
        ([{"name": "A", "manager": "command"}], "A: the manager command needs argv."),
        ([{"name": "A", "manager": "docker_compose"}], "needs service and project_dir"),
        ([{"name": "A", "manager": "magic"}], "the manager magic is unknown"),
        ([{**COMPOSE, "reload": True}], "reload is for a program that keeps running"),
        ([{**JOB, "ready": {"port": 1}}], "a one_shot workflow ends by itself"),
    ],
)
def test_descriptions_that_cannot_be_right(items, said):
    with pytest.raises(InvalidInput, match=said):
        describe(items, [])


def test_the_documentation_has_the_same_options_and_defaults():
    spec = yaml.safe_load((REPOSITORY / "roles/workflows/meta/argument_specs.yml").read_text())
    options = spec["argument_specs"]["main"]["options"]["workflows_list"]["options"]
    ready = options.pop("ready")["options"]
    required = {"name", "manager", "unit", "program", "service", "project_dir"}
    assert set(options) == {*DEFAULTS, *required}
    assert set(ready) == set(READY_DEFAULTS)
    for documented, defaults in ((options, DEFAULTS), (ready, READY_DEFAULTS)):
        for name, option in documented.items():
            assert option.get("default", defaults.get(name) or None) == (defaults.get(name) or option.get("default")), (
                name
            )


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["Web"], ["Web"]),
        ("Web, Worker", ["Web", "Worker"]),
        ("[Web]", ["Web"]),
        ("['Web', 'Worker']", ["Web", "Worker"]),
        ("", []),
    ],
)
def test_names_from_the_command_line(given, names):
    assert read_done(given, ["Web", "Worker"]) == names


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], []),
        (["./restart.sh", "web"], ["x:./restart.sh"]),
        (["/bin/bash", "restart.sh"], ["x:/bin/bash", "r:restart.sh"]),
        (["sh", "-c", "true"], ["x:sh"]),
        (["/venv/bin/python3.12", "manage.py", "x"], ["x:/venv/bin/python3.12", "r:manage.py"]),
        (["pythonic", "a"], ["x:pythonic"]),
    ],
)
def test_what_has_to_be_there_for_a_command(argv, expected):
    assert programs(argv) == expected


def test_the_report_says_what_is_left_and_who_was_not_reached():
    workflows = describe(
        [{**BY_HAND, "instructions": "Press it."}, {**SERVER, "name": "Server"}, {**JOB, "enabled": False}], []
    )
    plan = [plan_step(one, STOPPED, Wanted(changed=True))._asdict() for one in workflows]
    done = {"name": "Web", "manager": "manual", "status": "waiting", "reason": "", "proven": False, "log": []}
    failure = {"place": 1, "kind": "restart_failed", "reason": "Web ended.", "log": ["no such column"]}
    report = make_report(workflows, plan, [done], failure)
    assert [one["status"] for one in report["workflows"]] == ["waiting", "failed", "skipped"]
    assert report["msg"] == "Web ended. Its last log lines:\nno such column"
    assert report["left"][0] == {
        "name": "Web",
        "instructions": "Press it.",
        "confirm": """Confirm it with -e '{"workflows_done": ["Web"]}'.""",
    }
    early = make_report(workflows, plan, [], {**failure, "place": 0})
    assert [one["status"] for one in early["workflows"]] == ["failed", "not_reached", "skipped"]
