# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's own CREATE TABLE text: its columns with their masks (5.0) and constraints (6.0), and with others; pure.

Cassandra 6.0 keeps constraints in no system table: DESCRIBE is the only place that tells them (6.0-alpha2, measured).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from .identifier import quote, unquote

_TOKEN = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|\$\$.*?\$\$|[(),]|[^\s\"'(),]+|\s+", re.DOTALL)
# In capital letters, as the server writes them: a user-defined type may be called masked.
_ATTRIBUTES = ("MASKED", "CHECK")
_NAME = re.compile(r"\"(?:[^\"]|\"\")*\"|\w+")
_KEY = "PRIMARY KEY ("
_SEPARATOR = ",\n    "


def read_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """What DESCRIBE answered, with the indexes and materialized views of the table; empty if that is nothing."""
    return "\n\n".join(row["create_statement"] for row in rows if row.get("create_statement"))


def read_columns(create_table: str) -> dict[str, str]:
    """Each column by its stored name, as the server writes it."""
    named = ((_NAME.match(one), one) for one in _definitions(create_table) if not one.startswith(_KEY))
    return {unquote(name.group()): definition for name, definition in named if name}


def read_attributes(create_table: str) -> dict[str, str]:
    """The mask and the constraints of each column that has some, by its stored name, as the server writes them."""
    found = {}
    for column, definition in read_columns(create_table).items():
        _name, *tokens = _TOKEN.findall(definition)
        start = next((index for index, one in enumerate(tokens) if one in _ATTRIBUTES), None)
        if start is not None:
            found[column] = "".join(tokens[start:])
    return found


def with_columns(create_table: str, columns: Mapping[str, str]) -> str:
    """The text with these columns in this order, by their stored names: those that it has stay as the server writes them.

    Empty if the text is not laid out as Cassandra does it (4.0 to 6.0, measured).
    """
    own, definitions = read_columns(create_table), _definitions(create_table)
    key = [one for one in definitions if one.startswith(_KEY)]
    lines = [*(own.get(name, text) for name, text in columns.items()), *key]
    head, found, tail = create_table.partition(_SEPARATOR.join(definitions) or _SEPARATOR)
    return f"{head}{_SEPARATOR.join(lines)}{tail}" if found else ""


def with_indexes(create_table: str, made: Sequence[str], dropped: Collection[str]) -> str:
    """The text with these statements that make indexes, and without the indexes of these stored names."""
    names = "|".join(re.escape(quote(name)) for name in dropped)
    rest = re.sub(rf"\n\nCREATE (CUSTOM )?INDEX ({names}) ON [^\n]+", "", create_table) if dropped else create_table
    return "\n\n".join([rest, *(f"{statement};" for statement in made)])


def _definitions(create_table: str) -> list[str]:
    """The lines between the parentheses of the table: the server writes each column, and the key, on one of its own."""
    parts, depth = [""], 0
    # One by one: after the columns come the options, and a comment among them may have any length.
    for match in _TOKEN.finditer(create_table):
        one = match.group()
        depth -= one == ")"
        if depth == 0 and one == ")":
            return [part.strip() for part in parts]
        if depth == 1 and one == "," and create_table.startswith("\n", match.end()):
            parts.append("")
        elif depth:
            parts[-1] += one
        depth += one == "("
    return []
