# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a file says about one field of a class, and why that keeps it from being enabled: pure."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .comments import Place, find_commented
from .field import column_of, constructor, hides, no_field, notes_on, plain_field, problems_of_line
from .find import ClassFound, bases
from .mentions import mentions, set_from_outside
from .syntax import bindings
from .text import at

ENABLED, DISABLED, ABSENT, INHERITED, CONFLICT = "enabled", "disabled", "absent", "inherited", "conflict"


@dataclass(frozen=True)
class FieldState:
    """The state of a field, its line and constructor; C(problem) says why it is no plain one, as a part of a sentence."""

    name: str
    state: str
    line: int | None = None
    kind: str | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()
    statement: ast.stmt | None = None
    places: Sequence[Place] = ()

    def describe(self, problem: str | None) -> dict[str, Any]:
        """The field as the result of the module shows it."""
        shown = {"name": self.name, "state": self.state, "line": self.line, "kind": self.kind, "notes": [*self.notes]}
        reason = problem or self.problem
        return {**shown, "reason": f"{reason[0].upper()}{reason[1:]}."} if reason else shown


def read_state(found: ClassFound, name: str, kind: str) -> FieldState:
    """What the file says about the field, for which C(kind) is the constructor if one is expected."""
    bound, outside = _bound_in(found, name), set_from_outside(found, name)
    if bound or outside:
        return _active(found, name, kind, bound, outside)
    places, reasons, lines = find_commented(found, name)
    wrong = {one.first: no_field(found, name, one.statement, kind) for one in places}
    reasons = [
        f"in the comment of line {line} {name} {reason}: write it as a field, or remove it"
        for line, reason in wrong.items()
        if reason
    ] + reasons
    places = [one for one in places if not wrong[one.first]]
    if places:
        line, statement = places[0].first, places[0].statement
        more = f"{name} is commented out {len(places)} times ({at(one.first for one in places)}): remove all but one"
        state = FieldState(name, DISABLED, line, constructor(statement), more if len(places) > 1 else "", places=places)
        state = replace(state, notes=tuple(notes_on(name, statement, line)))
    else:
        nothing = f"{name} is neither there nor commented out: write it into the class, or do not list it"
        state = FieldState(name, ABSENT, min(lines, default=None), problem="; ".join(reasons[:5]) or nothing)
    return _inherited(found, name, state)


def why_not_enabled(found: ClassFound, state: FieldState, states: Sequence[FieldState]) -> str | None:
    """Why the field cannot become code together with others, as a part of a sentence, or None."""
    if state.state == ENABLED or state.problem:
        return state.problem
    name, (line, _last, _code, statement) = state.name, state.places[0]
    if found.indent is None:
        return f"{name} cannot stand in a class with its body on the line of its name (line {found.node.lineno})"
    coming = [(one.places[0].first, one.places[0].statement) for one in states if one.places]
    above = [plain_field(one) or "" for number, one in coming if number < line]
    problems = [*problems_of_line(found, statement, line, above)]
    hidden = hides(found, name, coming, line)
    problems += [f"would hide the {name} that the class uses in {at(hidden)}: rename one of them"] if hidden else []
    column = column_of(statement) or name
    doubles = [one.lineno for one in found.node.body if (column_of(one) or plain_field(one)) == column]
    problems += [f"would have the column of the field of {at(doubles)}: remove one of them"] if doubles else []
    return f"{name} (line {line}) {', and '.join(problems)}" if problems else None


def notes_on_class(found: ClassFound) -> list[str]:
    """What else may add or remove fields of the class, and cannot be known from its file."""
    node, unknown = found.node, bases(found)[1]
    heads = [one.lineno for one in (*node.decorator_list, *(one.value for one in node.keywords))]
    stars = [line for name, line, _it in bindings(*found.tree.body) if name == "*"]
    notes = [f"Base class {', '.join(unknown)} is not in this file"] if unknown else []
    notes += [f"The decorators or keywords of the class ({at(heads)}) may act on it"] if heads else []
    notes += [f"The import of all names ({at(stars)}) may bring or replace anything"] if stars else []
    return [f"{note}: whether the class has a field of these names cannot be known." for note in notes]


def _bound_in(found: ClassFound, field: str) -> list[tuple[int, ast.stmt]]:
    return [(line, statement) for name, line, statement in bindings(*found.node.body) if name == field]


def _active(
    found: ClassFound, name: str, kind: str, bound: list[tuple[int, ast.stmt]], outside: list[int]
) -> FieldState:
    """The state of a name that the class has: one plain line is the field, all else a conflict."""
    lines = [*(line for line, _statement in bound), *outside]
    statement = bound[0][1] if len(lines) == 1 and bound and plain_field(bound[0][1]) else None
    made_by, line = constructor(statement), min(lines)
    problem = no_field(found, name, statement, kind) if statement else None
    if statement and not problem:
        naming = mentions(found, name, [statement])
        hint = f"{name} cannot be disabled before {at(naming)} is changed, which names it too or can set any name."
        notes = (*notes_on(name, statement, line), *([hint] if naming else []))
        return FieldState(name, ENABLED, line, made_by, notes=notes, statement=statement)
    problem = (
        f"in line {line} {name} {problem}: write it as a field, or rename it"
        if problem
        else (
            f"the class has the name {name} in {at(lines)} otherwise than as one plain field: write it as one line of the "
            "class, or rename it"
        )
    )
    return FieldState(name, CONFLICT, line, made_by, problem)


def _inherited(found: ClassFound, name: str, state: FieldState) -> FieldState:
    """The state of a field that the class does not have, with what its bases in the file have."""
    for base in bases(found)[0]:
        bound, outside = _bound_in(base, name), set_from_outside(base, name)
        place = f"give class_name {base.name} for it, or rename one of them"
        if bound or outside:
            line = min([*(line for line, _statement in bound), *outside])
            made_by = constructor(bound[0][1]) if bound else None
            return FieldState(
                name, INHERITED, line, made_by, f"base class {base.name} has the name {name} in line {line}: {place}"
            )
        commented = [] if state.places else find_commented(base, name)[0]
        if commented:
            return replace(
                state, problem=f"{name} (line {commented[0].first}) belongs to base class {base.name}: {place}"
            )
    return state
