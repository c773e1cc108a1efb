# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole guide in one play on a real application: there, again, as a dry run, failing at each step, and back."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
from cassandra.cluster import Session
from running_application import KEYSPACE, TABLE, Application, with_fields

from .conftest import Play

NEW = {"pipeline_source", "last_pipeline_attempt", "processing_started_at"}
# No plan was made of the migration, so the rollback is told that all listed columns are its own.
WHOLE = {"rollback_all_listed": True}
STEPS = ["Columns", "Model fields", "Services", "Smoke tests"]


def columns(cql: Session) -> set[str]:
    query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
    return {row.column_name for row in cql.execute(query, tuple(TABLE.split(".")))}


def changes(done: subprocess.CompletedProcess[str]) -> int:
    found = re.search(r"localhost +: .*changed=(\d+)", done.stdout)
    assert found, done.stdout + done.stderr
    return int(found.group(1))


@pytest.mark.promise
def test_there_and_again_and_back(play: Play, application: Application, table: Session) -> None:
    before, pids = application.models.read_text(), application.pids()
    assert application.get("/api/pipeline-stats/")[0] == 500

    dry = play("migrate", "--check", "--diff")
    assert dry.returncode == 0, dry.stdout
    assert "+    pipeline_source = cassandra_columns.Text(max_length=64, default='')  # BIGQUERY or API" in dry.stdout
    assert "+    pipeline_source text," in dry.stdout
    services = {one["name"]: one["status"] for one in application.report["services"]}
    assert services == {
        "Django Server": "would_restart",
        "API Pipeline": "would_restart",
        "BigQuery Pipeline": "skipped",
    }
    assert (application.report["outcome"], changes(dry)) == ("dry_run", 0)
    assert (application.models.read_text(), application.pids()) == (before, pids)
    assert not (application.folder / "record.json").exists()
    assert not columns(table) & NEW

    real = play("migrate")
    assert real.returncode == 0, real.stdout
    assert columns(table) >= NEW
    after = application.models.read_text()
    assert after == with_fields(before)
    assert set(application.pids().values()) & set(pids.values()) == set()
    status, text = application.get("/api/pipeline-stats/")
    assert (status, json.loads(text)["api_total"]) == (200, 2)
    record = application.record
    assert (record["outcome"], "failure" in record) == ("complete", False)
    assert [(step["name"], step["status"]) for step in record["steps"]] == list(
        zip(STEPS, ["done", "done", "done", "passed"])
    )
    assert all(one["proven"] for one in record["services"])
    assert record["remaining"] == []
    assert record["tables"][0]["statements"] == [
        f"ALTER TABLE {TABLE} ADD (pipeline_source text, last_pipeline_attempt timestamp, processing_started_at timestamp)"
    ]
    assert {(check["kind"], check["status"]) for check in record["checks"]} == {
        ("http", "passed"),
        ("data", "passed"),
        ("canary", "passed"),
    }
    assert "CHG-1" in (application.folder / "record.md").read_text()

    pids = application.pids()
    again = play("migrate")
    assert (again.returncode, changes(again)) == (0, 0), again.stdout
    assert (application.pids(), application.models.read_text()) == (pids, after)
    assert application.report["outcome"] == "unchanged"

    verified = play("verify")
    assert (verified.returncode, changes(verified)) == (0, 0), verified.stdout

    refused = play("rollback", **WHOLE)
    assert refused.returncode != 0
    assert f"rollback_confirm={TABLE}" in " ".join(refused.stdout.split())
    assert "values in 2 rows read: pipeline_source 2," in refused.stdout
    dry = play("rollback", "--check", **WHOLE)
    assert dry.returncode == 0, dry.stdout
    assert (application.models.read_text(), columns(table) >= NEW) == (after, True)

    back = play("rollback", rollback_confirm=TABLE, **WHOLE)
    assert back.returncode == 0, back.stdout
    assert application.models.read_text() == before
    assert not columns(table) & NEW
    assert set(application.pids().values()) & set(pids.values()) == set()
    assert application.get("/health/")[0] == 200
    assert (play("rollback", **WHOLE).returncode, play("verify").returncode) == (0, 2)

    # Dropping and adding again with the same types works.
    once_more = play("migrate")
    assert once_more.returncode == 0, once_more.stdout
    assert json.loads(application.get("/api/pipeline-stats/")[1])["api_total"] == 2


