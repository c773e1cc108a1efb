# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""cassandra_column on a real node: predicted, applied, verified, repeated, refused."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from cassandra.cluster import Session

from .conftest import Result, RunModule, RunningNode

pytestmark = pytest.mark.promise

THREE = [
    {"name": "pipeline_source", "type": "text"},
    {"name": "last_pipeline_attempt", "type": "timestamp"},
    {"name": "processing_started_at", "type": "timestamp"},
]

Ensure = Callable[..., Result]


@pytest.fixture
def ensure(cql: Session, keyspace: str, run_module: RunModule) -> Ensure:
    """Runs the module on a table of the test's own, which has a clustering column and a row."""
    cql.execute(f'CREATE TABLE {keyspace}.t (id int, c int, v text, "Odd" int, s text static, PRIMARY KEY (id, c))')
    cql.execute(f"INSERT INTO {keyspace}.t (id, c, v, s) VALUES (1, 2, 'three', 'four')")

    def run(columns: Any, check: bool = False, **params: Any) -> Result:
        return run_module("cassandra_column", {"keyspace": keyspace, "table": "t", "columns": columns, **params}, check)

    return run


def stored(cql: Session, keyspace: str) -> dict[str, tuple[str, str]]:
    query = "SELECT column_name, type, kind FROM system_schema.columns WHERE keyspace_name = %s AND table_name = 't'"
    return {row.column_name: (row.type, row.kind) for row in cql.execute(query, (keyspace,))}


def statuses(result: Result) -> list[str]:
    return [column["status"] for column in result["tables"][0]["columns"]]


def test_predict_apply_repeat(ensure: Ensure, cql: Session, keyspace: str) -> None:
    before = stored(cql, keyspace)
    predicted = ensure(THREE, check=True)
    assert predicted["changed"] is True
    assert statuses(predicted) == ["would_add"] * 3
    assert stored(cql, keyspace) == before

    applied = ensure(THREE)
    assert applied["changed"] is True
    assert statuses(applied) == ["added"] * 3
    assert (
        applied["statements"]
        == predicted["statements"]
        == [
            f"ALTER TABLE {keyspace}.t ADD (pipeline_source text, last_pipeline_attempt timestamp, "
            "processing_started_at timestamp)"
        ]
    )
    assert applied["diff"] == predicted["diff"]
    assert applied["cluster"]["schema_agreed"] is True
    assert [one["host_id"] for one in applied["verified_by"]] == [one["host_id"] for one in applied["cluster"]["nodes"]]
    assert stored(cql, keyspace) == {
        **before,
        "pipeline_source": ("text", "regular"),
        "last_pipeline_attempt": ("timestamp", "regular"),
        "processing_started_at": ("timestamp", "regular"),
    }
    assert cql.execute(f"SELECT v, s, pipeline_source FROM {keyspace}.t").one() == ("three", "four", None)

    for check in (False, True):
        repeated = ensure(THREE, check=check)
        assert repeated["changed"] is False
        assert statuses(repeated) == ["present"] * 3
        assert repeated["statements"] == []
        assert repeated["diff"][0]["before"] == repeated["diff"][0]["after"]


def test_only_what_is_missing_is_added(ensure: Ensure, keyspace: str) -> None:
    result = ensure([{"v": "varchar"}, {"extra": "list<int>"}, {"name": "s", "type": "TEXT", "static": True}])
    assert statuses(result) == ["present", "added", "present"]
    assert result["statements"] == [f"ALTER TABLE {keyspace}.t ADD (extra list<int>)"]


