# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the fields of a class that are commented out, by their names and never by line numbers: pure."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from .find import ClassFound, FieldUnclear
from .text import indentation
from .tree import bound_names_of

# Longer than any field that people write; it bounds the work on a comment that never becomes a statement.
_LONGEST_FIELD = 200
_MOST_COMMENTS = 50
_OPENS_A_BLOCK = re.compile(r"(class|def|async|if|elif|else|for|while|with|try|except|finally|match|case)\b.*:|@\w")


@dataclass(frozen=True)
class Place:
    """A field that is commented out: its lines, numbered from 1, both ends included, and what they are as code."""

    first: int
    last: int
    code: tuple[str, ...]
    statement: ast.Assign | ast.AnnAssign


def find_commented(found: ClassFound, field: str) -> tuple[Place, ...]:
    """The places where the class holds an assignment to the field in a comment, fields and words alike."""
    lines = begins_with(found, field)
    if len(lines) > _MOST_COMMENTS:
        raise FieldUnclear(
            f"{found.path}, class {found.name}: more than {_MOST_COMMENTS} comments begin with {field}: remove some."
        )
    places = (_statement_at(found, line, field) for line in lines)
    return tuple(place for place in places if place)


def begins_with(found: ClassFound, field: str) -> list[int]:
    """The comment lines of the class that begin like an assignment to the field."""
    begins = re.compile(rf"{re.escape(field)}\s*[:=]")
    lines = []
    for line in sorted(found.comments):
        code = uncomment(found, line)
        if code is None or indentation(code) != found.indent or not begins.match(code.strip()):
            continue
        if not found.is_inside_a_statement(line) and not _is_in_commented_block(found, line):
            lines.append(line)
    return lines


def misplaced(found: ClassFound, field: str) -> list[int]:
    """The comment lines of the class that begin like the field, but not where it can stand: in a block, or indented."""
    begins = re.compile(rf"\s*#+\s*{re.escape(field)}\s*[:=]")
    here = begins_with(found, field)
    return [line for line in sorted(found.comments) if line not in here and begins.match(found.text.lines[line - 1])]


def uncomment(found: ClassFound, number: int) -> str | None:
    """The line without its comment sign, if that stands at the indentation of the class or before it, else None."""
    line, indent = found.text.lines[number - 1], found.indent
    if indent is None:
        return None
    if indentation(line) == indent:
        code = line[len(indent) + 1 :]
        # A sign alone stands for an empty line.
        return indent + code.removeprefix(" ") if code.rstrip("\r\n") else code
    if line.startswith("#"):
        # Some editors put the sign at the very beginning of the line.
        for code in (line.removeprefix("# "), line[1:]):
            if code.startswith(indent):
                return code
    return None


def _is_in_commented_block(found: ClassFound, line: int) -> bool:
    """Whether the comment belongs to a class or a function that is itself commented out, sign by sign at column 0."""
    lines = found.text.lines
    if not lines[line - 1].startswith("#"):
        return False
    while line > 1 and lines[line - 2].startswith("#"):
        line -= 1
        code = lines[line - 1][1:].removeprefix(" ")
        if len(indentation(code)) < len(found.indent or "") and _OPENS_A_BLOCK.match(code.strip()):
            return True
    return False


def _statement_at(found: ClassFound, first: int, field: str) -> Place | None:
    """The field whose first line this comment is: as many comment lines as make one whole statement."""
    code: list[str] = []
    for line in range(first, first + _LONGEST_FIELD):
        uncommented = uncomment(found, line) if line in found.comments else None
        if uncommented is None:
            return None
        code.append(uncommented)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                block = ast.parse("if True:\n" + "".join(code)).body[0]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        statements = block.body if isinstance(block, ast.If) else []
        statement = statements[0] if len(statements) == 1 else None
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            is_plain = bound_names_of(statement) == [field]
            return Place(first, line, tuple(code), statement) if is_plain else None
        return None
    return None
