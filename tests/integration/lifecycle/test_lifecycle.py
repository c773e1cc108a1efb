# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole guide in one play on a real application: there, again, as a dry run, failing at each step, and back."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from cassandra.cluster import Session

from ..conftest import REPOSITORY, RunPlaybook
from .conftest import KEYSPACE, TABLE, Application

PLAYBOOKS = REPOSITORY / "playbooks"
NEW = {"pipeline_source", "last_pipeline_attempt", "processing_started_at"}
STEPS = [
    "Add the columns and verify them",
    "Enable the fields of the model",
    "Restart the workflows",
    "Smoke tests",
    "Look whether the feature works",
]

Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def play(run_playbook: RunPlaybook, application: Application) -> Play:
    """Runs a playbook with the application's variables, some of them changed."""

    def run(name: str, *options: str, **changed: Any) -> subprocess.CompletedProcess[str]:
        given = application.folder / "variables.json"
        given.write_text(json.dumps({**application.variables, **changed}))
        return run_playbook(PLAYBOOKS / f"{name}.yml", "-e", f"@{given}", *options)

    return run


def columns(cql: Session) -> set[str]:
    query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
    return {row.column_name for row in cql.execute(query, tuple(TABLE.split(".")))}


def changes(done: subprocess.CompletedProcess[str]) -> int:
    found = re.search(r"localhost +: .*changed=(\d+)", done.stdout)
    assert found, done.stdout + done.stderr
    return int(found.group(1))


def test_there_and_again_and_back(play: Play, application: Application, table: Session) -> None:
    before, pids = application.models.read_text(), application.pids()
    assert application.get("/api/pipeline-stats/")[0] == 500

    dry = play("migrate", "--check", "--diff")
    assert dry.returncode == 0, dry.stdout
    assert "+    pipeline_source = cassandra_columns.Text(max_length=64, default='')  # BIGQUERY or API" in dry.stdout
    assert "+    pipeline_source text," in dry.stdout
    assert "would_restart" in dry.stdout
    assert "dry run, nothing was changed" in dry.stdout
    assert (application.models.read_text(), application.pids()) == (before, pids)
    assert not (application.folder / "record.json").exists()
    assert not columns(table) & NEW

    real = play("migrate")
    assert real.returncode == 0, real.stdout
    assert columns(table) >= NEW
    after = application.models.read_text()
    assert after == re.sub(r"# ((?:pipeline_source|last_pipeline|processing_st).*  # (?:BIG|last|when))", r"\1", before)
    assert set(application.pids().values()) & set(pids.values()) == set()
    status, text = application.get("/api/pipeline-stats/")
    assert (status, json.loads(text)["api_total"]) == (200, 2)
    record = application.record
    assert (record["outcome"], record["ticket"], record["failure"]) == ("complete", "CHG-1", {})
    assert [(step["name"], step["status"]) for step in record["steps"]] == list(
        zip(STEPS, ["done", "done", "done", "ok", "ok"])
    )
    assert record["statements"] == [
        f"ALTER TABLE {TABLE} ADD (pipeline_source text, last_pipeline_attempt timestamp, processing_started_at timestamp)"
    ]
    assert any("API: 2" in sentence for sentence in record["verification"])
    assert "migration complete" in (application.folder / "record.md").read_text()

    pids = application.pids()
    again = play("migrate")
    assert (again.returncode, changes(again)) == (0, 1 if "JSON record: sent" in again.stdout else 0), again.stdout
    assert (application.pids(), application.models.read_text()) == (pids, after)
    assert "nothing was left to do" in again.stdout

    verified = play("verify")
    assert (verified.returncode, changes(verified)) == (0, 0), verified.stdout

    refused = play("rollback")
    assert refused.returncode != 0
    assert f"set rollback_confirm to {TABLE}" in refused.stdout
    assert "pipeline_source: 2 values would be lost" in refused.stdout
    dry = play("rollback", "--check")
    assert dry.returncode == 0, dry.stdout
    assert (application.models.read_text(), columns(table) >= NEW) == (after, True)

    back = play("rollback", rollback_confirm=TABLE)
    assert back.returncode == 0, back.stdout
    assert application.models.read_text() == before
    assert not columns(table) & NEW
    assert set(application.pids().values()) & set(pids.values()) == set()
    assert application.get("/health/")[0] == 200
    assert (play("rollback").returncode, play("verify").returncode) == (0, 2)

    # Dropping and adding again with the same types works.
    once_more = play("migrate")
    assert once_more.returncode == 0, once_more.stdout
    assert json.loads(application.get("/api/pipeline-stats/")[1])["api_total"] == 2


