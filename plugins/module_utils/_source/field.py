# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a file says about one field of a class, and why that keeps it from being enabled: pure."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .comments import Place, find_commented
from .find import ClassFound, bases, mentions, set_from_outside
from .line import constructor, hides, key_problem, no_field, notes_on, plain_field, undefined
from .text import at, bindings

ENABLED, DISABLED, ABSENT, INHERITED, CONFLICT = "enabled", "disabled", "absent", "inherited", "conflict"


@dataclass(frozen=True)
class FieldState:
    """The state of a field, its line and statement; C(problem) says why it is no plain one, as a part of a sentence."""

    name: str
    state: str
    line: int | None = None
    statement: ast.stmt | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()
    places: Sequence[Place] = ()

    def describe(self, problem: str | None = None) -> dict[str, Any]:
        """The field as the result of the module shows it."""
        shown = {"name": self.name, "state": self.state, "line": self.line, "kind": constructor(self.statement)}
        reason = problem or self.problem
        # The name of a field keeps its case at the beginning of a sentence.
        first = reason[:1] if reason.startswith(self.name) else reason[:1].upper()
        return {**shown, "notes": [*self.notes], **({"reason": f"{first}{reason[1:]}."} if reason else {})}


def read_state(found: ClassFound, name: str) -> FieldState:
    """What the file says about the field."""
    lines, statement = _bound(found, name)
    if lines:
        return _active(found, name, lines, statement)
    places, reasons = find_commented(found, name)
    for base in bases(found)[0]:
        lines, statement = _bound(base, name)
        place = f"give class_name {base.name} for it, or rename one of them"
        if lines:
            problem = f"base class {base.name} has the name {name} in line {lines[0]}: {place}"
            return FieldState(name, INHERITED, lines[0], statement, problem)
        commented = [] if places else find_commented(base, name)[0]
        if commented:
            problem = f"{name} (line {commented[0].first}) belongs to base class {base.name}: {place}"
            return FieldState(name, ABSENT, problem=problem)
    if not places:
        nothing = f"{name} is neither there nor commented out: write it into the class, or do not list it"
        problem = "; ".join([*reasons.values()][:5]) or nothing
        return FieldState(name, ABSENT, min(reasons, default=None), problem=problem)
    line, _code, statement = places[0]
    more = f"{name} is commented out {len(places)} times ({at(one.first for one in places)}): remove all but one"
    notes = tuple(notes_on(name, statement, line))
    return FieldState(name, DISABLED, line, statement, more if len(places) > 1 else "", notes, places)


def why_not_enabled(found: ClassFound, field: FieldState, fields: Sequence[FieldState]) -> str | None:
    """Why the field cannot become code together with the others, as a part of a sentence, or None."""
    if field.state == ENABLED or field.problem:
        return field.problem
    name, (line, _code, statement) = field.name, field.places[0]
    if found.indent is None:
        return f"{name} cannot stand in a class with its body on the line of its name (line {found.node.lineno})"
    coming = [(one.places[0].first, one.places[0].statement) for one in fields if one.places]
    unknown, hidden = undefined(found, statement, line, coming), hides(found, name, coming, line)
    problems = [key_problem(statement)]
    if unknown:
        problems.append(f"uses {', '.join(unknown)}, which nothing above it in the file defines: import it")
    if hidden:
        problems.append(f"would hide the {name} that the class uses in {at(hidden)}: rename one of them")
    sentence = ", and ".join(problem for problem in problems if problem)
    return f"{name} (line {line}) {sentence}" if sentence else None


def notes_on_class(found: ClassFound) -> list[str]:
    """What cannot be known from the file of the class."""
    unknown = ", ".join(bases(found)[1])
    note = f"Base class {unknown} is not in this file: whether the class has a field of these names cannot be known."
    return [note] if unknown else []


def _bound(found: ClassFound, field: str) -> tuple[list[int], ast.stmt | None]:
    """The lines that give the class the name, in order, and the first statement of its body among them."""
    bound = [(line, statement) for name, line, statement in bindings(*found.node.body) if name == field]
    lines = [*(line for line, _statement in bound), *set_from_outside(found, field)]
    return sorted(lines), bound[0][1] if bound else None


def _active(found: ClassFound, name: str, lines: list[int], statement: ast.stmt | None) -> FieldState:
    """The state of a name that the class has: one plain line is the field, all else a conflict."""
    line = lines[0]
    if len(lines) > 1 or not statement or not plain_field(statement):
        problem = (
            f"the class has the name {name} in {at(lines)} otherwise than as one plain field: write it as one line of the "
            "class, or rename it"
        )
        return FieldState(name, CONFLICT, line, problem=problem)
    wrong = no_field(found, name, statement)
    if wrong:
        problem = f"in line {line} {name} {wrong}: write it as a field, or rename it"
        return FieldState(name, CONFLICT, line, statement, problem)
    naming = mentions(found, name, [statement])
    hint = f"{name} cannot be disabled before {at(naming)} is changed, which names it too."
    return FieldState(
        name, ENABLED, line, statement, notes=(*notes_on(name, statement, line), *([hint] if naming else []))
    )
