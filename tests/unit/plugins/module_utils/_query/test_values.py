# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of the driver as JSON and values of YAML for the driver, with the types and the bytes of the real driver."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from cassandra import cqltypes
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.private import type_in_cql
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.cql_type import CqlType
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import stored_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.values import (
    CODEC_ERRORS,
    to_driver,
    to_json,
    type_text,
)

UUID = "6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47"
TIMEUUID = "feb1d420-e76b-11f1-87a9-eb3919ef11c8"


def native(name: str) -> Any:
    return next(
        one
        for one in vars(cqltypes).values()
        if getattr(one, "typename", "") == name and one is not cqltypes.TimestampType
    )


def type_of(text: str) -> Any:
    """The driver's class for the name of a class, or of a native type in CQL."""
    return cqltypes.lookup_casstype(text) if "Type" in text else native(text)


def udt(name: str, **fields: str) -> Any:
    return cqltypes.UserType.make_udt_class("k", name, tuple(fields), tuple(map(type_of, fields.values())))


ADDRESS = udt("address", street="text", zip="int")


def cql_type(column: Any) -> CqlType:
    """The type as the module knows it, of the driver's class or of a name for one."""
    return stored_type(type_in_cql(type_of(column) if isinstance(column, str) else column))


def sent(column: Any, value: Any) -> Any:
    """The value as the driver takes it."""
    return to_driver(cql_type(column), value)


def shown(column: Any, value: Any) -> Any:
    """The value sent and read by the driver, as JSON."""
    data = column.to_binary(sent(column, value), 5)
    text = type_text(cql_type(column))
    return to_json(column.from_binary(data, 5), "float" in text and "double" not in text)


# The type, values that are shown as they are given, and others with what is shown for them.
SAME: list[tuple[Any, list[Any], list[tuple[Any, Any]]]] = [
    ("text", ["\xfc \U0001f600", "", "it's"], []),
    ("ascii", ["a", ""], []),
    ("tinyint", [-128, 127], [("7", 7), ("0x7f", 127)]),
    ("smallint", [-32768], []),
    ("int", [2**31 - 1, 0], [("12", 12)]),
    ("bigint", [-(2**63)], []),
    ("counter", [-5], []),
    ("varint", [0, 128, -(10**40)], [("0x" + "f" * 4000, hex(16**4000 - 1))]),
    ("boolean", [True, False], [("true", True), ("False", False)]),
    ("float", [0.1, 3.4028235e38, 1e-45, "NaN", "-Infinity"], [(1, 1.0), ("1e3", 1000.0)]),
    ("double", [0.1, -0.0, "NaN", "Infinity"], []),
    ("decimal", ["12.50", "-1E-9", "1E+3", "9" * 60 + ".1"], [(1.5, "1.5"), (7, "7")]),
    ("uuid", [UUID], [(UUID.upper(), UUID)]),
    ("timeuuid", [TIMEUUID], []),
    ("inet", ["192.0.2.1", "2001:db8::1"], [("2001:DB8:0::1", "2001:db8::1")]),
    ("blob", ["0xcafe00", "0x"], [("0XCAFE", "0xcafe")]),
    ("date", ["2024-02-29", "0001-01-01", "9999-12-31", "2932897", str(-(2**31)), str(2**31 - 1)], []),
    (
        "time",
        ["13:30:54.234000001", "23:59:59.999999999"],
        [("13:30:05", "13:30:05.000000000"), ("13:30:54.2", "13:30:54.200000000")],
    ),
    (
        "timestamp",
        ["2024-02-29T13:30:54.234Z", "0001-01-01T00:00:00.001Z", "9999-12-31T23:59:59.999Z"],
        [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z"),
            ("2024-02-29 13:30", "2024-02-29T13:30:00.000Z"),
            ("2024-02-29 15:00+02:00", "2024-02-29T13:00:00.000Z"),
            ("2024-02-29T15:00:01.234567-02:30", "2024-02-29T17:30:01.234Z"),
            ("1969-12-31T23:59:59.999900", "1969-12-31T23:59:59.999Z"),
        ],
    ),
    ("duration", ["14mo3d14706007008009ns", "-0mo14d0ns", "0mo0d0ns"], []),
    ("ListType(Int32Type)", [[3, 1, 3], []], []),
    ("SetType(UTF8Type)", [["a", "b"]], [(["b", "a"], ["a", "b"])]),
    ("ListType(FloatType)", [[0.1, "NaN"]], []),
    ("VectorType(FloatType,2)", [[1.0, 0.1]], []),
    ("VectorType(UTF8Type,2)", [["a", ""]], []),
]


@pytest.mark.parametrize(("column", "same", "others"), SAME, ids=lambda value: repr(value)[:40])
def test_values_are_shown_and_read_back(column: Any, same: list[Any], others: list[tuple[Any, Any]]) -> None:
    column = type_of(column) if isinstance(column, str) else column
    for value, expected in [*((one, one) for one in same), *others]:
        result = shown(column, value)
        # As text, so that 1 is neither 1.0 nor true.
        assert repr(result) == repr(expected)
        json.dumps(result, allow_nan=False)