def test_the_diff_is_the_table_before_and_after(ensure: Ensure, keyspace: str) -> None:
    diff = ensure([{"name": "note", "type": "text", "static": True}], check=True)["diff"][0]
    assert diff["before"].startswith(f"CREATE TABLE {keyspace}.t (\n    id int,\n    c int,\n")
    assert set(diff["after"].splitlines()) - set(diff["before"].splitlines()) == {"    note text static,"}


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        ([{"v": "int"}], ["column v is of type text, wanted is int"]),
        ([{"s": "text"}], ["column s is a static column of type text, wanted is a regular column"]),
        (
            [{"name": "v", "type": "text", "static": True}],
            ["column v is a regular column", "wanted is a static column"],
        ),
        ([{"id": "int"}], ["column id is part of the partition key"]),
        ([{"c": "int"}], ["column c is a clustering column"]),
        ([{"v": "int"}, {"fresh": "int"}, {"id": "int"}], ["column v is", "column id is"]),
        ([{"odd": "int"}], ['the table has a column "Odd"']),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_a_conflict_shows_both_sides_and_executes_nothing(
    ensure: Ensure, cql: Session, keyspace: str, columns: Any, parts: list[str], check: bool
) -> None:
    before = stored(cql, keyspace)
    result = ensure(columns, check=check)
    assert (result["failed"], result["failure"], result["changed"]) == (True, "conflict", False)
    assert result["statements"] == []
    for part in [*parts, "Nothing was executed."]:
        assert part in result["msg"]
    conflicts = [column for column in result["tables"][0]["columns"] if column["status"] == "conflict"]
    assert all(any(column["found"][key] != column[key] for key in column["found"]) for column in conflicts)
    assert stored(cql, keyspace) == before


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("CamelCase", "camelcase"),
        ('"CamelCase"', "CamelCase"),
        ('"odd"', "odd"),
        ("select", "select"),
        ("token", "token"),
        ("json", "json"),
        ("2nd", "2nd"),
        ("a b", "a b"),
        ("Größe", "Größe"),
        ("列", "列"),
        ("😀", "😀"),
        ('"a""b"', 'a"b'),
        ("it's", "it's"),
        ("x; DROP TABLE t", "x; DROP TABLE t"),
        ("--", "--"),
        ("/*", "/*"),
        ("$$", "$$"),
        ("?", "?"),
        (":v", ":v"),
        ("%s", "%s"),
        ("a\tb\nc", "a\tb\nc"),
        ('"' + "x" * 65535 + '"', "x" * 65535),
    ],
)
def test_names_are_quoted_right(
    node: RunningNode, ensure: Ensure, cql: Session, keyspace: str, name: str, column: str
) -> None:
    added = ensure([{"name": name, "type": "int"}])
    if node.major >= (6, 0) and len(column) == 65535:
        # 6.0-alpha2 cannot store a change of this size, and says that somebody else was faster.
        assert (added["failure"], column in stored(cql, keyspace)) == ("statement_failed", False)
        return
    assert added["changed"] is True
    assert column in stored(cql, keyspace)
    assert ensure([{"name": name, "type": "int"}])["changed"] is False
    row = cql.execute(f"SELECT * FROM {keyspace}.t").one()
    assert "three" in tuple(row)


def test_a_missing_keyspace_lists_those_there_are(run_module: RunModule, keyspace: str) -> None:
    result = run_module("cassandra_column", {"keyspace": keyspace + "x", "table": "t", "columns": THREE})
    assert (result["failed"], result["failure"]) == (True, "keyspace_missing")
    assert result["available"][0] == keyspace
    assert f"this cluster has: {keyspace}, " in result["msg"]


def test_a_missing_table_lists_those_there_are(
    ensure: Ensure, run_module: RunModule, cql: Session, keyspace: str
) -> None:
    cql.execute(f'CREATE TABLE {keyspace}."Tables" (id int PRIMARY KEY)')
    result = run_module("cassandra_column", {"keyspace": keyspace, "table": "tables", "columns": THREE})
    assert (result["failed"], result["failure"]) == (True, "table_missing")
    assert result["available"] == ["Tables", "t"]
    assert 'the keyspace has: "Tables", t.' in result["msg"]


def test_an_empty_keyspace(run_module: RunModule, keyspace: str) -> None:
    result = run_module("cassandra_column", {"keyspace": keyspace, "table": "t", "columns": THREE})
    assert "the keyspace has none" in result["msg"]


def test_no_node_reachable_says_what_was_tried_within_the_time_out(node: RunningNode, run_module: RunModule) -> None:
    with socket.create_server(("127.255.255.1", 0), backlog=1) as silent:
        port = silent.getsockname()[1]
        started = time.monotonic()
        result = run_module(
            "cassandra_column",
            {
                "login_host": [f"127.255.255.1:{port}", "127.255.255.2", "no-such-host.invalid"],
                "connect_timeout": 2,
                "keyspace": "k",
                "table": "t",
                "columns": THREE,
            },
        )
        # The time-out and what it takes to tear down; never a time-out for each address.
        assert time.monotonic() - started < 2 * 2
    assert (result["failed"], result["failure"]) == (True, "not_reachable")
    assert result["attempts"] == {
        f"127.255.255.1:{port}": "no answer in time",
        "127.255.255.2:9042": "connection refused: nothing listens on this port",
        "no-such-host.invalid:9042": "the name does not resolve",
    }
    for address, reason in result["attempts"].items():
        assert f"{address}: {reason}" in result["msg"]


def test_one_contact_point_which_is_up_is_enough(node: RunningNode, ensure: Ensure) -> None:
    result = ensure(THREE, login_host=["127.255.255.2", "no-such-host.invalid", f"{node.address}:{node.port}"])
    assert result["changed"] is True


@pytest.mark.parametrize("version", [3, 4, 5])
def test_a_version_of_the_protocol_may_be_chosen(ensure: Ensure, version: int) -> None:
    assert ensure(THREE, protocol_version=version)["changed"] is True


def test_the_local_datacenter_is_checked(node: RunningNode, ensure: Ensure) -> None:
    assert ensure(THREE, check=True, local_datacenter="datacenter1")["changed"] is True
    refused = ensure(THREE, local_datacenter="elsewhere")
    assert refused["failure"] == "not_reachable"
    assert "is in datacenter datacenter1, not in local_datacenter elsewhere" in refused["msg"]


def test_a_column_added_again_after_a_drop_brings_a_warning(ensure: Ensure, cql: Session, keyspace: str) -> None:
    cql.execute(f"ALTER TABLE {keyspace}.t DROP v")
    result = ensure([{"v": "text"}])
    assert result["changed"] is True
    assert any("stays gone" in str(warning) for warning in result["warnings"])
