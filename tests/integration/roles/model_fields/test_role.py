# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with the file of a real application: on, off, and a failure that its caller reports itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

MODELS = Path(__file__).parents[3] / "application" / "apiApp" / "models_cassandra.py"
FIELDS = ["pipeline_source", "last_pipeline_attempt", "processing_started_at"]


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, Any]:
    path = str(shutil.copy(MODELS, tmp_path / "models.py"))
    return {
        "model_fields_list": [{"path": path, "class_name": "StellarCreatorAccountLineage", "fields": FIELDS}],
    }


def states(played) -> list[str]:
    return [field["state"] for one in played.result["results"] for field in one["fields"]]


def test_there_and_back(play_role, variables, tmp_path) -> None:
    predicted = play_role("model_fields", variables, "--check", "--diff")
    assert (predicted.code, predicted.changed, states(predicted)) == (0, 1, ["disabled"] * 3)
    assert "+    pipeline_source = cassandra_columns.Text(" in predicted.output
    assert (tmp_path / "models.py").read_bytes() == MODELS.read_bytes()
    for changed in (1, 0):
        played = play_role("model_fields", variables)
        assert (played.code, played.changed, states(played)) == (0, changed, ["enabled"] * 3)
        assert played.result["results"][0]["class_name"] == "StellarCreatorAccountLineage"
    back = play_role("model_fields", {**variables, "model_fields_state": "disabled"})
    assert (back.code, back.changed, states(back)) == (0, 1, ["disabled"] * 3)
    assert (tmp_path / "models.py").read_bytes() == MODELS.read_bytes()


def test_nothing_to_do_leaves_a_result(play_role) -> None:
    played = play_role("model_fields", {})
    assert (played.code, played.changed, played.result["results"]) == (0, 0, [])


def test_a_caller_may_report_a_failure_itself_but_not_a_crash(play_role, variables) -> None:
    variables["model_fields_list"][0]["fields"] = ["id"]
    off = {**variables, "model_fields_state": "disabled"}
    alone = play_role("model_fields", off)
    assert alone.code != 0
    for played in (alone, play_role("model_fields", {**off, "_model_fields_fails": False})):
        (one,) = played.result["results"]
        assert one["failure"] == "field_unclear"
        assert one["msg"].endswith("id (line 26) is a part of the primary key, which no migration can change.")
    assert played.code == 0
    # An error of another kind stays one.
    broken = {"list": [{"class_name": "A", "fields": ["a"]}], "state": "enabled", "backup": False}
    assert play_role("model_fields", {"_model_fields_options": broken, "_model_fields_fails": False}).code != 0