INTEGERS = {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("MapType(UTF8Type,Int32Type)", INTEGERS, INTEGERS),
        ("MapType(UTF8Type,Int32Type)", {}, {}),
        ("MapType(DateType,Int32Type)", {0: 1}, {"1970-01-01T00:00:00.000Z": 1}),
        ("MapType(Int32Type,UTF8Type)", {-1: "x"}, [{"key": -1, "value": "x"}]),
        ("TupleType(Int32Type,UTF8Type)", (1, None), [1, None]),
        ("VectorType(VectorType(Int32Type,2),2)", [[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        (ADDRESS, ("Rue", None), {"street": "Rue", "zip": None}),
        (cqltypes.ListType.apply_parameters((ADDRESS,)), [("a", 1)], [{"street": "a", "zip": 1}]),
    ],
)
def test_what_is_deeper_is_shown(column: Any, value: Any, expected: Any) -> None:
    column = type_of(column) if isinstance(column, str) else column
    result = to_json(column.from_binary(column.to_binary(value, 5), 5))
    assert repr(result) == repr(expected)
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("int", "int"),
        ("UTF8Type", "text"),
        ("VarcharType", "text"),
        ("MapType(UTF8Type,ListType(Int32Type))", "map<text, frozen<list<int>>>"),
        ("SetType(FrozenType(SetType(Int32Type)))", "set<frozen<set<int>>>"),
        ("FrozenType(ListType(Int32Type))", "list<int>"),
        ("ListType(TupleType(Int32Type))", "list<frozen<tuple<int>>>"),
        ("VectorType(VarcharType,2)", "vector<text, 2>"),
        ("TupleType(Int32Type,UTF8Type)", "tuple<int, text>"),
        ("VectorType(FloatType,3)", "vector<float, 3>"),
        (ADDRESS, "address"),
        (udt("Big", a="int"), '"Big"'),
        (cqltypes.SetType.apply_parameters((ADDRESS,)), "set<frozen<address>>"),
    ],
)
def test_types_are_those_of_cql(column: Any, text: str) -> None:
    assert type_text(cql_type(column)) == text


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("int", "x"),
        ("int", True),
        ("int", 2**31),
        ("int", 1.0),
        ("tinyint", 128),
        ("bigint", 2**63),
        ("boolean", "yes"),
        ("text", 1),
        ("text", "\ud800"),
        ("ascii", "\xfc"),
        ("float", 1e39),
        ("double", True),
        ("double", "x"),
        ("decimal", "NaN"),
        ("decimal", True),
        ("decimal", "1e99999999999"),
        ("uuid", UUID[:-1]),
        ("uuid", 7),
        ("inet", "fe80::1%eth0"),
        ("inet", 7),
        ("blob", "cafe"),
        ("blob", 7),
        ("date", "2024-02-30"),
        ("date", 1),
        ("time", "24:00:00"),
        ("time", "10:00:00.1234567890"),
        ("time", 48654),
        ("timestamp", "soon"),
        ("timestamp", 2**63),
        ("timestamp", True),
        ("duration", "1y"),
        ("duration", "1mo2d3ns 1mo2d3ns"),
        ("ListType(Int32Type)", "1,2"),
        ("ListType(Int32Type)", [None]),
        ("ListType(Int32Type)", [1, "x"]),
        ("MapType(UTF8Type,Int32Type)", {"a": 1}),
        ("TupleType(Int32Type,UTF8Type)", [1, "a"]),
        ("VectorType(Int32Type,3)", [1, 2]),
        ("VectorType(Int32Type,1)", [None]),
        (ADDRESS, {"zip": "x"}),
    ],
)
def test_values_that_are_refused(column: Any, value: Any) -> None:
    """By us, or by the driver when it is to send what we made of it."""
    column = type_of(column) if isinstance(column, str) else column
    with pytest.raises((*CODEC_ERRORS, OSError)):
        column.to_binary(sent(column, value), 5)


def test_no_bytes_and_fields_that_were_added_later_are_null() -> None:
    assert to_json(type_of("int").from_binary(b"", 5)) is None
    data = udt("old", street="text").to_binary(("Rue",), 5)
    assert to_json(ADDRESS.from_binary(data, 5)) == {"street": "Rue", "zip": None}


def test_without_the_names_of_the_driver_values_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STELLARMAP_CASSANDRA_DRIVER", "documented")
    assert (sent("int", 7), sent("int", "x"), type_text(cql_type("int"))) == (7, "x", "")


def test_a_map_in_which_the_driver_does_not_find_its_own_key() -> None:
    """Of this time it makes 938999 microseconds."""
    column = type_of("MapType(DateType,Int32Type)")
    with pytest.raises(KeyError):
        to_json(column.from_binary(column.to_binary({16887942568939: 1}, 5), 5))


NUMBERS = st.floats().map(lambda number: math.nan if math.isnan(number) else number)


@given(st.recursive(st.none() | st.booleans() | st.integers() | NUMBERS | st.binary() | st.text(), st.lists))
def test_whatever_the_driver_gives_is_json(value: Any) -> None:
    json.dumps(to_json(value), allow_nan=False)
