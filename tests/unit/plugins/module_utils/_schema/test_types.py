# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user-defined type is a table whose columns are its fields."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput, Refused, StatementFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.prepare import Wish, prepare
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    FIELD,
    PARTITION_KEY,
    TYPE,
    Column,
    Table,
    TableName,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.observe import read_fields
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.additions import (
    addition_warnings,
    check_additions,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.change import additions
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.cql_file import offline_file
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import read_tables
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import Plan, make_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.preconditions import TableContext

NAME = TableName("shop", "addr", TYPE)


def column(name: str, cql_type: str, kind: str = FIELD) -> Column:
    return Column(name, parse_type(cql_type), kind)


ADDR = Table(NAME, (column("zip", "int"), column("Street", "text")))
KNOWN = {"addr": (parse_type("int"),), "person": (parse_type("list<frozen<addr>>"),), "other": ()}


def read(*types: dict[str, Any]) -> Any:
    return read_tables({"keyspace": "shop", "state": "present", "tables": list(types)})


def asked(name: str, *fields: Any) -> dict[str, Any]:
    return {"type": name, "fields": list(fields)}


def adding(*fields: Column) -> Plan:
    return Plan(ADDR, tuple(additions(ADDR, fields)))


def plan(*fields: Any) -> Any:
    return make_plan(read(asked("addr", *fields))[0], ADDR)


def test_each_type_comes_before_those_that_use_it_and_before_the_tables() -> None:
    table = {"table": "t", "columns": [{"a": "frozen<c>"}]}
    found = read(table, asked("a", {"x": "frozen<b>"}), asked("b", {"x": "list<frozen<c>>"}), asked("c", {"x": "int"}))
    assert [str(one.table) for one in found] == ["type shop.c", "type shop.b", "type shop.a", "shop.t"]


@pytest.mark.parametrize(
    ("types", "words"),
    [
        ([asked("a", {"x": "counter"})], "types[1]: fields[1]: field x: a counter cannot be a field"),
        ([asked("a", {"x": "b"})], "a user-defined type inside another one must be frozen: write frozen<b>"),
        ([asked("a", {"x": "list<frozen<a>>"})], "the type a cannot be part of itself"),
        ([asked("a", {"x": "list<list<int>>"})], "must be frozen: write frozen<list<int>>"),
        ([asked("a", {"x": "k.b"})], "user-defined type of another keyspace"),
        (
            [asked("a", {"x": "frozen<b>"}), asked("b", {"x": "frozen<a>"})],
            "parts of each other, which no server takes",
        ),
        (
            [asked("a", {"name": "x", "type": "int", "static": True})],
            "unknown key 'static', a field has name and type.",
        ),
        ([asked("a", {"x": "int"}, {"X": "int"})], "Field x is listed 2 times."),
        ([asked("a", {"x": "int"})] * 2, "Type shop.a is listed 2 times: list it once, with all its fields."),
        ([asked("a")], "No fields are listed for type shop.a: give at least one in 'fields'."),
        ([{"type": "a", "columns": [{"x": "int"}]}], "Type 'a' has fields: give these alone."),
        ([{"table": "a", "fields": [{"x": "int"}]}], "Table 'a' has columns: give these alone."),
        ([{"table": "a", "type": "a", "fields": [{"x": "int"}]}], "Type 'a' has fields: give these alone."),
        ([{"columns": [{"x": "int"}]}], "Neither a table nor a user-defined type is named"),
        ([{**asked("a", {"x": "int"}), "state": "absent"}], "Cassandra has no statement for that"),
    ],
)
def test_what_no_server_takes_is_said_before(types: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(*types)
    assert words in refused.value.message


def test_one_statement_for_each_field_and_none_of_them_is_reversible() -> None:
    changes = plan({"country": "varchar"}, {"zip": "int"}, {"order": "frozen<set<int>>"}).changes
    assert [(change.cql, change.reverse, change.unsafe) for change in changes] == [
        ("ALTER TYPE shop.addr ADD country text", "", ""),
        ('ALTER TYPE shop.addr ADD "order" frozen<set<int>>', "", ""),
    ]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"zip": "text"}, "field zip is of type int, wanted is text"),
        ({"street": "text"}, 'the type has a field "Street", and the name as given means street'),
    ],
)
def test_conflicts(field: dict[str, str], reason: str) -> None:
    (conflict,) = plan(field).conflicts
    assert reason in conflict.reason


