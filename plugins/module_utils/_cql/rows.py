# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements about the rows of a table: a canary's, and what a drop would lose. Pure.

Values travel as JSON, so that the server reads each one as the type of its column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .identifier import quote
from .system_table import Statement

# S608 warns of text that is put together: every name in it is quoted and every value is bound.


def select_rows(keyspace: str, table: str, names: Sequence[str], limit: int) -> Statement:
    """These columns of at most C(limit) rows."""
    return Statement(f"SELECT {', '.join(map(quote, names))} FROM {quote(keyspace)}.{quote(table)} LIMIT {limit:d}")  # noqa: S608


def select_write_times(keyspace: str, table: str, key: Mapping[str, Any], names: Sequence[str]) -> Statement:
    """The write time in microseconds and the remaining TTL of each column of the row, two by two in this order."""
    cells = ", ".join(f"WRITETIME({quote(name)}), TTL({quote(name)})" for name in names)
    return Statement(
        f"SELECT {cells} FROM {quote(keyspace)}.{quote(table)} WHERE {_equal(key)}",  # noqa: S608
        _json_values(key),
    )


def insert_if_absent(keyspace: str, table: str, row: Mapping[str, Any], ttl: int) -> Statement:
    """Insert the row if there is none under its key; it expires after C(ttl) seconds."""
    document = json.dumps({quote(name): value for name, value in row.items()})
    # Columns that are not named are left unset: a null would be a tombstone.
    return Statement(
        f"INSERT INTO {quote(keyspace)}.{quote(table)} JSON ? DEFAULT UNSET IF NOT EXISTS USING TTL ?", (document, ttl)
    )


def delete_if_equal(keyspace: str, table: str, key: Mapping[str, Any], values: Mapping[str, Any]) -> Statement:
    """Delete the row under this key if its columns still hold these values."""
    return Statement(
        f"DELETE FROM {quote(keyspace)}.{quote(table)} WHERE {_equal(key)} IF {_equal(values)}",  # noqa: S608
        _json_values(key) + _json_values(values),
    )


def _equal(values: Mapping[str, Any]) -> str:
    # Cassandra 5.0 calls the function from_json, and still knows it by this name.
    return " AND ".join(f"{quote(name)} = fromJson(?)" for name in values)


def _json_values(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(json.dumps(value) for value in values.values())
