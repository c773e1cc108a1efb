# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole migration with a real Django application under gunicorn, against that of its columns alone."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from running_application import PLAYBOOKS, TABLE, Application, application_table, running_application

from .contestants import ANSIBLE
from .environment import REPOSITORY, executable
from .process import run
from .report import Finding
from .scene import Scene

_COLUMNS = {"stellarmapweb_path": "", "stellarmapweb_url": ""}
_PAGES = (
    "/health/",
    "/api/pipeline-stats/",
    "/web/high-value-accounts/",
    "/api/cassandra-query/?query=stuck_accounts&limit=1",
)
# Read before the canary and after it.
_CANARY = ("/api/pipeline-stats/",) * 2
_STABLE = 0.5
# A process younger than 10 s is watched before it counts as unchanged: that wait is of the restart, not of a later run.
_SETTLED = 11
_CALLBACKS = str(REPOSITORY / "benchmarks" / "callback_plugins")

Round = Mapping[str, float]


class Counted(NamedTuple):
    """What a run was made of: the names of its tasks with their seconds, and the modules that ran as processes."""

    tasks: Sequence[tuple[str, float]]
    processes: Sequence[str]


def measure(scene: Scene, rounds: int) -> list[Finding]:
    """The findings of some rounds, each of which ends where it began."""
    with (
        tempfile.TemporaryDirectory(prefix="a") as folder,
        application_table(scene.session),
        running_application(scene.host, Path(folder)) as application,
    ):
        play = _Play(application)
        counted = _count(play)
        measured = []
        for number in range(rounds):
            measured.append(_round(play))
            shown = ", ".join(f"{name} {seconds:.2f}" for name, seconds in measured[-1].items())
            print(f"application, round {number + 1} of {rounds}: {shown}", flush=True)
    for name, run_ in counted.items():
        print(f"{name}: {len(run_.tasks)} task results; as processes: {dict(Counter(run_.processes))}")
        for task, seconds in run_.tasks:
            print(f"  {seconds:5.2f} s  {task}")
    return findings(measured, counted)


def findings(rounds: Sequence[Round], counted: Mapping[str, Counted]) -> list[Finding]:
    """The rows of the page, by the ratios within each round."""

    def against(part: str, *own: str) -> float:
        return statistics.median((one[part] - sum(one[name] for name in own)) / one["columns"] for one in rounds)

    rerun = "against that of the columns alone"
    without = "without what the application itself takes, against a rerun of the columns alone"
    return [
        Finding(f"rerun with an application, {rerun}", against("rerun"), 3),
        Finding(f"dry run with an application, {without}", against("dry run", "check"), 4),
        Finding(f"first run with an application, {without}", against("first run", "check", "restart", "answers"), 4),
        Finding(f"rollback with an application, {without}", against("rollback", "check", "restart"), 4),
        Finding("task results of a first run with an application", len(counted["first run"].tasks), 40),
        Finding("task results of its rerun", len(counted["rerun"].tasks), 40),
        Finding("module processes of its rerun if the host is the controller", len(counted["rerun"].processes), 4),
        Finding("module processes of its rerun on another host", len(counted["elsewhere"].processes), None),
    ]


class _Play:
    """Runs playbooks with the application, or without it."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def seconds(self, name: str, *options: str, counter: str = "", **changed: Any) -> float:
        folder = self.application.folder
        described = self.application.describe(**changed)
        environment = {**ANSIBLE, "CASSANDRA_HOST": self.application.node}
        if counter:
            callbacks = {"ANSIBLE_CALLBACK_PLUGINS": _CALLBACKS, "ANSIBLE_CALLBACKS_ENABLED": "counter"}
            environment = {**environment, **callbacks, "COUNTER_FILE": counter}
        argv = [executable("", (), "ansible-playbook"), str(PLAYBOOKS / f"{name}.yml"), *described, *options]
        return run(argv, folder, environment).seconds


def _turns(play: _Play) -> Mapping[str, Callable[[str], float]]:
    """The runs of a round in their order: after the last one everything is as it was before the first."""
    back = {"rollback_confirm": TABLE, "rollback_all_listed": True}
    return {
        "dry run": lambda counter: play.seconds("migrate", "--check", "--diff", counter=counter),
        "first run": lambda counter: play.seconds("migrate", counter=counter),
        "rerun": lambda counter: play.seconds("migrate", counter=counter),
        "columns": lambda counter: play.seconds("migrate", counter=counter, file={"notify": None}, **_COLUMNS),
        "rollback": lambda counter: play.seconds("rollback", counter=counter, **back),
    }


def _count(play: _Play) -> dict[str, Counted]:
    """What each run is made of. Caches are cold at first, so that its times are no measurement."""
    counted = {}
    turns = dict(_turns(play))
    back = turns.pop("rollback")
    # On another host than the controller each module has a process of its own.
    elsewhere = {"stellarmap_cassandra_in_process": "never"}
    turns["elsewhere"] = lambda counter: play.seconds("migrate", counter=counter, **elsewhere)
    for name, turn in {**turns, "rollback": back}.items():
        file = play.application.folder / "counter.json"
        turn(str(file))
        found = json.loads(file.read_text())
        counted[name] = Counted([tuple(task) for task in found["tasks"]], found["processes"])
    return counted


def _round(play: _Play) -> Round:
    """The seconds of each run, and those that the application itself takes for the same, asked by hand in between."""
    own, taken = _own(play.application), {}
    for name, turn in _turns(play).items():
        if name == "rerun":
            time.sleep(_SETTLED)
        taken[name] = turn("")
        if name == "columns":
            taken.update({part: _seconds(act) for part, act in own.items()})
    return taken


def _own(application: Application) -> Mapping[str, Callable[[], object]]:
    """What a run waits for the application, with nothing of Ansible."""

    def restart() -> None:
        application.restart()
        application.wait()
        application.supervisorctl("restart", "pipeline")
        time.sleep(_STABLE)

    return {
        "check": lambda: application.manage("check"),
        "restart": restart,
        "answers": lambda: [application.get(page) for page in (*_PAGES, *_CANARY)],
    }


def _seconds(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin
