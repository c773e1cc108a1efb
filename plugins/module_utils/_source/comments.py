# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the fields of a class that are commented out, and the commented-out code that surrounds one: pure."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from .find import ClassFound, FieldUnclear
from .line import no_field, plain_field
from .text import parse_code

# Longer than any field that people write; it bounds the work on a comment that never becomes a statement.
_LONGEST_FIELD = 200
_LONGEST_STATEMENT = 20
_MOST_COMMENTS = 50
_BEGINS_A_BLOCK = re.compile(
    r"((async\s+)?def|class)\s+\w|(if|elif|for|while|with|async|except)\b|(else|try|finally)\s*:"
)
# What parses only below another block, or only in Python 2, has to be found too.
_SURELY_A_HEAD = re.compile(r"((async\s+)?def|class)\s+\w|(elif|except)\b|(else|finally|try)\s*:")
_ENDS_A_HEAD = re.compile(r":\s*(#.*)?$")


class Place(NamedTuple):
    """A field that is commented out: its first line, numbered from 1, its lines as code, and the statement they make."""

    first: int
    code: tuple[str, ...]
    statement: ast.stmt


def find_commented(found: ClassFound, field: str) -> tuple[list[Place], dict[int, str]]:
    """The places of the field in comments, and by their lines why other comments that begin like it are none."""
    begins = re.compile(rf"{re.escape(field)}\s*[:=]")
    lines = [line for line in found.comments if begins.match(_code(found, line))]
    if len(lines) > _MOST_COMMENTS:
        raise FieldUnclear(f"More than {_MOST_COMMENTS} comments of {found.name} begin with {field}: remove some.")
    places: list[Place] = []
    reasons: dict[int, str] = {}
    for line in lines:
        place, dead = _statement_at(found, line, field), _surrounded_by(found, line)
        wrong = no_field(found, field, place.statement) if place else None
        if dead:
            reasons[line] = (
                f"the {field} of line {line} belongs to the commented-out code that begins in line {dead} "
                f'("{_code(found, dead)[:60]}"): move the field to the code of the class, or remove that code'
            )
        elif place is None:
            reasons[line] = (
                f"the comment of line {line} begins with {field}, but it is no whole statement of its own at the "
                "indentation of the class: write it as a field, or remove it"
            )
        elif wrong:
            reasons[line] = f"in the comment of line {line} {field} {wrong}: write it as a field, or remove it"
        else:
            places.append(place)
    return places, reasons


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
    if line.startswith(f"{indent}#"):
        code = line[len(indent) + 1 :]
        # A sign alone stands for an empty line.
        return indent + code.removeprefix(" ") if code.rstrip("\r\n") else code
    # Some editors put the sign at the very beginning of the line.
    codes = (line.removeprefix("# "), line[1:]) if line.startswith("#") else ()
    return next((code for code in codes if code.startswith(indent)), None)


def _statement_at(found: ClassFound, first: int, field: str) -> Place | None:
    """The field whose first line this comment is: as many comment lines as make one whole statement."""
    code: list[str] = []
    # A field cannot stand inside of a method, an inner class or a block, nor below a decorator.
    if any(_first_line(one) <= first <= (one.end_lineno or 0) for one in found.node.body):
        return None
    for line in range(first, first + _LONGEST_FIELD):
        uncommented = _uncomment(found, line)
        if uncommented is None or (line == first and uncommented[len(found.indent or "") :][:1].isspace()):
            return None
        code.append(uncommented)
        for block in parse_code("if True:\n" + "".join(code)):
            body = getattr(block, "body", [])
            return Place(first, tuple(code), body[0]) if [plain_field(one) for one in body] == [field] else None
    return None


def _first_line(node: ast.stmt) -> int:
    lines: list[int] = [one.lineno for one in (node, *getattr(node, "decorator_list", []))]
    return min(lines)


def _surrounded_by(found: ClassFound, line: int) -> int | None:
    """The line of the commented-out block or statement that the comment is a part of, or may be, or None."""
    live = [number for one in found.node.body for number in (one.lineno, one.end_lineno or 0) if number < line]
    around = [number for number in found.comments if number > max(live, default=0) and _code(found, number)]
    above = range(around.index(line))
    return next((around[place] for place in above if _surrounds(found, around[place:], line)), None)


def _surrounds(found: ClassFound, around: list[int], line: int) -> bool:
    """Whether the first of these comments begins code that the comment of that line is a part of, or may be."""
    code = _code(found, around[0])
    if _BEGINS_A_BLOCK.match(code) and _is_open(code):
        # The end of a head of several lines is not looked for.
        return True
    is_head = _SURELY_A_HEAD.match(code) or parse_code(f"{code}\n  pass")
    if not (_ENDS_A_HEAD.search(code) and is_head):
        return _is_a_statement_across([_code(found, number) for number in around], around.index(line))
    column, own = _column(found, around[0]), _column(found, line)
    # A body that is not indented has lost its shape: its end cannot be known.
    return own > column or (own >= column - 1 and _column(found, around[1]) <= column)


def _is_a_statement_across(code: list[str], index: int) -> bool:
    """Whether the comments from the first to at least that one are one statement, such as a call of several lines."""
    if not _is_open(code[0]):
        return False
    for count in range(index + 1, min(len(code), index + _LONGEST_STATEMENT) + 1):
        body = parse_code("\n".join(code[:count]))
        if body:
            return (body[0].end_lineno or 0) > index
    return False


def _is_open(code: str) -> bool:
    """Whether the line has a bracket or a text that another line has to close."""
    brackets = any(code.count(pair[0]) > code.count(pair[1]) for pair in ("()", "[]", "{}"))
    return brackets or code.endswith("\\") or any(code.count(quotes) % 2 for quotes in ("'''", '"""'))