FAILURES: list[tuple[int, dict[str, Any], str]] = [
    (0, {"file": {"columns": [{"name": "status", "type": "int"}]}}, "column status is of type text, wanted is int"),
    (
        1,
        {"file": {"model_fields": [{"path": "apiApp/models_cassandra.py", "class_name": "Lineage"}]}},
        "has no class Lineage outside of functions; it has StellarCreatorAccountLineage",
    ),
    (
        2,
        {"stellarmapweb_services": [{"name": "Django Server", "manager": "command", "argv": ["/bin/false"]}]},
        "Django Server could not be restarted: /bin/false ended with status 1.",
    ),
    (3, {"file": {"smoke_tests": {"http": [{"name": "Nowhere", "url": "/nowhere/"}]}}}, "404"),
]


def test_each_step_fails_once_and_the_next_run_goes_on(play: Play, application: Application, table: Session) -> None:
    for place, wrong, message in FAILURES:
        failed = play("migrate", **wrong)
        assert failed.returncode != 0
        stop = " ".join((failed.stdout + failed.stderr).split())
        assert message in stop, failed.stdout
        report = application.report
        statuses = [step["status"] for step in report["steps"]]
        assert (report["outcome"], report["failed_step"]) == ("failed", STEPS[place].lower().replace(" ", "_"))
        assert statuses[place:] == ["failed"] + ["not reached"] * (len(STEPS) - place - 1)
        assert "Traceback" not in failed.stdout
        # Nothing of a later step has happened.
        assert ("    # pipeline_source" in application.models.read_text().split("class Stellar")[1]) == (place <= 1)
    # The run before did all but the last check.
    complete = play("migrate")
    assert complete.returncode == 0, complete.stdout
    assert application.report["outcome"] == "unchanged"
    assert application.get("/api/pipeline-stats/")[0] == 200


def test_a_run_killed_between_file_and_restart_is_completed(play: Play, application: Application) -> None:
    """The file says how far it came: services older than it are restarted."""
    pids = application.pids()
    first = play("migrate", stellarmapweb_services=[])
    assert first.returncode != 0
    assert application.pids() == pids
    second = play("migrate")
    assert second.returncode == 0, second.stdout
    assert set(application.pids().values()) & set(pids.values()) == set()
    assert application.get("/api/pipeline-stats/")[0] == 200


def test_not_yet_is_an_outcome_of_its_own(play: Play, application: Application, table: Session) -> None:
    """No pipeline has run: neither success nor failure of the feature, and the wait has a limit."""
    web = application.variables["stellarmapweb_services"][0]
    table.execute(f"TRUNCATE {KEYSPACE}.stellar_creator_account_lineage")
    checks = {"file": {"smoke_tests": {"http": [{"name": "Health", "url": "/health/"}]}}}
    done = play("migrate", stellarmapweb_services=[web], stellarmapweb_wait=1, **checks)
    assert done.returncode == 0, done.stdout
    found = {check["kind"]: check["status"] for check in application.report["checks"]}
    assert found == {"http": "passed", "data": "not_yet", "canary": "passed"}


