# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A canary on the server: inserted only where no row is, and deleted only by its own mark.

All cells of one lightweight transaction have the same write time. Together with a TTL it tells the canary's own cells from
whatever else writes to the row.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from .._connection.session import Session
from .._cql import rows as cql
from .._cql.statement import select_views
from .._cql.system_table import Statement
from .._errors import Failure, NotAuthorized, Refused
from .._schema.model import TableName
from .._schema.observe import observe_table
from .request import Canary, Shape, require_table, shape_row

_ATTEMPTS = 3
# Between two looks at a row that is to expire, in seconds.
_PAUSE = 0.5


class Cell(NamedTuple):
    """When a column was written, in microseconds, and the seconds until it expires; None where there is no value or no TTL."""

    write_time: int | None
    ttl: int | None


def ensure_canary(session: Session, canary: Canary, check: bool) -> dict[str, Any]:
    """Insert the row where none is, or delete it if it is the canary's; raises InvalidInput or Refused where it cannot."""
    table = observe_table(session, canary.table)
    require_table(table, _base_table(session, canary.table))
    shape = shape_row(table, canary.row)
    ensure = _insert if canary.write_time is None else _delete
    return ensure(session, canary, shape, check)


def _insert(session: Session, canary: Canary, shape: Shape, check: bool) -> dict[str, Any]:
    deadline = time.monotonic() + canary.wait
    while True:
        applied = not check and _apply(session, canary, cql.insert_if_absent(*canary.table, canary.row, canary.ttl))
        cells = _cells(session, canary, shape)
        if applied:
            break
        if check and not cells:
            return {"changed": True, "inserted": False}
        if time.monotonic() >= deadline or not _expires(cells):
            raise Refused(
                f"There is a row under the canary's key in {canary.table}, so no canary is inserted. {_lifetime(cells)}"
            )
        _wait(session, canary, shape, deadline)
    written = [cell.write_time for cell in cells.values() if cell.ttl is not None]
    if not written:
        raise Refused(
            f"The canary was inserted into {canary.table}, and something else has overwritten it already. "
            "Choose a key and values that the application leaves alone."
        )
    return {"changed": True, "inserted": True, "write_time": written[0]}


def _wait(session: Session, canary: Canary, shape: Shape, deadline: float) -> None:
    """Wait until no row is there any more."""
    while _cells(session, canary, shape) and time.monotonic() < deadline:
        time.sleep(_PAUSE)


def _delete(session: Session, canary: Canary, shape: Shape, check: bool) -> dict[str, Any]:
    for _attempt in range(_ATTEMPTS):
        cells = _cells(session, canary, shape)
        if not cells:
            return {"changed": False}
        own = {name: shape.marks[name] for name, cell in cells.items() if _is_own(cell, canary)}
        # The values are compared once more by the deletion itself: the row may change after it was read.
        if own and (check or _apply(session, canary, cql.delete_if_equal(*canary.table, shape.key, own))):
            return {"changed": True}
    raise Refused(
        f"The row under the canary's key in {canary.table} is left alone, since nothing in it is the canary's any more. "
        "Something else wrote it: delete it by hand if nobody needs it."
    )


def _cells(session: Session, canary: Canary, shape: Shape) -> dict[str, Cell]:
    """The cells by which the canary is recognized; none where there is no row."""
    (rows,) = session.read(cql.select_write_times(*canary.table, shape.key, list(shape.marks)))
    values = list(rows[0].values()) if rows else []
    return {name: Cell(*pair) for name, *pair in zip(shape.marks, values[::2], values[1::2])}


def _is_own(cell: Cell, canary: Canary) -> bool:
    return cell.ttl is not None and cell.write_time == canary.write_time


def _expires(cells: dict[str, Cell]) -> bool:
    """Whether the row, as far as it is seen here, goes away by itself, or is gone already."""
    return not cells or any(cell.ttl is not None for cell in cells.values())


def _lifetime(cells: dict[str, Cell]) -> str:
    if not _expires(cells):
        return "It has no time to live, so it is no canary: choose a key that nobody uses."
    seconds = max((cell.ttl for cell in cells.values() if cell.ttl is not None), default=0)
    return f"It is that of another run, or of one that was killed: it expires within {seconds} seconds. Run this again then."


def _base_table(session: Session, name: TableName) -> str | None:
    (views,) = session.read(select_views(name.keyspace))
    return next((row["base_table_name"] for row in views if row["view_name"] == name.name), None)


def _apply(session: Session, canary: Canary, statement: Statement) -> bool:
    """Whether the condition of the statement held; raises what the server or the connection says."""
    try:
        (rows,) = session.read(statement)
    except NotAuthorized as error:
        raise NotAuthorized(
            f"A canary needs the permissions SELECT and MODIFY on {canary.table} (the server: {error.message})."
        ) from error
    except Failure as error:
        # A time-out says nothing about what the server does next.
        error.message += f" If the server wrote the canary nevertheless, it expires within {canary.ttl} seconds."
        raise
    return bool(rows[0]["[applied]"])
