# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    REGULAR,
    STATIC,
    Column,
    TableName,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import (
    read_desired,
    read_tables,
)


def desired(columns: Any, keyspace: str = "shop", table: str = "orders") -> Any:
    return read_desired({"keyspace": keyspace, "table": table, "columns": columns})


@pytest.mark.parametrize(
    ("entry", "column"),
    [
        ({"name": "Note", "type": "VARCHAR"}, Column("note", parse_type("text"), REGULAR)),
        ({"name": '"Note"', "type": "text", "static": False}, Column("Note", parse_type("text"), REGULAR)),
        ({"name": "note", "type": "text", "static": True}, Column("note", parse_type("text"), STATIC)),
        ({"name": "note", "type": "text", "static": "yes"}, Column("note", parse_type("text"), STATIC)),
        ({"name": "note", "type": "text", "static": None}, Column("note", parse_type("text"), REGULAR)),
        ({"note": "text"}, Column("note", parse_type("text"), REGULAR)),
        ({"name": "name", "type": "text"}, Column("name", parse_type("text"), REGULAR)),
        ({"name": "a", "type": "shop.addr"}, Column("a", parse_type("addr"), REGULAR)),
        ({"name": '"True"', "type": "text"}, Column("True", parse_type("text"), REGULAR)),
    ],
)
def test_the_forms_of_a_column(entry: Any, column: Column) -> None:
    assert desired([entry]).columns == (column,)


def test_the_table_and_the_names_written_in_double_quotes() -> None:
    read = desired([{"name": '"Note"', "type": "text"}, {"plain": "int"}], "Shop", '"Orders"')
    assert read.table == TableName("shop", "Orders")
    assert str(read.table) == 'shop."Orders"'
    assert read.exact == {"Note"}


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        ([], ["No columns are listed for shop.orders"]),
        (None, ["No columns"]),
        ([{}], ["columns[1]: a column is a mapping"]),
        (["note"], ["columns[1]: a column is a mapping"]),
        ([None], ["a column is a mapping"]),
        ([{"name": "a", "type": "int", "kind": "x"}], ["unknown key 'kind'"]),
        ([{"name": "a", "static": True}], ["type is missing"]),
        # As YAML reads {name: a, type: map<text, int>}.
        (
            [{"name": "a", "type": "map<text", "int>": None}],
            ["columns[1]: put the type in quotes: YAML ends 'map<text' at the"],
        ),
        # A forgotten type, or the pair of community.cassandra: it would add a column called name.
        (
            [{"name": "time"}],
            ["columns[1]: type is missing. If the column is called name, write {name: name, type: time}."],
        ),
        (
            [{"type": "int"}],
            ["columns[1]: name is missing. If the column is called type, write {name: type, type: int}."],
        ),
        ([{"static": "text"}], ["name is missing. If the column is called static, write {name: static, type: text}."]),
        ([{"type": "int", "static": True}], ["columns[1]: name is missing."]),
        ([{"name": "a", "tpye": "int"}], ["unknown key 'tpye', did you mean 'type'?"]),
        (
            [{"a": "int", "b": "text"}],
            ["a mapping of several columns: write each one as an item of the list of its own"],
        ),
        ([{"name": "a", "type": "int", "static": "maybe"}], ["static is true or false, got"]),
        ([{"name": True, "type": "int"}], ["put it in quotes"]),
        ([{"name": "True", "type": "int"}], ["put it in quotes"]),
        ([{"name": None, "type": "int"}], ["put it in quotes"]),
        ([{"name": "a", "type": None}], ["column a: A CQL type must be text"]),
        ([{"name": "a", "type": "lizt<int>"}], ["column a: 'lizt<int>' is not a CQL type"]),
        ([{"name": "a", "type": "list<list<int>>"}], ["column a: a collection inside list<> must be frozen"]),
        ([{"name": "a", "type": "other.addr"}], ["another keyspace", "keyspace shop"]),
        ([{"a": "varchar(64)"}], ["column a: 'varchar(64)' is not a CQL type: write text: it has no length"]),
        ([{"a": "text[]"}], ["'text[]' is not a CQL type: write list<text>."]),
        (
            [{"a": "list<string>"}],
            ["must be frozen: write frozen<string>. If string is to be a type of CQL, write text."],
        ),
        ([{"a": "int"}, {"A": "text"}, {'"a"': "text"}], ["Column a is listed 3 times"]),
        ([{"a": "x;"}, {"": "int"}, {"b": "int"}, {"b": "int"}], ["columns[1]", "columns[2]", "b is listed 2 times"]),
    ],
)
def test_everything_that_is_wrong_is_said_at_once(columns: Any, parts: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        desired(columns)
    for part in parts:
        assert part in caught.value.message


@pytest.mark.parametrize(("keyspace", "table", "part"), [("", "t", "keyspace is empty"), ("k", "", "table is empty")])
def test_the_table_needs_names(keyspace: str, table: str, part: str) -> None:
    with pytest.raises(InvalidInput, match=part):
        desired([{"a": "int"}], keyspace, table)


def tables(*given: dict[str, Any]) -> Any:
    entries = [{"keyspace": None, "columns": [{"a": "int"}], **entry} for entry in given]
    return read_tables({"keyspace": "shop", "state": "present", "tables": entries})


def test_several_tables() -> None:
    first, second = tables({"table": "orders"}, {"table": "orders", "keyspace": "Archive"})
    assert (first.table, second.table) == (TableName("shop", "orders"), TableName("archive", "orders"))
    assert [column.name for column in first.columns + second.columns] == ["a", "a"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "No tables are listed: give at least one in 'tables'."),
        (
            [{"table": "a"}, {"table": "b"}, {"table": "A"}],
            "Table shop.a is listed 2 times: list it once, with all its columns.",
        ),
        (
            [{"table": "a", "state": "absent", "columns": [{"name": "b"}]}, {"table": "a"}],
            "Table shop.a is listed 2 times, and a run makes one change to each table: put the columns to drop and those to add "
            "into two migration files or tasks, and run one after the other.",
        ),
        (
            [{"table": "a", "state": "absent", "columns": [{"name": "a"}]}, {"table": "a"}],
            "Table shop.a is listed 2 times, and a run makes one change to each table: put the columns to drop and those to add "
            "into two migration files or tasks, and run one after the other. A column that is dropped and added again (a) can",
        ),
        (
            [{"table": "a"}, {"table": "b", "columns": []}, {"table": ""}],
            "tables[2]: No columns are listed for shop.b: give at least one in 'columns'. tables[3]: ",
        ),
    ],
)
def test_bad_tables(given: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        tables(*given)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        ({"name": "a", "type": "int", "zeta": 1, "kind": 2}, "unknown key 'kind'"),
        ({"static": True, "type": None, "name": None, "b": 1}, "unknown key 'b'"),
        ({"static": True, "type": "int"}, "name is missing"),
        ({}, "a column is a mapping with name and type, got {}."),
    ],
)
def test_the_first_thing_which_is_wrong_with_an_entry(entry: Any, part: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        desired([entry])
    assert part in caught.value.message


def test_a_name_alone_has_no_type() -> None:
    with pytest.raises(InvalidInput, match="name is missing"):
        desired([{"type": "int", "static": False}])
    with pytest.raises(InvalidInput, match="listed 3 times"):
        desired([{"a": "int"}, {"A": "int"}, {"a": "text"}])
