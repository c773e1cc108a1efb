# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rows of a real table say about a feature, and the canary, which is gone whatever happens."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from ..conftest import Page

NOW = datetime.now(timezone.utc)


@pytest.fixture
def orders(node, cql, keyspace):
    cql.execute(
        f"CREATE TABLE {keyspace}.orders (id int PRIMARY KEY, source text, tried timestamp, started timestamp, state text)"
    )
    return {
        "feature_checks_connection": {"login_host": [node.address]},
        "feature_checks_keyspace": keyspace,
        "feature_checks_table": "orders",
        "feature_checks_source_column": "source",
        "feature_checks_allowed_sources": ["WEB", "PHONE"],
    }


def insert(cql, keyspace, *rows):
    for number, (source, tried, started) in enumerate(rows):
        cql.execute(
            f"INSERT INTO {keyspace}.orders (id, source, tried, started, state) VALUES (%s, %s, %s, %s, 'BUSY')",
            (number, source, tried, started),
        )


def test_nothing_yet(play_role, cql, keyspace, orders):
    """No row, null and an empty text: neither works nor fails."""
    for rows in ((), ((None, None, None), ("", None, None))):
        insert(cql, keyspace, *rows)
        played = play_role("feature_checks", orders)
        assert (played.code, played.result["outcome"], played.changed) == (0, "not_yet", 0), played.output
    assert played.result["sources"]["none"] == 2


def test_counts_tracking_and_stuck_records(play_role, cql, keyspace, orders):
    hour = timedelta(hours=1)
    insert(
        cql,
        keyspace,
        ("WEB", NOW, None),
        ("WEB", NOW - 9 * hour, NOW - 3 * hour),
        ("PHONE", None, NOW),
        ("", None, None),
    )
    more = {
        "feature_checks_tracking_column": "tried",
        "feature_checks_since": (NOW - hour).isoformat(),
        "feature_checks_started_column": "started",
        "feature_checks_stuck_after": 7200,
        "feature_checks_stuck_where": {"state": ["BUSY"]},
    }
    played = play_role("feature_checks", {**orders, **more})
    assert (played.code, played.result["outcome"]) == (0, "ok"), played.output
    assert played.result["sources"]["counts"] == {"PHONE": 1, "WEB": 2}
    assert played.result["tracking"]["count"] == 1
    assert [record["key"] for record in played.result["stuck"]["records"]] == [{"id": 1}]
    failed = play_role("feature_checks", {**orders, **more, "feature_checks_fail_on_stuck": True})
    assert (failed.code != 0, failed.result["outcome"]) == (True, "failed")


def test_a_source_which_is_not_allowed(play_role, cql, keyspace, orders):
    insert(cql, keyspace, ("WEB", None, None), ("FAX", None, None))
    played = play_role("feature_checks", orders)
    assert (played.code != 0, played.result["sources"]["unexpected"]) == (True, {"FAX": 1})
    assert "not allowed: FAX" in played.output


def test_reads_are_bounded(play_role, cql, keyspace, orders):
    insert(cql, keyspace, *[("WEB", None, None)] * 5)
    played = play_role("feature_checks", {**orders, "feature_checks_max_rows": 3})
    assert (played.result["rows_read"], played.result["complete"]) == (3, False), played.output
    assert "of the first 3 rows: the table has more" in played.output


def canary_options(web, number, source):
    """A canary of this key and source, which the application's page is to count."""
    return {
        "feature_checks_canary": True,
        "feature_checks_canary_row": {"id": number, "source": source},
        "feature_checks_canary_url": f"{web.url}/stats",
        "feature_checks_canary_count": "web_total",
    }


COUNTED = [
    ((1, 2), "counted", 0, "Canary: the running application counted it (web_total: 1, then 2)."),
    ((1, 1), "failed", 2, "An old process that has not loaded the new columns may still answer."),
    ((None, 2), "failed", 2, "gives no count at web_total"),
    (("1", 2), "failed", 2, "it is not a number"),
]


@pytest.mark.parametrize(("counts", "canary", "code", "sentence"), COUNTED)
def test_a_canary_is_gone_whatever_happens(play_role, web, cql, keyspace, orders, counts, canary, code, sentence):
    """It comes before the wait, and one that fails ends the wait."""
    before, after = (Page(json.dumps({} if count is None else {"web_total": count})) for count in counts)
    web.pages["/stats"] = Page(after.text, steps=[before])
    wait = {} if canary == "counted" else {"feature_checks_wait": 170}
    more = {**canary_options(web, -1, "WEB"), "smoke_tests_retries": 0, **wait}
    played = play_role("feature_checks", {**orders, **more})
    assert (played.code, played.result["canary"], played.changed) == (code, canary, 0), played.output
    assert any(sentence in told for told in played.result["sentences"]), played.result
    assert list(cql.execute(f"SELECT id FROM {keyspace}.orders")) == []


def test_a_canary_never_touches_a_row_which_is_there(play_role, web, cql, keyspace, orders):
    insert(cql, keyspace, ("WEB", None, None))
    web.pages["/stats"] = Page('{"web_total": 1}')
    more = canary_options(web, 0, "PHONE")
    played = play_role("feature_checks", {**orders, **more})
    assert (played.code != 0, played.result["canary"]) == (True, "failed")
    assert "There is a row under the canary" in played.output
    assert [(row.id, row.source) for row in cql.execute(f"SELECT id, source FROM {keyspace}.orders")] == [(0, "WEB")]


def test_the_canary_of_a_run_that_was_killed_is_waited_for(play_role, web, cql, keyspace, orders):
    """The application counts it until it expires: only then is it known what the count is without a canary."""
    cql.execute(f"INSERT INTO {keyspace}.orders (id, source) VALUES (-1, 'WEB') USING TTL 6")
    web.pages["/stats"] = Page('{"web_total": 2}', steps=[Page('{"web_total": 1}')])
    played = play_role("feature_checks", {**orders, **canary_options(web, -1, "WEB")})
    assert (played.code, played.result["canary"]) == (0, "counted"), played.output
    assert list(cql.execute(f"SELECT id FROM {keyspace}.orders")) == []


def test_a_dry_run_inserts_no_canary(play_role, web, cql, keyspace, orders):
    web.pages["/stats"] = Page('{"web_total": 0}')
    more = canary_options(web, 0, "WEB")
    played = play_role("feature_checks", {**orders, **more}, "--check")
    assert (played.code, played.result["canary"]) == (0, "would_insert"), played.output
    assert list(cql.execute(f"SELECT id FROM {keyspace}.orders")) == []
