# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a Python file as lines which keep their ends, so that what is not touched stays byte for byte: pure."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from .._errors import InvalidInput


@dataclass(frozen=True)
class Text:
    """The lines, each with its own end, and the encoding which the file declares (PEP 263, or a byte order mark)."""

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
    """The text of a file; raises InvalidInput where it is no text in the encoding it declares."""
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(content).readline)
        return split_lines(content.decode(encoding), encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise InvalidInput(f"{path} cannot be read as Python source: {error}.") from error


def split_lines(source: str, encoding: str) -> Text:
    """The source in lines as Python counts them: str.splitlines would also split at a form feed."""
    return Text(tuple(io.StringIO(source, newline="")), encoding)


def comment_lines(text: Text) -> frozenset[int]:
    """The numbers, from 1, of the lines which hold a comment and nothing else: no text in quotes is among them."""
    lines: Sequence[str] = text.lines
    return frozenset(
        token.start[0]
        for token in tokenize.generate_tokens(iter(lines).__next__)
        if token.type == tokenize.COMMENT and not lines[token.start[0] - 1][: token.start[1]].strip()
    )


def indentation(line: str) -> str:
    """The white space before the first character."""
    return line[: len(line) - len(line.lstrip(" \t\f"))]
