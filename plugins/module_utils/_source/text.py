# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a Python file as lines that keep their ends, so that what is not touched stays byte for byte: pure."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass

from .._errors import InvalidInput

_LAYOUT = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


@dataclass(frozen=True)
class Text:
    """The lines, each with its own end, and the encoding that the file declares (PEP 263, or a byte order mark)."""

    lines: tuple[str, ...]
    encoding: str

    @property
    def source(self) -> str:
        """All lines as one text."""
        return "".join(self.lines)

    def encode(self) -> bytes:
        """The file."""
        return self.source.encode(self.encoding)


def read_text(content: bytes, path: str) -> Text:
    """The text of a file; raises InvalidInput if it is no text in the encoding it declares."""
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = split_lines(content.decode(encoding), encoding)
        same = text.encode() == content
    except (SyntaxError, ValueError, LookupError) as error:
        raise InvalidInput(f"{path} cannot be read as Python source: {error}.") from error
    if not same:
        raise InvalidInput(f"{path} cannot be written back byte for byte in its encoding {encoding}: use UTF-8.")
    return text


def split_lines(source: str, encoding: str) -> Text:
    """The source in lines as Python counts them: str.splitlines would also split at a form feed."""
    return Text(tuple(io.StringIO(source, newline="")), encoding)


def comment_lines(text: Text) -> frozenset[int]:
    """The numbers, from 1, of the lines with nothing but a comment, outside of brackets and of continued lines."""
    # The tokenizer of some versions does not know a lone carriage return as the end of a line.
    lines = iter([line.rstrip("\r\n") + "\n" for line in text.lines])
    found, depth, before = set(), 0, tokenize.NEWLINE
    for token in tokenize.generate_tokens(lambda: next(lines, "")):
        if token.type == tokenize.COMMENT and before in _LAYOUT and depth == 0:
            found.add(token.start[0])
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        before = token.type
    return frozenset(found)


def at(lines: Iterable[int]) -> str:
    """The lines as words of a sentence."""
    numbers = sorted(set(lines))
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def indentation(line: str) -> str:
    """The white space before the first character."""
    return line[: len(line) - len(line.lstrip(" \t\f"))]
