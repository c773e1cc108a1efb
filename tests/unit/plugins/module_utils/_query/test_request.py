# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.cql_type import Collection, Native
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.binding import Marker, bind
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.request import Request, read_request

INT, TEXT = Native("int"), Native("text")


def request(query: str = "SELECT v FROM k.t", **options: Any) -> Request:
    defaults = {"parameters": None, "keyspace": None, "consistency": "ONE", "max_rows": 10, "fetch_size": 10}
    return read_request({"query": query, **defaults, **options})


@pytest.mark.parametrize(
    ("query", "given", "read"),
    [
        ("SELECT v FROM k.t", None, []),
        ("SELECT v FROM k.t", [], []),
        ("SELECT v FROM k.t", {}, []),
        ("SELECT v FROM k.t WHERE a = ? AND b = ?", [1, None], [1, None]),
        ("SELECT v FROM k.t WHERE a = :a", {"A": 1}, {"a": 1}),
        ('SELECT v FROM k.t WHERE a = :"A"', {'"A"': 1}, {"A": 1}),
        ("SELECT v FROM k.t WHERE a = :a AND b = :a", {"a": None}, {"a": None}),
    ],
)
def test_parameters(query: str, given: Any, read: Any) -> None:
    assert request(query, parameters=given).parameters == read


@pytest.mark.parametrize(
    ("query", "given", "part"),
    [
        ("SELECT v FROM k.t", [1], "0 markers"),
        ("SELECT v FROM k.t", {"a": 1}, "leave 'parameters' out"),
        ("SELECT v FROM k.t", "a", "leave 'parameters' out"),
        ("SELECT v FROM k.t WHERE a = ?", None, "1 markers \\(\\?\\), 'parameters' has 0 values"),
        ("SELECT v FROM k.t WHERE a = ?", [1, 2], "'parameters' has 2 values"),
        ("SELECT v FROM k.t WHERE a = ?", {"a": 1}, "is a list"),
        ("SELECT v FROM k.t WHERE a = ?", "1", "is a list"),
        ("SELECT v FROM k.t WHERE a = :a", [1], "is a dictionary"),
        ("SELECT v FROM k.t WHERE a = :a AND b = :b", {"b": 1}, "without values in 'parameters': a"),
        ("SELECT v FROM k.t WHERE a = :a", None, "without values in 'parameters': a"),
        ("SELECT v FROM k.t WHERE a = :a", {"a": 1, "b": 2}, "no markers for these of 'parameters': 'b'"),
        ("SELECT v FROM k.t WHERE a = :a", {"a": 1, "A": 2}, "a is given twice"),
        ("SELECT v FROM k.t WHERE a = :a", {"": 1}, "parameter is empty"),
    ],
)
def test_parameters_which_are_refused(query: str, given: Any, part: str) -> None:
    with pytest.raises(InvalidInput, match=part):
        request(query, parameters=given)


@pytest.mark.parametrize("name", ["max_rows", "fetch_size"])
@pytest.mark.parametrize("number", [0, -1, 2**31 - 1])
def test_numbers_which_are_refused(name: str, number: int) -> None:
    with pytest.raises(InvalidInput, match=f"{name} is a number from 1 to"):
        request(**{name: number})


def test_a_table_needs_a_keyspace() -> None:
    with pytest.raises(InvalidInput, match="The table t needs its keyspace"):
        request("SELECT v FROM t")
    assert request("SELECT v FROM t", keyspace="Shop").keyspace == "shop"
    assert request("SELECT v FROM t", keyspace='"Shop"').keyspace == "Shop"


def test_values_are_bound_in_the_order_of_the_markers() -> None:
    markers = [Marker("a", INT), Marker("b", TEXT), Marker("a", TEXT)]
    assert bind(markers, [1, None, "x"]) == [b"\x00\x00\x00\x01", None, b"x"]
    assert bind([markers[0], markers[1], markers[0]], {"b": "x", "a": 1}) == [b"\0\0\0\1", b"x", b"\0\0\0\1"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([7], "Parameter 1 \\(labels\\) must be of the type list<int>: it is not a list."),
        ({"labels": [1, "x"]}, "Parameter labels must be of the type list<int>: element 2: it is not a whole number."),
        ([], "The server finds 1 markers, 'parameters' has 0 values."),
        ({"other": 1}, "'parameters' has no value for the marker labels."),
    ],
)
def test_values_which_are_not_of_the_type_are_refused(parameters: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        bind([Marker("labels", Collection("list", (INT,)))], parameters)
