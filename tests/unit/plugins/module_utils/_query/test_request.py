# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.request import Request, bind, read_request

INT = parse_type("int")
LABELS = parse_type("list<int>")


def request(query: str = "SELECT v FROM k.t", **options: Any) -> Request:
    defaults = {
        "parameters": None,
        "keyspace": None,
        "consistency": "ONE",
        "max_rows": 10,
        "expect": None,
    }
    return read_request({"query": query, **defaults, **options})


def bound(where: str, given: Any, *markers: str) -> list[Any]:
    """What is bound for the parameters where the server finds these markers, all of them ints."""
    parameters = request(f"SELECT v FROM k.t {where}", parameters=given).parameters
    return bind([(name, INT) for name in markers], parameters)


@pytest.mark.parametrize(
    ("where", "given", "markers", "sent"),
    [
        ("", None, [], []),
        ("", [], [], []),
        ("", {}, [], []),
        ("WHERE a = ? AND b = ?", [1, None], ["a", "b"], [1, None]),
        ("WHERE a = :a", {"A": 1}, ["a"], [1]),
        ('WHERE a = :"A"', {'"A"': 1}, ["A"], [1]),
        ("WHERE a = :a AND b = :b AND c = :a", {"b": None, "a": 1}, ["a", "b", "a"], [1, None, 1]),
        # The server counts markers, of either kind, and a list has their order.
        ("WHERE a = :a", [1], ["a"], [1]),
        ("WHERE a = ? AND b = :b", [1, None], ["a", "b"], [1, None]),
    ],
)
def test_parameters(where: str, given: Any, markers: list[str], sent: list[Any]) -> None:
    assert bound(where, given, *markers) == sent


@pytest.mark.parametrize(
    ("where", "given", "markers", "part"),
    [
        ("", [1], [], "has no markers, and 'parameters' gives 1 values"),
        ("", {"a": 1}, [], "has no markers, and 'parameters' gives the names a"),
        ("", "a", [], "is a list for the markers \\?, or a dictionary"),
        ("WHERE a = ?", None, ["a"], "has the markers a, and 'parameters' gives 0 values"),
        ("WHERE a = ?", [1, 2], ["a"], "the markers a, and 'parameters' gives 2 values"),
        ("WHERE a = ?", "1", ["a"], "is a list for the markers \\?"),
        ("WHERE a = :a AND b = :b", [1], ["a", "b"], "the markers a, b, and 'parameters' gives 1 values"),
        ("WHERE a = :a AND b = :b", {"b": 1}, ["a", "b"], "the markers a, b, and 'parameters' gives the names b"),
        ("WHERE a = :a", None, ["a"], "has the markers a, and 'parameters' gives 0 values"),
        ("WHERE a = :a", {"a": 1, "b": 2}, ["a"], "the markers a, and 'parameters' gives the names a, b"),
        ("WHERE a = :a", {"a": 1, "A": 2}, ["a"], "a is given twice"),
        ("WHERE a = :a", {"": 1}, ["a"], "parameter is empty"),
    ],
)
def test_parameters_that_are_refused(where: str, given: Any, markers: list[str], part: str) -> None:
    with pytest.raises(InvalidInput, match=part):
        bound(where, given, *markers)


@pytest.mark.parametrize("number", [0, -1, 2**31 - 1])
def test_numbers_which_are_refused(number: int) -> None:
    with pytest.raises(InvalidInput, match="max_rows is a number from 1 to"):
        request(max_rows=number)


def test_a_table_needs_a_keyspace() -> None:
    with pytest.raises(InvalidInput, match="The table t needs its keyspace"):
        request("SELECT v FROM t")
    assert request("SELECT v FROM t", keyspace="Shop").query.keyspace == "shop"
    assert request("SELECT v FROM t", keyspace='"Shop"').query.keyspace == "Shop"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([7], "Parameter 1 \\(labels\\) must be of the type list<int>, not 7."),
        ({"labels": [1, "x"]}, "Parameter labels must be of the type list<int>, not \\[1, 'x'\\]."),
        ({"labels": [1, None]}, "Parameter labels must be of the type list<int>, not \\[1, None\\]."),
    ],
)
def test_values_that_are_not_of_the_type_are_refused(parameters: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        bind([("labels", LABELS)], parameters)


@pytest.mark.parametrize("name", ["frozen<address>", "map<int, int>", "frozen<tuple<int>>", "list<frozen<list<int>>>"])
def test_the_server_reads_what_is_deeper(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"Write fromJson\(\.\.\.\) around its marker, and give it as JSON text\."):
        bind([("a", parse_type(name))], [[{"zips": ["7"]}]])


def test_the_form_of_a_value_is_shown() -> None:
    with pytest.raises(InvalidInput, match="must be of the type date, in quotes, such as '2024-02-29', not 'soon'"):
        bind([("d", parse_type("date"))], ["soon"])
