# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks by SELECT against a real node."""

from __future__ import annotations

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
            "first_row": {"source": "PHONE"},
        },
        {
            "name": "None",
            "query": f"SELECT id FROM {orders} WHERE id = ?",
            "parameters": [9],
            "min_rows": 0,
            "no_more_than": 0,
        },
        {"name": "Count", "query": f"SELECT count(*) AS n FROM {orders}", "consistency": "ONE", "first_row": {"n": 3}},
    ]
    variables = {"smoke_tests_data": checks, "smoke_tests_connection": connection}
    for options in ((), ("--check",)):
        played = play_role("smoke_tests", variables, *options)
        assert played.code == 0, played.output
        assert (played.changed, played.result["outcome"]) == (0, "ok")


def test_what_is_wrong(play_role, connection, orders, web):
    """All of it at once, together with what is wrong by HTTP."""
    checks = [
        {"name": "Many", "query": f"SELECT id FROM {orders}", "min_rows": 4},
        {"name": "Few", "query": f"SELECT id FROM {orders}", "no_more_than": 1, "max_rows": 2},
        {"name": "Phone", "query": f"SELECT source FROM {orders} WHERE id = 0", "first_row": {"source": "PHONE"}},
        {
            "name": "Nobody",
            "query": f"SELECT source FROM {orders} WHERE id = 9",
            "min_rows": 0,
            "first_row": {"source": "WEB"},
        },
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
    failures = {one["name"]: one["findings"] for one in played.result["failures"]}
    assert failures["Page"] == ["expected status 200, found status 404: no such page"]
    assert failures["Many"] == ["expected at least 4 rows, found 3"]
    assert failures["Few"] == ["expected no more than 1 rows, found 2 and more"]
    assert failures["Phone"] == ["expected 'PHONE' as source of the first row, found 'WEB'"]
    assert failures["Nobody"] == ["expected a row with {'source': 'WEB'}, found none"]
    assert "sauce" in failures["Typing error"][0]
    assert failures["Writing"]
    assert "Right" not in failures
    assert "7 of 8 checks failed." in played.output


def test_no_database(play_role):
    """A node which cannot be reached is a finding with its reason."""
    check = {"name": "Orders", "query": "SELECT id FROM shop.orders"}
    connection = {"login_host": ["127.0.0.1"], "login_port": 1}
    played = play_role("smoke_tests", {"smoke_tests_data": [check], "smoke_tests_connection": connection})
    assert played.code != 0
    assert "No Cassandra node could be reached" in played.result["failures"][0]["findings"][0]
