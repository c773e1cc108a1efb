# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""state: absent on real nodes: what it drops, what it refuses, and that the server would say the same."""

from __future__ import annotations

import pytest
from cassandra import InvalidRequest
from cassandra.cluster import Session

from .conftest import Result, RunModule

pytestmark = pytest.mark.promise

MODULE = "cassandra_column"


@pytest.fixture
def table(cql: Session, keyspace: str) -> str:
    """A table with five rows, two of them with a note."""
    cql.execute(
        f'CREATE TABLE {keyspace}.t (id int, c int, note text, "Odd" set<int>, s int static, PRIMARY KEY (id, c))'
    )
    for number in range(5):
        cql.execute(f"INSERT INTO {keyspace}.t (id, c) VALUES ({number}, 0)")
    cql.execute(f"UPDATE {keyspace}.t SET note = 'a' WHERE id IN (1, 3) AND c = 0")
    return keyspace


def columns(cql: Session, keyspace: str) -> set[str]:
    query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = 't'"
    return {row.column_name for row in cql.execute(query, (keyspace,))}


def task(keyspace: str, *names: str, **options: object) -> dict[str, object]:
    listed = [{"name": name} for name in names]
    return {"keyspace": keyspace, "table": "t", "columns": listed, "state": "absent", **options}


def statuses(result: Result) -> list[str]:
    return [column["status"] for column in result["tables"][0]["columns"]]


def test_dropped_once_in_one_statement(cql: Session, table: str, run_module: RunModule) -> None:
    wanted = task(table, "note", '"Odd"', "never", "s", allow_data_loss=True)
    dry = run_module(MODULE, wanted, check=True)
    assert (dry["changed"], statuses(dry)) == (True, ["would_drop", "would_drop", "absent", "would_drop"])
    assert columns(cql, table) == {"id", "c", "note", "Odd", "s"}

    real = run_module(MODULE, wanted)
    assert (real["changed"], statuses(real)) == (True, ["dropped", "dropped", "absent", "dropped"])
    assert real["statements"] == dry["statements"] == [f'ALTER TABLE {table}.t DROP (note, "Odd", s)']
    assert real["tables"][0]["values"] == {"found": {"note": 2, "Odd": 0, "s": 0}, "rows_read": 5, "complete": True}
    assert (real["diff"], "note" in real["diff"][0]["after"]) == (dry["diff"], False)
    assert columns(cql, table) == {"id", "c"}

    again = run_module(MODULE, wanted)
    assert (again["changed"], statuses(again), again["statements"]) == (False, ["absent"] * 4, [])
    assert "values" not in again


@pytest.mark.parametrize("check", [True, False])
def test_not_without_a_word(cql: Session, table: str, run_module: RunModule, check: bool) -> None:
    refused = run_module(MODULE, task(table, "note", "s"), check=check)
    assert (refused["failed"], refused["failure"], refused["changed"]) == (True, "data_loss", False)
    assert "Dropping note, s from" in refused["msg"]
    assert "values found in all 5 rows: note 2). Set allow_data_loss" in refused["msg"]
    assert statuses(refused) == ["present", "present"]
    assert "note" in columns(cql, table)


def test_only_if_empty(cql: Session, table: str, run_module: RunModule) -> None:
    options = {"allow_data_loss": True, "only_if_empty": True}
    refused = run_module(MODULE, task(table, "note", **options))
    assert refused["failure"] == "data_loss"
    assert "are not empty (values found in all 5 rows: note 2), and only_if_empty is set" in refused["msg"]
    unknown = run_module(MODULE, task(table, "s", **options, rows_to_read=4))
    assert (unknown["failure"], unknown["tables"][0]["values"]["complete"]) == ("data_loss", False)
    assert "(values found in the first 4 rows, and there are more: none)" in unknown["msg"]
    assert "It is not known whether" in unknown["msg"]
    assert "Raise rows_to_read" in unknown["msg"]
    without = run_module(MODULE, task(table, "s", only_if_empty=True))
    assert (without["failure"], "allow_data_loss" in without["msg"]) == ("data_loss", True)
    assert columns(cql, table) == {"id", "c", "note", "Odd", "s"}
    assert run_module(MODULE, task(table, "s", '"Odd"', **options, rows_to_read=5))["changed"]
    assert columns(cql, table) == {"id", "c", "note"}


def test_values_which_python_has_none_for(cql: Session, table: str, run_module: RunModule) -> None:
    cql.execute(f"CREATE TABLE {table}.far (id int PRIMARY KEY, a timestamp)")
    cql.execute(f"INSERT INTO {table}.far (id, a) VALUES (1, 9000000000000000000)")
    given = {"keyspace": table, "table": "far", "columns": [{"name": "a"}], "state": "absent"}
    unread = run_module("cassandra_column", {**given, "allow_data_loss": True})
    assert (unread["failure"], unread["changed"]) == ("statement_failed", False)
    assert "Set rows_to_read to 0 to do without. Nothing was executed." in unread["msg"]
    assert run_module("cassandra_column", {**given, "allow_data_loss": True, "rows_to_read": 0})["changed"] is True


