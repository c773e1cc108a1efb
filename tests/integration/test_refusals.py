# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each reason to refuse ALTER TABLE ... ADD or DROP: what check mode predicts is compared with what the server then says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from cassandra import RequestValidationException
from cassandra.cluster import NoHostAvailable, Session
from cassandra.protocol import RequestValidationException as RefusedMessage

from .conftest import RunModule, RunningNode

pytestmark = pytest.mark.promise

MARSHAL = "org.apache.cassandra.db.marshal."
PLAIN = "CREATE TABLE {k}.t (id int PRIMARY KEY, v int, w text, l list<text>)"
CLUSTERED = "CREATE TABLE {k}.t (id int, c int, v int, s int static, PRIMARY KEY (id, c))"
VIEWED = "CREATE TABLE {k}.t (id int, c int, v int, PRIMARY KEY (id, c))"
COUNTERS = "CREATE TABLE {k}.t (id int PRIMARY KEY, hits counter, misses counter)"
COMPACT = "CREATE TABLE {k}.t (id int PRIMARY KEY, v int) WITH COMPACT STORAGE"
DENSE = "CREATE TABLE {k}.t (id int, c int, v int, PRIMARY KEY (id, c)) WITH COMPACT STORAGE"
STATIC_COMPACT = 'CREATE TABLE {k}.t (key blob PRIMARY KEY, "C0" blob, "C1" blob) WITH COMPACT STORAGE'
NAMED_VALUE = "CREATE TABLE {k}.t (key blob PRIMARY KEY, value int, column1 int) WITH COMPACT STORAGE"
ONLY_KEY = "CREATE TABLE {k}.t (id int, c int, PRIMARY KEY (id, c)) WITH COMPACT STORAGE"
LOST = "ALTER TABLE {k}.t DROP COMPACT STORAGE"
FAR = "ALTER TABLE {k}.t DROP v USING TIMESTAMP 999999999999999999"
ADDR = "CREATE TYPE {k}.addr (a int, b text)"
NEST = "CREATE TYPE {k}.nest (a list<int>)"
VIEW = "CREATE MATERIALIZED VIEW {k}.by_c AS SELECT * FROM {k}.t WHERE id IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, id)"


# In place of a sentence: the column is there already, for every client.
PRESENT = "present"


@dataclass(frozen=True)
class Case:
    """A table made by C(setup), a column added to it, and the sentence of a refusal; no sentence: the server adds it."""

    setup: tuple[str, ...]
    cql_type: str
    sentence: str | None = None
    name: str = "new"
    static: bool = False
    table: str = "t"
    since: tuple[int, int] = (3, 11)


