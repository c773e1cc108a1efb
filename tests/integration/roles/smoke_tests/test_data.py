# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks by SELECT against a real node."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest


@pytest.fixture
def connection(node):
    return {"login_host": [node.address]}


@pytest.fixture
def orders(cql, keyspace):
    cql.execute(f"CREATE TABLE {keyspace}.orders (id int PRIMARY KEY, source text)", timeout=30)
    for number, source in enumerate(["WEB", "PHONE", "WEB"]):
        cql.execute(f"INSERT INTO {keyspace}.orders (id, source) VALUES (%s, %s)", (number, source))
    return f"{keyspace}.orders"


def test_what_is_right(play_role, connection, orders):
    """Rows, their number, values of the first one, bound parameters; in check mode too."""
    checks = [
        {"name": "Some", "query": f"SELECT id FROM {orders}", "max_rows": 1},
        {
            "name": "One",
            "query": f"SELECT * FROM {orders} WHERE id = ?",
            "parameters": [1],
            "expect": {"allowed": {"source": ["PHONE"]}},
        },
        {
            "name": "None",
            "query": f"SELECT id FROM {orders} WHERE id = ?",
            "parameters": [9],
            "expect": {"min_rows": 0, "max_rows": 0},
        },
        {
            "name": "Count",
            "query": f"SELECT count(*) AS n FROM {orders}",
            "consistency": "ONE",
            "expect": {"allowed": {"n": [3]}},
        },
    ]
    variables = {"smoke_tests_data": checks, "smoke_tests_connection": connection}
    for options in ((), ("--check",)):
        played = play_role("smoke_tests", variables, *options)
        assert played.code == 0, played.output
        assert played.changed == 0
        assert [one["status"] for one in played.result["checks"]] == ["passed"] * 4


def test_what_is_wrong(play_role, connection, orders, web):
    """All of it at once, together with what is wrong by HTTP."""
    checks = [
        {"name": "Many", "query": f"SELECT id FROM {orders}", "expect": {"min_rows": 4}},
        {"name": "Few", "query": f"SELECT id FROM {orders}", "max_rows": 2, "expect": {"max_rows": 1}},
        {
            "name": "Phone",
            "query": f"SELECT source FROM {orders} WHERE id = 0",
            "expect": {"allowed": {"source": ["PHONE"]}},
        },
        {
            "name": "Nobody",
            "query": f"SELECT source FROM {orders} WHERE id = 9",
            "expect": {"min_rows": 1, "allowed": {"source": ["WEB"]}},
        },
        {"name": "Empty", "query": f"SELECT source FROM {orders} WHERE id = 9"},
        {"name": "Typing error", "query": f"SELECT sauce FROM {orders}"},
        {"name": "Writing", "query": f"DELETE FROM {orders} WHERE id = 0"},
        {"name": "Right", "query": f"SELECT id FROM {orders}"},
    ]
    played = play_role(
        "smoke_tests",
        {
            "smoke_tests_data": checks,
            "smoke_tests_connection": connection,
            "smoke_tests_http": [{"name": "Page", "url": f"{web.url}/none/"}],
            "smoke_tests_retries": 0,
        },
    )
    assert played.code != 0
    failures = {one["name"]: one["reason"] for one in played.result["checks"] if one["status"] == "failed"}
    assert failures["Page"] == "expected status 200, found status 404: no such page"
    assert failures["Many"] == "expected at least 4 rows, found 3"
    assert failures["Few"].startswith("expected no more than 1 rows, found 2 and more")
    assert failures["Phone"] == "source: WEB 1; without a value 0; not allowed: WEB"
    assert failures["Nobody"].startswith("expected at least 1 rows, found 0")
    assert failures["Empty"] == "expected at least 1 rows, found 0"
    assert "sauce" in failures["Typing error"]
    assert failures["Writing"]
    assert "Right" not in failures
    assert "8 of 9 checks failed." in played.output
    assert all(f"{name}" in played.output for name in failures)


def test_an_expectation_that_does_not_exist(play_role, connection, orders):
    check = {"name": "Unknown", "query": f"SELECT id FROM {orders}", "expect": {"rows": 1}}
    played = play_role("smoke_tests", {"smoke_tests_data": [check], "smoke_tests_connection": connection})
    assert played.code != 0
    assert "Did you mean 'max_rows' by 'rows'?" in played.output or "Supported parameters include" in played.output


def test_no_database(play_role):
    """A node which cannot be reached is a finding with its reason."""
    check = {"name": "Orders", "query": "SELECT id FROM shop.orders"}
    connection = {"login_host": ["127.0.0.1"], "login_port": 1}
    played = play_role("smoke_tests", {"smoke_tests_data": [check], "smoke_tests_connection": connection})
    assert played.code != 0
    assert "No Cassandra node could be reached" in played.result["checks"][0]["reason"]


NOW = datetime.now(timezone.utc)
HOUR = timedelta(hours=1)
PIPELINE = {
    "allowed": {"source": ["WEB", "PHONE"]},
    "newest": {"column": "tried"},
    "older": {"column": "started", "than": "2h", "where": {"state": ["BUSY"]}},
}


