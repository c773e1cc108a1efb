# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several tables in one run: looked at together, changed one by one, over one connection."""

from __future__ import annotations

from typing import Any

import pytest
from cassandra.cluster import Session
from wire_reader import wire_reader

from .conftest import RunModule, RunningNode

pytestmark = pytest.mark.promise


@pytest.fixture
def three(cql: Session, keyspace: str) -> dict[str, Any]:
    """The options for three tables, which are there."""
    for name in ("a", "b", "c"):
        cql.execute(f"CREATE TABLE {keyspace}.{name} (id int PRIMARY KEY, v text)")
    return {
        "keyspace": keyspace,
        "tables": [{"table": name, "columns": [{"name": "x", "type": "int"}]} for name in ("a", "b", "c")],
    }


def having_x(cql: Session, keyspace: str) -> set[str]:
    query = "SELECT table_name, column_name FROM system_schema.columns WHERE keyspace_name = %s"
    return {row.table_name for row in cql.execute(query, (keyspace,)) if row.column_name == "x"}


def test_predict_apply_repeat(cql: Session, keyspace: str, three: dict[str, Any], run_module: RunModule) -> None:
    predicted = run_module("cassandra_column", three, check=True)
    assert (predicted["changed"], having_x(cql, keyspace)) == (True, set())
    done = run_module("cassandra_column", three)
    assert (done["changed"], having_x(cql, keyspace)) == (True, {"a", "b", "c"})
    assert predicted["statements"] == done["statements"] == [f"ALTER TABLE {keyspace}.{t} ADD (x int)" for t in "abc"]
    assert [table["columns"][0]["status"] for table in done["tables"]] == ["added"] * 3
    assert len(done["verified_by"]) == 1
    assert len(done["diff"]) == 3
    again = run_module("cassandra_column", three)
    assert (again["changed"], again["statements"]) == (False, [])


@pytest.mark.parametrize(
    ("type_of_c", "failure", "part"),
    [
        (
            "int",
            "conflict",
            ".c conflicts with what is listed: column v is of type text, wanted is int. Nothing was executed.",
        ),
        ("counter", "refused", "counter"),
    ],
)
def test_what_is_wrong_with_one_keeps_the_others_as_they_are(
    cql: Session,
    keyspace: str,
    three: dict[str, Any],
    run_module: RunModule,
    type_of_c: str,
    failure: str,
    part: str,
) -> None:
    three["tables"][2]["columns"] = [{"name": "v" if failure == "conflict" else "n", "type": type_of_c}]
    for check in (True, False):
        result = run_module("cassandra_column", three, check)
        assert (result["failure"], result["changed"]) == (failure, False), result["msg"]
        assert part in result["msg"]
    assert having_x(cql, keyspace) == set()


def test_a_failure_in_the_middle_says_what_is_done_and_the_next_run_goes_on(
    cql: Session, keyspace: str, three: dict[str, Any], run_module: RunModule
) -> None:
    # Only the server knows which classes it has.
    three["tables"][1]["columns"] = [{"name": "x", "type": "'org.apache.cassandra.db.marshal.NoSuchType'"}]
    result = run_module("cassandra_column", three)
    assert (result["failed"], result["failure"], result["changed"]) == (True, "statement_failed", True)
    assert result["msg"].endswith(f"ALTER TABLE {keyspace}.a ADD (x int) was executed.")
    assert [table["columns"][0]["status"] for table in result["tables"]] == ["added", "missing", "missing"]
    three["tables"][1]["columns"] = [{"name": "x", "type": "int"}]
    assert run_module("cassandra_column", three)["statements"] == [
        f"ALTER TABLE {keyspace}.{table} ADD (x int)" for table in "bc"
    ]


@pytest.mark.proxied
def test_one_connection_for_all(
    node: RunningNode, cql: Session, keyspace: str, three: dict[str, Any], run_module: RunModule
) -> None:
    with wire_reader((node.address, node.port)) as wire:
        result = run_module("cassandra_column", {**three, "login_host": [wire.address], "login_port": wire.port})
    assert (result["failed"], wire.connections, len(wire.texts("ALTER TABLE"))) == (False, 1, 3)


def test_what_is_missing_hides_no_conflict(cql: Session, keyspace: str, run_module: RunModule) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.a (id int PRIMARY KEY, source int)")
    cql.execute(f"CREATE TABLE {keyspace}.b (id int PRIMARY KEY)")
    columns = [{"name": "source", "type": "text"}]
    tables = [{"table": name, "columns": columns} for name in ("a", "b", "c")]
    tables.append({"table": "d", "keyspace": keyspace + "x", "columns": columns})
    for check in (True, False):
        failed = run_module("cassandra_column", {"keyspace": keyspace, "tables": tables}, check=check)
        assert (failed["failure"], failed["changed"], failed["statements"]) == ("table_missing", False, [])
        for part in (
            f"Table c does not exist in keyspace {keyspace}",
            f"Keyspace {keyspace}x does not exist",
            f"{keyspace}.a conflicts with what is listed: column source is of type int, wanted is text.",
            "Nothing was executed.",
        ):
            assert part in failed["msg"]
