# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SELECT of a system table, rewritten for the node so that it answers as the service would; pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping

from .personality import Personality, Table

# The keyspace of the tables that a service has and the node has not.
OWN = "front"
_SELECT = re.compile(r"\s*SELECT\s+(.*?)\s+FROM\s+([\w.\"]+)(.*)", re.IGNORECASE | re.DOTALL)


class Unknown(Exception):
    """The service has no such table or column; the message is what it says."""


def select_table(text: str) -> str | None:
    """The full name of the table that a SELECT reads; None for another statement."""
    found = _SELECT.match(text)
    return found.group(2).replace('"', "") if found else None


def own_table(name: str, table: Table) -> str:
    """Where the rows of a table are that the node does not have; another content gets another place."""
    digest = zlib.crc32(f"{table.definition} {table.rows}".encode())
    return f"{OWN}.{name.replace('.', '__')}_{digest:x}"


def rewrite_select(
    text: str, personality: Personality, columns: Mapping[str, Collection[str]], shown: Collection[str] = ()
) -> str:
    """The text for the node; raises Unknown. C(columns) are those of the node's tables.

    C(shown) are the only values of C(column_name) that show by now, if not all do.
    """
    found = _SELECT.match(text)
    name = select_table(text)
    table = personality.table(name) if name else None
    if not found or not name:
        return text
    if table and table.is_missing:
        raise Unknown(personality.words_table.format(table=name.partition(".")[2], keyspace=name.partition(".")[0]))
    selected = [part.strip() for part in found.group(1).split(",")]
    rest = found.group(3)
    if table:
        selected = _columns(
            selected, table, columns.get(own_table(name, table) if table.definition else name, ()), personality
        )
        name = own_table(name, table) if table.definition else name
    if shown:
        listed = ", ".join("'" + one.replace("'", "''") + "'" for one in shown)
        rest = f"{rest.rstrip().rstrip(';')} AND column_name IN ({listed})"
    return f"SELECT {', '.join(selected)} FROM {name}{rest}"


def _columns(selected: list[str], table: Table, known: Collection[str], personality: Personality) -> list[str]:
    if selected == ["*"]:
        selected = [name for name in known if name not in table.without] or ["*"]
    for name in selected:
        if name in table.without:
            raise Unknown(personality.words_column.format(column=name))
    return [f"{table.instead[name]} AS {name}" if name in table.instead else name for name in selected]
