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

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.private import Kind, kind_of
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.values import to_driver, to_json, type_text

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


def shown(column: Any, value: Any) -> Any:
    """The value sent and read by the driver, as JSON."""
    data = column.to_binary(to_driver(kind_of(column), value), 5)
    text = type_text(kind_of(column))
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
    ("date", ["2024-02-29", "-5877641-06-23", "+5881580-07-11", "0000-12-31", "+10000-01-01"], []),
    ("time", ["13:30:54.234000001"], [("13:30", "13:30:00.000000000")]),
    (
        "timestamp",
        ["2024-02-29T13:30:54.234Z", "0001-01-01T00:00:00.001Z", "9999-12-31T23:59:59.999Z"],
        [(0, "1970-01-01T00:00:00.000Z"), ("2024-02-29 15:00+02:00", "2024-02-29T13:00:00.000Z")],
    ),
    ("duration", ["1y2mo3d4h5m6s7ms8us9ns", "-14d", "0s"], [("2w", "14d")]),
    ("ListType(Int32Type)", [[3, 1, 3], []], []),
    ("SetType(UTF8Type)", [["a", "b"]], [(["b", "a"], ["a", "b"])]),
    ("ListType(FloatType)", [[0.1, "NaN"]], []),
    ("MapType(UTF8Type,Int32Type)", [{"a": 1, "b": 2}, {}], [([{"key": "a", "value": "2"}], {"a": 2})]),
    # Of the second the driver makes 938999 microseconds, which it does not find in its own map.
    ("MapType(DateType,Int32Type)", [{"1970-01-01T00:00:00.000Z": 1}, {"2505-02-27T07:09:28.939Z": 1}], []),
    ("MapType(Int32Type,UTF8Type)", [[{"key": -1, "value": "x"}]], [({"-1": "x"}, [{"key": -1, "value": "x"}])]),
    (
        "MapType(ListType(Int32Type),MapType(UTF8Type,Int32Type))",
        [[{"key": [1], "value": {"a": 2}}, {"key": [2], "value": {}}]],
        [],
    ),
    ("TupleType(Int32Type,UTF8Type)", [[1, None], [None, "a"]], []),
    ("VectorType(FloatType,2)", [[1.0, 0.1]], []),
    ("VectorType(UTF8Type,2)", [["a", ""]], []),
    ("VectorType(VectorType(Int32Type,2),2)", [[[1, 2], [3, 4]]], []),
    (ADDRESS, [{"street": "Rue", "zip": None}], [({"street": "Rue"}, {"street": "Rue", "zip": None})]),
    (
        cqltypes.ListType.apply_parameters((ADDRESS,)),
        [[{"street": "a", "zip": 1}, {"street": None, "zip": 2}]],
        [],
    ),
]


@pytest.mark.parametrize(("column", "same", "others"), SAME, ids=lambda value: repr(value)[:40])
def test_values_are_shown_and_read_back(column: Any, same: list[Any], others: list[tuple[Any, Any]]) -> None:
    column = type_of(column) if isinstance(column, str) else column
    for value, expected in [*((one, one) for one in same), *others]:
        result = shown(column, value)
        # As text, so that 1 is neither 1.0 nor true.
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
        ("TupleType(Int32Type,UTF8Type)", "tuple<int, text>"),
        ("VectorType(FloatType,3)", "vector<float, 3>"),
        (ADDRESS, "address"),
        (udt("Big", a="int"), '"Big"'),
        (cqltypes.SetType.apply_parameters((ADDRESS,)), "set<frozen<address>>"),
    ],
)
def test_types_are_those_of_cql(column: Any, text: str) -> None:
    assert type_text(kind_of(type_of(column) if isinstance(column, str) else column)) == text


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("int", "x", "^'x' is not a whole number of 32 bits$"),
        ("int", True, "^True is not a whole number"),
        ("int", 2**31, "^2147483648 is not a whole number of 32 bits$"),
        ("int", 1.0, "^1.0 is not a whole number"),
        ("tinyint", 128, "^128 is not a whole number of 8 bits$"),
        ("bigint", 2**63, "is not a whole number of 64 bits$"),
        ("boolean", "yes", "^'yes' is not true or false$"),
        ("text", 1, "^1 is not text in quotes that UTF-8 can hold$"),
        ("text", "\ud800", "is not text in quotes that UTF-8 can hold$"),
        ("ascii", "\xfc", "is not text in quotes that ASCII can hold$"),
        ("float", 1e39, "^1e\\+39 is not a number of 32 bits$"),
        ("double", "1_0", "^'1_0' is not a number$"),
        ("decimal", ".nan", "is not a decimal number$"),
        ("decimal", "1e99999999999", "is not a decimal number$"),
        ("uuid", UUID.replace("-", ""), "is not a UUID in quotes"),
        ("inet", "fe80::1%eth0", "is not an IPv4 or IPv6 address in quotes, without a zone$"),
        ("blob", "cafe", "is not hexadecimal digits in quotes"),
        ("date", "2024-02-30", "is not a date in quotes"),
        ("date", 1, "is not a date in quotes"),
        ("time", "24:00", "is not a time in quotes"),
        ("timestamp", "soon", "is not a timestamp in quotes"),
        ("timestamp", 2**63, "is not a timestamp in quotes"),
        ("duration", "1", "is not a duration in quotes"),
        ("ListType(Int32Type)", "1,2", "^'1,2' is not a list$"),
        ("ListType(Int32Type)", [None], r"^\[None\] has null inside"),
        ("MapType(UTF8Type,Int32Type)", [1], r"^\[1\] is neither a dictionary nor a list of those"),
        ("MapType(UTF8Type,Int32Type)", [{"key": "a", "value": 1, "more": 2}], "is neither a dictionary nor a list"),
        ("MapType(UTF8Type,Int32Type)", {"a": None}, "^{'a': None} has null inside"),
        ("TupleType(Int32Type,UTF8Type)", [1], r"^\[1\] has 1 elements, not 2$"),
        ("VectorType(Int32Type,3)", [1, 2], "has 2 elements, not 3$"),
        ("VectorType(Int32Type,1)", [None], r"^\[None\] has null inside"),
        (ADDRESS, ["a", 1], "is not a dictionary of the fields street, zip$"),
        (ADDRESS, {"Zip": 1}, "^{'Zip': 1} is not a dictionary of the fields street, zip$"),
        (ADDRESS, {"zip": "x"}, "^'x' is not a whole number of 32 bits$"),
    ],
)
def test_values_that_are_refused(column: Any, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        to_driver(kind_of(type_of(column) if isinstance(column, str) else column), value)


def test_no_bytes_and_fields_that_were_added_later_are_null() -> None:
    assert to_json(type_of("int").from_binary(b"", 5)) is None
    data = udt("old", street="text").to_binary(("Rue",), 5)
    assert to_json(ADDRESS.from_binary(data, 5)) == {"street": "Rue", "zip": None}


def test_without_the_names_of_the_driver_values_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STELLARMAP_CASSANDRA_DRIVER", "documented")
    assert kind_of(type_of("int")) == Kind("")
    assert to_driver(kind_of(type_of("int")), 7) == 7
    assert type_text(kind_of(type_of("int"))) == ""


NUMBERS = st.floats().map(lambda number: math.nan if math.isnan(number) else number)


@given(st.recursive(st.none() | st.booleans() | st.integers() | NUMBERS | st.binary() | st.text(), st.lists))
def test_whatever_the_driver_gives_is_json(value: Any) -> None:
    json.dumps(to_json(value), allow_nan=False)
