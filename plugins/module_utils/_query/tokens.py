# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the words of a query tell without a server: that it is one SELECT, and which table it reads.

The words are split as Cassandra's lexer splits them (C(Lexer.g), tried on 5.0.9): what a comment or a string hides from
the server is hidden here, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
class Token:
    """A word, quoted name, string, number or sign of CQL, and where it ends in the text."""

    kind: str
    text: str
    end: int

    @property
    def keyword(self) -> str:
        """The word in lower case; empty for everything else."""
        return self.text.lower() if self.kind == "word" else ""


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
    tokens = list(_tokens(text))
    first = tokens[0] if tokens else Token("sign", "", 0)
    if first.keyword != "select":
        begins = f"it begins with {truncate(first.text, 20)}" if tokens else "it is empty"
        raise InvalidInput(f"This module only reads: the query must be one SELECT, {begins}.")
    statement = _before_semicolon(tokens)
    # Cut here because the servers refuse a comment that ends with the text instead of with a line.
    text = text[: statement[-1].end]
    return Query(text, any(token.text == "?" for token in statement), *_source(statement), _aggregates(statement))


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "open":
            begins = truncate(text[match.start() :])
            raise InvalidInput(f"The query has {_OPEN[match.group()]} that does not end: {begins}.")
        if kind != "blank":
            yield Token(kind, match.group(), match.end())


def _before_semicolon(tokens: list[Token]) -> list[Token]:
    texts = [token.text for token in tokens]
    end = texts.index(";") if ";" in texts else len(texts)
    rest = next((text for text in texts[end:] if text != ";"), None)
    if rest is not None:
        raise InvalidInput(f"The query must be one SELECT: {truncate(rest, 20)} follows its semicolon.")
    return tokens[:end]


def _source(tokens: list[Token]) -> tuple[str | None, str | None]:
    """The keyspace and the table after FROM."""
    place = _keyword_at(tokens, "from") + 1
    dotted = [token.text for token in tokens[place + 1 : place + 2]] == ["."]
    names = [_name(tokens[place : place + 1]), _name(tokens[place + 2 : place + 3]) if dotted else None]
    return (names[0], names[1]) if dotted else (None, names[0])


def _name(tokens: list[Token]) -> str | None:
    return parse_name(tokens[0].text) if tokens and tokens[0].kind in ("word", "quoted") else None


def _aggregates(tokens: list[Token]) -> bool:
    selected = tokens[: _keyword_at(tokens, "from")]
    return any(token.text == "(" for token in selected) or _keyword_at(tokens, "group") < len(tokens)


def _keyword_at(tokens: list[Token], keyword: str) -> int:
    """Where the (reserved) word first stands; the end if it does not."""
    return next((place for place, token in enumerate(tokens) if token.keyword == keyword), len(tokens))