@pytest.mark.parametrize(
    ("field", "context", "words"),
    [
        ("int", {}, ""),
        ("int", {"uses": {"t": (column("p", "frozen<person>", "regular"),)}}, ""),
        ("int", {"uses": {"t": (column("p", "frozen<person>", PARTITION_KEY),)}}, "in the partition key of t"),
        ("int", {"uses": {"t": (column("p", "frozen<other>", PARTITION_KEY),)}}, ""),
        ("frozen<person>", {}, "types cannot be parts of each other"),
        ("frozen<other>", {}, ""),
        ("frozen<nope>", {}, "field new: nope is neither a native type nor"),
        ("list<int>", {"uses": {"t": (column("a", "addr", "regular"),)}}, "write frozen<list<int>>"),
        ("list<int>", {"uses": {"t": (column("a", "frozen<addr>", "regular"),)}}, ""),
        ("frozen<list<int>>", {"uses": {"t": (column("a", "addr", "regular"),)}}, ""),
        ("vector<int, 3>", {"vectors": False}, "field new is a vector"),
        ("int", {"settings": {"fields_per_udt_fail_threshold": "2"}}, "allows 2 fields, the type would have 3"),
        ("int", {"settings": {"columns_per_table_fail_threshold": "2"}}, ""),
        ("int", {"settings": {"alter_table_enabled": "false"}}, ""),
        ("int", {"may_alter": False, "user": "ada"}, "GRANT ALTER ON KEYSPACE shop TO ada"),
    ],
)
def test_what_the_server_refuses(field: str, context: dict[str, Any], words: str) -> None:
    message = ""
    try:
        check_additions(adding(column("new", field)), TableContext(user_types=KNOWN)._replace(**context))
    except Refused as refused:
        message = refused.message
    assert (bool(message), words in message) == (bool(words), True), message


def test_what_stays_is_said_before() -> None:
    assert addition_warnings(adding(), TableContext()) == []
    (warning,) = addition_warnings(adding(column("x", "int"), column("Y", "int")), TableContext())
    assert warning.endswith('these stay, after a rollback too: x, "Y".')


def test_the_file_for_a_dba() -> None:
    text = offline_file([{"keyspace": "shop", **asked("addr", {"x": "int"}, {"y": "int"})}], "4.1")
    assert "\nALTER TYPE shop.addr ADD IF NOT EXISTS x int;\n" in text
    assert "WHERE keyspace_name = 'shop' AND type_name = 'addr';" in text
    assert "-- It cannot be reversed: Cassandra has no statement that drops a field." in text


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ({"field_names": ["a"], "field_types": ["frozen<b>"]}, (column("a", "frozen<b>"),)),
        ({"field_names": ["a"], "field_types": None}, None),
        ({"field_names": ["a", "b"], "field_types": ["int"]}, None),
    ],
)
def test_fields_that_cannot_be_right_are_no_fields(row: dict[str, Any], fields: Any) -> None:
    if fields:
        assert read_fields([row]) == fields
    else:
        with pytest.raises(StatementFailed):
            read_fields([row])


def test_a_rollback_of_everything_listed_names_the_fields_that_stay() -> None:
    entry = {"keyspace": "shop", "state": "present", **asked("addr", {"x": "int"}, {"name": "y", "type": "int"})}
    table = {"keyspace": "shop", "table": "t", "columns": [{"a": "int"}], "state": "present"}
    definition = {"tables": [entry, table], "options": {}, "steps": [], "roles": {}}
    prepared = prepare(definition, Wish("rollback", all_listed=True))
    assert prepared["not_reversible"] == ["Fields of type shop.addr stay, since Cassandra cannot drop a field: x, y."]
    assert (prepared["tables"], prepared["confirmation"]) == ([{**table, "state": "absent"}], "shop.t")
    with pytest.raises(InvalidInput, match=r"these stay: x, y of type shop\.addr"):
        prepare({**definition, "tables": [entry]}, Wish("rollback", all_listed=True))