FAILURES: list[tuple[int, dict[str, Any], str]] = [
    (0, {"columns_list": [{"name": "status", "type": "int"}]}, "column status is of type text, wanted is int"),
    (
        1,
        {
            "_stellarmapweb_models": [
                {
                    "path": "{{ stellarmapweb_path }}/apiApp/models_cassandra.py",
                    "class_name": "Lineage",
                    "fields": ["pipeline_source"],
                }
            ]
        },
        "has no class Lineage: it has StellarCreatorAccountLineage",
    ),
    (
        2,
        {
            "stellarmapweb_workflows": [
                {
                    "name": "Django Server",
                    "manager": "command",
                    "argv": ["/bin/false"],
                    "pid_file": "/tmp/none.pid",
                    "log_file": "/tmp/none.log",
                    "timeout": 1,
                }
            ]
        },
        "Django Server",
    ),
    (3, {"smoke_tests_http": [{"name": "Nowhere", "url": "/nowhere/"}]}, "expected status 200, found status 404"),
    (4, {"feature_checks_allowed_sources": ["BIGQUERY"]}, "not allowed: API"),
]


def test_each_step_fails_once_and_the_next_run_goes_on(play: Play, application: Application, table: Session) -> None:
    for place, wrong, message in FAILURES:
        failed = play("migrate", **wrong)
        assert failed.returncode != 0
        stop = " ".join((failed.stdout + failed.stderr).split())
        assert message in stop, failed.stdout
        assert f"{STEPS[place]} failed." in stop
        done, left = ", ".join(STEPS[:place]) or "nothing", ", ".join(STEPS[place + 1 :]) or "nothing"
        assert f"Done before: {done}. Not reached: {left}. Correct it and run the play again." in stop
        record = application.record
        statuses = [step["status"] for step in record["steps"]]
        assert record["outcome"] == "failed"
        assert statuses[place:] == ["failed"] + ["not reached"] * (len(STEPS) - place - 1)
        assert "Traceback" not in failed.stdout
        # Nothing of a later step has happened.
        assert ("    # pipeline_source" in application.models.read_text().split("class Stellar")[1]) == (place <= 1)
    complete = play("migrate")
    assert complete.returncode == 0, complete.stdout
    assert application.record["outcome"] == "unchanged"
    assert application.get("/api/pipeline-stats/")[0] == 200


def test_a_run_killed_between_file_and_restart_is_completed(play: Play, application: Application) -> None:
    """The file says how far it came: workflows older than it are restarted."""
    pids = application.pids()
    first = play("migrate", stellarmapweb_workflows=[])
    assert first.returncode != 0
    assert application.pids() == pids
    second = play("migrate")
    assert second.returncode == 0, second.stdout
    assert set(application.pids().values()) & set(pids.values()) == set()
    assert application.get("/api/pipeline-stats/")[0] == 200


def test_not_yet_is_an_outcome_of_its_own(play: Play, application: Application, table: Session) -> None:
    """No pipeline has run: neither success nor failure of the feature, and the wait has a limit."""
    web = application.variables["stellarmapweb_workflows"][0]
    table.execute(f"TRUNCATE {KEYSPACE}.stellar_creator_account_lineage")
    checks = {"smoke_tests_http": [{"name": "Health", "url": "/health/"}]}
    done = play("migrate", stellarmapweb_workflows=[web], feature_checks_wait=1, **checks)
    assert done.returncode == 0, done.stdout
    assert application.record["steps"][-1]["status"] == "not yet"
    assert "Not yet: nothing has used the feature so far." in done.stdout


def test_a_restart_by_hand_becomes_a_notice_and_holds_the_rollback(
    play: Play, application: Application, table: Session
) -> None:
    hand = [{"name": "Django Server", "manager": "manual", "instructions": "Press the button."}]
    only = {
        "stellarmapweb_workflows": hand,
        "smoke_tests_http": [],
        "feature_checks_source_column": "",
        "feature_checks_tracking_column": "",
        "feature_checks_started_column": "",
    }
    done = play("migrate", **only)
    assert done.returncode == 0, done.stdout
    assert application.record["notices"] == ["Restart Django Server by hand: Press the button."]
    back = play("rollback", rollback_confirm=TABLE, **only)
    assert back.returncode != 0
    assert "Nothing was dropped yet: Restart Django Server by hand" in " ".join(back.stdout.split())
    assert columns(table) >= NEW
    assert play("rollback", rollback_confirm=TABLE, **only).returncode == 0
    assert not columns(table) & NEW


def test_the_canary_proves_that_the_running_server_has_the_fields(
    play: Play, application: Application, table: Session
) -> None:
    canary = {
        "feature_checks_canary": True,
        "feature_checks_canary_row": {
            "id": "00000000-0000-4000-8000-000000000001",
            "stellar_account": "CANARY",
            "network_name": "public",
            "pipeline_source": "BIGQUERY",
        },
        "feature_checks_canary_url": f"{application.url}/api/pipeline-stats/",
        "feature_checks_canary_count": "bigquery_total",
    }
    done = play("migrate", **canary)
    assert done.returncode == 0, done.stdout
    assert application.record["outcome"] == "complete"
    assert {row.stellar_account[0] for row in table.execute(f"SELECT stellar_account FROM {TABLE}")} == {"G"}
