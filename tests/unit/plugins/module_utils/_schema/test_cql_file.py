# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file for a DBA: the statements of a plan, or of tables of which nothing is known."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    Cluster,
    Column,
    Node,
    Table,
    TableName,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.cql_file import (
    offline_file,
    plan_file,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import Desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import make_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.saved_plan import (
    PlannedTable,
    save_plan,
)

ORDERS = {"keyspace": "shop", "table": "orders", "columns": [{"name": "x", "type": "int"}]}
CUSTOMERS = {"keyspace": "shop", "table": "customers", "columns": [{"name": "old", "type": "text"}], "state": "absent"}


def commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("--")]


@pytest.mark.parametrize(
    ("version", "statement"),
    [
        ("", "ALTER TABLE shop.orders ADD (x int);"),
        ("4.0.19", "ALTER TABLE shop.orders ADD (x int);"),
        ("4.1.10", "ALTER TABLE shop.orders ADD IF NOT EXISTS (x int);"),
        ("5.0.9", "ALTER TABLE shop.orders ADD IF NOT EXISTS (x int);"),
    ],
)
def test_without_a_cluster(version: str, statement: str) -> None:
    text = offline_file([ORDERS], version)
    assert commands(text)[0] == statement
    assert sum(line.startswith("ALTER") for line in commands(text)) == 1
    assert "-- ALTER TABLE shop.orders DROP (x);" in text
    assert ("You can run it again" in text) == ("IF NOT EXISTS" in statement)


def test_several_tables_and_a_drop() -> None:
    text = offline_file([ORDERS, CUSTOMERS])
    assert [line for line in commands(text) if line.startswith("ALTER")] == [
        "ALTER TABLE shop.orders ADD (x int);",
        "ALTER TABLE shop.customers DROP (old);",
    ]
    assert "-- It destroys what was written to old." in text
    assert "-- ALTER TABLE shop.customers ADD (old text);" in text
    assert "-- Verify: there must be no row for old." in text
    untyped: dict[str, Any] = {**CUSTOMERS, "columns": [{"name": "old"}]}
    assert "-- ALTER TABLE shop.customers ADD (old <its type>);" in offline_file([untyped])


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(InvalidInput, match=r"tables\[1\]: columns\[1\]: column x: 'txt<'"):
        offline_file([{**ORDERS, "columns": [{"name": "x", "type": "txt<"}]}])


@pytest.mark.parametrize("done", [False, True])
def test_the_very_statements_of_a_plan(done: bool) -> None:
    name, column = TableName("shop", "Orders"), Column("x", parse_type("int"))
    desired = Desired(name, (column,))
    there = Table(name, (column,) if done else ())
    node = Node("10.0.0.1", 9042, "dc1", "host-1", "5.0.9", "schema-1")
    plan = save_plan(Cluster("Production", node, ()), [PlannedTable(desired, make_plan(desired, there))])
    text = plan_file(plan)
    altering = [line for line in commands(text) if line.startswith("ALTER")]
    assert altering == ([] if done else ['ALTER TABLE shop."Orders" ADD (x int);'])
    assert ("Nothing is left to do." in text) == done
    assert "--     x int, regular" in text


def test_a_name_with_the_end_of_a_line_stays_a_comment() -> None:
    odd = {**ORDERS, "columns": [{"name": '"a\nb"', "type": "int"}]}
    lines = offline_file([odd]).splitlines()
    # The name stands as it is in the two statements, and in comments with a mark on each of its lines.
    assert [line for line in lines if line.startswith('b"')] == ['b" int);']
    assert '-- b" int, regular' in lines
