# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.tokens import read_query


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM k.t",
        "select v from k.t;",
        "SELECT v FROM k.t ; ;",
        "SELECT v FROM k.t -- the end",
        "SELECT v FROM k.t // the end",
        "SELECT v FROM k.t; -- ; DROP TABLE k.t",
        "SELECT v FROM k.t; /* DROP\nTABLE k.t; */ ;",
        "-- why\nSELECT v FROM k.t",
        "/* a */ /* /* */SELECT/**/JSON v FROM k.t",
        "SELECT v FROM k.t WHERE v = 'a; DROP TABLE k.t'",
        "SELECT v FROM k.t WHERE v = 'it''s; --'",
        "SELECT v FROM k.t WHERE v = $$it's; -- $ \n$$",
        'SELECT "a;""b" FROM k.t',
        'SELECT "--a;" FROM k.t',
    ],
)
def test_what_is_one_select_is_sent_as_it_is(text: str) -> None:
    assert read_query(f" {text}\n").text == text


WRITES = [
    "INSERT INTO k.t (id) VALUES (1)",
    "UPDATE k.t SET v = 1 WHERE id = 1",
    "DELETE FROM k.t WHERE id = 1",
    "BEGIN BATCH APPLY BATCH",
    "TRUNCATE k.t",
    "USE k",
    "DROP TABLE k.t",
    "CREATE TABLE k.t (id int PRIMARY KEY)",
    "ALTER TABLE k.t ADD v int",
    "GRANT ALL ON KEYSPACE k TO r",
    "LIST ROLES",
    "DESCRIBE TABLES",
    '"select" v FROM k.t',
    "(SELECT v FROM k.t)",
    "SELECTv FROM k.t",
]


@pytest.mark.parametrize("statement", WRITES)
def test_what_is_no_select_is_refused(statement: str) -> None:
    for prefix in ("", "-- SELECT\n", "/* SELECT */", "--\r", "/*/ SELECT */", " \t", "// SELECT\r"):
        with pytest.raises(InvalidInput, match="only reads: the query must be one SELECT, and this is"):
            read_query(prefix + statement)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "this is ''"),
        (" -- SELECT v FROM k.t", "this is '-- SELECT"),
        (";SELECT v FROM k.t", "and 'SELECT"),
        ("\ufeffSELECT v FROM k.t", "this is '\\\\ufeff"),
        ("SELECT v FROM k.t; SELECT w FROM k.t", "'SELECT.* follows its semicolon"),
        ("SELECT v FROM k.t; DROP TABLE k.t", "'DROP.* follows its semicolon"),
        ("SELECT v FROM k.t WHERE v = 'a'';DROP TABLE k.t", "'DROP.* follows its semicolon"),
        ("SELECT v FROM k.t WHERE v = $$a; DROP TABLE k.t", "'DROP.* follows its semicolon"),
    ],
)
def test_texts_which_are_refused(text: str, part: str) -> None:
    with pytest.raises(InvalidInput, match=part):
        read_query(text)


@pytest.mark.parametrize(
    ("text", "keyspace", "table"),
    [
        ("SELECT v FROM K.T WHERE a = 1", "k", "t"),
        ("SELECT v FROM t", None, "t"),
        ('SELECT v FROM "K" . "My T"', "K", "My T"),
        ('SELECT "from", cast(a AS text) FROM k.t', "k", "t"),
        ("SELECT v FROM k/* FROM x.y */.t", "k", "t"),
        ("SELECT 'FROM x.y' FROM k.t", "k", "t"),
        ("SELECT 1", None, None),
        ("SELECT v FROM", None, None),
        ("SELECT v FROM 1", None, None),
    ],
)
def test_the_table(text: str, keyspace: str | None, table: str | None) -> None:
    query = read_query(text)
    assert (query.keyspace, query.table) == (keyspace, table)


@pytest.mark.parametrize(
    ("text", "keyspace", "sent"),
    [
        ("SELECT v FROM t", "k", "SELECT v FROM k.t"),
        ("SELECT v FROM t", "My K", 'SELECT v FROM "My K".t'),
        (
            '-- from a\nSELECT "from"\nFROM /* from b */ "T" WHERE a = 1;',
            "k",
            '-- from a\nSELECT "from"\nFROM /* from b */ k."T" WHERE a = 1;',
        ),
        ("SELECT v FROM other . t", "k", "SELECT v FROM other . t"),
        ("SELECT v FROM", "k", "SELECT v FROM"),
    ],
)
def test_a_table_without_a_keyspace_gets_one(text: str, keyspace: str, sent: str) -> None:
    assert read_query(f" {text}\n", keyspace).text == sent


@pytest.mark.parametrize(
    ("text", "aggregates"),
    [
        ("SELECT count(*) FROM k.t", True),
        ("SELECT k.f (v) FROM k.t", True),
        ("SELECT p FROM k.t GROUP BY p", True),
        ("SELECT * FROM k.t WHERE token(p) > ? AND (a, b) = (1, 2)", False),
        ("SELECT '(' FROM k.t", False),
    ],
)
def test_queries_which_read_more_than_they_return(text: str, aggregates: bool) -> None:
    assert read_query(text).aggregates is aggregates


STRINGS = st.text(st.sampled_from("a';$\"-/*\n")).map(lambda text: "'" + text.replace("'", "''") + "'")
BLANKS = st.lists(st.sampled_from([" ", "\n", "-- ';\n", "/* $$ ' */", '// "\r']), min_size=1).map("".join)


@given(st.lists(st.tuples(BLANKS, STRINGS)), BLANKS, st.sampled_from(["", ";", "; -- end"]))
def test_what_strings_and_comments_hold_is_not_seen(parts: list[tuple[str, str]], blank: str, end: str) -> None:
    statement = f"{blank}SELECT{blank}v{blank}FROM{blank}t" + "".join(a + b for a, b in parts)
    assert read_query(statement + blank + end).table == "t"
    with pytest.raises(InvalidInput):
        read_query(statement + blank + ";" + blank + "DROP")


@given(st.text(st.sampled_from("SELECT from;:?'\"$-/*{}.(a1\n")))
def test_every_text_is_a_select_or_refused(text: str) -> None:
    try:
        query = read_query(text)
    except InvalidInput:
        return
    assert read_query(query.text) == query
