# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any input whatever: no traceback, no CQL which was not meant, and nothing executed unless the input is valid."""

from __future__ import annotations

import os
from typing import Any

import pytest
from cassandra.cluster import Session
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from .conftest import RunModule

# FUZZ_EXAMPLES=5000 and --hypothesis-profile=default for a night.
EXAMPLES = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
INJECTIONS = [
    "x text; DROP TABLE t",
    "x); DROP TABLE t; --",
    '"; DROP TABLE t; --',
    "text) WITH comment = 'x'",
    "frozen<t>; TRUNCATE t",
    "int, injected int",
    "id",
    "v",
    "",
    " ",
    "\x00",
    "a\nb",
    "\u2028",
    "é" * 30,
    "x" * 70000,
    "list<" * 2000 + "int" + ">" * 2000,
    "{{ 7 * 7 }}",
    "null",
    "*",
    "system",
]
TEXT = st.sampled_from(INJECTIONS) | st.text(max_size=20)
NAMES = st.sampled_from(["a", "b", "id", "v", '"A"', "select", "token"]) | TEXT
TYPES = (
    st.sampled_from(["int", "text", "set<int>", "tuple<int, text>", "counter", "duration", "vector<float, 3>"]) | TEXT
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
COLUMN = (
    st.fixed_dictionaries({"name": NAMES, "type": TYPES}, optional={"static": st.booleans() | ANYTHING})
    | st.dictionaries(NAMES, TYPES, max_size=2)
    | st.dictionaries(TEXT, ANYTHING, max_size=3)
)
COLUMNS = st.lists(COLUMN, max_size=4)


@pytest.fixture
def table(cql: Session, keyspace: str) -> str:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, v text)")
    cql.execute(f"INSERT INTO {keyspace}.t (id, v) VALUES (1, 'kept')")
    return keyspace


def schema(cql: Session, keyspace: str) -> list[tuple[str, str, str]]:
    rows = cql.execute(
        "SELECT table_name, column_name, type FROM system_schema.columns WHERE keyspace_name = %s", (keyspace,)
    )
    return sorted((row.table_name, row.column_name, row.type) for row in rows)


def judge(result: dict[str, Any]) -> None:
    """No result of any input is a traceback or an error which nobody expected."""
    assert result.get("failure") != "unexpected", result
    assert "Traceback" not in str(result)
    assert len(str(result.get("msg", ""))) < 20000


@EXAMPLES
@given(columns=COLUMNS, state=st.sampled_from(["present", "absent"]))
@example(columns=[{"name": "x text; DROP TABLE t", "type": "int"}], state="present")
@example(columns=[{"name": "x", "type": "int; DROP TABLE t"}], state="present")
@example(columns=[{"name": f"c{number}", "type": "int"} for number in range(3000)], state="present")
def test_columns(cql: Session, table: str, run_module: RunModule, columns: Any, state: str) -> None:
    before = schema(cql, table)
    task = {"keyspace": table, "table": "t", "columns": columns, "state": state}
    dry = run_module("cassandra_column", task, check=True)
    judge(dry)
    assert schema(cql, table) == before
    if not dry["failed"]:
        for statement in dry["statements"]:
            assert statement.startswith(f"ALTER TABLE {table}.t ADD (")
        planned = {column["name"] for column in dry["tables"][0]["columns"] if column["status"] == "would_add"}
        if len(planned) < 100 and "static" not in str(columns):
            real = run_module("cassandra_column", task)
            judge(real)
            assert not real["failed"], real
            added = set(schema(cql, table)) - set(before)
            assert {name for _table, name, _type in added} == planned
            for name in planned:
                quoted = name.replace('"', '""')
                cql.execute(f'ALTER TABLE {table}.t DROP "{quoted}"')
    assert [row.v for row in cql.execute(f"SELECT v FROM {table}.t")] == ["kept"]


@EXAMPLES
@given(keyspace=NAMES, name=NAMES)
@example(keyspace="system", name="local")
def test_names_of_tables(cql: Session, table: str, run_module: RunModule, keyspace: str, name: str) -> None:
    before = schema(cql, table)
    task = {"keyspace": keyspace, "table": name, "columns": [{"name": "a", "type": "int"}]}
    result = run_module("cassandra_column", task)
    judge(result)
    assert result["failed"]
    judge(run_module("cassandra_schema_info", {"keyspace": keyspace, "table": name}))
    assert schema(cql, table) == before


@EXAMPLES
@given(
    options=st.fixed_dictionaries(
        {},
        optional={
            "schema_agreement_timeout": st.floats(),
            "ask_nodes_limit": st.integers(-5, 2**40),
            "rows_to_read": st.integers(-5, 2**40),
            "only_if_empty": st.booleans(),
            "lock_keyspace": NAMES,
            "lock_timeout": st.floats(max_value=0.2),
            "local_datacenter": TEXT,
            "protocol_version": st.integers(-1, 70),
            "connect_timeout": st.floats(max_value=3),
            "request_timeout": st.floats(),
            "login_port": st.integers(-1, 70000),
            "login_user": TEXT,
            "login_password": TEXT,
            "ssl_ca_certs": TEXT,
            "secure_connect_bundle": TEXT,
        },
    )
)
def test_options(cql: Session, table: str, run_module: RunModule, options: dict[str, Any]) -> None:
    before = schema(cql, table)
    task = {"keyspace": table, "table": "t", "columns": [{"name": "v", "type": "text"}], **options}
    result = run_module("cassandra_column", task)
    judge(result)
    assert schema(cql, table) == before


@EXAMPLES
@given(query=TEXT | st.text("SELECT*FROMtid,; ()'\"-/=?", max_size=40), parameters=st.lists(ANYTHING, max_size=3))
@example(query="SELECT * FROM t; DROP TABLE t", parameters=[])
@example(query="INSERT INTO t (id) VALUES (2)", parameters=[])
def test_queries(cql: Session, table: str, run_module: RunModule, query: str, parameters: Any) -> None:
    before = schema(cql, table)
    for text in (query, f"SELECT v FROM {table}.t WHERE id = ? {query}", f"SELECT v FROM {table}.t WHERE {query} = ?"):
        judge(run_module("cassandra_query_info", {"query": text, "parameters": parameters}))
    assert schema(cql, table) == before
    assert [row.v for row in cql.execute(f"SELECT v FROM {table}.t")] == ["kept"]
