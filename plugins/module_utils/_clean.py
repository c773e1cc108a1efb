# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The border: no text of a server, a file or an application reaches a screen or a page with control characters; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

# Control and format characters (colors, reversed text), separators of lines and paragraphs, halves of characters.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def clean(value: Any) -> Any:
    """The value with every text in it printable, at any depth; an end of a line stays."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, Mapping):
        return {_printable(key) if isinstance(key, str) else key: clean(one) for key, one in value.items()}
    return [clean(one) for one in value] if isinstance(value, (list, tuple)) else value


def one_line(value: Any) -> str:
    """The text on one line, so that no part of it looks like a line of ours."""
    return " ".join(_printable(str(value)).split())


def _printable(text: str) -> str:
    # Line by line: a table's text has thousands of characters, of which ends of lines alone are not printable.
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line if line.isprintable() else "".join(map(_shown, line)) for line in lines)


def _shown(character: str) -> str:
    if character == "\t" or unicodedata.category(character) not in _UNPRINTABLE:
        return character
    return character.encode("unicode_escape").decode("ascii")
