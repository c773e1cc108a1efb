# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_query_info): prepare, bind, read page by page, and show as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._connection.private import forget_columns, kind_of
from .._connection.session import Session
from .._cql.statement import use_keyspace
from .._errors import InvalidInput, NotAuthorized, StatementFailed
from .errors import Unreadable, explain, reading
from .request import Request, bind
from .values import to_json, type_text

# A server may go on for ever; what is more than this fits into no result of Ansible.
_MOST_BYTES = 64 * 1024 * 1024
_MOST_EMPTY_PAGES = 10_000


def run_query(session: Session, request: Request, _check: bool) -> dict[str, Any]:
    """The module's result; raises KeyspaceMissing, TableMissing, NotAuthorized, StatementFailed or InvalidInput."""
    rows: list[dict[str, Any]] = []
    types: dict[str, str] = {}
    size = 0
    try:
        for types, page in _pages(session, request):
            short = {name for name, one in types.items() if "float" in one and "double" not in one}
            for row in page:
                rows.append({name: _shown(name, value, name in short) for name, value in row.items()})
                size += len(repr(rows[-1]))
            if size > _MOST_BYTES:
                raise InvalidInput(
                    f"The first {len(rows)} rows have more than {_MOST_BYTES // 1024**2} MiB: give a smaller max_rows "
                    "(and fetch_size), or select fewer columns."
                )
    except Unreadable:
        raise
    except (NotAuthorized, StatementFailed) as refusal:
        raise explain(session, request, refusal) from refusal
    return {
        "changed": False,
        "rows": rows[: request.max_rows],
        "row_count": min(len(rows), request.max_rows),
        "truncated": len(rows) > request.max_rows,
        "columns": [{"name": name, "type": one} for name, one in types.items()],
    }


def _pages(session: Session, request: Request) -> Iterator[tuple[dict[str, str], list[dict[str, Any]]]]:
    """The types and the rows of pages with no more rows than wanted, and one more: it shows that there are more."""
    if request.keyspace is not None:
        session.read(use_keyspace(request.keyspace))
    with reading(session, request) as driver:
        prepared = driver.prepare(request.query.text)
    bound = _bind(prepared, request)
    left, empty = request.max_rows + 1, 0
    state: bytes | None = None
    while left > 0:
        # Servers read as many rows at once for an aggregate as they are asked to send: few at once are very slow.
        bound.fetch_size = request.fetch_size if request.query.aggregates else min(request.fetch_size, left)
        page, before = _read_page(session, request, bound, state), state
        _require_distinct(page.column_names)
        found = page.current_rows[:left]
        yield dict(zip(page.column_names, (type_text(kind_of(one)) for one in page.column_types))), found
        left, state, empty = left - len(found), page.paging_state, 0 if found else empty + 1
        if state is None:
            return
        if empty > _MOST_EMPTY_PAGES or (state == before and not found):
            raise Unreadable(
                f"The server sent {empty} pages without a row, and says that there are more: restrict the query, for example "
                "to a partition."
            )


def _bind(prepared: Any, request: Request) -> Any:
    """The statement of the driver with its parameters; raises InvalidInput."""
    from cassandra import ConsistencyLevel
    from cassandra.query import BoundStatement

    if forget_columns(prepared) is False:
        raise InvalidInput("This module only reads: the server says that the query returns no rows.")
    values = bind([(marker.name, kind_of(marker.type)) for marker in prepared.column_metadata], request.parameters)
    level = ConsistencyLevel.name_to_value[request.consistency]
    try:
        return BoundStatement(prepared, consistency_level=level).bind(values)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"The Python driver cannot send 'parameters': {error}.") from error


def _read_page(session: Session, request: Request, bound: Any, state: bytes | None) -> Any:
    """The driver's result for the page that begins at C(state); raises as C(Session.read) does, or Unreadable."""
    with reading(session, request) as driver:
        future = driver.execute_async(bound, paging_state=state)
        result = future.result()
        session.warnings += future.warnings or []
    return result


def _shown(name: str, value: Any, has_short_floats: bool) -> Any:
    try:
        return to_json(value, has_short_floats)
    except KeyError as error:
        raise Unreadable(
            f"The Python driver cannot read a map in the column {name} ({error}): select toJson(...) of it, which is text."
        ) from error


def _require_distinct(names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"The query returns two columns called {twice}: give one another name with AS.")
