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
from .._cql.identifier import truncate
from .._cql.system_table import Statement
from .._errors import Failure, NotAuthorized, Refused, StatementFailed, sentence
from .._schema.observe import observe_table
from .request import Canary, Shape, shape_row

_ATTEMPTS = 3
# Between two looks at a row that is to expire, in seconds.
_PAUSE = 0.5


class Cell(NamedTuple):
    """When a column was written, in microseconds, and the seconds until it expires; None if there is no value or no TTL."""

    write_time: int | None
    ttl: int | None


def ensure_canary(session: Session, canary: Canary, check: bool) -> dict[str, Any]:
    """Insert the row if there is none, or delete it if it is the canary's; raises InvalidInput or Refused if it cannot."""
    shape = shape_row(observe_table(session, canary.table), canary.row)
    ensure = _insert if canary.write_time is None else _delete
    return ensure(session, canary, shape, check)


def _insert(session: Session, canary: Canary, shape: Shape, check: bool) -> dict[str, Any]:
    deadline = time.monotonic() + canary.wait
    insert = cql.insert_if_absent(*canary.table[:2], canary.row, canary.ttl)
    while True:
        cells = _cells(session, canary, shape)
        if not cells and (check or _apply(session, canary, insert)):
            break
        if time.monotonic() >= deadline or not _expires(cells):
            raise Refused(
                f"There is a row under the canary's key in {canary.table}, so no canary is inserted. "
                f"{_lifetime(cells, canary)}"
            )
        time.sleep(_PAUSE)
    if check:
        return {"changed": True, "inserted": False}
    try:
        cells = _cells(session, canary, shape)
    except Failure as error:
        inserted = f"The canary was inserted into {canary.table}: it expires within {canary.ttl} seconds."
        error.message = f"{sentence(error.message)} {inserted}"
        raise
    written = [cell.write_time for cell in cells.values() if cell.ttl is not None]
    if not written:
        raise Refused(
            f"The canary was inserted into {canary.table}, and something else has overwritten it already. "
            "Choose a key and values that the application leaves alone."
        )
    return {"changed": True, "inserted": True, "write_time": written[0]}


def _delete(session: Session, canary: Canary, shape: Shape, check: bool) -> dict[str, Any]:
    for _attempt in range(_ATTEMPTS):
        cells = _cells(session, canary, shape)
        if not cells:
            return {"changed": False}
        own = {
            name: shape.marks[name]
            for name, cell in cells.items()
            if cell.ttl is not None and cell.write_time == canary.write_time
        }
        # The values are compared once more by the deletion itself: the row may change after it was read.
        if own and (check or _apply(session, canary, cql.delete_if_equal(*canary.table[:2], shape.key, own))):
            return {"changed": True}
    raise Refused(
        f"The row under the canary's key in {canary.table} is left alone, because nothing in it is the canary's any more. "
        "Something else wrote it: delete it by hand if nobody needs it."
    )


def _cells(session: Session, canary: Canary, shape: Shape) -> dict[str, Cell]:
    """The cells by which the canary is recognized; none if there is no row."""
    (rows,) = session.read(cql.select_write_times(*canary.table[:2], shape.key, list(shape.marks)))
    values = list(rows[0].values()) if rows else []
    if any(value is not None and type(value) is not int for value in values) or len(values) not in (
        0,
        2 * len(shape.marks),
    ):
        raise StatementFailed(
            f"The write times of the canary's row in {canary.table} cannot be right: {truncate(repr(values))}."
        )
    return {name: Cell(*pair) for name, *pair in zip(shape.marks, values[::2], values[1::2])}


def _expires(cells: dict[str, Cell]) -> bool:
    """Whether the row, as far as it is seen here, goes away by itself, or is gone already."""
    return not cells or any(cell.ttl is not None for cell in cells.values())


def _lifetime(cells: dict[str, Cell], canary: Canary) -> str:
    if not _expires(cells):
        return "It has no time to live, so it is no canary: choose a key that nobody uses."
    seconds = max((cell.ttl for cell in cells.values() if cell.ttl is not None), default=canary.ttl)
    return f"It is that of another run, or of one that was killed: it expires within {seconds} seconds. Run this again then."


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
        words = error.message.rstrip(".")
        error.message = f"{words}. A canary that is there nevertheless expires within {canary.ttl} seconds."
        raise
    if not rows or not isinstance(rows[0].get("[applied]"), bool):
        raise StatementFailed(
            f"The server did not say whether the condition of the statement for the canary held in {canary.table}. A canary that "
            f"is there expires within {canary.ttl} seconds."
        )
    return bool(rows[0]["[applied]"])
