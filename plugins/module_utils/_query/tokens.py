# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the words of a query tell without a server: that it is one SELECT, and which table it reads.

The rest is the server's: it takes one statement at a time, and says itself what is wrong with its syntax. Comments and
strings are those of Cassandra's lexer (C(Lexer.g), tried on 5.0.9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._cql.identifier import parse_name, quote, truncate
from .._errors import InvalidInput

_QUOTED = r'"(?:[^"]|"")*"'
# What is no word of the query; a quoted name is matched first, as it may hold what looks like the others.
_HIDDEN = re.compile(rf"({_QUOTED})|(?:--|//)[^\r\n]*|/\*.*?\*/|'(?:[^']|'')*'|\$\$.*?\$\$", re.DOTALL)
_NAME = rf"({_QUOTED}|[A-Za-z]\w*)"
_FROM = re.compile(rf"((?:{_QUOTED}|[^\"])*?)\bfrom\s+{_NAME}(?:\s*\.\s*{_NAME})?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Query:
    """One SELECT; C(keyspace) and C(table) are the names after FROM as far as there are any.

    C(aggregates) is whether the select clause calls functions, or rows are grouped: such a query may read more rows than it
    returns.
    """

    text: str
    keyspace: str | None
    table: str | None
    aggregates: bool


def read_query(text: str, keyspace: str | None = None) -> Query:
    """The one SELECT in the text; raises InvalidInput if there is anything else.

    A table without a keyspace gets this one. USE would do it for the session: servers warn of it where a query is prepared, and
    with version 3 of the protocol Cassandra ends the connection in place of a warning.
    """
    text = text.strip()
    words = _HIDDEN.sub(lambda found: found[1] or " " * len(found[0]), text)
    rest = re.sub(_QUOTED, " ", words).rstrip("; \t\r\n").partition(";")[2]
    if not re.match(r"\s*select\b", words, re.IGNORECASE) or rest:
        found = f"{truncate(rest.strip(), 20)} follows its semicolon" if rest else f"this is {truncate(text, 60)}"
        raise InvalidInput(f"This module only reads: the query must be one SELECT, and {found}.")
    source = _FROM.match(words)
    selected, *names = source.groups() if source else ("", None, None)
    written, table = names if names[1] else (None, names[0])
    if source and not written and keyspace is not None:
        text = f"{text[: source.start(2)]}{quote(keyspace)}.{text[source.start(2) :]}"
    return Query(
        text=text,
        keyspace=parse_name(written) if written else keyspace,
        table=table and parse_name(table),
        aggregates="(" in re.sub(_QUOTED, "", selected) or bool(re.search(r"\bgroup\s+by\b", words, re.IGNORECASE)),
    )
