# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the words of a query tell without a server: that it is one SELECT, and which table it reads.

The rest is the server's: it takes one statement at a time, and says itself what is wrong with its syntax. Comments and
strings are those of Cassandra's lexer (C(Lexer.g), tried on 5.0.9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._cql.identifier import parse_name, truncate
from .._errors import InvalidInput

_QUOTED = r'"(?:[^"]|"")*"'
# What is no word of the query; a quoted name is matched first, as it may hold what looks like the others.
_HIDDEN = re.compile(rf"({_QUOTED})|(?:--|//)[^\r\n]*|/\*.*?\*/|'(?:[^']|'')*'|\$\$.*?\$\$", re.DOTALL)
_NAME = rf"({_QUOTED}|[A-Za-z]\w*)"
_FROM = re.compile(rf"((?:{_QUOTED}|[^\"])*?)\bfrom\s+{_NAME}(?:\s*\.\s*{_NAME})?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Query:
    """One SELECT; C(keyspace) and C(table) are the names after FROM as far as they are written there.

    C(aggregates) is whether the select clause calls functions, or rows are grouped: such a query may read more rows than it
    returns.
    """

    text: str
    keyspace: str | None
    table: str | None
    aggregates: bool


def read_query(text: str) -> Query:
    """The one SELECT in the text; raises InvalidInput if there is anything else."""
    words = _HIDDEN.sub(lambda found: found[1] or " ", text).strip()
    rest = re.sub(_QUOTED, " ", words).rstrip("; \t\r\n").partition(";")[2]
    if not re.match(r"select\b", words, re.IGNORECASE) or rest:
        found = f"{truncate(rest.strip(), 20)} follows its semicolon" if rest else f"this is {truncate(text, 60)}"
        raise InvalidInput(f"This module only reads: the query must be one SELECT, and {found}.")
    source = _FROM.match(words)
    selected, *names = source.groups() if source else ("", None, None)
    keyspace, table = names if names[1] else (None, names[0])
    return Query(
        text=text.strip(),
        keyspace=keyspace and parse_name(keyspace),
        table=table and parse_name(table),
        aggregates="(" in re.sub(_QUOTED, "", selected) or bool(re.search(r"\bgroup\s+by\b", words, re.IGNORECASE)),
    )
