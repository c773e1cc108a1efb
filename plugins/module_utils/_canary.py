# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A canary: one row under a key which nobody uses, which deletes itself after a while if nobody else does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._connection.session import Session
from ._cql.identifier import display_name, parse_name, quote
from ._cql.statement import Statement
from ._errors import Failure, InvalidInput, Refused
from ._schema.model import CLUSTERING, PARTITION_KEY, TableName
from ._schema.observe import observe_table


@dataclass(frozen=True)
class Canary:
    """The row by stored column names, and the seconds after which the server removes it by itself."""

    table: TableName
    row: Mapping[str, Any]
    ttl: int
    present: bool


def read_canary(params: Mapping[str, Any]) -> Canary:
    """The canary of a task; raises InvalidInput."""
    table = TableName(parse_name(params["keyspace"], "keyspace"), parse_name(params["table"], "table"))
    if not 0 < params["ttl"] <= 86400:
        raise InvalidInput("The ttl of a canary is between 1 second and a day.")
    row = {parse_name(name, "column"): value for name, value in params["row"].items()}
    return Canary(table, row, params["ttl"], params["state"] == "present")


def ensure_canary(session: Session, canary: Canary, check: bool) -> dict[str, Any]:
    """Insert the row, or delete it; raises Refused where its key is not the whole key or belongs to another row."""
    key = _key(session, canary)
    (found,) = session.read(select_row(canary.table, key))
    if canary.present:
        if found:
            raise Refused(
                f"There is a row under the canary's key in {canary.table}: it is left alone, no canary is inserted. "
                "Choose a key which nobody uses. If it is the rest of an earlier canary, it vanishes by itself."
            )
        if not check:
            _send(session, insert_row(canary))
        return {"changed": True, "inserted": not check}
    if found and not check:
        _send(session, delete_row(canary.table, key))
        (found,) = session.read(select_row(canary.table, key))
        if found:
            raise Refused(f"The canary in {canary.table} was deleted and is there again: something else writes to it.")
        return {"changed": True}
    return {"changed": bool(found)}


def insert_row(canary: Canary) -> Statement:
    """The insertion. As JSON, so that the server reads every value as the type of its column."""
    document = json.dumps({quote(name): value for name, value in canary.row.items()})
    # Columns which are not named are left unset: a null would be a tombstone.
    return Statement(f"INSERT INTO {canary.table} JSON ? DEFAULT UNSET USING TTL ?", (document, canary.ttl))


# Text put together, which S608 warns of: the names in it are quoted, the values are bound.
def select_row(table: TableName, key: Mapping[str, Any]) -> Statement:
    """The row under this key."""
    return Statement(f"SELECT {quote(next(iter(key)))} FROM {table} WHERE {_where(key)}", _values(key))  # noqa: S608


def delete_row(table: TableName, key: Mapping[str, Any]) -> Statement:
    """The deletion of the one row under this key."""
    return Statement(f"DELETE FROM {table} WHERE {_where(key)}", _values(key))  # noqa: S608


def _key(session: Session, canary: Canary) -> dict[str, Any]:
    """The values of all key columns: with fewer a deletion would take more than the one row."""
    table = observe_table(session, canary.table)
    names = [column.name for column in (*table.key(PARTITION_KEY), *table.key(CLUSTERING))]
    missing = [display_name(name) for name in names if canary.row.get(name) is None]
    if missing:
        raise InvalidInput(f"The row of the canary needs a value for every key column; missing: {', '.join(missing)}.")
    return {name: canary.row[name] for name in names}


def _send(session: Session, statement: Statement) -> None:
    try:
        session.read(statement)
    except Failure as error:
        # It may have arrived: who deletes the canary has to try.
        error.facts["inserted"] = True
        raise


def _where(key: Mapping[str, Any]) -> str:
    return " AND ".join(f"{quote(name)} = fromJson(?)" for name in key)


def _values(key: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(json.dumps(value) for value in key.values())
