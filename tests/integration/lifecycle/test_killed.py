# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole guide, killed over and over: as each task begins, and in the middle of one. The next run goes on from there.

Each run is killed a little later than the one before. What it has just done for the first time is therefore always followed
by a kill, and then by a run that does not know of it.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from cassandra.cluster import Session
from running_application import PLAYBOOKS, TABLE, Application, with_fields

from ..conftest import REPOSITORY
from .conftest import Play

SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT")
# Each task and 50 moments take half an hour: EVERY_KILL=1 asks for them.
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:[ ^~].*\n)+")
EVERY = bool(os.environ.get("EVERY_KILL"))


@pytest.fixture
def with_a_job(application: Application) -> dict[str, Any]:
    """The application's services, and a job that runs once for each change of the model."""
    job = application.folder / "job.sh"
    job.write_text(f"#!/bin/sh\necho ran >> {application.folder}/job.log\n")
    job.chmod(0o755)
    backfill = {"name": "Backfill", "manager": "command", "argv": [str(job)]}
    canary = yaml.safe_load((PLAYBOOKS / "vars" / "dual_pipeline.yml").read_text())["smoke_tests"]["canary"]
    return {
        # A killed run leaves its canary, and the next one waits until it is gone.
        "file": {"smoke_tests": {"canary": {**canary, "ttl": 20}}},
        "stellarmapweb_services": [*application.variables["stellarmapweb_services"][:2], backfill],
    }


def is_of_a_fork(trace: str) -> bool:
    """Ctrl-C between a fork and the first line of Ansible ends in multiprocessing, and with none of our files."""
    return "multiprocessing/process.py" in trace and "stellarmap" not in trace


def killed(signal: str, **when: str) -> dict[str, str]:
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(REPOSITORY / "tests" / "support" / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "killer",
        "KILLER_SIGNAL": signal,
        **when,
    }


def at_each_task() -> Iterator[dict[str, str]]:
    """One more each time."""
    for number in range(1, 1000, 1 if EVERY else 31):
        yield killed(SIGNALS[number % 3], KILLER_TASK=str(number))


def at_moments() -> Iterator[dict[str, str]]:
    """Between the start of the play and the time that it takes when nothing is left of it to do."""
    drawn, count = random.Random(0), 50 if EVERY else 3
    for number in range(count):
        seconds = 6 * (number + drawn.random()) / count
        yield killed(SIGNALS[number % 3], KILLER_SECONDS=f"{seconds:.3f}")


@pytest.mark.parametrize("moments", [at_each_task, at_moments])
def test_killed_and_finished_by_the_next_run(
    moments: Any, play: Play, application: Application, with_a_job: dict[str, Any], table: Session
) -> None:
    before, pids = application.models.read_text(), application.pids()
    kills = 0
    for environment in moments():
        done = play("migrate", environment=environment, **with_a_job)
        kills += done.returncode in (-9, -15, 99)
        assert done.returncode in (0, -9, -15, 99), done.stdout
        assert not [trace for trace in TRACEBACK.findall(done.stdout + done.stderr) if not is_of_a_fork(trace)]
        if done.returncode == 0 and moments is at_each_task:
            break
    last = play("migrate", **with_a_job)
    assert last.returncode == 0, last.stdout
    assert kills
    assert application.models.read_text() == with_fields(before)
    assert set(application.pids().values()) & set(pids.values()) == set()
    assert json.loads(application.get("/api/pipeline-stats/")[1])["api_total"] == 2
    assert application.report["remaining"] == []
    assert (application.folder / "job.log").exists()
    assert {row.stellar_account[0] for row in table.execute(f"SELECT stellar_account FROM {TABLE}")} == {"G"}
