# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Input that cassandra_column refuses before it opens a connection: nothing listens at the address given."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.stellarmap.cassandra.plugins.modules.cassandra_column import main

A = [{"a": "int"}]


def refused(**options: Any) -> dict[str, Any]:
    """The failure of the module."""
    output = io.StringIO()
    given = {"login_host": ["127.255.255.254"], "connect_timeout": 1, "keyspace": "k", **options}
    with patch_module_args(given), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        main()
    result: dict[str, Any] = json.loads(output.getvalue())
    assert result["failed"] is True
    return result


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ([], "No columns are listed"),
        ([{"name": "", "type": "int"}], "is empty"),
        ([{"name": 'a"b', "type": "int"}], "double quote"),
        ([{"name": "x" * 65536, "type": "int"}], "65536 bytes"),
        ([{"a": "int"}, {"A": "int"}], "Column a is listed 2 times"),
        ([{"a": "lizt<int>"}], "is not a CQL type"),
        ([{"a": "text; DROP TABLE t"}], "is not a CQL type"),
        ([{"a": "list<list<int>>"}], "must be frozen"),
    ],
)
def test_columns_to_add(columns: Any, part: str) -> None:
    result = refused(table="t", columns=columns)
    assert (result["failure"], part in result["msg"]) == ("invalid_input", True), result["msg"]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"rows_to_read": -1}, "rows_to_read is a number of rows from 0 on"),
        ({"rows_to_read": 0, "only_if_empty": True}, "only_if_empty has to read rows"),
        ({"columns": []}, "No columns are listed"),
        ({"columns": [{"name": "a"}, {"name": "A"}]}, "Column a is listed 2 times"),
        ({"columns": [{"type": "int", "static": True}]}, "name is missing"),
    ],
)
def test_columns_to_drop(options: dict[str, Any], part: str) -> None:
    result = refused(**{"table": "t", "columns": [{"name": "note"}], "state": "absent", **options})
    assert (result["failure"], part in result["msg"]) == ("invalid_input", True), result["msg"]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"tables": []}, "No tables are listed"),
        ({"tables": [{"table": "t", "columns": []}]}, "tables[1]: No columns are listed"),
        ({"tables": [{"table": "t", "columns": A}] * 2}, "Table k.t is listed 2 times"),
        ({"tables": [{"table": "t", "columns": A}], "table": "t"}, "mutually exclusive"),
        ({"table": "t"}, "required together"),
        ({}, "one of the following is required: table, tables"),
    ],
)
def test_tables(options: dict[str, Any], part: str) -> None:
    assert part in refused(**options)["msg"]


def test_good_input_reaches_for_the_server() -> None:
    assert refused(table="t", columns=A)["failure"] == "not_reachable"
