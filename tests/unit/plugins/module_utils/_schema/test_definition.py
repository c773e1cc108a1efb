# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table before and after: the server's own texts if they are of the right time, otherwise what says where it is from."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import Column, Table, TableName
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.definition import definitions
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import Desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import make_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.run import ACCEPTED, TableRun

NAME = TableName("shop", "orders")
ID, V = Column("id", parse_type("int"), "partition_key", 0), Column("v", parse_type("text"))
A, B = Column("a", parse_type("set<int>")), Column("b", parse_type("text"))
# As Cassandra 5.0.9 writes it.
BEFORE = "CREATE TABLE shop.orders (\n    id int PRIMARY KEY,\n    v text\n) WITH cdc = false;"
AFTER = BEFORE.replace("    v text\n", "    b text,\n    v text,\n    a set<int>\n")
OTHERS = AFTER.replace("    v text,\n", "    theirs int,\n    v text,\n")
CATALOG = "CREATE TABLE shop.orders (\n    id int,\n    v text,\n    PRIMARY KEY ((id))\n);\n"
CATALOG_AFTER = CATALOG.replace("    v text,\n", "    a set<int>,\n    b text,\n    v text,\n")
FROM_CATALOG, BY_STATEMENTS = "from the catalog", "by the statements"


def run_of(before: str, described: str = "", applied: bool = False) -> TableRun:
    desired = Desired(NAME, (A, B))
    run = TableRun(desired, make_plan(desired, Table(NAME, (ID, V))), before=before, described=described)
    if applied:
        run.note(run.plan.changes[0], ACCEPTED)
        run.settle(frozenset())
    return run


@pytest.mark.parametrize(
    ("run", "predicted", "texts", "notes"),
    [
        (run_of(BEFORE), True, (BEFORE, AFTER), ("", "")),
        (run_of(BEFORE, AFTER, applied=True), False, (BEFORE, AFTER), ("", "")),
        (run_of(BEFORE, OTHERS, applied=True), False, (BEFORE, OTHERS), ("", "")),
        # It failed before anything was sent.
        (run_of(BEFORE), False, (BEFORE, BEFORE), ("", "")),
        # It was described before the change showed, or not at all.
        (run_of(BEFORE, BEFORE, applied=True), False, (BEFORE, AFTER), ("", BY_STATEMENTS)),
        (run_of(BEFORE, applied=True), False, (BEFORE, AFTER), ("", BY_STATEMENTS)),
        # Only one of both, another table, no such text, and one that is laid out otherwise.
        (run_of("", AFTER, applied=True), False, (CATALOG, CATALOG_AFTER), (FROM_CATALOG, FROM_CATALOG)),
        (run_of(OTHERS), True, (CATALOG, CATALOG_AFTER), (FROM_CATALOG,) * 2),
        (run_of("CREATE TABLE shop.orders (\n    x int\n);"), True, (CATALOG, CATALOG_AFTER), (FROM_CATALOG,) * 2),
        (run_of("no table"), True, (CATALOG, CATALOG_AFTER), (FROM_CATALOG,) * 2),
        (run_of("CREATE TABLE t (id int,\nv text)"), True, (CATALOG, CATALOG_AFTER), (FROM_CATALOG,) * 2),
        (run_of(""), False, (CATALOG, CATALOG), (FROM_CATALOG, FROM_CATALOG)),
    ],
)
def test_which_texts(run: TableRun, predicted: bool, texts: tuple[str, str], notes: tuple[str, str]) -> None:
    found: dict[str, Any] = definitions(run, predicted)
    assert (found["before"], found["after"]) == tuple(f"{text.rstrip()}\n" for text in texts)
    headers = [f"shop.orders ({when}{', ' if note else ''}{note})" for when, note in zip(("before", "after"), notes)]
    assert [found["before_header"], found["after_header"]] == headers


def test_what_a_comment_holds_is_printable_and_cut() -> None:
    text = BEFORE.replace("cdc = false", f"comment = '\x1b[31m\u202e{'x' * 100_000}'")
    found = definitions(run_of(text), True)
    assert "comment = '\\x1b[31m\\u202exxx" in found["before"]
    assert found["after"].endswith("x\n... (50116 more characters)\n"), found["after"][-40:]
    assert len(found["before"]) < 51_000
