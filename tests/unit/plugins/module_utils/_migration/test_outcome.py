# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which step failed, and what became of the others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.outcome import make_report, sentence

STEPS = ("columns", "model_fields", "workflows", "smoke_tests", "feature_checks")
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
    report = make_report(results, failure=failure, steps=STEPS)
    statuses = {one["name"]: one["status"] for one in report["steps"]}
    assert (report["failure"]["step"], statuses[step]) == (step, "failed")
    assert sentence(report).startswith(f"{step}: {report['failure']['message']}")


def test_a_plan_that_does_not_hold_any_more_says_the_way_out_itself() -> None:
    message = "The approved plan does not hold any more: x. Nothing was executed. Make a new plan."
    report = make_report({"columns": {"failed": True, "failure": "plan_changed", "msg": message}})
    assert sentence(report) == f"Columns: {message}"


def test_a_rollback_that_stops_before_the_drop_has_not_done_it() -> None:
    dry = {"changed": True, "plan": {"format": 1}, "results": []}
    steps = ("model_fields", "workflows", "columns")
    held = make_report(
        {"columns": dry, "model_fields": {"changed": False}, "workflows": {"workflows": [], "left": []}},
        failure={"msg": "Nothing was dropped yet.", "assertion": "proven"},
        steps=steps,
    )
    assert [step["status"] for step in held["steps"]] == ["unchanged", "failed", "not reached"]
    assert sentence(held).startswith(
        "Workflows: Nothing was dropped yet. Done before: Model fields. Not reached: Columns."
    )
    unconfirmed = make_report({"columns": dry}, failure={"msg": "Nothing was changed.", "assertion": "x"}, steps=steps)
    assert sentence(unconfirmed).startswith("Columns: Nothing was changed. Not reached: Model fields, Workflows.")