def test_many_rows_are_read_in_pages(cql: Session, table: str, run_module: RunModule) -> None:
    insert = cql.prepare(f"INSERT INTO {table}.t (id, c, note) VALUES (7, ?, ?)")
    for number in range(1, 2501):
        cql.execute_async(insert, (number, "x" if number > 2400 else None))
    cql.execute(insert, (2501, "x"))
    # The partition of 7 stands anywhere among the others: 2506 rows, 103 notes.
    seen = run_module(MODULE, task(table, "note"))["tables"][0]["values"]
    assert seen == {"found": {"note": 103}, "rows_read": 2506, "complete": True}


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ([{"name": "id"}], "column id is part of the partition key of type int, the primary key cannot be changed"),
        ([{"name": "c"}, {"name": "note"}], "column c is a clustering column"),
        ([{"note": "int"}], "column note is a regular column of type text and not as listed"),
        ([{"name": "note", "static": True}], "not as listed"),
        ([{"name": "odd"}], "'\"Odd\"'"),
    ],
)
def test_what_is_no_such_column(
    cql: Session, table: str, run_module: RunModule, listed: list[dict[str, object]], message: str
) -> None:
    refused = run_module(MODULE, task(table, allow_data_loss=True) | {"columns": listed})
    assert (refused["failed"], refused["failure"], refused["statements"]) == (True, "conflict", [])
    assert message in refused["msg"]
    assert len(columns(cql, table)) == 5


REFUSED = {
    "index": (["CREATE INDEX by_note ON {}.t (note)"], "note", "column note has an index, drop by_note first"),
    "index on a quoted name": (
        ['CREATE INDEX odd ON {}.t (values("Odd"))'],
        '"Odd"',
        '"Odd" has an index, drop odd first',
    ),
    "user type": (
        ["CREATE TYPE {}.u (a int)", "ALTER TABLE {}.t ADD x u"],
        "x",
        "of the user-defined type u and not frozen",
    ),
    "view": (
        [
            "CREATE MATERIALIZED VIEW {}.v AS SELECT id, c FROM {}.t WHERE id IS NOT NULL AND c IS NOT NULL "
            "PRIMARY KEY (c, id)"
        ],
        "s",
        "it has materialized views, and with these no column can be dropped: drop v first",
    ),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_the_server_would_refuse_it_too(cql: Session, table: str, run_module: RunModule, case: str) -> None:
    preparations, name, message = REFUSED[case]
    for statement in preparations:
        cql.execute(statement.replace("{}", table))
    refused = run_module(MODULE, task(table, name, allow_data_loss=True), check=True)
    assert (refused["failed"], refused["failure"]) == (True, "refused")
    assert message in refused["msg"]
    with pytest.raises(InvalidRequest):
        cql.execute(f"ALTER TABLE {table}.t DROP {name}")


def test_a_dropped_column_comes_back_with_its_type_only(cql: Session, table: str, run_module: RunModule) -> None:
    assert run_module(MODULE, task(table, "note", allow_data_loss=True))["changed"]
    other = run_module(MODULE, {"keyspace": table, "table": "t", "columns": [{"note": "int"}]})
    assert (other["failure"], "cannot come back as int" in other["msg"]) == ("refused", True)
    back = run_module(MODULE, {"keyspace": table, "table": "t", "columns": [{"note": "text"}]})
    assert (back["changed"], any("stays gone" in str(warning) for warning in back["warnings"])) == (True, True)
    assert {row.note for row in cql.execute(f"SELECT note FROM {table}.t")} == {None}


def test_as_what_columns_come_back_is_said_before(cql: Session, keyspace: str, run_module: RunModule) -> None:
    cql.execute(f"CREATE TYPE {keyspace}.u (a int)")
    cql.execute(
        f"CREATE TABLE {keyspace}.t (id int, c int, tags list<text>, rule uuid, note text static, place frozen<u>, "
        "PRIMARY KEY (id, c))"
    )
    dropping = task(keyspace, "tags", "rule", "note", "place", allow_data_loss=True)
    dry = run_module(MODULE, dropping, check=True)
    warnings = " ".join(dry["plan"]["warnings"])
    assert "Once they are dropped, these columns cannot be added again: place (frozen<u>)." in warnings
    assert "without their values: tags (list<text>), rule (uuid), note (static, text or blob)." in warnings
    assert run_module(MODULE, dropping)["changed"]

    adding = {"keyspace": keyspace, "table": "t"}
    for name, cql_type, taken in (
        ("tags", "text", False),
        ("tags", "list<text>", True),
        ("rule", "blob", False),
        ("rule", "uuid", True),
        ("note", "blob", False),
        ("place", "frozen<u>", False),
    ):
        column = {"name": name, "type": cql_type}
        predicted, really = (
            run_module(MODULE, {**adding, "columns": [column]}, check=check) for check in (True, False)
        )
        assert (not predicted["failed"], not really["failed"]) == (taken, taken), (column, predicted, really)
    static = {"name": "note", "type": "blob", "static": True}
    assert run_module(MODULE, {**adding, "columns": [static]})["changed"] is True
