# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the fields of a class that are commented out, and the commented-out code that surrounds one: pure."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from .find import ClassFound, FieldUnclear, first_line
from .syntax import bindings, parse_code
from .text import indentation

# Longer than any field that people write; it bounds the work on a comment that never becomes a statement.
_LONGEST_FIELD = 200
_LONGEST_HEAD = 20
_MOST_COMMENTS = 50
# What stands around the head of a block in one whole statement.
_BEFORE = {"else": "if 1:\n  pass\n", "elif": "if 1:\n  pass\n", "case": "match 1:\n "}
_BEFORE.update(dict.fromkeys(("except", "finally"), "try:\n  pass\n"))
_AFTER = {"try": "finally:\n  pass\n"}
_HEAD = re.compile(r"(class|def|async|if|elif|else|for|while|with|try|except|finally|match|case)\b")
# Python 2 may not parse, and has to be found too.
_SURELY_A_HEAD = re.compile(r"((async\s+)?def|class)\s+\w+\s*[(\[:].*[:(,\\\[]\s*(#.*)?$|class\s+\w+:$|except\b.*:$")
_ENDS_A_HEAD = re.compile(r":\s*(#.*)?$")


class Place(NamedTuple):
    """A field that is commented out: its lines, numbered from 1, both ends included, and what they are as code."""

    first: int
    last: int
    code: tuple[str, ...]
    statement: ast.stmt


def find_commented(found: ClassFound, field: str) -> tuple[list[Place], list[str], list[int]]:
    """The places of the field in comments; why other comments that begin like it are none; the lines of all."""
    begins = re.compile(rf"{re.escape(field)}\s*[:=]")
    lines = [line for line in found.comments if begins.match(_code(found, line))]
    if len(lines) > _MOST_COMMENTS:
        raise FieldUnclear(f"More than {_MOST_COMMENTS} comments of {found.name} begin with {field}: remove some.")
    places, reasons = [], []
    heads: dict[int, int] = {}
    for line in lines:
        place, dead = _statement_at(found, line, field), _surrounded_by(found, line, heads)
        if dead:
            reasons.append(
                f"the {field} of line {line} belongs to the commented-out code that begins in line {dead} "
                f'("{_code(found, dead)[:60]}"): move the field to the code of the class, or remove that code'
            )
        elif place is None:
            reasons.append(
                f"the comment of line {line} begins with {field}, but it is no whole statement of its own at the "
                "indentation of the class: write it as a field, or remove it"
            )
        else:
            places.append(place)
    return places, reasons, lines


def _code(found: ClassFound, line: int) -> str:
    """The text of a comment without its signs."""
    return found.text.lines[line - 1].strip().lstrip("# \t\f")


def _column(found: ClassFound, line: int) -> int:
    """Where the text of a comment begins, whatever signs and blanks stand before it."""
    text = found.text.lines[line - 1].rstrip().expandtabs()
    return len(text) - len(text.lstrip("# \f"))


def _uncomment(found: ClassFound, number: int) -> str | None:
    """The line without its comment sign, if that stands at the indentation of the class or before it, else None."""
    indent = found.indent
    if indent is None or number not in found.comments:
        return None
    line = found.text.lines[number - 1]
    if indentation(line) == indent:
        code = line[len(indent) + 1 :]
        # A sign alone stands for an empty line.
        return indent + code.removeprefix(" ") if code.rstrip("\r\n") else code
    # Some editors put the sign at the very beginning of the line.
    codes = (line.removeprefix("# "), line[1:]) if line.startswith("#") else ()
    return next((code for code in codes if code.startswith(indent)), None)


def _statement_at(found: ClassFound, first: int, field: str) -> Place | None:
    """The field whose first line this comment is: as many comment lines as make one whole statement."""
    code: list[str] = []
    # A field cannot stand inside of a method, an inner class or a block.
    inside = {line for one in found.node.body for line in range(first_line(one), (one.end_lineno or 0) + 1)}
    for line in range(first, first + _LONGEST_FIELD):
        uncommented = _uncomment(found, line)
        if uncommented is None or (line == first and indentation(uncommented) != found.indent) or line in inside:
            return None
        code.append(uncommented)
        for block in parse_code("if True:\n" + "".join(code)):
            statement, *others = block.body if isinstance(block, ast.If) else [block]
            is_plain = not others and [name for name, *_line in bindings(statement)] == [field]
            has_value = isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None
            return Place(first, line, tuple(code), statement) if is_plain and has_value else None
    return None


def _surrounded_by(found: ClassFound, line: int, heads: dict[int, int]) -> int | None:
    """The line of the commented-out block or statement that the comment is a part of, or may be, or None."""
    live = {number for one in found.node.body for number in (one.lineno, one.end_lineno or 0)}
    start = max((number for number in live if number < line), default=0)
    around = [number for number in found.comments if number > start and _code(found, number)]
    above = around[: around.index(line)]
    for place, number in enumerate(above):
        if number not in heads:
            heads[number] = _length_of_head(found, around[place:])
        # The lines of the body, of which the first says how deep it is.
        body = around[place + heads[number] :]
        column, own = _column(found, number), _column(found, line)
        if heads[number] and (line not in body or own > column):
            return number
        # A body that is not indented has lost its shape: its end cannot be known.
        if heads[number] and own >= column - 1 and _column(found, body[0]) <= column:
            return number
    return next((number for number in above if _is_a_statement_across(found, number, line, around)), None)


def _length_of_head(found: ClassFound, around: list[int]) -> int:
    """How many of the comments are the head of a class, a function or another block: 0 if the first begins none."""
    code = _code(found, around[0])
    if not _HEAD.match(code):
        return 0
    word = code.split(":")[0].split()[0]
    most = 1 if _ENDS_A_HEAD.search(code) else _LONGEST_HEAD if _is_open(code) else 0
    lines = [_code(found, line) for line in around[:most]]
    for count in range(1, len(lines) + 1):
        head = "\n ".join(lines[:count])
        if len(parse_code(f"{_BEFORE.get(word, '')}{head}\n  pass\n{_AFTER.get(word, '')}")) == 1:
            return count
    return 1 if _SURELY_A_HEAD.match(code) else 0


def _is_open(code: str) -> bool:
    """Whether the line has a bracket or a text that another line has to close."""
    brackets = any(code.count(pair[0]) > code.count(pair[1]) for pair in ("()", "[]", "{}"))
    return brackets or code.endswith("\\") or any(code.count(quotes) % 2 for quotes in ("'''", '"""'))


def _is_a_statement_across(found: ClassFound, first: int, line: int, around: list[int]) -> bool:
    """Whether the comments from the first to at least this line are one statement, such as a call of several lines."""
    if not _is_open(_code(found, first)):
        return False
    lines = around[around.index(first) :]
    for count in range(lines.index(line) + 1, len(lines) + 1)[:_LONGEST_HEAD]:
        body = parse_code("\n".join(_code(found, number) for number in lines[:count]))
        if body:
            return (body[0].end_lineno or 0) > lines.index(line)
    return False
