# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_query_info): prepare, bind, read page by page, show as JSON, and judge."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from .._connection.private import markers_of, types_of
from .._connection.session import Names, Session
from .._cql.identifier import quote, truncate
from .._cql.statement import grant
from .._cql.type_parser import stored_type
from .._errors import ChecksFailed, Failure, InvalidInput, NotAuthorized, StatementFailed
from .._schema.catalog.model import TableName, is_system_keyspace
from .._schema.observe import observe_table
from .._schema.planning.preconditions import refused_role
from .expect import FAILED, NOT_YET, Found, judge
from .request import Request, bind
from .values import CODEC_ERRORS, to_json, type_text

# Rows of one page: so many fit into memory.
_PAGE = 1000
# What is more than this fits into no result of Ansible.
_MOST_BYTES = 64 * 1024 * 1024
# A server, or what stands between, may go on for ever.
_MOST_EMPTY_PAGES = 10_000
# Between two reads while nothing has been written yet, in seconds.
_PAUSE = 2.0


class Unreadable(StatementFailed):
    """An answer came, and nothing can be made of it, by the driver or by us: there is no reason to look for."""


def run_query(session: Session, request: Request, _check: bool) -> dict[str, Any]:
    """The rows, or the verdict on them; raises ChecksFailed, and what C(read_rows) raises."""
    if request.expected is None:
        return read_rows(session, request)
    began = time.monotonic()
    while True:
        result = read_rows(session, request)
        columns = [column["name"] for column in result["columns"]]
        found = Found(result.pop("rows"), columns, result["truncated"], datetime.now(timezone.utc))
        verdict = judge(request.expected, found)
        if verdict.status != NOT_YET or time.monotonic() - began + _PAUSE > (request.expected.get("wait") or 0):
            break
        time.sleep(_PAUSE)
    outcome = {**verdict._asdict(), "seconds": round(time.monotonic() - began, 3)}
    if verdict.status == FAILED:
        raise ChecksFailed(f"The rows are not as expected: {verdict.reason}.", **outcome)
    return {**result, **outcome}


def read_rows(session: Session, request: Request) -> dict[str, Any]:
    """The rows as JSON; raises KeyspaceMissing, TableMissing, NotAuthorized, StatementFailed or InvalidInput."""
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
                    f"The first {len(rows)} rows have more than {_MOST_BYTES // 1024**2} MiB: give a smaller max_rows, "
                    "or select fewer columns."
                )
    except (NotAuthorized, StatementFailed) as refusal:
        failure = refusal if isinstance(refusal, Unreadable) else _explained(session, request, refusal)
        failure.facts["statement"] = request.query.text
        raise failure from refusal.__cause__
    return {
        "changed": False,
        "rows": rows[: request.max_rows],
        "row_count": min(len(rows), request.max_rows),
        "truncated": len(rows) > request.max_rows,
        "columns": [{"name": name, "type": one} for name, one in types.items()],
    }


def _pages(session: Session, request: Request) -> Iterator[tuple[dict[str, str], list[dict[str, Any]]]]:
    """The types and the rows of pages with no more rows than wanted, and one more: it shows that there are more."""
    with _reading(session):
        # The servers refuse a comment that ends with the text instead of with a line.
        prepared = session.prepare(f"{request.query.text}\n")
    bound = _bind(request, prepared)
    left, empty = request.max_rows + 1, 0
    state: bytes | None = None
    while left > 0:
        # Servers read as many rows at once for an aggregate as they are asked to send: few at once are very slow.
        bound.fetch_size = _PAGE if request.query.aggregates else min(_PAGE, left)
        page, before = _read_page(session, bound, state), state
        if not (page.current_rows and isinstance(page.current_rows[0], Names)):
            raise Unreadable("The server's answer to the query has no columns: it is none to a SELECT.")
        names, *found = page.current_rows
        _require_distinct(names)
        types = [type_text(stored_type(one)) for one in types_of(page) or [""] * len(names)]
        del found[left:]
        yield dict(zip(names, types)), found
        left, state, empty = left - len(found), page.paging_state, 0 if found else empty + 1
        if state is None:
            return
        if empty > _MOST_EMPTY_PAGES or (state == before and not found):
            raise Unreadable(
                f"The server sent {empty} pages without a row, and says that there are more: restrict the query, for example "
                "to a partition."
            )


def _bind(request: Request, prepared: Any) -> Any:
    """The statement of the driver with its parameters; raises InvalidInput."""
    from cassandra import ConsistencyLevel
    from cassandra.query import BoundStatement

    markers = markers_of(prepared)
    values: Any = request.parameters
    if markers is not None:
        values = bind([(name, stored_type(one)) for name, one in markers], request.parameters)
    level = getattr(ConsistencyLevel, request.consistency)
    try:
        return BoundStatement(prepared, consistency_level=level).bind(values)
    except (*CODEC_ERRORS, OSError) as error:
        raise InvalidInput(f"The Python driver cannot send 'parameters': {error}.") from error


def _read_page(session: Session, bound: Any, state: bytes | None) -> Any:
    """The driver's result for the page that begins at C(state); raises as C(Session.read) does, or Unreadable."""
    with _reading(session) as driver:
        future = driver.execute_async(bound, paging_state=state)
        result = future.result()
        session.warnings += future.warnings or []
    return result


@contextlib.contextmanager
def _reading(session: Session) -> Iterator[Any]:
    """The driver's session; raises as C(Session.read) does, or Unreadable."""
    from cassandra import DriverException

    with session.asking() as driver:
        try:
            yield driver
        except (DriverException, EOFError, *CODEC_ERRORS) as error:
            # Where it cannot decode it raises the base of its errors; a subclass is an answer, or none.
            if isinstance(error, DriverException) and type(error) is not DriverException:
                raise
            raise Unreadable(
                f"The Python driver cannot read what the query finds ({truncate(str(error), 300)}): select toJson(...) of the "
                "column instead, which is text, or toUnixTimestamp(...) of a timestamp beyond the years 1 to 9999."
            ) from error


def _shown(name: str, value: Any, has_short_floats: bool) -> Any:
    try:
        return to_json(value, has_short_floats)
    except KeyError as error:
        raise Unreadable(
            f"The Python driver cannot read a map in the column {name} ({error}): select toJson(...) of it, which is text."
        ) from error


def _require_distinct(names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"The query returns two columns called {twice}: give one another name with AS.")


def _explained(session: Session, request: Request, refusal: Failure) -> Failure:
    """The failure to raise instead of the server's.

    What is missing is looked up: Cassandra 4.0 and later tell a role that it has no permission on a table, whether the
    table exists or not.
    """
    name = TableName(request.query.keyspace or "", request.query.table or "")
    try:
        # Tables of system keyspaces may be virtual, and those are described elsewhere.
        if all(name) and not is_system_keyspace(name.keyspace):
            observe_table(session, name)
    except (NotAuthorized, StatementFailed):
        pass
    except Failure as missing:
        return missing
    if isinstance(refusal, StatementFailed):
        return StatementFailed(f"The query {request.query.text} failed: {refusal.message}")
    user = refused_role(refusal.message) or session.settings.user
    role = quote(user) if user else "<role>"
    return NotAuthorized(
        f"{f'Role {role}' if user else 'The role of this login'} may not run this query (the server: {refusal.message}). A "
        f"superuser can grant what is missing; for the table it is {grant('SELECT', 'table', str(name), role)}."
    )
