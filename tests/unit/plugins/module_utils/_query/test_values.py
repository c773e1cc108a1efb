# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import math
from typing import Any

import pytest
from cassandra import cqltypes, marshal, util
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.cql_type import (
    Collection,
    CqlType,
    Native,
    Tuple,
    Vector,
    freeze,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.marshal import Record
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import StatementFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query import select
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.values import decode, encode

INT, TEXT, DOUBLE = Native("int"), Native("text"), Native("double")
LIST, SET = Collection("list", (INT,)), Collection("set", (TEXT,))
MAP, INT_MAP = Collection("map", (TEXT, INT)), Collection("map", (INT, TEXT))
PAIR = Tuple((INT, TEXT))
ADDRESS = Record("address", fields=(("street", TEXT), ("zip", INT)))


@pytest.mark.parametrize(
    ("cql_type", "shown", "driver_type", "value"),
    [
        (LIST, [3, 1, 3], "ListType(Int32Type)", [3, 1, 3]),
        (LIST, [], "ListType(Int32Type)", []),
        (SET, ["a", "b"], "SetType(UTF8Type)", ["a", "b"]),
        (MAP, {"a": 1, "b": 2}, "MapType(UTF8Type,Int32Type)", {"a": 1, "b": 2}),
        (INT_MAP, [{"key": -1, "value": "x"}], "MapType(Int32Type,UTF8Type)", {-1: "x"}),
        (PAIR, [1, None], "TupleType(Int32Type,UTF8Type)", (1, None)),
        (Vector(INT, 2), [1, 2], "VectorType(Int32Type,2)", [1, 2]),
        (Vector(TEXT, 2), ["a", ""], "VectorType(UTF8Type,2)", ["a", ""]),
        (Vector(Vector(INT, 2), 2), [[1, 2], [3, 4]], "VectorType(VectorType(Int32Type,2),2)", [[1, 2], [3, 4]]),
        (
            Collection("map", (freeze(LIST), freeze(MAP))),
            [{"key": [1], "value": {"a": 2}}],
            "MapType(ListType(Int32Type),MapType(UTF8Type,Int32Type))",
            util.OrderedMap([([1], {"a": 2})]),
        ),
    ],
)
def test_compound_values_are_shown_and_read_back(cql_type: CqlType, shown: Any, driver_type: str, value: Any) -> None:
    data = cqltypes.lookup_casstype(driver_type).serialize(value, 5)
    assert decode(cql_type, data) == shown
    assert encode(cql_type, shown) == data


def test_a_record_is_a_dictionary() -> None:
    shown = {"street": "Rue de la Paix", "zip": None}
    data = encode(ADDRESS, {"street": "Rue de la Paix"})
    assert data == encode(Tuple((TEXT, INT)), ["Rue de la Paix", None])
    assert decode(ADDRESS, data) == shown


def test_fields_which_were_added_later_are_null() -> None:
    data = encode(Tuple((TEXT,)), ["Rue de la Paix"])
    assert decode(ADDRESS, data) == {"street": "Rue de la Paix", "zip": None}
    assert decode(Tuple((TEXT, INT, DOUBLE)), data) == ["Rue de la Paix", None, None]


@pytest.mark.parametrize("cql_type", [LIST, SET, MAP, PAIR, ADDRESS, Vector(INT, 2)])
def test_no_bytes_are_null(cql_type: CqlType) -> None:
    assert decode(cql_type, b"") is None


@pytest.mark.parametrize(
    ("cql_type", "data", "reason"),
    [
        (Collection("list", (TEXT,)), b"\0\0\0\1\0\0\0\3ab", "too early"),
        (Collection("map", (TEXT, TEXT)), b"\0\0\0\1\0\0", "too early"),
        (Collection("map", (TEXT, TEXT)), b"\0\0\0\1\0\0\0\1a", "hold 1 parts, not 2"),
        (LIST, b"\0\0\0\1", "hold 0 parts, not 1"),
        (LIST, b"\0\0\0\0\0\0\0\1a", "hold 1 parts, not 0"),
        (PAIR, b"\0\0\0\4\0\0\0", "too early"),
        (Vector(TEXT, 2), b"\1a\2b", "too early"),
        (Vector(TEXT, 2), b"\1a", "hold 1 parts, not 2"),
        (Vector(TEXT, 1), b"\xc0\1", "too early"),
        (Vector(INT, 2), b"\0\0\0\1", "hold 1 parts, not 2"),
        (Vector(INT, 1), b"\0\0\0\1\0", "too early"),
        (Vector(TEXT, 1), b"\1a\1b", "hold 2 parts, not 1"),
    ],
)
def test_bytes_of_another_length_are_an_error(cql_type: CqlType, data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode(cql_type, data)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 2**14 - 1, 2**14, 2**21 - 1, 2**21])
def test_elements_of_any_length_in_a_vector(length: int) -> None:
    data = encode(Vector(TEXT, 2), ["a" * length, "b"])
    assert data is not None
    # A signed vint is the unsigned one of its zigzag.
    assert data.startswith(marshal.vints_pack([(length >> 1) ^ -(length & 1)]))
    assert decode(Vector(TEXT, 2), data) == ["a" * length, "b"]
    with pytest.raises(ValueError, match="too early"):
        decode(Vector(TEXT, 2), data[:-1])


