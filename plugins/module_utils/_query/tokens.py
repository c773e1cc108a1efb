# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the words of a query tell without a server: that it is one SELECT, and which table it reads.

The words are split as Cassandra's lexer splits them (C(Lexer.g), tried on 5.0.9): what a comment or a string hides from
the server is hidden here, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._cql.identifier import parse_name, truncate
from .._errors import InvalidInput

_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t\r\n]+ | (?:--|//)[^\r\n]* | /\*.*?\*/)
    | (?P<string>'(?:[^']|'')*' | \$\$.*?\$\$)
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<word>[A-Za-z][A-Za-z0-9_]*)
    | (?P<number>[0-9][A-Za-z0-9_]*)
    | (?P<open>'|"|/\*|\$\$)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN = {"'": "a string", '"': "a quoted name", "/*": "a comment", "$$": "a string"}


@dataclass(frozen=True)
class Query:
    """One SELECT without what follows it; C(positional) is whether it has the marker C(?).

    C(keyspace) and C(table) are the names after FROM as far as they are written there. C(aggregates) is whether the
    select clause calls functions, or rows are grouped: such a query may read more rows than it returns.
    """

    text: str
    positional: bool
    keyspace: str | None
    table: str | None
    aggregates: bool


def read_query(text: str) -> Query:
    """The one SELECT in the text; raises InvalidInput if there is anything else."""
    tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup != "blank"]
    unended = next((match for match in tokens if match.lastgroup == "open"), None)
    if unended:
        raise InvalidInput(
            f"The query has {_OPEN[unended.group()]} that does not end: {truncate(text[unended.start() :])}."
        )
    # Keywords and names in lower case; what is in quotes keeps them, and so is no keyword.
    words = [match.group().lower() if match.lastgroup == "word" else match.group() for match in tokens]
    if words[:1] != ["select"]:
        begins = f"it begins with {truncate(tokens[0].group(), 20)}" if tokens else "it is empty"
        raise InvalidInput(f"This module only reads: the query must be one SELECT, {begins}.")
    end = _place(words, ";")
    rest = next((match.group() for match in tokens[end:] if match.group() != ";"), None)
    if rest is not None:
        raise InvalidInput(f"The query must be one SELECT: {truncate(rest, 20)} follows its semicolon.")
    words = words[:end]
    source = _place(words, "from") + 1
    names = [_name(words[source : source + 1]), _name(words[source + 2 : source + 3])]
    return Query(
        # Cut here because the servers refuse a comment that ends with the text instead of with a line.
        text=text[: tokens[end - 1].end()],
        positional="?" in words,
        keyspace=names[0] if words[source + 1 : source + 2] == ["."] else None,
        table=names[1] if words[source + 1 : source + 2] == ["."] else names[0],
        aggregates="(" in words[: source - 1] or "group" in words,
    )


def _place(words: list[str], word: str) -> int:
    """Where the word first stands; the end if it does not."""
    return words.index(word) if word in words else len(words)


def _name(words: list[str]) -> str | None:
    """The name that the word is, as the server stores it."""
    return parse_name(words[0]) if words and re.match('[A-Za-z"]', words[0]) else None
