# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which step failed, and what became of the others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.outcome import make_report, sentence

NOW = "2026-11-26T12:00:02.500+00:00"
DEFINITION = {
    "title": "dual pipeline",
    "steps": ["model_fields", "workflows", "smoke_tests", "feature_checks"],
    "started": "2026-11-26T12:00:00.250+00:00",
    "who": "ada",
}
BACK = {"goes_back": True, "where": "localhost", "now": NOW}
COLUMNS = {"changed": True, "results": []}
FIELDS = {"changed": True, "results": [{"changed": True}]}


@pytest.mark.parametrize(
    ("results", "failure", "step"),
    [
        # It failed before it had a result: its arguments were refused.
        ({"columns": COLUMNS}, {"msg": "No such class."}, "Model fields"),
        ({"columns": COLUMNS, "model_fields": FIELDS}, {"msg": "manager: no such thing"}, "Workflows"),
        # Its result is the failure.
        ({"columns": COLUMNS, "model_fields": {**FIELDS, "failed": True}}, {"msg": "No such class."}, "Model fields"),
        (
            {"columns": COLUMNS, "smoke_tests": {"outcome": "failed"}},
            {"msg": "1 of 2", "assertion": "x"},
            "Smoke tests",
        ),
        ({"columns": {**COLUMNS, "failure": "refused", "msg": "No."}}, {}, "Columns"),
        ({}, {"msg": "No host."}, "Columns"),
        # The last step cannot hand its failure on.
        ({"columns": COLUMNS, "feature_checks": {"outcome": "ok"}}, {"msg": "No table."}, "Feature checks"),
        # What the migration asserts after a step belongs to it.
        ({"columns": COLUMNS}, {"msg": "Nothing was changed.", "assertion": "confirmed"}, "Columns"),
    ],
)
def test_the_step_that_failed_is_named(results: dict[str, Any], failure: dict[str, Any], step: str) -> None:
    report = make_report(results, DEFINITION, {"failure": failure, "where": "localhost", "now": NOW})
    statuses = {one["name"]: one["status"] for one in report["steps"]}
    assert (report["failure"]["step"], statuses[step]) == (step, "failed")
    assert sentence(report).startswith(f"{step}: {report['failure']['message']}")


@pytest.mark.parametrize(
    ("run", "failure", "hint"),
    [
        ({}, {}, "Correct this, then run the same command again: it does what is left to do."),
        ({"check_mode": True}, {}, "Correct this, then run the same command again."),
        ({"verifies": True}, {}, "The playbook migrate does what is left to do."),
        ({"goes_back": True}, {"assertion": "migration_confirm == _migration_confirmation"}, ""),
        ({}, {"failure": "plan_changed"}, ""),
        ({}, {"failure": "locked"}, ""),
    ],
)
def test_the_last_sentence_says_what_helps(run: dict[str, Any], failure: dict[str, Any], hint: str) -> None:
    given = {**run, "failure": {"msg": "No.", **failure}, "where": "localhost", "now": NOW}
    assert make_report({}, DEFINITION, given)["failure"]["hint"] == hint


@pytest.mark.parametrize(
    ("run", "steps", "end"),
    [
        (
            {"plan_file": "plan.json"},
            ["Columns"],
            "dual pipeline: plan written to plan.json, nothing is left to change",
        ),
        (
            {"verifies": True},
            ["Columns", "Smoke tests", "Feature checks"],
            "dual pipeline: verified, nothing is left to change",
        ),
        (
            {"goes_back": True, "only_shows": True},
            ["Columns"],
            "rollback of dual pipeline: so far only read, nothing is left to change",
        ),
    ],
)
def test_what_only_reads_is_not_called_complete(run: dict[str, Any], steps: list[str], end: str) -> None:
    """It lists the steps that it takes: a model that it never looked at is not "not reached"."""
    report = make_report(
        {"columns": {**COLUMNS, "changed": False}}, DEFINITION, {**run, "where": "localhost", "now": NOW}
    )
    assert [one["name"] for one in report["steps"]] == steps
    assert report["msg"].splitlines()[-1].startswith(end)


