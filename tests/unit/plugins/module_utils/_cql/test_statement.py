# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts and numbers in statements: whatever a name holds, the statement stays one statement."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql import statement as cql
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.index import select_indexes

# What a CQL lexer takes for a text (Lexer.g, STRING_LITERAL): quotes inside are doubled.
_TEXT = re.compile(r"'((?:[^']|'')*)'", re.DOTALL)


def texts(statement: str) -> list[str]:
    """The texts in a statement, read as a server does; what is left of it must hold no quote."""
    assert "'" not in _TEXT.sub("", statement)
    return [found.replace("''", "'") for found in _TEXT.findall(statement)]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("shop", "'shop'"),
        ("", "''"),
        ("it's", "'it''s'"),
        ("'; DROP TABLE shop.orders; --", "'''; DROP TABLE shop.orders; --'"),
        ("\\", "'\\'"),
        ("$$", "'$$'"),
        ("?", "'?'"),
        ("ü\n\u2028", "'ü\n\u2028'"),
        (60, "60"),
        (-1, "-1"),
    ],
)
def test_literals(value: str | int, written: str) -> None:
    assert cql.literal(value) == written


@pytest.mark.parametrize("value", [True, 1.5, None, b"x", ["a"]])
def test_other_values_are_no_literals(value: object) -> None:
    with pytest.raises(TypeError, match="is bound, it is no literal"):
        cql.literal(value)  # type: ignore[arg-type]


@given(st.text(), st.text())
def test_names_of_any_kind_stay_texts(keyspace: str, table: str) -> None:
    for select in (cql.select_columns, cql.select_table_flags, cql.select_dropped_columns, select_indexes):
        assert texts(select(keyspace, table).text) == [keyspace, table]
    for select_of_keyspace in (cql.select_tables, cql.select_views, cql.select_user_types):
        assert texts(select_of_keyspace(keyspace).text) == [keyspace]


def test_a_read_by_key_needs_the_whole_key() -> None:
    with pytest.raises(IndexError):
        cql.select_columns("shop")


@given(st.text())
def test_the_owner_of_a_lock_stays_a_text(owner: str) -> None:
    assert texts(cql.take_lock("k", owner, 60).text) == ["schema", owner]
    assert texts(cql.renew_lock("k", owner, 60).text) == [owner, "schema", owner]
    assert texts(cql.release_lock("k", owner).text) == ["schema", owner]
    assert not cql.take_lock("k", owner, 60).values
