# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is due to services, and whether they are back, decided from facts: tables."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.decide import (
    Run,
    plan_step,
    restart_problem,
    seconds_to_watch,
    stability_problem,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.managers import State
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.memory import Remembered
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.options import Request, Service
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.processes import Host, Process

NOW = 1000.0
SERVER = Service("Web", "command", argv=["restart"], pid_file="/web.pid", watch=["/code"])
PLAIN = Service("Web", "command", argv=["restart"], pid_file="/web.pid")
BY_HAND = Service("Web", "manual", watch=["/code"])
RELOADING = Service("Web", "command", argv=["reload"], pid_file="/web.pid", reload=True, watch=["/code"])
SIGNALED = Service("Web", "command", pid_file="/web.pid", reload=True, watch=["/code"])


def process(pid: int, started: float, parent: int = 1) -> Process:
    return Process(pid, parent, round(started * 100), started)


def running(started: float, *workers: Process, **more: object) -> State:
    """Main process 7 and its workers; the oldest of what serves was started at that time."""
    main = process(7, 400)
    return State(True, "process 7", started, (main,), (main, *workers))._replace(**more)


STOPPED = State(False, "/web.pid names no running process")
UNSEEN = State(True, "no pid_file shows its process")
OLD, NEW = running(400), running(600)
NEWER, OLDER = "its process is newer than every change", "its process is older than /code"
GONE = "it is not running: /web.pid names no running process"
UNKNOWN = "nobody knows whether its process is newer than /code"
CHANGED = {"/code": 500.0}
ELSEWHERE = "process 7 runs from /srv/1, and /srv/current leads to /srv/2"
PRELOADS = running(400, preloads=True)


def plan(service, state, changed_at=CHANGED, check_mode=False, remembered=None, **asked):
    """The step that is due."""
    nothing = {"path": None, "changed": False, "changes": {}, "confirmed": (), "state_file": "", "try_only": False}
    request = Request(**{**nothing, "services": [service], "restart": False, "act": None, "earlier": (), **asked})
    return plan_step(Run(request, check_mode, {}, remembered or {}, changed_at, None, print), service, state, NOW)


def remembered(service: Service, **times: float) -> dict[str, object]:
    return {"remembered": {service.key: Remembered(**times)}}


@pytest.mark.parametrize(
    ("service", "state", "facts", "status", "reason", "proven"),
    [
        # A process and the files that it reads.
        (SERVER, NEW, {}, "unchanged", NEWER, True),
        (SERVER, OLD, {}, "restarted", OLDER, False),
        (SERVER, OLD, {"check_mode": True}, "would_restart", OLDER, False),
        (SERVER, STOPPED, {}, "restarted", GONE, False),
        (SERVER, NEW, {"restart": True}, "restarted", "services_restart asks for it", False),
        (SERVER, NEW, {"changed": True}, "restarted", "it uses what this run changed", False),
        (
            SERVER,
            NEW,
            {"changed": True, "check_mode": True},
            "would_restart",
            "it uses what this run would change",
            False,
        ),
        (PLAIN, OLD, {}, "unchanged", NEWER, True),
        # What a run before changed, and only that run could know.
        (
            PLAIN,
            OLD,
            remembered(PLAIN, changed=500),
            "restarted",
            "its process is older than the change of 1970-01-01 00:08:20 UTC",
            False,
        ),
        (PLAIN, NEW, remembered(PLAIN, changed=500), "unchanged", NEWER, True),
        # This run says it better than what its first call has remembered.
        (
            PLAIN,
            NEW,
            {"changed": True, **remembered(PLAIN, changed=999)},
            "restarted",
            "it uses what this run changed",
            False,
        ),
        # A confirmation is no proof against a process.
        (SERVER, OLD, {"confirmed": ["Web"]}, "restarted", OLDER, False),
        # No process shows it: what is remembered counts, or nobody knows.
        (SERVER, UNSEEN, {}, "restarted", UNKNOWN, False),
        (
            SERVER,
            UNSEEN,
            remembered(SERVER, started=600),
            "unchanged",
            "nothing that it uses has changed since 1970-01-01 00:10:00 UTC",
            False,
        ),
        (SERVER, UNSEEN, remembered(SERVER, started=400), "restarted", OLDER, False),
        (
            SERVER,
            UNSEEN,
            {"confirmed": ["Web"]},
            "unchanged",
            "nothing that it uses has changed since 1970-01-01 00:16:40 UTC",
            True,
        ),
        # A reload is for what runs.
        (RELOADING, OLD, {}, "reloaded", OLDER, False),
        (RELOADING, STOPPED, {}, "restarted", GONE, False),
        (SIGNALED, STOPPED, {}, "failed", f"{GONE}, and without argv nothing can start it", False),
        # What a main process has loaded, a reload cannot change.
        (RELOADING, PRELOADS, {}, "restarted", OLDER, False),
        (RELOADING, PRELOADS._replace(started=600), {}, "unchanged", NEWER, True),
        (
            Service("W", "supervisord", program="w", reload=True, watch=["/code"]),
            PRELOADS,
            {},
            "restarted",
            OLDER,
            False,
        ),
        # New code is where the path of the application leads.
        (SERVER, NEW._replace(elsewhere=ELSEWHERE), {}, "restarted", ELSEWHERE, False),
        (BY_HAND, NEW._replace(elsewhere=ELSEWHERE), {}, "waiting", ELSEWHERE, False),
        # By hand is not done.
        (BY_HAND, UNSEEN, {}, "waiting", UNKNOWN, False),
        (BY_HAND, UNSEEN, {"confirmed": ["Web"]}, "confirmed", "confirmed on 1970-01-01 00:16:40 UTC", True),
        (BY_HAND, UNSEEN, remembered(BY_HAND, started=600), "confirmed", "confirmed on 1970-01-01 00:10:00 UTC", True),
        (BY_HAND, UNSEEN, remembered(BY_HAND, started=400), "waiting", OLDER, False),
        (
            BY_HAND,
            UNSEEN,
            {"changed": True, "changed_at": {"/code": 1}, **remembered(BY_HAND, started=400)},
            "waiting",
            "it uses what this run changed",
            False,
        ),
        (BY_HAND, NEW, {}, "unchanged", NEWER, True),
        (BY_HAND, OLD, {"confirmed": ["Web"]}, "waiting", f"it was confirmed, but {OLDER}", False),
        # A change that no file shows, with a time of its own.
        (
            PLAIN,
            OLD,
            {"changes": {"column k.t.c": 450.0}},
            "restarted",
            "its process is older than column k.t.c",
            False,
        ),
        (PLAIN, NEW, {"changes": {"column k.t.c": 450.0}}, "unchanged", NEWER, True),
        # What is not in use is skipped, and what cannot be asked fails, whatever else is said about it.
        (
            Service("Web", "command", enabled=False),
            State(False, ""),
            {"restart": True},
            "skipped",
            "it is not enabled",
            True,
        ),
        (SERVER, State(False, "silent", failure="manager_unavailable"), {}, "failed", "silent", False),
    ],
)
def test_what_is_due(service, state, facts, status, reason, proven):
    step = plan(service, state, **facts)
    assert (step.status, step.reason, step.proven) == (status, reason, proven)


