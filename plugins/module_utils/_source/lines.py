# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of one field as code and as comments, and why a field cannot become the other: pure."""

from __future__ import annotations

import ast
from collections.abc import Collection

from .find import ClassFound, FieldUnclear, first_line
from .kinds import Kinds, unknown_names
from .state import ABSENT, CONFLICT, DISABLED, ENABLED, FieldState
from .uses import uses


def uncommented_lines(found: ClassFound, state: FieldState, coming: Collection[str]) -> dict[int, str]:
    """The lines that enable a field, C(coming) with others, none if it is enabled; raises FieldUnclear."""
    if state.state == ENABLED:
        return {}
    if state.state == CONFLICT:
        raise FieldUnclear(state.reason)
    if found.indent is None:
        raise FieldUnclear(
            f"Field {state.name} cannot be there: the class has its body on the line of its name (line {found.node.lineno})."
        )
    if not state.places:
        hint = f" {state.reason}" if state.reason else ""
        raise FieldUnclear(f"Field {state.name} is neither there nor commented out.{hint}")
    if len(state.places) > 1:
        lines = ", ".join(str(place.first) for place in state.places)
        raise FieldUnclear(
            f"Field {state.name} is commented out {len(state.places)} times (lines {lines}): remove all but one."
        )
    (place,) = state.places
    missing = [name for name in unknown_names(found, place.statement) if name not in coming]
    if missing:
        raise FieldUnclear(
            f"Field {state.name} (line {place.first}) uses {', '.join(missing)}, which nothing in the file defines: import it."
        )
    return dict(enumerate(place.code, place.first))


def commented_lines(found: ClassFound, state: FieldState, going: Collection[ast.stmt], kinds: Kinds) -> dict[int, str]:
    """The lines that disable a field, none if it is off; raises FieldUnclear where it is or stays active otherwise."""
    if state.state in (DISABLED, ABSENT):
        return {}
    if state.state != ENABLED or state.statement is None or state.elsewhere:
        raise FieldUnclear(f"{state.reason or state.elsewhere} Write {state.name} as a plain field, or remove it.")
    statement = state.statement
    used = uses(found, state.name, statement, going, kinds)
    if used:
        raise FieldUnclear(
            f"Line {', '.join(map(str, used))} uses field {state.name} of line {state.line}: change that first."
        )
    numbers = range(statement.lineno, (statement.end_lineno or 0) + 1)
    head = found.text.lines[statement.lineno - 1].encode()[: statement.col_offset]
    neighbors = [one for one in found.node.body if one is not statement]
    if head.strip() or any(first_line(one) in numbers or one.end_lineno in numbers for one in neighbors):
        raise FieldUnclear(
            f"Field {state.name} (line {statement.lineno}) shares its line: put it on a line of its own."
        )
    return {number: _commented(found, number) for number in numbers}


def _commented(found: ClassFound, number: int) -> str:
    line, indent = found.text.lines[number - 1], found.indent or ""
    if not line.rstrip("\r\n"):
        return f"{indent}#{line}"
    if not line.startswith(indent):
        raise FieldUnclear(
            f"Line {number} is not indented as the class is, so it cannot be commented out and back: write it otherwise."
        )
    return f"{indent}# {line[len(indent) :]}"
