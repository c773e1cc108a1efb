# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The canary of the smoke tests: the running application must count it, and it is gone whatever happens."""

from __future__ import annotations

import json

import pytest

from ..conftest import Page


@pytest.fixture
def orders(node, cql, keyspace):
    cql.execute(f"CREATE TABLE {keyspace}.orders (id int PRIMARY KEY, source text)")
    return {"smoke_tests_connection": {"login_host": [node.address]}, "smoke_tests_retries": 0}


def canary(web, keyspace, number, source="WEB", **more):
    """A canary of this key, which the application's page is to count."""
    return {
        "smoke_tests_canary": {
            "keyspace": keyspace,
            "table": "orders",
            "row": {"id": number, "source": source},
            "url": f"{web.url}/stats",
            "count": "web_total",
            **more,
        }
    }


COUNTED = [
    ((1, 2), "passed", 0, "the running application counted the row (web_total: 1, then 2)"),
    ((1, 1), "failed", 2, "An old process that has not loaded the new columns may still answer."),
    ((None, 2), "failed", 2, "gives no count at web_total"),
    (("1", 2), "failed", 2, 'expected a number of at least 0 at web_total, found "1"'),
]


@pytest.mark.parametrize(("counts", "status", "code", "sentence"), COUNTED)
def test_a_canary_is_gone_whatever_happens(play_role, web, cql, keyspace, orders, counts, status, code, sentence):
    before, after = (Page(json.dumps({} if count is None else {"web_total": count})) for count in counts)
    web.pages["/stats"] = Page(after.text, steps=[before])
    played = play_role("smoke_tests", {**orders, **canary(web, keyspace, -1)})
    (check,) = played.result["checks"]
    assert (played.code, check["kind"], check["status"], played.changed) == (code, "canary", status, 0), played.output
    assert sentence in check["reason"]
    assert sentence.split('"')[0] in played.output
    assert list(cql.execute(f"SELECT id FROM {keyspace}.orders")) == []


def test_the_count_may_come_a_moment_later(play_role, web, cql, keyspace, orders):
    """The application is asked until it counts the row, within the deadline of a check."""
    one = Page('{"web_total": 1}')
    web.pages["/stats"] = Page('{"web_total": 2}', steps=[one, one, one])
    more = {"smoke_tests_retries": 3, "smoke_tests_delay": 0.1}
    played = play_role("smoke_tests", {**orders, **more, **canary(web, keyspace, -1)})
    assert (played.code, played.result["checks"][0]["status"]) == (0, "passed"), played.output
    assert len(web.requests) == 4


def test_a_canary_never_touches_a_row_which_is_there(play_role, web, cql, keyspace, orders):
    cql.execute(f"INSERT INTO {keyspace}.orders (id, source) VALUES (0, 'WEB')")
    web.pages["/stats"] = Page('{"web_total": 1}')
    web.pages["/health"] = Page("well")
    health = {"smoke_tests_http": [{"name": "Health", "url": f"{web.url}/health"}]}
    played = play_role("smoke_tests", {**orders, **health, **canary(web, keyspace, 0, "PHONE")})
    assert played.code != 0
    assert [one["status"] for one in played.result["checks"]] == ["passed", "failed"]
    assert "There is a row under the canary" in played.output
    assert [(row.id, row.source) for row in cql.execute(f"SELECT id, source FROM {keyspace}.orders")] == [(0, "WEB")]


def test_the_canary_of_a_run_that_was_killed_is_waited_for(play_role, web, cql, keyspace, orders):
    """The application counts it until it expires: only then is it known what the count is without a canary."""
    cql.execute(f"INSERT INTO {keyspace}.orders (id, source) VALUES (-1, 'WEB') USING TTL 6")
    web.pages["/stats"] = Page('{"web_total": 2}', steps=[Page('{"web_total": 1}')])
    played = play_role("smoke_tests", {**orders, **canary(web, keyspace, -1)})
    assert (played.code, played.result["checks"][0]["status"]) == (0, "passed"), played.output
    assert list(cql.execute(f"SELECT id FROM {keyspace}.orders")) == []


@pytest.mark.parametrize(
    ("options", "more", "status"),
    [
        (("--check",), {}, "skipped"),
        ((), {"_smoke_tests_reads_only": True}, "skipped"),
        (("--check",), {"smoke_tests_pending": True}, "pending"),
        ((), {"enabled": False}, None),
    ],
)
def test_a_run_that_only_reads_inserts_no_canary(play_role, web, cql, keyspace, orders, options, more, status):
    web.pages["/stats"] = Page('{"web_total": 0}')
    given = canary(web, keyspace, 0, **({"enabled": False} if "enabled" in more else {}))
    played = play_role("smoke_tests", {**orders, **given, **more}, *options)
    assert (played.code, [one["status"] for one in played.result["checks"]]) == (0, [status] if status else [])
    assert (web.requests, list(cql.execute(f"SELECT id FROM {keyspace}.orders"))) == ([], [])