def test_what_the_types_of_the_driver_would_lose() -> None:
    zeros = encode(Collection("set", (DOUBLE,)), [0.0, -0.0])
    assert repr(decode(Collection("set", (DOUBLE,)), zeros)) == "[-0.0, 0.0]"
    empty_key = b"\0\0\0\1" + b"\0\0\0\0" + b"\0\0\0\1a"
    assert decode(INT_MAP, empty_key) == [{"key": None, "value": "a"}]
    assert decode(Collection("map", (Native("date"), TEXT)), empty_key) == {"": "a"}
    short_key = b"\0\0\0\1" + b"\0\0\0\x08" + b"\0\0\0\4\0\0\0\1" + b"\0\0\0\1a"
    assert decode(Collection("map", (PAIR, TEXT)), short_key) == [{"key": [1, None], "value": "a"}]


@pytest.mark.parametrize(
    ("cql_type", "value", "same"),
    [
        (SET, ["b", "a", "b"], ["a", "b"]),
        (MAP, {"b": 1, "a": 2}, [{"key": "a", "value": 2}, {"key": "b", "value": 1}]),
        (INT_MAP, {"10": "x", "-9": "y"}, [{"key": -9, "value": "y"}, {"key": 10, "value": "x"}]),
        (Collection("set", (freeze(SET),)), [["b"], ["b", "a"]], [["a", "b"], ["b"]]),
        (Collection("set", (PAIR,)), [[2, "a"], [1, "b"], [None, "c"]], [[None, "c"], [1, "b"], [2, "a"]]),
        (Collection("set", (Vector(INT, 2),)), [[2, -1], [2, -2], [-3, 0]], [[-3, 0], [2, -2], [2, -1]]),
    ],
)
def test_sets_and_maps_are_sent_in_the_order_of_the_server(cql_type: CqlType, value: Any, same: Any) -> None:
    assert encode(cql_type, value) == encode(cql_type, same)
    assert decode(cql_type, encode(cql_type, value)) == decode(cql_type, encode(cql_type, same))


@pytest.mark.parametrize(
    ("cql_type", "value", "reason"),
    [
        (LIST, "1,2", "^'1,2' is not a list$"),
        (LIST, {"a": 1}, "^{'a': 1} is not a list$"),
        (LIST, [1, "x"], "^'x' is not a whole number$"),
        (LIST, [None], r"^\[None\] has null inside"),
        (MAP, [1], r"^\[1\] is neither a dictionary nor a list of those"),
        (MAP, "a", "^'a' is neither a dictionary nor a list of those"),
        (MAP, [{"key": "a", "value": 1, "more": 2}], "is neither a dictionary nor a list of those"),
        (MAP, {"a": "x"}, "^'x' is not a whole number$"),
        (INT_MAP, {"x": "a"}, "^'x' is not a whole number$"),
        (MAP, {"a": None}, "^{'a': None} has null inside"),
        (PAIR, [1], r"^\[1\] has 1 elements, not 2$"),
        (PAIR, [1, 2], "^2 is not text in quotes that UTF-8 can hold$"),
        (Vector(INT, 3), [1, 2], "has 2 elements, not 3$"),
        (Vector(INT, 1), [None], r"^\[None\] has null inside"),
        (ADDRESS, ["a", 1], "is not a dictionary of the fields street, zip$"),
        (ADDRESS, {"Zip": 1}, "^{'Zip': 1} is not a dictionary of the fields street, zip$"),
        (ADDRESS, {"zip": "x"}, "^'x' is not a whole number$"),
        (Collection("list", (ADDRESS,)), [{"zip": []}], r"^\[\] is not a whole number$"),
    ],
)
def test_values_which_are_refused(cql_type: CqlType, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        encode(cql_type, value)


# There are many bit patterns which are NaN, and all are shown as one.
FLOATS = st.floats().map(lambda number: math.nan if math.isnan(number) else number)
LEAVES = st.sampled_from([(INT, st.integers(-(2**31), 2**31 - 1)), (TEXT, st.text(max_size=5)), (DOUBLE, FLOATS)])


def compound(inner: st.SearchStrategy[tuple[CqlType, Any]]) -> st.SearchStrategy[tuple[CqlType, Any]]:
    """A type which holds others, with a strategy for its values."""
    lists = inner.map(lambda one: (Collection("list", (freeze(one[0]),)), st.lists(one[1], max_size=3)))
    sets = inner.map(lambda one: (Collection("set", (freeze(one[0]),)), st.lists(one[1], max_size=3)))
    vectors = inner.map(lambda one: (Vector(one[0], 2), st.lists(one[1], min_size=2, max_size=2)))
    tuples = st.tuples(inner, inner).map(
        lambda two: (
            Tuple((freeze(two[0][0]), freeze(two[1][0]))),
            st.tuples(st.none() | two[0][1], st.none() | two[1][1]).map(list),
        )
    )
    maps = st.tuples(inner, inner).map(
        lambda two: (
            Collection("map", (freeze(two[0][0]), freeze(two[1][0]))),
            st.lists(st.fixed_dictionaries({"key": two[0][1], "value": two[1][1]}), max_size=3),
        )
    )
    records = st.tuples(inner, inner).map(
        lambda two: (
            Record("r", fields=(("a", two[0][0]), ("b", two[1][0]))),
            st.fixed_dictionaries({"a": two[0][1]}, optional={"b": two[1][1]}),
        )
    )
    return st.one_of(lists, sets, vectors, tuples, maps, records)


@given(st.data(), st.recursive(LEAVES, compound, max_leaves=5))
def test_what_is_shown_is_what_was_sent(data: st.DataObject, typed: tuple[CqlType, Any]) -> None:
    cql_type, values = typed
    sent = encode(cql_type, data.draw(values))
    assert encode(cql_type, decode(cql_type, sent)) == sent


def test_a_failure_shows_the_column_its_type_and_the_bytes() -> None:
    with pytest.raises(StatementFailed, match="The column v holds bytes that are not of the type list<int>: 0x00ff"):
        select._decode("v", LIST, b"\0\xff")
