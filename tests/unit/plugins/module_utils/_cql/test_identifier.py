# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.identifier import (
    MAX_BYTES,
    close_matches,
    display_name,
    parse_name,
    quote,
    truncate,
    yaml_name,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("created_at", "created_at"),
        ("Created_At", "created_at"),
        ('"Created_At"', "Created_At"),
        ('"created_at"', "created_at"),
        ("order", "order"),
        ("ORDER", "order"),
        ("2nd", "2nd"),
        ("My Column", "My Column"),
        ("Größe", "Größe"),
        ("_private", "_private"),
        ('" padded "', " padded "),
        ('"a""b"', 'a"b'),
        ('""""', '"'),
        ("x; DROP TABLE t", "x; DROP TABLE t"),
    ],
)
def test_what_a_name_means(text: str, stored: str) -> None:
    assert parse_name(text) == stored


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is empty"),
        ('""', "is empty"),
        ('we"ird', "double quote"),
        ('"we"ird"', "double quote"),
        ('"open', "double quote"),
        (" padded", "white space"),
        ("padded\n", "white space"),
        ("\ud800", "UTF-8"),
        ("x" * (MAX_BYTES + 1), "65536 bytes"),
        ("é" * (MAX_BYTES // 2 + 1), "65536 bytes"),
        (3, "must be text"),
        (None, "must be text"),
    ],
)
def test_names_which_are_refused(text: str, part: str) -> None:
    with pytest.raises(InvalidInput, match=part) as caught:
        parse_name(text, "table")
    assert "table" in caught.value.message
    assert len(caught.value.message) < 300


def test_the_longest_name_is_accepted() -> None:
    assert parse_name("x" * MAX_BYTES) == "x" * MAX_BYTES


@pytest.mark.parametrize(
    ("name", "cql", "written", "in_yaml"),
    [
        ("created_at", "created_at", "created_at", "created_at"),
        ("CreatedAt", '"CreatedAt"', '"CreatedAt"', "'\"CreatedAt\"'"),
        ("order", '"order"', "order", "order"),
        ("json", '"json"', "json", "json"),
        ("2nd", '"2nd"', '"2nd"', "'\"2nd\"'"),
        ('a"b', '"a""b"', '"a""b"', '\'"a""b"\''),
        ("it's", '"it\'s"', '"it\'s"', "'\"it''s\"'"),
        ("", '""', '""', "'\"\"'"),
    ],
)
def test_quoting(name: str, cql: str, written: str, in_yaml: str) -> None:
    assert quote(name) == cql
    assert display_name(name) == written
    assert yaml_name(name) == in_yaml


@given(NAMES)
def test_what_is_quoted_reads_back_as_itself(name: str) -> None:
    assert parse_name('"' + name.replace('"', '""') + '"') == name
    assert parse_name(display_name(name)) == name


def is_name(text: str) -> bool:
    """The rule of the documentation, said once more: whole in double quotes with pairs inside, or without any."""
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    name = text[1:-1] if quoted else text
    single = '"' in (name.replace('""', "") if quoted else name)
    return bool(name) and not single and (quoted or name == name.strip())


@given(st.text('"aB é\n', max_size=6) | NAMES)
def test_every_text_is_a_name_or_refused(text: str) -> None:
    if not is_name(text):
        with pytest.raises(InvalidInput):
            parse_name(text)
        return
    name = parse_name(text)
    written = quote(name)
    assert (written[1:-1].replace('""', '"') if written[0] == '"' else written) == name
    assert parse_name(display_name(name)) == name


def test_the_nearest_name_comes_first() -> None:
    assert close_matches("stelar_accounts", ["zebra", "STELLAR_ACCOUNTS", "accounts"]) == [
        "STELLAR_ACCOUNTS",
        "accounts",
        "zebra",
    ]


@pytest.mark.parametrize(
    ("value", "short"),
    [
        ("a'b", '"a\'b"'),
        ("x" * 60, "'" + "x" * 60 + "'"),
        ("x" * 61, "'" + "x" * 60 + "'... (61 characters)"),
        ({"a": 1}, "{'a': 1}"),
        ([1] * 40, "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,... (120 characters)"),
        (None, "None"),
    ],
)
def test_long_things_are_cut_in_messages(value: object, short: str) -> None:
    assert truncate(value) == short


def test_names_which_are_equally_near_are_in_order() -> None:
    assert close_matches("x", ["b", "a", "c"]) == ["a", "b", "c"]
    assert close_matches("users", ["a_user", "bus", "userz"]) == ["userz", "a_user", "bus"]


def test_the_longest_name() -> None:
    assert parse_name('"' + "é" * 32767 + 'x"', "name") == "é" * 32767 + "x"
    with pytest.raises(InvalidInput, match="65536 bytes long"):
        parse_name('"' + "é" * 32768 + '"', "name")