def test_what_another_migration_of_the_play_left_is_no_result() -> None:
    columns = {**COLUMNS, "failure": "refused", "msg": "No."}
    run = {"began": "2026-11-26T11:00:00.000+00:00", "where": "localhost", "now": NOW}
    report = make_report({"columns": columns, "model_fields": FIELDS}, DEFINITION, run)
    assert {one["name"]: one["status"] for one in report["steps"]}["Model fields"] == "not reached"
    assert "Done before" not in sentence(report)


def test_a_plan_that_does_not_hold_any_more_says_the_way_out_itself() -> None:
    message = "The approved plan does not hold any more: x. Nothing was executed. Make a new plan."
    report = make_report({"columns": {"failed": True, "failure": "plan_changed", "msg": message}})
    assert sentence(report) == f"Columns: {message}"


def test_a_rollback_that_stops_before_the_drop_has_not_done_it() -> None:
    dry = {"changed": True, "plan": {"format": 1}, "results": []}
    held = make_report(
        {"columns": dry, "model_fields": {"changed": False}, "workflows": {"workflows": [], "left": []}},
        {**DEFINITION, "steps": ["model_fields", "workflows"]},
        {**BACK, "failure": {"msg": "Nothing was dropped yet.", "assertion": "proven"}},
    )
    assert [step["status"] for step in held["steps"]] == ["unchanged", "failed", "not reached"]
    assert sentence(held).startswith(
        "Workflows: Nothing was dropped yet. Done before: Model fields. Not reached: Columns."
    )
    unconfirmed = make_report(
        {"columns": dry}, DEFINITION, {**BACK, "failure": {"msg": "Nothing was changed.", "assertion": "x"}}
    )
    assert sentence(unconfirmed).startswith("Columns: Nothing was changed. Not reached: Model fields, Workflows.")


@pytest.mark.parametrize(
    ("run", "headline"),
    [
        ({}, "dual pipeline complete (2.2 s)"),
        ({"check_mode": True}, "dual pipeline: dry run, nothing was changed (2.2 s)"),
        ({"plan_file": "p.json"}, "dual pipeline: plan written to p.json, nothing was changed (2.2 s)"),
        (
            {"plan_file": "p.json", "check_mode": True},
            "dual pipeline: dry run, plan not written to p.json, nothing was changed (2.2 s)",
        ),
        ({"goes_back": True}, "rollback of dual pipeline complete (2.2 s)"),
        (
            {"goes_back": True, "only_shows": True},
            "rollback of dual pipeline: so far only read, nothing was changed (2.2 s)",
        ),
    ],
)
def test_the_last_line_says_what_kind_of_run_it_was(run: dict[str, Any], headline: str) -> None:
    report = make_report({"columns": COLUMNS, "workflows": {}}, DEFINITION, {"where": "here", "now": NOW, **run})
    assert report["msg"].splitlines()[-1] == headline
    assert (report["who"], report["where"], report["finished"]) == ("ada", "here", "2026-11-26T12:00:02+00:00")


def test_without_a_migration_file_the_columns_are_all() -> None:
    report = make_report({"columns": COLUMNS}, run={"check_mode": True})
    assert (report["title"], report["outcome"], len(report["steps"])) == ("migration", "dry_run", 1)


def test_what_failed_before_anything_began() -> None:
    """Also beside what an earlier migration of the play left: its columns are no result of this one."""
    failed = {"failed": True, "msg": "There is no file x.yml."}
    run = {"failure": failed, "where": "localhost", "now": NOW}
    report = make_report({"columns": {**COLUMNS, "failure": "refused", "msg": "No."}}, failed, run)
    assert (report["outcome"], report["tables"]) == ("failed", [])
    assert sentence(report) == "Preparation: There is no file x.yml. Correct this, then run the same command again."


@pytest.mark.parametrize(
    ("run", "headline"),
    [
        ({}, "dual pipeline failed: Columns"),
        ({"verifies": True}, "dual pipeline: not verified: Columns"),
        ({"plan_file": "p.json"}, "dual pipeline: plan not written to p.json: Columns"),
        ({"goes_back": True}, "rollback of dual pipeline failed: Columns"),
    ],
)
def test_a_failure_says_what_did_not_happen(run: dict[str, Any], headline: str) -> None:
    columns = {"failure": "refused", "msg": "No."}
    report = make_report({"columns": columns}, DEFINITION, {"where": "here", "now": NOW, **run})
    assert report["msg"].splitlines()[-1].startswith(headline)
