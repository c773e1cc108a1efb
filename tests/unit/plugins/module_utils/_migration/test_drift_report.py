# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of a comparison: a cluster that did not answer is no difference."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.drift import not_compared, table_findings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.drift_report import as_junit, as_table

TABLE = {"keyspace": "shop", "table": "orders", "state": "present"}
MISSING = {"results": [{"columns": [{"name": "note", "type": "text", "status": "would_add"}]}]}
AWAY = {"failed": True, "failure": "not_reachable", "msg": "No Cassandra node could be reached."}

DIFFERS = [one._asdict() for one in table_findings("eu", TABLE, MISSING)]
UNREAD = [one._asdict() for one in table_findings("us", TABLE, AWAY)]
FAILED = [one._asdict() for one in not_compared(["ap"])]


def test_each_finding_has_its_kind() -> None:
    assert [one["kind"] for one in DIFFERS + UNREAD + FAILED] == ["difference", "not_compared", "not_compared"]


@pytest.mark.parametrize(
    ("findings", "last"),
    [
        (DIFFERS, "1 difference on 1 of 3 clusters"),
        (DIFFERS + UNREAD + FAILED, "1 difference on 1 of 3 clusters; 2 not compared on us, ap"),
        (UNREAD, "1 not compared on us"),
    ],
)
def test_the_last_line_counts_each_kind(findings: list[dict[str, str]], last: str) -> None:
    assert as_table(findings, ["eu", "us", "ap"]).splitlines()[-1] == last


def test_junit_tells_a_failure_from_an_error() -> None:
    suites = ElementTree.fromstring(as_junit(DIFFERS + UNREAD, ["eu", "us", "ap"]))  # noqa: S314
    assert [(one.get("name"), one.get("failures"), one.get("errors")) for one in suites] == [
        ("eu", "1", "0"),
        ("us", "0", "1"),
        ("ap", "0", "0"),
    ]
    assert [suites[0][0][0].tag, suites[1][0][0].tag] == ["failure", "error"]
