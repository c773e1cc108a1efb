# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.column_text import (
    read_attributes,
    read_columns,
    read_text,
    with_columns,
    with_indexes,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.statement import list_roles
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import every_column, select

# As Cassandra 6.0-alpha2 writes it.
MEASURED = """CREATE TABLE k.t (
    id int PRIMARY KEY,
    a int CHECK a > 1 AND a < 100,
    b text,
    chk int CHECK chk > 3,
    msk text MASKED WITH system.mask_default()
) WITH additional_write_policy = '99p'
    AND caching = {'keys': 'ALL', 'rows_per_partition': 'NONE'}
    AND comment = '';
COMMENT ON COLUMN k.t.a IS 'CHECK';"""


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        (
            MEASURED,
            {"a": "CHECK a > 1 AND a < 100", "chk": "CHECK chk > 3", "msk": "MASKED WITH system.mask_default()"},
        ),
        (
            'CREATE TABLE k.t (\n    "A, (b" map<text, frozen<list<int>>> CHECK length("A, (b") < 3,\n    c int,\n'
            "    d text static MASKED WITH system.mask_replace('a), b') CHECK d > 'x',\n    PRIMARY KEY (c)\n)",
            {
                "A, (b": 'CHECK length("A, (b") < 3',
                "d": "MASKED WITH system.mask_replace('a), b') CHECK d > 'x'",
            },
        ),
        ("CREATE TABLE k.t (\n    check int,\n    masked text,\n    PRIMARY KEY (check)\n)", {}),
        # As Cassandra 5.0.9 writes types of these names.
        (
            'CREATE TABLE k.t (\n    id int PRIMARY KEY,\n    a masked,\n    b list<frozen<masked>>,\n    c "MASKED",\n'
            "    d frozen<masked> MASKED WITH system.mask_null()\n) WITH cdc = false",
            {"d": "MASKED WITH system.mask_null()"},
        ),
        ("CREATE TABLE k.t (", {}),
        ("", {}),
    ],
)
def test_masks_and_constraints(text: str, attributes: dict[str, str]) -> None:
    assert read_attributes(text) == attributes


def test_the_columns_are_as_the_server_writes_them() -> None:
    assert read_columns(MEASURED)["a"] == "a int CHECK a > 1 AND a < 100"
    text = 'CREATE TABLE k.t (\n    "a,\n(" int,\n    primary text,\n    PRIMARY KEY ("a,\n(", primary)\n) WITH a = 1;'
    assert read_columns(text) == {"a,\n(": '"a,\n(" int', "primary": "primary text"}
    assert with_columns(text, {"a,\n(": "", "primary": "", "b": "b int"}) == text.replace(
        "primary text,\n", "primary text,\n    b int,\n"
    )
    assert with_columns(MEASURED, dict.fromkeys(read_columns(MEASURED))) == MEASURED
    assert with_columns("CREATE TABLE k.t (a int)", {"b": "b int"}) == "CREATE TABLE k.t (b int)"
    for other in ("", "CREATE TABLE", "CREATE TABLE k.t (\n  a int,\n  b int\n)"):
        assert with_columns(other, {"b": "b int"}) == ""


def test_the_indexes_of_a_table_are_part_of_its_text() -> None:
    indexes = ["CREATE INDEX a ON k.t (x);", "CREATE CUSTOM INDEX \"b.c\" ON k.t (y) USING 'sai';"]
    text = read_text([{"create_statement": one} for one in [MEASURED, *indexes, "", None]])
    assert text == "\n\n".join([MEASURED, *indexes])
    assert with_indexes(text, ["CREATE INDEX d ON k.t (z)"], []) == f"{text}\n\nCREATE INDEX d ON k.t (z);"
    assert with_indexes(text, [], ["b.c"]) == "\n\n".join([MEASURED, indexes[0]])
    assert with_indexes(text, [], ["b", "c"]) == text
    assert read_text([]) == ""


def test_every_column_of_the_same_rows() -> None:
    statement = select("system_schema.views", "a b", c="SELECT x FROM y", d=("it's", "2"))
    assert statement.source == ("system_schema.views", ("a", "b"))
    rest = "FROM system_schema.views WHERE c = 'SELECT x FROM y' AND d IN ('it''s', '2')"
    assert statement.text == f"SELECT a, b {rest}"
    assert every_column(statement).text == f"SELECT * {rest}"
    listed = list_roles("me")
    assert (listed.source.columns, every_column(listed)) == ((), listed)
