# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blocks of Markdown, whose text is never markup; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .clean import clean, one_line


class Code(str):
    """A text that is a span of code already."""


def document(blocks: Iterable[str]) -> str:
    """The blocks, an empty line between them."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def bullets(title: str, sentences: Sequence[Any] | None) -> Iterator[str]:
    """A heading and a list; nothing if there is nothing to list."""
    if sentences:
        yield f"## {title}"
        yield "\n".join(f"- {plain(sentence)}" for sentence in sentences)


def grid(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table."""
    lines = [list(map(_cell, line)) for line in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain(value: Any) -> str:
    """Text on one line that is no markup: neither of a table nor of Markdown or HTML."""
    return re.sub(r"([\\`*\[\]<>|])", r"\\\1", one_line(value))


def span(text: Any) -> Code:
    """The text as code within a line."""
    shown = one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return Code(f"{fence}{shown}{fence}" if len(fence) == 1 else f"{fence} {shown} {fence}")


def block(language: str, lines: Iterable[Any]) -> str:
    """The lines as a block of code."""
    text = "\n".join(clean(str(line)) for line in lines)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _cell(value: Any) -> str:
    return value.replace("|", "\\|") if isinstance(value, Code) else plain(value)
