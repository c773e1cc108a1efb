# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_query_info): prepare, bind, read page by page, decode."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from .._connection.session import Session
from .._cql.cql_type import CqlType
from .._cql.statement import use_keyspace
from .._errors import InvalidInput, NotAuthorized, StatementFailed
from .binding import bind
from .decode import decode
from .raw_rows import Page, prepare, read_page
from .refusal import explain
from .request import Request


def run_query(session: Session, request: Request, _check: bool) -> dict[str, Any]:
    """The module's result; raises KeyspaceMissing, TableMissing, NotAuthorized, StatementFailed or InvalidInput."""
    try:
        return _select(session, request)
    except (NotAuthorized, StatementFailed) as refusal:
        raise explain(session, request, refusal) from refusal


def _select(session: Session, request: Request) -> dict[str, Any]:
    columns: tuple[tuple[str, CqlType], ...] = ()
    rows: list[dict[str, Any]] = []
    for page in _pages(session, request):
        columns = page.columns
        rows += [_row(columns, row) for row in page.rows]
        if len(rows) > request.max_rows:
            break
    truncated = len(rows) > request.max_rows
    del rows[request.max_rows :]
    return {
        "changed": False,
        "rows": rows,
        "row_count": len(rows),
        "truncated": truncated,
        "columns": [{"name": name, "type": str(cql_type)} for name, cql_type in columns],
    }


def _pages(session: Session, request: Request) -> Iterator[Page]:
    """Pages of no more rows than are wanted, and one more: the one which shows that there are more."""
    if request.keyspace is not None:
        session.read(use_keyspace(request.keyspace))
    prepared = prepare(session, request.query.text)
    if not prepared.returns_rows:
        raise InvalidInput("This module only reads: the server says that the query returns no rows.")
    values = bind(prepared.markers, request.parameters)
    left, state = request.max_rows + 1, None
    while True:
        # Servers read as many rows at once for an aggregate as they are asked to send: few at once are very slow.
        size = request.fetch_size if request.query.aggregates else min(request.fetch_size, left)
        page = read_page(session, prepared, values, request.consistency, size, state)
        _require_distinct_names(page)
        yield page
        left, state = left - len(page.rows), page.state
        if state is None or left <= 0:
            return


def _row(columns: tuple[tuple[str, CqlType], ...], row: Mapping[str, bytes | None]) -> dict[str, Any]:
    return {name: _value(name, cql_type, row[name]) for name, cql_type in columns}


def _value(name: str, cql_type: CqlType, data: bytes | None) -> Any:
    try:
        return decode(cql_type, data)
    except (ValueError, struct.error) as error:
        shown = f"0x{(data or b'').hex()}"
        raise StatementFailed(f"The column {name} holds bytes which are not of the type {cql_type}: {shown}") from error


def _require_distinct_names(page: Page) -> None:
    names = [name for name, _type in page.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"The query returns two columns called {twice}: give one another name with AS.")
