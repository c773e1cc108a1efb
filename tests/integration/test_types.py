# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated types on a real server: what it stores for a type we accept is what we take it for, and nothing else."""

from __future__ import annotations

import itertools

import pytest
from cassandra.cluster import Session
from cql_types import cql_types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type

from .conftest import RunModule, RunningNode

USER_TYPES = ("addr", '"Addr"', '"order"')
_tables = itertools.count(1)


@pytest.mark.parametrize("vectors", [False, True])
def test_generated_types(node: RunningNode, cql: Session, keyspace: str, run_module: RunModule, vectors: bool) -> None:
    if vectors and node.major < (5, 0):
        # There the whole test is that a vector is refused.
        cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
        refused = run_module(
            "cassandra_column", {"keyspace": keyspace, "table": "t", "columns": [{"v": "vector<float, 2>"}]}
        )
        assert (refused["failure"], "is a vector" in refused["msg"]) == ("refused", True)
        return
    for name in USER_TYPES:
        cql.execute(f"CREATE TYPE {keyspace}.{name} (a int, b text)")

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        texts=st.lists(cql_types(USER_TYPES, vectors), min_size=1, max_size=12), other=cql_types(USER_TYPES, vectors)
    )
    def declare_add_rerun(texts: list[str], other: str) -> None:
        table = f"t{next(_tables)}"
        cql.execute(f"CREATE TABLE {keyspace}.{table} (id int PRIMARY KEY)")
        wish = {"keyspace": keyspace, "table": table}
        columns = [{"name": f"c{number}", "type": text} for number, text in enumerate(texts)]
        applied = run_module("cassandra_column", {**wish, "columns": columns})
        assert applied["changed"] is True, (applied["msg"], columns)

        query = "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
        shown = {row.column_name: row.type for row in cql.execute(query, (keyspace, table))}
        assert [column["type"] for column in applied["tables"][0]["columns"]] == [
            shown[column["name"]] for column in columns
        ]

        assert run_module("cassandra_column", {**wish, "columns": columns})["changed"] is False

        for column in columns:
            again = run_module("cassandra_column", {**wish, "columns": [{**column, "type": other}]})
            if parse_type(other) == parse_type(column["type"]):
                assert again["changed"] is False
            else:
                assert again["failure"] == "conflict"

    declare_add_rerun()