@pytest.fixture
def records(cql, keyspace):
    """A function that replaces the rows of a table."""
    name = f"{keyspace}.records"
    cql.execute(
        f"CREATE TABLE {name} (id int PRIMARY KEY, source text, tried timestamp, started timestamp, state text)"
    )

    def replace(*rows):
        cql.execute(f"TRUNCATE {name}")
        for number, row in enumerate(rows):
            values = (number, *row)
            cql.execute(
                f"INSERT INTO {name} (id, source, tried, started, state) VALUES (%s, %s, %s, %s, 'BUSY')", values
            )
        return name

    return replace


def ask(run_module, name, expect, **options):
    """The verdict of the module on the records."""
    query = f"SELECT id, source, tried, started, state FROM {name}"
    return run_module("cassandra_query_info", {"query": query, "expect": expect, **options})


def test_nothing_yet(run_module, records):
    """No row, null and an empty text: neither works nor fails."""
    for rows in ((), ((None, None, None), ("", None, None))):
        found = ask(run_module, records(*rows), PIPELINE)
        assert (found["failed"], found["status"]) == (False, "not_yet"), found
        assert found["facts"]["without_value"] == {"source": len(rows)}


def test_not_yet_is_shown_and_waits(play_role, connection, run_module, cql, records):
    name = records((None, None, None))
    query = f"SELECT id, source, tried, started, state FROM {name}"
    check = {"name": "Pipelines", "query": query, "expect": PIPELINE}
    played = play_role("smoke_tests", {"smoke_tests_data": [check], "smoke_tests_connection": connection})
    assert (played.code, played.result["checks"][0]["status"]) == (0, "not_yet"), played.output
    assert "Pipelines: not yet: nothing has written this so far" in played.output
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, run_module, name, {**PIPELINE, "wait": 60})
        cql.execute(f"UPDATE {name} SET source = 'WEB', tried = toTimestamp(now()) WHERE id = 0")
        found = waiting.result()
    assert (found["status"], found["seconds"] < 30) == ("passed", True), found


def test_counts_the_newest_and_what_is_stuck(run_module, records):
    name = records(("WEB", NOW, None), ("WEB", NOW - 9 * HOUR, NOW - 3 * HOUR), ("PHONE", None, NOW), ("", None, None))
    found = ask(run_module, name, PIPELINE)
    assert (found["failed"], found["status"]) == (False, "passed"), found
    facts = found["facts"]
    assert facts["counts"] == {"source": {"PHONE": 1, "WEB": 2}}
    assert (facts["written"], facts["newest"][:10]) == (2, NOW.date().isoformat())
    assert [row["id"] for row in facts["older"]["rows"]] == [1]
    assert "rows" not in found
    assert "started older than 2:00:00: 1 rows, the oldest from" in found["reason"]
    stuck = ask(run_module, name, {"older": {**PIPELINE["older"], "at_most": 0}})
    assert (stuck["failed"], stuck["failure"]) == (True, "checks_failed")


def test_a_value_which_is_not_allowed(run_module, records):
    found = ask(run_module, records(("WEB", None, None), ("FAX", None, None)), PIPELINE)
    assert (found["failure"], found["facts"]["counts"]) == ("checks_failed", {"source": {"FAX": 1, "WEB": 1}})
    assert "not allowed: FAX" in found["msg"]


def test_reads_are_bounded(run_module, records):
    found = ask(run_module, records(*[("WEB", None, None)] * 5), {"counted": ["source"]}, max_rows=3)
    assert (found["facts"]["row_count"], found["facts"]["truncated"]) == (3, True), found
    assert "(of the first 3 rows: there are more)" in found["reason"]


TYPES = [
    ("int", "0", [0, 1], "0 1"),
    ("bigint", str(2**62), [2**62], f"{2**62} 1"),
    ("boolean", "false", [False, True], "false 1"),
    ("decimal", "12.50", ["12.50"], "12.50 1"),
    ("list<text>", "['a', 'b']", [["a", "b"]], '["a", "b"] 1'),
    ("map<text, int>", "{'a': 0}", [{"a": 0}], '{"a": 0} 1'),
    ("uuid", "6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47", ["6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47"], "6ab09bec"),
    ("double", "0.0", [0], "0.0 1"),
]


def test_columns_of_any_type(cql, keyspace, run_module):
    """0 and false are values, and no type ends in a Python error."""
    for number, (cql_type, value, allowed, said) in enumerate(TYPES):
        name = f"{keyspace}.typed{number}"
        cql.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, a {cql_type})")
        cql.execute(f"INSERT INTO {name} (id, a) VALUES (1, {value})")
        cql.execute(f"INSERT INTO {name} (id) VALUES (2)")
        query = {"query": f"SELECT id, a FROM {name}"}
        found = run_module("cassandra_query_info", {**query, "expect": {"allowed": {"a": allowed}}})
        assert (found["failed"], said in found["reason"]) == (False, True), (cql_type, found)
        assert found["reason"].endswith("without a value 1")
        wrong = run_module("cassandra_query_info", {**query, "expect": {"allowed": {"a": ["x"]}}})
        assert wrong["failure"] == "checks_failed", (cql_type, wrong)
