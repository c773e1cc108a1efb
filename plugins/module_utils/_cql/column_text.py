# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server's own CREATE TABLE text says of a column besides its type: masks (5.0) and constraints (6.0); pure.

Cassandra 6.0 keeps constraints in no system table: DESCRIBE is the only place that tells them (6.0-alpha2, measured).
"""

from __future__ import annotations

import re

from .identifier import unquote

_TOKEN = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|\$\$.*?\$\$|[(),]|[^\s\"'(),]+|\s+", re.DOTALL)
# In capital letters, as the server writes them: a user-defined type may be called masked.
_ATTRIBUTES = ("MASKED", "CHECK")
_NAME = re.compile(r"\s*(\"(?:[^\"]|\"\")*\"|\w+)")


def read_attributes(create_table: str) -> dict[str, str]:
    """The mask and the constraints of each column that has some, by its stored name, as the server writes them."""
    found = {}
    for definition in _definitions(create_table):
        name = _NAME.match(definition)
        tokens = _TOKEN.findall(definition[name.end() :]) if name else []
        start = next((index for index, one in enumerate(tokens) if one in _ATTRIBUTES), None)
        if name and start is not None and not definition.lstrip().startswith("PRIMARY KEY"):
            found[unquote(name.group(1))] = "".join(tokens[start:]).strip()
    return found


def _definitions(create_table: str) -> list[str]:
    """The lines between the parentheses of the table: the server writes each column, and the key, on one of its own."""
    parts, depth = [""], 0
    # One by one: after the columns come the options, and a comment among them may have any length.
    for match in _TOKEN.finditer(create_table):
        one = match.group()
        depth -= one == ")"
        if depth == 0 and one == ")":
            return parts
        if depth == 1 and one == "," and create_table.startswith("\n", match.end()):
            parts.append("")
        elif depth:
            parts[-1] += one
        depth += one == "("
    return []
