# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of one class, active ones and those that are commented out, with the columns that they make; pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from .._source.field import DISABLED, ENABLED, FieldState, read_state, why_not_enabled
from .._source.find import ClassFound
from .._source.line import plain_field
from .._source.text import FUNCTIONS, dotted, parse_code
from .column import ColumnMade, Types, Unclear, column_class, read_column
from .files import ENGINES, File

# How a comment begins that may be a field: a name, perhaps its annotation, and a call.
_FIELD = re.compile(r"([^\W\d]\w*)\s*(?::[^=]+)?=\s*([^\W\d][\w.]*)\s*\(")
_OF_DEAD_CODE = "belongs to the commented-out code"
# What such names call makes no column in any code that was seen.
_NO_COLUMN = re.compile(r"(Manager|Query[sS]et|Logger|Lock)\Z")
OTHERS = (
    *("object", "abc", "collections", "dataclasses", "datetime", "decimal", "django", "enum", "functools", "logging"),
    *("re", "rest_framework", "threading", "typing", "uuid"),
)


class Field(NamedTuple):
    """A field of a class: the column that it makes, or why that is not known, as a part of a sentence."""

    name: str
    line: int
    class_name: str
    path: str
    commented: bool
    made: ColumnMade | None
    problem: str = ""

    @property
    def column(self) -> str:
        """The name of the column as the server stores it."""
        return (self.made.name if self.made else None) or self.name


class Undecided(NamedTuple):
    """What a person has to decide, as a sentence, and where that is in the models."""

    what: str
    path: str
    line: int
    class_name: str
    field: str = ""


def own_fields(found: ClassFound, file: File, types: Types) -> Iterator[Field]:
    """The active fields that the class itself has."""
    seen: set[str] = set()
    for statement in found.node.body:
        name, value = plain_field(statement), getattr(statement, "value", None)
        if name in seen:
            continue
        if name and isinstance(value, ast.Call):
            if column_class(value, file) or _may_be_column(value, file):
                seen.add(name)
                yield _field(found, file, types, read_state(found, name))
        elif makes_columns(statement, file):
            problem = "makes a column otherwise than as one plain field, which only a run shows"
            yield Field(name or "the code", statement.lineno, found.name, file.path, False, None, problem)


def commented_fields(found: ClassFound, file: File, types: Types) -> Iterator[Field]:
    """The fields that are commented out, and comments that begin like one."""
    seen: set[str] = set()
    for line in found.comments:
        match = _FIELD.match(found.text.lines[line - 1].strip().lstrip("# \t\f"))
        if not match or match[1] in seen or not _names_column(match[2], file):
            continue
        seen.add(match[1])
        state = read_state(found, match[1])
        reason = _OF_DEAD_CODE + state.problem.partition(_OF_DEAD_CODE)[2]
        if state.state == ENABLED or (reason != _OF_DEAD_CODE and reason in seen):
            # An older form of the field, or more of a block that is listed.
            continue
        seen.add(reason)
        problem = why_not_enabled(found, state, [state]) if state.state == DISABLED else state.problem
        if problem:
            yield Field(match[1], state.line or line, found.name, file.path, True, None, problem)
        else:
            yield _field(found, file, types, state)


def makes_columns(statement: ast.stmt, file: File) -> bool:
    """Whether the statement of a class makes a column of the engine there."""
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return False
    return any(isinstance(node, ast.Call) and column_class(node, file) for node in ast.walk(statement))


def _field(found: ClassFound, file: File, types: Types, state: FieldState) -> Field:
    line, value = state.line or found.node.lineno, getattr(state.statement, "value", None)
    made, problem = None, state.problem
    if not problem and isinstance(value, ast.Call):
        try:
            made = read_column(value, file, types)
        except Unclear as error:
            problem = f"{state.name} (line {line}) {error}"
    return Field(state.name, line, found.name, file.path, state.state == DISABLED, made, problem)


def _may_be_column(call: ast.Call, file: File) -> bool:
    """Whether a call of no class of the engine may make a column nevertheless: only a run would show it."""
    name = dotted(call.func) or ""
    last = name.rpartition(".")[2]
    if not last[:1].isupper() or _NO_COLUMN.search(last):
        return False
    where, full = file.lookup(name)
    return _is_custom(where, full) if where else full.split(".")[0] not in OTHERS


def _names_column(name: str, file: File) -> bool:
    """Whether a comment names a class of columns: words in a comment are no fields."""
    where, full = file.lookup(name)
    is_written = [*map(dotted, (getattr(one, "value", None) for one in parse_code(name)))] == [name]
    return is_written and (_is_custom(where, full) if where else full.startswith(ENGINES) and ".columns." in full)


def _is_custom(file: File, name: str) -> bool:
    """Whether a class of the file derives from a class of columns."""
    for base in (base for node in file.classes.get(name, ()) for base in node.bases):
        where, full = file.lookup(dotted(base) or "")
        if (full != name and _is_custom(where, full)) if where else full.startswith(ENGINES) and ".columns." in full:
            return True
    return False
