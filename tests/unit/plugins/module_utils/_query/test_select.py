# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server may send that no result can hold: more rows than were asked for, pages without an end, gigabytes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from cassandra import cqltypes
from cassandra.query import PreparedStatement

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.private import SWITCH
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.session import named_rows
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput, StatementFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.request import read_request
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.select import run_query


class Server:
    """A session whose pages are given: each the rows, and the state that the next one begins with."""

    def __init__(self, pages: Iterator[tuple[list[str], bytes | None]]) -> None:
        self._pages = pages
        self.warnings: list[str] = []

    @contextlib.contextmanager
    def asking(self) -> Iterator[Any]:
        yield self

    def prepare(self, text: str) -> PreparedStatement:
        return PreparedStatement([], b"id", [], text, "k", 5, ["v"], b"")

    def execute_async(self, _bound: Any, paging_state: bytes | None) -> Any:
        values, state = next(self._pages)
        page = SimpleNamespace(
            column_types=[cqltypes.UTF8Type],
            current_rows=named_rows(["v"], [[value] for value in values]),
            paging_state=state,
        )
        return SimpleNamespace(result=lambda: page, warnings=None)


def run(pages: Iterator[tuple[list[str], bytes | None]], max_rows: int = 10) -> dict[str, Any]:
    options = {
        "parameters": None,
        "keyspace": None,
        "consistency": "ONE",
        "max_rows": max_rows,
        "expect": None,
    }
    return run_query(Server(pages), read_request({"query": "SELECT v FROM k.t", **options}), False)  # type: ignore[arg-type]


def test_without_the_types_of_the_driver_rows_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(iter([(["a"], None)]))
    monkeypatch.setenv(SWITCH, "documented")
    assert run(iter([(["a"], None)])) == {**whole, "columns": [{"name": "v", "type": ""}]}


def test_rows_beyond_the_limit_are_left_out() -> None:
    result = run(iter([(["a"] * 1000, b"1")]), 3)
    assert (result["rows"], result["row_count"], result["truncated"]) == ([{"v": "a"}] * 3, 3, True)


def test_empty_pages_are_passed_until_they_have_no_end() -> None:
    pages = [([], bytes([number])) for number in range(20)]
    assert run(iter([*pages, (["a"], None)]))["row_count"] == 1
    with pytest.raises(StatementFailed, match="2 pages without a row, and says that there are more"):
        run(iter([([], b"1"), ([], b"1")]))
    with pytest.raises(StatementFailed, match="10001 pages without a row"):
        run(([], b"%d" % number) for number in range(100_000))


def test_more_bytes_than_a_result_holds_are_refused() -> None:
    with pytest.raises(InvalidInput, match="more than 64 MiB: give a smaller max_rows"):
        run(((["a" * 2**24], b"%d" % number) for number in range(100)), 100)
