# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a server answers to a read of the catalog, the module says it in a sentence or does without."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.session import Names, Rows
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.column_text import read_attributes
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import Statement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import stored_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure, StatementFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.capabilities import Capabilities
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import Cluster, Node, TableName
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.reading import find_odd
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.context import observe_contexts
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.info import _keyspace_facts, _table_facts
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.observe import (
    observe_table,
    observe_tables,
    read_keyspaces,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.additions import (
    addition_warnings,
    check_additions,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import read_desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import make_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.preconditions import (
    check_drops,
    drop_warnings,
)

Answers = dict[str, list[dict[str, Any]]]
NAME = TableName("shop", "orders")
NODE = Node("10.0.0.1", 9042, "dc1", "host-1", "5.0.9", "schema-1")
CLUSTER = Cluster("Test Cluster", NODE, (), Capabilities())


def column(name: str, cql_type: str, kind: str = "regular", position: int = -1) -> dict[str, Any]:
    return {
        "column_name": name,
        "type": cql_type,
        "kind": kind,
        "position": position,
        "clustering_order": "none",
        "written": 1_700_000_000_000_000,
    }


GOOD: Answers = {
    "system_schema.columns": [column("id", "int", "partition_key", 0), column("v", "text"), column("place", "addr")],
    "system_virtual_schema.columns": [],
    "system_schema.tables": [{"table_name": "orders", "id": "table-1", "flags": {"compound"}, "cdc": True}],
    "system_virtual_schema.tables": [],
    "system_schema.views": [{"view_name": "by_v", "base_table_name": "other", "include_all_columns": True}],
    "system_schema.dropped_columns": [
        {"column_name": "new", "dropped_time": 1_700_000_000_000, "kind": "regular", "type": "int"}
    ],
    "system_schema.indexes": [{"index_name": "by_v", "options": {"target": "id"}}],
    "system_schema.types": [{"type_name": "addr", "field_types": ["int"]}],
    "system_schema.keyspaces": [
        {"keyspace_name": "shop", "durable_writes": True, "replication": {"class": "SimpleStrategy"}}
    ],
    "system_virtual_schema.keyspaces": [{"keyspace_name": "system_views"}],
    "system_views.settings": [{"name": "columns_per_table_fail_threshold", "value": "100"}],
    "DESCRIBE TABLE": [{"create_statement": "CREATE TABLE shop.orders (\n    id int PRIMARY KEY,\n    v text\n)"}],
    "LIST ROLES": [{"role": "bob", "super": False}],
    "LIST ALL": [{"role": "bob", "permission": "ALTER", "resource": "<all keyspaces>"}],
}
ODD = [None, 7, -1, True, "x", "", [], [None], {}, {"target": None}, {"target": 7}, 10**20, 1.5, b"x", datetime.max]


def session(answers: Answers) -> Any:
    """What the reads need of a session: the rows of each table, with the columns of the first."""

    def answer(statement: Statement) -> Rows:
        rows = answers[statement.source.table]
        return Rows([Names(rows[0] if rows else statement.source.columns), *rows])

    return SimpleNamespace(
        settings=SimpleNamespace(user="bob", is_anonymous=False),
        partial=set(),
        absent={},
        answers=lambda *statements: [answer(one) for one in statements],
    )


def read_all(answers: Answers) -> None:
    """Everything that is read of the catalog, and what is made of it."""
    for state, names in (("present", [{"new": "int"}, {"p": "addr"}]), ("absent", [{"name": "v"}, {"name": "place"}])):
        with contextlib.suppress(Failure):
            desired = read_desired({"keyspace": "shop", "table": "orders", "columns": names, "state": state})
            plan = make_plan(desired, observe_table(session(answers), NAME))
            (context,) = observe_contexts(session(answers), [plan], CLUSTER)
            assert all(one.check and one.reason for one in context.not_checked)
            drop_warnings(plan, context)
            addition_warnings(plan, context)
            check_additions(plan, context)
            check_drops(plan, context)
    with contextlib.suppress(Failure):
        observe_tables(session(answers), "shop")
    with contextlib.suppress(Failure):
        for row in read_keyspaces(session(answers)):
            _keyspace_facts(row)
    with contextlib.suppress(Failure):
        _table_facts(session(answers), observe_table(session(answers), NAME))


def changed(table: str) -> Iterator[Answers]:
    """The answers with those of one table changed: no row, a row twice, and each value by each odd one."""
    rows = GOOD[table]
    yield {**GOOD, table: []}
    yield {**GOOD, table: rows + rows}
    for number, row in enumerate(rows):
        for name in row:
            for value in ODD:
                yield {**GOOD, table: [*rows[:number], {**row, name: value}, *rows[number + 1 :]]}
        for name in row:
            yield {**GOOD, table: [{key: one for key, one in row.items() if key != name} for row in rows]}


@pytest.mark.parametrize("table", GOOD)
def test_an_odd_answer_is_no_crash(table: str) -> None:
    read_all(GOOD)
    for answers in changed(table):
        read_all(answers)


@pytest.mark.parametrize(
    ("table", "row", "part"),
    [
        ("system_schema.columns", column("v", "text", "odd"), "a row has 'odd' as its kind"),
        ("system_schema.columns", {"column_name": None}, "a row has no column_name"),
        ("system_schema.columns", {"position": "1"}, "as its position"),
        ("system_schema.views", {"view_name": None}, "a row has no view_name"),
        ("system_schema.tables", {"flags": "compound"}, "as its flags"),
        ("system_schema.types", {"field_types": [7]}, "as its field_types"),
        ("system.local", {"release_version": 5}, "as its release_version"),
        ("system.local", {"host_id": ["a"]}, "as its host_id"),
        ("system.peers_v2", {"native_port": [9042]}, "as its native_port"),
        ("system.peers_v2", {"schema_version": 7}, "as its schema_version"),
        ("system.peers_v2", {"native_address": b"\n\0\0\1"}, "as its native_address"),
        ("system_views.sstable_tasks", {"progress": "half"}, "as its progress"),
        ("system_schema.dropped_columns", {"kind": None, "type": None, "dropped_time": None}, None),
        ("system_schema.columns", column("v", "text"), None),
    ],
)
def test_what_cannot_be_right(table: str, row: dict[str, Any], part: str | None) -> None:
    found = find_odd(table, [row])
    assert found is None if part is None else part in str(found)


def test_a_node_has_one_row_about_itself() -> None:
    assert find_odd("system.local", []) == "it has 0 rows, and a node has one"
    assert find_odd("system.local", [{}, {}]) == "it has 2 rows, and a node has one"


def test_an_odd_table_is_refused_and_an_odd_view_is_not_checked() -> None:
    with pytest.raises(StatementFailed, match=r"system_schema\.columns cannot be right: a row has no type"):
        observe_table(session({**GOOD, "system_schema.columns": [{**column("id", "int"), "type": None}]}), NAME)
    desired = read_desired({"keyspace": "shop", "table": "orders", "columns": [{"a": "int"}]})
    odd = session(
        {**GOOD, "system_schema.views": [{"view_name": None, "base_table_name": "a", "include_all_columns": 1}]}
    )
    (context,) = observe_contexts(odd, [make_plan(desired, observe_table(odd, NAME))], CLUSTER)
    assert "materialized views of the table" in {one.check for one in context.not_checked}


def test_a_select_that_is_answered_without_columns_is_no_empty_table() -> None:
    """Such as the answer to another statement: nobody is told then that a table does not exist."""
    void = session(GOOD)
    void.answers = lambda *statements: [Rows() for _one in statements]
    with pytest.raises(StatementFailed, match="the answer to a SELECT has no columns"):
        observe_table(void, NAME)


def test_a_table_that_another_user_makes_at_the_moment_belongs_to_nobody_else() -> None:
    with pytest.raises(StatementFailed, match=r"lists shop\.orders and .* Run this again"):
        observe_table(session({**GOOD, "system_schema.columns": []}), NAME)
    virtual = {**GOOD, "system_schema.tables": [], "system_virtual_schema.tables": [{"table_name": "orders"}]}
    with pytest.raises(Failure, match="belongs to Cassandra itself"):
        observe_table(session({**virtual, "system_schema.columns": []}), NAME)


def test_a_long_comment_or_type_costs_no_more_than_itself() -> None:
    size = 4_000_000
    text = (
        f"CREATE TABLE shop.orders (\n    id int PRIMARY KEY,\n    v int CHECK v > 1\n) WITH comment = '{'x' * size}'"
    )
    tracemalloc.start()
    try:
        assert read_attributes(text) == {"v": "CHECK v > 1"}
        assert str(stored_type("a" * size)) != ""
        assert tracemalloc.get_traced_memory()[1] < 5 * size
    finally:
        tracemalloc.stop()