def test_a_restart_by_hand_is_waited_for_and_holds_the_rollback(
    play: Play, application: Application, table: Session
) -> None:
    """It waits, says the same again, is seen or confirmed, and is complete only then; rollback drops nothing before."""
    server = {"name": "Django Server", "manager": "manual", "instructions": "Run restart.sh"}
    seen = {**server, "pid_file": str(application.folder / "gunicorn.pid")}
    blind = {"name": "API Pipeline", "manager": "manual", "instructions": "Press the button"}
    hands = {"stellarmapweb_services": [seen, blind]}
    for _time in range(2):
        waiting = play("migrate", **hands)
        assert waiting.returncode == 0, waiting.stdout
        record = application.report
        assert record["outcome"] == "waiting"
        assert record["remaining"][0].startswith("Django Server: Run restart.sh. Confirm it with -e ")
        assert record["remaining"][1].startswith("API Pipeline: Press the button. Confirm it with -e ")
        assert record["remaining"][2].startswith("Smoke tests: run the same command again")
        assert [step["status"] for step in record["steps"]][2:] == ["waiting"] * 2
    assert application.get("/api/pipeline-stats/")[0] == 500

    # Confirmed by mistake: the old gunicorn still runs.
    doubted = play("migrate", services_confirmed=["Django Server", "API Pipeline"], **hands)
    assert (doubted.returncode, application.report["outcome"]) == (0, "waiting")
    assert [sentence.partition(":")[0] for sentence in application.report["remaining"][:-1]] == ["Django Server"]
    application.restart()
    subprocess.run(["kill", application.pids()["pipeline"]], check=True)
    done = play("migrate", **hands)
    assert done.returncode == 0, done.stdout
    assert (application.report["outcome"], application.report["remaining"]) == ("unchanged", [])

    held = play("rollback", rollback_confirm=TABLE, **WHOLE, **hands)
    # To wait for a person is no failure, whatever waits.
    assert (held.returncode, application.report["outcome"]) == (0, "waiting"), held.stdout
    said = " ".join(held.stdout.split())
    assert "Run restart.sh. Confirm it with" in said
    assert columns(table) >= NEW
    application.restart()
    back = play("rollback", rollback_confirm=TABLE, **WHOLE, services_confirmed=["API Pipeline"], **hands)
    assert back.returncode == 0, back.stdout
    assert not columns(table) & NEW


def test_a_wrong_environment_does_not_take_the_site_down(play: Play, application: Application) -> None:
    """The application's own check runs with the new model and the same environment before anything is stopped."""
    pids = application.pids()
    web, pipeline, _other = application.variables["stellarmapweb_services"]
    wrong = [{**web, "environment": {"DJANGO_SETTINGS_MODULE": "stellar.nowhere"}}, pipeline]
    for options in (("--check",), ()):
        failed = play("migrate", *options, stellarmapweb_services=wrong)
        assert failed.returncode != 0
        said = " ".join((failed.stdout + failed.stderr).split())
        assert "Django Server: nothing was stopped, because the check " in said
        assert "No module named 'stellar.nowhere'" in said
        assert application.pids() == pids
        assert application.get("/health/")[0] == 200


def test_gunicorn_is_reloaded(play: Play, application: Application) -> None:
    """With reload its main process stays and its worker is new; the rerun leaves it alone."""
    web, pipeline, _other = application.variables["stellarmapweb_services"]
    server = {**web, "argv": [], "reload": True}
    pids = application.pids()
    done = play("migrate", stellarmapweb_services=[server, pipeline])
    assert done.returncode == 0, done.stdout
    assert application.pids()["web"] == pids["web"]
    assert application.get("/api/pipeline-stats/")[0] == 200
    again = play("migrate", stellarmapweb_services=[server, pipeline])
    assert (again.returncode, changes(again)) == (0, 0), again.stdout


def test_the_canary_shows_an_old_process(play: Play, application: Application, table: Session) -> None:
    """Nothing restarts the server: the canary says that an old process may still answer, and no row of it stays."""
    failed = play(
        "migrate", stellarmapweb_services=[], file={"smoke_tests": {"http": [{"name": "Health", "url": "/health/"}]}}
    )
    assert failed.returncode != 0
    assert "An old process that has not loaded the new columns may still answer." in " ".join(failed.stdout.split())
    assert {row.stellar_account[0] for row in table.execute(f"SELECT stellar_account FROM {TABLE}")} == {"G"}
