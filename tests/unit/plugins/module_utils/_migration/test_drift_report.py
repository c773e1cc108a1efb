# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of a comparison: a cluster that did not answer is no difference."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.drift import (
    contradictions,
    file_findings,
    host_findings,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.drift_report import (
    as_junit,
    as_text,
    drift_report,
)

NOTE = {"name": "note", "type": "text"}
TABLE = {"keyspace": "shop", "table": "orders", "state": "present", "columns": [NOTE]}
ABSENT = {**TABLE, "state": "absent"}
MISSING = {"tables": [{"keyspace": "shop", "table": "orders", "columns": [{**NOTE, "status": "would_add"}]}]}
PENDING = {"tables": [{"keyspace": "shop", "table": "orders", "columns": [{**NOTE, "status": "would_drop"}]}]}
AWAY = {"failure": "not_reachable", "msg": "No Cassandra node could be reached."}

DIFFERS = [{"cluster": "eu", **one._asdict()} for one in file_findings([TABLE], MISSING)]
UNREAD = [{"cluster": "us", **one._asdict()} for one in file_findings([TABLE], AWAY)]
FAILED = [{"cluster": "ap", **one._asdict()} for one in host_findings({})]


def test_each_finding_has_its_kind() -> None:
    assert [one["kind"] for one in DIFFERS + UNREAD + FAILED] == ["difference", "not_compared", "not_compared"]


def test_a_crash_is_not_compared_although_its_task_is_told_not_to_fail() -> None:
    (finding,) = file_findings([TABLE], {"failed": False, "msg": "Unexpected error", "traceback": ["KeyError"]})
    assert (finding.place, finding.what, finding.kind) == ("shop.orders", "Unexpected error", "not_compared")


def test_a_drop_that_was_not_made_is_pending() -> None:
    (finding,) = file_findings([ABSENT], PENDING)
    assert (finding.place, finding.what) == ("shop.orders.note", "The column is still there: its drop is pending.")


def test_two_files_that_contradict_each_other_are_named() -> None:
    other = {**TABLE, "columns": [{"note": "int"}]}
    found = [*contradictions([{"path": "a.yml", "tables": [TABLE]}, {"path": "b.yml", "tables": [other]}])]
    assert [one.what for one in found] == ["Two files contradict each other: a.yml says text, and b.yml says int."]
    assert not [*contradictions([{"path": "a.yml", "tables": [TABLE]}, {"path": "b.yml", "tables": [TABLE]}])]


@pytest.mark.parametrize(("first", "what_to_do"), [(False, "the playbook migrate"), (True, "the playbook draft")])
def test_what_a_file_and_the_models_lack_is_one_difference(first: bool, what_to_do: str) -> None:
    definitions = [
        {"path": path, "tables": [TABLE], "is_of_models": is_of_models, "item": path}
        for path, is_of_models in (("one", first), ("other", not first))
    ]
    results = {"drift_definitions": {"results": definitions}, "drift_tables": {"results": [MISSING, MISSING]}}
    (finding,) = host_findings(results)
    assert (finding.place, what_to_do in finding.hint) == ("shop.orders.note", True)


def test_a_model_file_that_cannot_be_read_is_not_compared() -> None:
    unread = [{"path": "shop/new.py", "msg": "shop/new.py is no valid Python source."}]
    definition = {"path": "shop", "tables": [TABLE], "is_of_models": True, "item": "shop", "unread": unread}
    same = {"tables": [{**MISSING["tables"][0], "columns": [{"name": "note", "status": "present"}]}]}
    (finding,) = host_findings({"drift_definitions": {"results": [definition]}, "drift_tables": {"results": [same]}})
    assert (finding.place, finding.kind) == ("shop/new.py", "not_compared")


def test_the_host_that_differs_fails_and_the_first_one_shows_all() -> None:
    found = {"eu": [*file_findings([TABLE], MISSING)], "us": []}
    first, second = drift_report(found, ["us"]), drift_report(found, ["eu"])
    assert (first["outcome"], second["outcome"], second["failure"]) == ("unchanged", "failed", "difference")
    assert "WHAT TO DO" in first["text"]
    assert second["msg"] == "1 finding on eu, at shop.orders.note. The table names each, and what to do."
    # The file for a pipeline speaks for all of them.
    assert drift_report(found, ["eu", "us"])["outcome"] == "failed"


@pytest.mark.parametrize(
    ("findings", "last"),
    [
        (DIFFERS, "1 difference on 1 of 3 clusters"),
        (DIFFERS + UNREAD + FAILED, "1 difference on 1 of 3 clusters; 2 not compared on us, ap"),
        (UNREAD, "1 not compared on us"),
    ],
)
def test_the_last_line_counts_each_kind(findings: list[dict[str, str]], last: str) -> None:
    assert as_text(findings, ["eu", "us", "ap"]).splitlines()[-1] == last


def test_junit_tells_a_failure_from_an_error() -> None:
    suites = ElementTree.fromstring(as_junit(DIFFERS + UNREAD, ["eu", "us", "ap"]))  # noqa: S314
    assert [(one.get("name"), one.get("failures"), one.get("errors")) for one in suites] == [
        ("eu", "1", "0"),
        ("us", "0", "1"),
        ("ap", "0", "0"),
    ]
    assert [suites[0][0][0].tag, suites[1][0][0].tag] == ["failure", "error"]
