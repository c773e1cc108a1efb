# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_query_info): prepare, bind, read page by page, decode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .._connection.session import Session
from .._cql.cql_type import CqlType
from .._cql.statement import use_keyspace
from .._errors import InvalidInput, NotAuthorized, StatementFailed
from .errors import explain
from .request import Request, bind
from .values import decode
from .wire import prepare, read_page

# The name and the type of a column or marker.
Typed = tuple[str, CqlType]


def run_query(session: Session, request: Request, _check: bool) -> dict[str, Any]:
    """The module's result; raises KeyspaceMissing, TableMissing, NotAuthorized, StatementFailed or InvalidInput."""
    rows: list[dict[str, Any]] = []
    columns: Sequence[Typed] = ()
    try:
        for columns, page in _pages(session, request):
            rows += [{name: _decode(name, one, row[name]) for name, one in columns} for row in page]
    except (NotAuthorized, StatementFailed) as refusal:
        raise explain(session, request, refusal) from refusal
    return {
        "changed": False,
        "rows": rows[: request.max_rows],
        "row_count": min(len(rows), request.max_rows),
        "truncated": len(rows) > request.max_rows,
        "columns": [{"name": name, "type": str(cql_type)} for name, cql_type in columns],
    }


def _pages(session: Session, request: Request) -> Iterator[tuple[Sequence[Typed], Any]]:
    """The columns and the rows of pages with no more rows than wanted, and one more: it shows that there are more."""
    if request.keyspace is not None:
        session.read(use_keyspace(request.keyspace))
    prepared = prepare(session, request.query.text)
    if not prepared.result_metadata:
        raise InvalidInput("This module only reads: the server says that the query returns no rows.")
    # Each page then says itself which columns it has: one that is added meanwhile would shift the values of SELECT *.
    prepared.result_metadata = None
    values = bind([(marker.name, marker.type.cql_type) for marker in prepared.column_metadata], request.parameters)
    left, state = request.max_rows + 1, None
    while left > 0:
        # Servers read as many rows at once for an aggregate as they are asked to send: few at once are very slow.
        size = request.fetch_size if request.query.aggregates else min(request.fetch_size, left)
        page = read_page(session, prepared, values, request.consistency, size, state)
        columns = [(name, column.cql_type) for name, column in zip(page.column_names, page.column_types)]
        _require_distinct(page.column_names)
        yield columns, page.current_rows
        left, state = left - len(page.current_rows), page.paging_state
        if state is None:
            return


def _decode(name: str, cql_type: CqlType, data: bytes | None) -> Any:
    try:
        return decode(cql_type, data)
    except ValueError as error:
        shown = f"0x{(data or b'').hex()}"
        raise StatementFailed(f"The column {name} holds bytes that are not of the type {cql_type}: {shown}") from error


def _require_distinct(names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"The query returns two columns called {twice}: give one another name with AS.")
