# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.cql_type import (
    Collection,
    CqlType,
    Custom,
    Native,
    Tuple,
    UserType,
    Vector,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.marshal import Record
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.wire import (
    Column,
    protocol_handler,
    read_type,
)

INT, TEXT = Native("int"), Native("text")
M = "org.apache.cassandra.db.marshal."
ADDRESS = Record("address", frozen=False, fields=(("street", TEXT), ("Zip", Native("int"))))
ADDRESS_CLASS = f"{M}UserType(ks,61646472657373,737472656574:{M}UTF8Type,5a6970:{M}Int32Type)"


def short(number: int) -> bytes:
    return number.to_bytes(2, "big")


def long(number: int) -> bytes:
    return number.to_bytes(4, "big", signed=True)


def string(text: str) -> bytes:
    return short(len(text.encode())) + text.encode()


INT_CODE, TEXT_CODE = short(0x09), short(0x0D)
RECORD_CODE = short(0x30) + string("ks") + string("address") + short(2)
RECORD_CODE += string("street") + TEXT_CODE + string("Zip") + INT_CODE


@pytest.mark.parametrize(
    ("data", "cql_type", "text"),
    [
        (INT_CODE, INT, "int"),
        (TEXT_CODE, TEXT, "text"),
        (short(0x15), Native("duration"), "duration"),
        (short(0x20) + INT_CODE, Collection("list", (INT,)), "list<int>"),
        (short(0x22) + TEXT_CODE, Collection("set", (TEXT,)), "set<text>"),
        (
            short(0x21) + TEXT_CODE + short(0x20) + INT_CODE,
            Collection("map", (TEXT, Collection("list", (INT,), frozen=True))),
            "map<text, frozen<list<int>>>",
        ),
        (short(0x31) + short(2) + INT_CODE + TEXT_CODE, Tuple((INT, TEXT)), "frozen<tuple<int, text>>"),
        (RECORD_CODE, ADDRESS, "address"),
        (short(0x20) + RECORD_CODE, Collection("list", (Record("address", None, True, ADDRESS.fields),)), None),
        (short(0) + string(f"{M}DurationType"), Native("duration"), "duration"),
        (short(0) + string(f"{M}VectorType({M}FloatType , 3)"), Vector(Native("float"), 3), "vector<float, 3>"),
    ],
)
def test_types_of_the_protocol(data: bytes, cql_type: CqlType, text: str | None) -> None:
    stream = io.BytesIO(data + b"rest")
    found = read_type(stream)
    assert found == cql_type
    assert text is None or str(found) == text
    assert stream.read() == b"rest"


def test_a_user_type_keeps_the_names_of_its_fields() -> None:
    found = read_type(io.BytesIO(RECORD_CODE))
    assert isinstance(found, UserType)
    assert isinstance(found, Record)
    assert [name for name, _type in found.fields] == ["street", "Zip"]


def test_a_code_which_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="0x6363"):
        read_type(io.BytesIO(short(0x6363)))


@pytest.mark.parametrize(
    ("text", "cql_type"),
    [
        (f"{M}Int32Type", INT),
        (f"{M}ReversedType({M}Int32Type)", INT),
        # All digits in hexadecimal: the driver takes the name of this type for a number.
        (ADDRESS_CLASS, ADDRESS),
        (
            f"{M}VectorType({M}FrozenType({ADDRESS_CLASS}) , 2)",
            Vector(Record("address", None, True, ADDRESS.fields), 2),
        ),
        (f"{M}VectorType({M}VectorType({M}UTF8Type, 1), 2)", Vector(Vector(TEXT, 1), 2)),
        (
            f"{M}MapType({M}UTF8Type,{M}FrozenType({M}SetType({M}Int32Type)))",
            Collection("map", (TEXT, Collection("set", (INT,), frozen=True))),
        ),
        (
            f"{M}TupleType({M}Int32Type,{M}ListType({M}UTF8Type))",
            Tuple((INT, Collection("list", (TEXT,), frozen=True))),
        ),
        ("org.acme.Type", Custom("org.acme.Type")),
        (f"org.acme.UserType({M}a,{M}b)", Custom(f"org.acme.UserType({M}a,{M}b)")),
        (f"{M}CompositeType({M}Int32Type,{M}UTF8Type)", Custom(f"{M}CompositeType({M}Int32Type,{M}UTF8Type)")),
        ("?!", Custom("?!")),
        (f"{M}VectorType({M}Int32Type", Custom(f"{M}VectorType({M}Int32Type")),
        (f"{M}UserType(ks)", Custom(f"{M}UserType({M}ks)")),
        (f"{M}UserType(ks,zz,61:{M}Int32Type)", Custom(f"{M}UserType(ks,zz,61:{M}Int32Type)")),
        ("", Custom("")),
    ],
)
def test_types_of_class_names(text: str, cql_type: CqlType) -> None:
    assert read_type(io.BytesIO(short(0) + string(text))) == cql_type


def test_the_driver_leaves_values_as_bytes() -> None:
    """A page with the columns a, a vector of a type that the driver cannot name, and b, whose bytes it cannot decode."""
    names = string("ks") + string("t")
    vector = string(f"{M}VectorType({ADDRESS_CLASS} , 1)")
    columns = string("a") + short(0) + vector + string("b") + short(0x0B)
    rows = long(2) + long(3) + b"\1\2\3" + long(-1) + long(0) + long(1) + b"\xff"
    answer = protocol_handler().message_types_by_opcode[0x08](kind=2)
    answer.recv_results_rows(io.BytesIO(long(1) + long(2) + names + columns + rows), 4, {}, None, None)
    assert answer.column_names == ["a", "b"]
    assert answer.column_types == [Column(Vector(ADDRESS, 1)), Column(Native("timestamp"))]
    assert [tuple(row) for row in answer.parsed_rows] == [(b"\1\2\3", None), (b"", b"\xff")]
