# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from cql_types import cql_types
from hypothesis import given

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.cql_type import (
    Custom,
    Native,
    UserType,
    freeze,
    in_keyspace,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type, stored_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_rules import (
    field_error,
    needs_vector,
    type_error,
    user_types,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput

MARSHAL = "org.apache.cassandra.db.marshal."
COMPOSITE = f"{MARSHAL}CompositeType({MARSHAL}UTF8Type,{MARSHAL}VectorType({MARSHAL}FloatType,2))"
ALIASES = f"{MARSHAL}DynamicCompositeType(a=>{MARSHAL}AsciiType,z=>{MARSHAL}BytesType)"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        # Measured on Cassandra 5.0.9: what system_schema.columns shows for a column of the type.
        ("TEXT", "text"),
        ("VarChar", "text"),
        (" list < int > ", "list<int>"),
        ("list<varchar>", "list<text>"),
        ("set<\ttext>", "set<text>"),
        ("map<text,int>", "map<text, int>"),
        ("frozen<frozen<list<int>>>", "frozen<list<int>>"),
        ("frozen<map<text,list<set<int>>>>", "frozen<map<text, frozen<list<frozen<set<int>>>>>>"),
        ("tuple<int,text>", "frozen<tuple<int, text>>"),
        ("frozen<tuple<int,text>>", "frozen<tuple<int, text>>"),
        ("tuple<list<int>,addr>", "frozen<tuple<frozen<list<int>>, frozen<addr>>>"),
        ("list<tuple<int,list<int>>>", "list<frozen<tuple<int, frozen<list<int>>>>>"),
        ("Addr", "addr"),
        ('"Addr"', '"Addr"'),
        ("frozen<addr>", "frozen<addr>"),
        ("order", '"order"'),
        ("json", '"json"'),
        ('"we""ird x"', '"we""ird x"'),
        ('K."Addr"', 'k."Addr"'),
        ('"K" . "Addr"', '"K"."Addr"'),
        ("vector<float,3>", "vector<float, 3>"),
        ("VECTOR<FLOAT, 03>", "vector<float, 3>"),
        ("frozen<vector<float,3>>", "vector<float, 3>"),
        ("vector<list<int>,2>", "vector<list<int>, 2>"),
        ("frozen<list<vector<list<int>,2>>>", "frozen<list<vector<list<int>, 2>>>"),
        # As the server prints them, which is how they are compared.
        *(
            (f"'{name}'", f"'{name}'")
            for name in (f"{MARSHAL}EmptyType", f"{MARSHAL}LexicalUUIDType", COMPOSITE, ALIASES)
        ),
        (f"list<'{MARSHAL}LexicalUUIDType'>", f"list<'{MARSHAL}LexicalUUIDType'>"),
        ("'com.example.Point'", "'com.example.Point'"),
    ],
)
def test_the_canonical_form_is_the_servers(text: str, canonical: str) -> None:
    assert str(parse_type(text)) == canonical


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "ends too early"),
        ("list<", "ends too early"),
        ("list<int", "'>' is expected where the end stands"),
        ("list<>", "a type's name is expected"),
        ("map<int>", "map takes 2 parameters, not 1"),
        ("set<int,int>", "set takes 1 parameter, not 2"),
        ("tuple<>", "a type's name is expected"),
        ("date<int>", "date takes no parameters"),
        ("lizt<int>", "lizt takes no parameters, did you mean list?"),
        ("int int", "'int' is not expected after int"),
        ("int{}", "cannot be part of a type"),
        ("int[]", "'int[]' is not a CQL type: write list<int>."),
        ("Dict[str, int64]", ": write map<text, bigint>."),
        ("array<varchar(64)>", ": write list<text>."),
        ("decimal(10, 2)", ": write decimal: it has no length"),
        ("timestamp with time zone", ": write timestamp."),
        ("frozen<int>", "frozen is for collections"),
        ("frozen<list<int>,int>", "frozen takes 1 parameter"),
        ("vector<float>", "',' is expected"),
        ("vector<float,0>", "dimension"),
        ("vector<float,-1>", "cannot be part of a type"),
        ("vector<float,x>", "dimension"),
        ("vector<float,2147483648>", "dimension"),
        ("vector<float," + "9" * 5000 + ">", "dimension"),
        ("k.", "user-defined type"),
        ("k.<int>", "user-defined type"),
        ('"int"', "cannot be told from the native type"),
        ('"varchar"', "cannot be told from the native type"),
        ("'", "cannot be part of a type"),
        ("''", "as the server prints it"),
        ("'A;B'", "as the server prints it"),
        ("'LexicalUUIDType'", "as the server prints it"),
        ("'CompositeType'", "as the server prints it"),
        (f"'{MARSHAL}CompositeType'", "as the server prints it"),
        (f"'{COMPOSITE}'".replace(",", ", "), "as the server prints it"),
        # Not twice as long for each further character either.
        (f"'{MARSHAL}CompositeType({', '.join([MARSHAL + 'UTF8Type'] * 9)})'", "as the server prints it"),
        ("'Int32Type'", "write the name of the type in CQL"),
        (f"'{MARSHAL}Int32Type'", "write the name of the type in CQL"),
        ("'ListType(Int32Type)'", "write the name of the type in CQL"),
        ("'UserType(k,61,61:Int32Type)'", "write the name of the type in CQL"),
        ("'PartitionerDefinedOrder'", "write the name of the type in CQL"),
        ("text; DROP TABLE t", "cannot be part of a type"),
        ("text -- x", "cannot be part of a type"),
        ("text, b int", "',' is not expected"),
        ("text static", "'static' is not expected"),
        ("list<" * 70 + "int" + ">" * 70, "levels deep"),
        (None, "must be text"),
        (7, "must be text"),
    ],
)
def test_what_is_no_type(text: str, part: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_type(text)
    assert part in caught.value.message
    assert len(caught.value.message) < 400


@given(cql_types())
def test_the_canonical_form_reads_back_as_itself(text: str) -> None:
    once = parse_type(text)
    assert parse_type(str(once)) == once
    assert freeze(freeze(once)) == freeze(once)


def test_a_stored_type_we_do_not_know_is_equal_to_itself_only() -> None:
    assert stored_type("quantum<int>") == stored_type("quantum<int>") == Native("quantum<int>")
    assert stored_type("quantum<int>") != stored_type("quantum<text>")
    assert stored_type("empty") == parse_type(f"'{MARSHAL}EmptyType'")
    assert stored_type("map<int, empty>") == parse_type(f"map<int, '{MARSHAL}EmptyType'>")
    assert stored_type("'com.example.Point'") == Custom("com.example.Point")


def test_the_keyspace_of_a_user_type_goes_where_it_is_the_tables() -> None:
    text = "map<k.a, tuple<k.b, vector<other.c, 2>>>"
    assert str(in_keyspace(parse_type(text), "k")) == "map<a, frozen<tuple<frozen<b>, vector<other.c, 2>>>>"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("list<list<int>>", "a collection inside list<> must be frozen: write frozen<list<int>>"),
        ("map<int,set<int>>", "a collection inside map<> must be frozen"),
        ("list<addr>", "a user-defined type inside list<> must be frozen: write frozen<addr>"),
        ("list<vector<set<list<int>>,2>>", "a collection inside set<> must be frozen"),
        ("list<counter>", "counters are not allowed inside list<counter>"),
        ("tuple<int,counter>", "counters are not allowed"),
        ("vector<counter,2>", "counters are not allowed"),
        ("set<duration>", "not allowed in sets"),
        ("frozen<set<duration>>", "not allowed in sets"),
        ("map<duration,int>", "not allowed as map keys"),
        ("other.addr", "of another keyspace"),
        ("frozen<map<text,other.addr>>", "of another keyspace"),
        ("int", None),
        ("counter", None),
        ("addr", None),
        ("k.addr", None),
        ("map<int,duration>", None),
        ("set<tuple<duration>>", None),
        ("list<frozen<list<int>>>", None),
        ("list<tuple<list<int>>>", None),
        ("frozen<list<addr>>", None),
        ("vector<list<int>,2>", None),
    ],
)
def test_types_which_no_column_can_have(text: str, part: str | None) -> None:
    reason = type_error(parse_type(text), "k")
    assert reason is None if part is None else part in str(reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("int", None),
        ("frozen<other>", None),
        ("list<frozen<other>>", None),
        ("counter", "a counter cannot be a field"),
        ("frozen<addr>", "the type addr cannot be part of itself"),
        ("map<int, frozen<list<frozen<addr>>>>", "the type addr cannot be part of itself"),
        ("other", "a user-defined type inside another one must be frozen: write frozen<other>"),
        ("set<duration>", "durations have no order and are not allowed in sets: set<duration>"),
    ],
)
def test_types_which_no_field_can_have(text: str, reason: str | None) -> None:
    assert field_error(parse_type(text), "k", "addr") == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("list<other>", "a user-defined type inside list<> must be frozen: write frozen<other>"),
        (
            "list<string>",
            "a user-defined type inside list<> must be frozen: write frozen<string>. If string is to be a type of CQL, "
            "write text",
        ),
    ],
)
def test_what_to_write_inside_a_collection(text: str, reason: str) -> None:
    assert type_error(parse_type(text), "k") == reason


def test_what_a_type_needs() -> None:
    nested = parse_type("map<text, frozen<list<tuple<addr, vector<float, 2>>>>>")
    assert needs_vector(nested)
    assert not needs_vector(parse_type("list<int>"))
    assert user_types(nested) == {"addr"}
    assert user_types(UserType("addr", "other")) == frozenset()