CASES = {
    "regular": Case((PLAIN,), "text"),
    "static": Case((CLUSTERED,), "text", static=True),
    "static without clustering": Case((PLAIN,), "text", "at least one clustering column", static=True),
    "text into counters": Case((COUNTERS,), "text", "takes counters only"),
    "counter into counters": Case((COUNTERS,), "counter"),
    "counter into others": Case((PLAIN,), "counter", "only a table made with counters"),
    "compact": Case((COMPACT,), "text", "COMPACT STORAGE"),
    "dense": Case((DENSE,), "text", "COMPACT STORAGE"),
    "view": Case((VIEWED, VIEW), "text", "is a materialized view", table="by_c"),
    "base of a view": Case((VIEWED, VIEW), "text"),
    "user type": Case((PLAIN, ADDR), "addr"),
    "frozen user type": Case((PLAIN, ADDR), "frozen<addr>"),
    "unknown type": Case((PLAIN, ADDR), "adr", "it has: addr"),
    "unknown frozen type": Case((PLAIN,), "list<frozen<adr>>", "it has: none"),
    "user type with collections": Case((PLAIN, NEST), "nest", "use frozen<nest>"),
    "the same frozen": Case((PLAIN, NEST), "frozen<nest>"),
    "vector": Case((PLAIN,), "vector<float, 3>", "has none (5.0 and later)"),
    "again the same": Case((PLAIN, "ALTER TABLE {k}.t DROP v"), "int", name="v"),
    "again as text": Case((PLAIN, "ALTER TABLE {k}.t DROP v"), "text", "cannot come back as text", name="v"),
    "again as blob": Case((PLAIN, "ALTER TABLE {k}.t DROP v"), "blob", "cannot come back as blob", name="v"),
    "text again as blob": Case((PLAIN, "ALTER TABLE {k}.t DROP w"), "blob", name="w"),
    "text again as ascii": Case((PLAIN, "ALTER TABLE {k}.t DROP w"), "ascii", "cannot come back as ascii", name="w"),
    "list again as set": Case((PLAIN, "ALTER TABLE {k}.t DROP l"), "set<text>", "cannot come back", name="l"),
    "static again as regular": Case((CLUSTERED, "ALTER TABLE {k}.t DROP s"), "int", "as static and cannot", name="s"),
    "regular again as static": Case((CLUSTERED, "ALTER TABLE {k}.t DROP v"), "int", "as regular and cannot", "v", True),
    "counter again": Case(
        (COUNTERS, "ALTER TABLE {k}.t DROP misses"), "counter", "a counter cannot come back", "misses"
    ),
    "user type again": Case(
        (ADDR, "CREATE TABLE {k}.t (id int PRIMARY KEY, u frozen<addr>)", "ALTER TABLE {k}.t DROP u"),
        "frozen<addr>",
        "cannot come back as frozen<addr>",
        name="u",
    ),
    "column of compact": Case((STATIC_COMPACT,), "blob", PRESENT, name='"C0"'),
    "new column of compact": Case((STATIC_COMPACT,), "blob", "COMPACT STORAGE", name='"C5"'),
    "hidden value": Case((STATIC_COMPACT,), "blob", "hidden from clients", name="value"),
    "hidden key": Case((STATIC_COMPACT,), "text", "hidden from clients", name="column1"),
    "own value of compact": Case((NAMED_VALUE,), "int", PRESENT, name="value"),
    "hidden value of dense": Case((ONLY_KEY,), "int", "hidden from clients", name="value"),
    "static since compact": Case((STATIC_COMPACT, LOST), "blob", "COMPACT STORAGE makes columns static", '"C0"'),
    "static as it is": Case((STATIC_COMPACT, LOST), "blob", PRESENT, '"C0"', static=True),
    "one more since compact": Case((STATIC_COMPACT, LOST), "int"),
    "another with a far drop": Case((PLAIN, FAR), "int"),
    "again after a far drop": Case((PLAIN, FAR), "int", name="v"),
    "composite class": Case((PLAIN,), f"'{MARSHAL}DynamicCompositeType(a=>{MARSHAL}AsciiType,z=>{MARSHAL}BytesType)'"),
    "class of nothing": Case((PLAIN,), f"'{MARSHAL}EmptyType'"),
    "many of nothing": Case((PLAIN,), f"list<'{MARSHAL}EmptyType'>"),
    "foreign type": Case((PLAIN,), "int64", "write bigint"),
    "tuple again": Case(
        ("CREATE TABLE {k}.t (id int PRIMARY KEY, u tuple<int>)", "ALTER TABLE {k}.t DROP u"), "tuple<int>", name="u"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_prediction_is_the_servers_answer(
    node: RunningNode, cql: Session, keyspace: str, run_module: RunModule, case: Case
) -> None:
    for statement in case.setup:
        cql.execute(statement.format(k=keyspace))
    sentence = case.sentence
    if "vector" in case.cql_type and node.major >= (5, 0):
        sentence = None
    params: dict[str, Any] = {
        "keyspace": keyspace,
        "table": case.table,
        "columns": [{"name": case.name, "type": case.cql_type, "static": case.static}],
    }
    predicted = run_module("cassandra_column", params, check=True)
    really = run_module("cassandra_column", params)
    accepted = adds(
        cql, f"ALTER TABLE {keyspace}.{case.table} ADD {case.name} {case.cql_type}{' static' * case.static}"
    )
    if sentence is None:
        assert predicted["changed"] is True, predicted["msg"]
        assert really["changed"] is True, really["msg"]
        assert run_module("cassandra_column", params)["changed"] is False
        return
    if sentence is PRESENT:
        assert [one["tables"][0]["columns"][0]["status"] for one in (predicted, really)] == ["present", "present"], (
            predicted
        )
        cql.execute(f"SELECT {case.name} FROM {keyspace}.{case.table}")
        return
    assert {predicted["failure"], really["failure"]} <= {"refused", "conflict"}
    assert sentence in predicted["msg"]
    assert predicted["msg"] == really["msg"]
    assert not accepted


# A table, the column that is dropped, and the sentence of a refusal; no sentence: the server drops it.
DROPS = {
    "regular": (PLAIN, "v", None),
    "of a static compact table": (STATIC_COMPACT, '"C0"', None),
    "of compact counters": (
        "CREATE TABLE {k}.t (key blob PRIMARY KEY, a counter, b counter) WITH COMPACT STORAGE",
        "a",
        None,
    ),
    "of a dense table": (DENSE, "v", "the server cannot drop a column of such a table"),
}


@pytest.mark.parametrize("case", DROPS)
def test_the_prediction_of_a_drop(cql: Session, keyspace: str, run_module: RunModule, case: str) -> None:
    setup, name, sentence = DROPS[case]
    cql.execute(setup.format(k=keyspace))
    params = {
        "keyspace": keyspace,
        "table": "t",
        "columns": [{"name": name}],
        "state": "absent",
        "allow_data_loss": True,
    }
    predicted, really = run_module("cassandra_column", params, check=True), run_module("cassandra_column", params)
    if sentence is None:
        assert (predicted["changed"], really["changed"]) == (True, True), (predicted["msg"], really["msg"])
        assert run_module("cassandra_column", params)["changed"] is False
        return
    assert (predicted["failure"], really["failure"]) == ("refused", "refused")
    assert sentence in predicted["msg"]
    assert not adds(cql, f"ALTER TABLE {keyspace}.t DROP {name}")


@pytest.mark.parametrize(
    ("keyspace", "table"),
    [
        ("system", "local"),
        ("system_schema", "tables"),
        ("system_auth", "roles"),
        ("system_distributed", "view_build_status"),
        ("system_traces", "events"),
        ("system_views", "settings"),
        ("system_virtual_schema", "tables"),
    ],
)
def test_cassandras_own_tables(cql: Session, run_module: RunModule, keyspace: str, table: str) -> None:
    params = {"keyspace": keyspace, "table": table, "columns": [{"new": "int"}]}
    predicted = run_module("cassandra_column", params, check=True)
    assert (predicted["failure"], "belongs to Cassandra" in predicted["msg"]) == ("refused", True)
    assert not adds(cql, f"ALTER TABLE {keyspace}.{table} ADD new int")


def test_a_view_gets_the_column_too_and_that_is_said(cql: Session, keyspace: str, run_module: RunModule) -> None:
    for statement in (VIEWED, VIEW):
        cql.execute(statement.format(k=keyspace))
    params = {"keyspace": keyspace, "table": "t", "columns": [{"new": "int"}]}
    assert any("by_c" in str(warning) for warning in run_module("cassandra_column", params, check=True)["warnings"])


@pytest.mark.parametrize("cdc", [True, False])
def test_who_reads_captured_changes_is_told_of(cql: Session, keyspace: str, run_module: RunModule, cdc: bool) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, old int) WITH cdc = {str(cdc).lower()}")
    params = {"keyspace": keyspace, "table": "t", "columns": [{"new": "int"}]}
    drop = {**params, "state": "absent", "columns": [{"name": "old"}], "allow_data_loss": True}
    for task, words in ((params, "meets the new columns"), (drop, "finds these columns")):
        # Ansible keeps warnings for the whole process; those of a plan are its own.
        planned = run_module("cassandra_column", task, check=True)["plan"]
        assert (words in str(planned["warnings"])) is cdc, planned
        assert run_module("cassandra_column", task)["changed"] is True


def adds(cql: Session, statement: str) -> bool:
    """Whether the server itself accepts the statement."""
    try:
        cql.execute(statement)
    except (RequestValidationException, RefusedMessage, NoHostAvailable):
        # Cassandra fails in its own code for a dense table.
        return False
    return True
