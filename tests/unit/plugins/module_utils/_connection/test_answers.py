# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An answer without an end, or one that the driver cannot read, is a failure with a sentence: no hang and no traceback."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection import session as module
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.nodes import NodeSessions
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.session import Names, Session
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import Statement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import (
    ConnectionFailed,
    OutcomeUnknown,
    StatementFailed,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import TableName
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.context import count_values

Page = list[Any]


class Result:
    """As the driver's: one page at a time, each with the state with which the next one is asked for."""

    def __init__(self, pages: Iterator[tuple[Page, bytes | None]]) -> None:
        self._pages = pages
        self.fetch_next_page()

    def fetch_next_page(self) -> None:
        rows, self.paging_state = next(self._pages)
        self.current_rows = [Names(["a"]), *rows]
        self.has_more_pages = self.paging_state is not None


def session(answer: Any) -> Session:
    """A session whose driver gives this answer, or raises it."""

    def result(*_args: Any, **_more: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    driver = SimpleNamespace(execute_async=lambda *_args, **_more: SimpleNamespace(result=result), execute=result)
    host = SimpleNamespace(endpoint=SimpleNamespace(address="10.0.0.1", port=9042, __str__=lambda _self: "10.0.0.1"))
    settings: Any = SimpleNamespace(request_timeout=1.0, user=None)
    return Session(SimpleNamespace(get_control_connection_host=lambda: host), driver, settings, set())


def test_what_a_peer_answers_names_the_peer() -> None:
    nodes = NodeSessions(SimpleNamespace(settings=None, tell=None))  # type: ignore[arg-type]
    nodes.peers = {"h2": SimpleNamespace(address="10.0.0.2")}  # type: ignore[dict-item]

    def question(_session: Session) -> None:
        raise StatementFailed("system.local cannot be right.")

    with pytest.raises(StatementFailed) as caught:
        nodes.run_on_peers(question)
    assert caught.value.message == "system.local cannot be right (node 10.0.0.2)"


def endless(rows: Page, moves: bool = True) -> Result:
    return Result((rows, b"%d" % number if moves else b"0") for number in itertools.count())


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (endless([{"a": 1}], moves=False), "the same page twice"),
        (endless([]), "1000 pages with 0 rows"),
        (endless([{"a": 1}]), "1000 pages with 1000 rows"),
        (endless([{"a": 1}] * 100_000), "pages with 600000 rows"),
        (endless([{"a": "x" * 100_000_000}]), "3 pages with 3 rows"),
    ],
    ids=["same", "empty", "short", "long", "large"],
)
def test_an_answer_of_the_catalog_ends(result: Result, words: str) -> None:
    with pytest.raises(StatementFailed, match=words):
        session(result).read(Statement("SELECT"))


def test_an_answer_of_several_pages_is_read_whole() -> None:
    pages = iter([([{"a": 1}], b"1"), ([], b"2"), ([{"a": 2}], None)])
    assert session(Result(pages)).read(Statement("SELECT")) == [[{"a": 1}, {"a": 2}]]


def test_more_rows_than_asked_for_are_not_counted() -> None:
    values = count_values(session(endless([{"a": 1}])), TableName("k", "t"), ["a"], 10)
    assert (values.rows_read, values.found, values.complete) == (10, {"a": 10}, False)


def test_counting_ends_where_no_row_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_EMPTY_PAGES", 50)
    with pytest.raises(StatementFailed, match="51 pages without a row"):
        count_values(session(endless([])), TableName("k", "t"), ["a"], 10)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("Invalid shape"),
        struct.error("unpack requires a buffer"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        EOFError("past the end"),
        KeyError("SCHEMA"),
        AttributeError("encode"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_answer_that_cannot_be_decoded(error: Exception) -> None:
    """The driver raises whatever its decoder raises; of a change nobody knows the outcome then."""
    with pytest.raises(ConnectionFailed, match="sent an answer that the Python driver cannot read"):
        session(error).read(Statement("SELECT"))
    with pytest.raises(OutcomeUnknown, match="sent an answer that the Python driver cannot read"):
        session(error).execute(Statement("ALTER"))


def test_an_answer_of_another_kind() -> None:
    with pytest.raises(ConnectionFailed, match="it is no answer to a query"):
        session(SimpleNamespace(current_rows=[object()], has_more_pages=False)).read(Statement("SELECT"))


@pytest.mark.parametrize(
    ("name", "text", "otherwise", "words"),
    [
        ("AlreadyExists", "Table 'k.t' already exists", StatementFailed, "Table 'k.t' already exists"),
        (
            "DriverException",
            "Got unexpected message: <Ready>",
            ConnectionFailed,
            "gave no usable answer: Got unexpected",
        ),
        ("DriverException", "Unknown data type code 0x99", ConnectionFailed, "Unknown data type code"),
        (
            "ConnectionException",
            "Pool is shutdown",
            ConnectionFailed,
            "gave no answer: there is no connection to it any more",
        ),
    ],
)
def test_no_answer_is_said_only_where_none_came(name: str, text: str, otherwise: type, words: str) -> None:
    error = type(name, (Exception,), {"__module__": "cassandra.protocol"})(text)
    if name == "DriverException" and otherwise is ConnectionFailed:
        # The base itself stands for a value that has no type in Python.
        error = type("NotSupportedError", (type(error),), {"__module__": "cassandra.protocol"})(text)
    with pytest.raises(otherwise, match=words):
        session(error).read(Statement("SELECT"))
