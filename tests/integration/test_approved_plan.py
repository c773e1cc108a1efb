# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan that was approved is applied byte for byte, or nothing is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cassandra.cluster import Session

from .conftest import Result, RunModule

pytestmark = pytest.mark.promise

MODULE = "cassandra_column"
NAMES = ("orders", "customers", "visits")


@pytest.fixture
def task(cql: Session, keyspace: str) -> dict[str, Any]:
    """Three tables: columns for two, and one to drop from the third."""
    cql.execute(f"CREATE TYPE {keyspace}.address (street text)")
    for name in NAMES:
        cql.execute(f"CREATE TABLE {keyspace}.{name} (id int, day date, old text, PRIMARY KEY (id, day))")
    return {
        "keyspace": keyspace,
        "plan_source": "file-1",
        "allow_data_loss": True,
        "tables": [
            {"table": "orders", "columns": [{"name": "source", "type": "text"}, {"name": "n", "type": "int"}]},
            {"table": "customers", "columns": [{"name": "home", "type": "frozen<address>"}]},
            {"table": "visits", "columns": [{"name": "old"}], "state": "absent"},
        ],
    }


def approved(result: Result) -> Any:
    """The plan as it comes out of a file."""
    return json.loads(json.dumps(result["plan"]))


def columns(cql: Session, keyspace: str) -> dict[str, set[str]]:
    query = "SELECT table_name, column_name FROM system_schema.columns WHERE keyspace_name = %s"
    rows = list(cql.execute(query, (keyspace,)))
    return {name: {row.column_name for row in rows if row.table_name == name} for name in NAMES}


def test_three_tables_byte_for_byte_and_once(
    cql: Session, keyspace: str, task: dict[str, Any], run_module: RunModule
) -> None:
    planned = run_module(MODULE, task, check=True)
    plan = approved(planned)
    again = run_module(MODULE, task, check=True)
    assert again["plan"] == plan
    done = run_module(MODULE, {**task, "approved_plan": plan})
    assert done["statements"] == [change["cql"] for table in plan["tables"] for change in table["changes"]]
    assert (done["changed"], done["fingerprint"]) == (True, plan["fingerprint"])
    assert columns(cql, keyspace) == {
        "orders": {"id", "day", "old", "source", "n"},
        "customers": {"id", "day", "old", "home"},
        "visits": {"id", "day"},
    }
    # What is done already counts as done.
    rerun = run_module(MODULE, {**task, "approved_plan": plan})
    assert (rerun["failed"], rerun["changed"]) == (False, False)


def test_a_plan_that_was_half_applied_is_completed(
    cql: Session, keyspace: str, task: dict[str, Any], run_module: RunModule
) -> None:
    plan = approved(run_module(MODULE, task, check=True))
    cql.execute(plan["tables"][0]["changes"][0]["cql"])
    done = run_module(MODULE, {**task, "approved_plan": plan})
    assert done["statements"] == [change["cql"] for table in plan["tables"][1:] for change in table["changes"]]


@pytest.mark.parametrize(
    ("drift", "part"),
    [
        ("ALTER TABLE {}.orders ADD x int", "orders: column x, a regular column of type int, was added"),
        ("ALTER TABLE {}.orders ADD source text", "orders: column source, a regular column of type text, was added"),
        ("ALTER TABLE {}.orders DROP old", "orders: column old, a regular column of type text, is not there"),
        ("ALTER TYPE {}.address ADD town text", "customers: the user-defined type address was text and is text, text"),
        ("CREATE INDEX by_day ON {}.visits (day)", "visits: the indexes was none and is by_day = day"),
        (
            "ALTER TABLE {0}.orders ADD n int; ALTER TABLE {0}.orders DROP n",
            "orders: the dropped column n was none and is",
        ),
        (
            "DROP TABLE {0}.orders; CREATE TABLE {0}.orders (id int, day date, old text, PRIMARY KEY (id, day))",
            "orders: the table's id was",
        ),
        (
            "DROP TABLE {0}.orders; CREATE TABLE {0}.orders (id int, day date, old text, PRIMARY KEY (id, day)) "
            "WITH CLUSTERING ORDER BY (day DESC)",
            "orders: column day was a clustering column of type date at position 0 in order asc and is",
        ),
    ],
)
def test_drift_is_named_and_nothing_is_executed(
    cql: Session, keyspace: str, task: dict[str, Any], run_module: RunModule, drift: str, part: str
) -> None:
    plan = approved(run_module(MODULE, task, check=True))
    for statement in drift.format(keyspace).split("; "):
        cql.execute(statement, timeout=30)
    before = columns(cql, keyspace)
    for check in (True, False):
        refused = run_module(MODULE, {**task, "approved_plan": plan}, check=check)
        assert (refused["failed"], refused["failure"]) == (True, "plan_changed")
        assert part in refused["msg"]
        assert "Nothing was executed" in refused["msg"]
        assert (refused["changed"], refused["statements"]) == (False, [])
    assert columns(cql, keyspace) == before


@pytest.mark.parametrize(
    ("edit", "part"),
    [
        (lambda plan: plan["tables"][0]["changes"][0].update(cql="TRUNCATE x.y"), "edited after it was made"),
        (lambda plan: plan.update(format=9), "format 9"),
        (lambda plan: plan.clear(), "no format"),
    ],
)
def test_a_plan_that_was_edited_is_refused_without_a_connection(
    task: dict[str, Any], run_module: RunModule, edit: Callable[[Any], Any], part: str
) -> None:
    plan = approved(run_module(MODULE, task, check=True))
    edit(plan)
    refused = run_module(MODULE, {**task, "approved_plan": plan, "login_host": ["127.255.255.254"]})
    assert refused["failure"] == "invalid_input"
    assert part in refused["msg"]