def test_a_reload_that_would_keep_the_old_code_says_what_to_do():
    step = plan(SIGNALED, PRELOADS)
    assert (step.status, step.failure) == ("failed", "old_code")
    assert "Restart the main process" in step.reason


@pytest.mark.parametrize(
    ("service", "state", "facts", "news"),
    [
        # The file and the process tell the next run too.
        (SERVER, OLD, {}, {}),
        (SERVER, NEW, {}, {"changed": NOW}),
        (BY_HAND, UNSEEN, {}, {}),
        (Service("Web", "manual"), UNSEEN, {}, {"changed": NOW}),
        (BY_HAND, UNSEEN, {"confirmed": ["Web"]}, {"changed": NOW, "started": NOW}),
    ],
)
def test_what_only_this_run_knows(service, state, facts, news):
    assert plan(service, state, changed=True, **facts).news == news


BEFORE = running(410, process(8, 410, 7))


def after(*pids: tuple[int, float], main: int = 9) -> State:
    everyone = tuple(process(pid, started) for pid, started in pids)
    mains = tuple(one for one in everyone if one.pid == main)
    return State(True, f"process {main}", max(one.started for one in everyone), mains, everyone)


@pytest.mark.parametrize(
    ("action", "left", "now", "problem"),
    [
        ("restart", [(7, 400)], after((7, 400), main=7), "it still is the old process: process 7"),
        ("restart", [], after((9, 600)), ""),
        ("restart", [(7, 400)], after((9, 600)), "the old process 7 still runs"),
        # Its worker has lost its parent, and still serves.
        ("restart", [(8, 410)], after((9, 600)), "the old process 8 still runs"),
        # Another process with an old number is no old process.
        ("restart", [(8, 601)], after((9, 600)), ""),
        ("restart", [], STOPPED, STOPPED.text),
        # The pid file names a process that was there long before.
        ("restart", [], after((9, 450)), "its process is older than /code"),
        ("reload", [(7, 400)], after((7, 400), (9, 600), main=7), ""),
        ("reload", [(7, 400), (8, 410)], after((7, 400), (9, 600), main=7), "the old process 8 still runs"),
        (
            "reload",
            [(7, 400)],
            after((7, 400), main=7),
            "no worker shows the reload; a program without worker processes has to be restarted",
        ),
    ],
)
def test_whether_it_is_back(action, left, now, problem):
    alive = {pid: process(pid, started) for pid, started in left}
    host = Host(NOW, {**alive, **{one.pid: one for one in now.everyone}})
    assert restart_problem(action, BEFORE, host, now, CHANGED) == problem


def test_whether_it_stays_up():
    settled = after((9, 600))
    identities = [one.identity for one in settled.mains]
    assert stability_problem(identities, settled, 2) == ""
    assert "ended within 2 s: /web.pid names no running process" in stability_problem(identities, STOPPED, 2)
    assert stability_problem(identities, after((9, 601)), 2) == "it was started again within 2 s"


@pytest.mark.parametrize(
    ("started", "restarts", "failed", "seconds"),
    [
        (996, 0, None, 6),
        (1001, 0, None, 10),
        (989, 0, None, 0),
        (989, 4, None, 10),
        (989, 0, 980.0, 10),
        # It has long been stable since.
        (900, 4, 100.0, 0),
    ],
)
def test_how_long_a_service_is_watched_that_nothing_restarted(started, restarts, failed, seconds):
    main = process(7, started)
    state = State(True, "", started, (main,), (main,), restarts=restarts)
    assert seconds_to_watch(state, NOW, Remembered(failed=failed)) == seconds
    assert seconds_to_watch(UNSEEN, NOW, Remembered()) == 0
