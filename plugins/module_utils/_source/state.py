# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a file says about one field of a class, whatever a task asks of it: pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from .active import Finding, bindings, lineage, set_otherwise
from .comments import Place, begins_with, find_commented, misplaced
from .find import ClassFound
from .kinds import Kinds, constructor, plain_field

ENABLED, DISABLED, ABSENT = "enabled", "disabled", "absent"
INHERITED, CONFLICT, UNKNOWN = "inherited", "conflict", "unknown"


@dataclass(frozen=True)
class FieldState:
    """The state of a field, with its line and constructor; C(reason) says why it is no plain one."""

    name: str
    state: str
    line: int | None = None
    kind: str | None = None
    reason: str = ""
    # Why it is or would be active even if the class itself does not set it.
    elsewhere: str = ""
    statement: ast.stmt | None = None
    places: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()


def read_state(found: ClassFound, name: str, kinds: Kinds) -> FieldState:
    """What the file says about the field."""
    own = bindings(found.node, name)
    others = set_otherwise(found, found.node, found.name, name, kinds)
    inherited = _inherited(found, name, kinds)
    unsure = [one for one in [*others, *(one for one, _kind in inherited)] if not one.certain]
    certainly = [(one, kind) for one, kind in inherited if one.certain]
    elsewhere = " ".join(dict.fromkeys(one.sentence for one in [*unsure, *(one for one, _kind in certainly)]))
    statement = own[0][0] if own and plain_field(own[0][0]) == name else None
    value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
    certain = [one for _statement, one in own if _statement is not statement] + [one for one in others if one.certain]
    wrong = kinds.problem(name, value) if statement else None
    if certain or wrong:
        return _conflict(name, statement, wrong, certain, constructor(value))
    if statement:
        notes = tuple(f"{name}: {sentence}" for sentence in [elsewhere] if sentence)
        state = FieldState(name, ENABLED, statement.lineno, constructor(value), statement=statement, notes=notes)
    else:
        state = _not_active(found, name, kinds)
        if certainly:
            one, kind = certainly[0]
            state = FieldState(name, INHERITED, one.line, kind, elsewhere, places=state.places)
        elif unsure:
            line = state.line or unsure[0].line
            state = FieldState(name, UNKNOWN, line, state.kind, elsewhere, places=state.places)
    return replace(state, elsewhere=elsewhere)


def describe(state: FieldState, reason: str = "") -> dict[str, object]:
    """A field as the result of the module shows it."""
    reason = reason or state.reason
    return {
        "name": state.name,
        "state": state.state,
        "line": state.line,
        "kind": state.kind,
        **({"reason": reason} if reason else {}),
    }


def _conflict(
    name: str, statement: ast.stmt | None, wrong: str | None, certain: list[Finding], kind: str | None
) -> FieldState:
    sentences = [one.sentence for one in sorted(set(certain))]
    lines = [one.line for one in certain]
    if statement:
        lines.append(statement.lineno)
        what = f"{name} {wrong}" if wrong else f"{name} is set"
        sentences.insert(0, f"In line {statement.lineno} {what}.")
    return FieldState(name, CONFLICT, min(lines), kind, " ".join(sentences))


def _not_active(found: ClassFound, name: str, kinds: Kinds) -> FieldState:
    """The state of a field that the body of the class does not set."""
    written = find_commented(found, name)
    places = tuple(one for one in written if not kinds.problem(name, one.statement.value))
    if not places:
        reasons = [
            f"In the comment of line {one.first}, {name} {kinds.problem(name, one.statement.value)}." for one in written
        ]
        broken = sorted(set(begins_with(found, name)) - {one.first for one in written})
        reasons += [
            f"The comment of line {line} begins with {name} and is no whole statement of its own."
            for line in broken[:5]
        ]
        away = misplaced(found, name)
        reasons += [
            f"The comment of line {line} begins with {name}, but a field cannot stand there." for line in away[:5]
        ]
        lines = sorted([one.first for one in written] + broken + away)
        return FieldState(name, ABSENT, lines[0] if lines else None, reason=" ".join(reasons))
    notes = []
    if len(places) > 1:
        notes = [f"{name} is commented out {len(places)} times (lines {', '.join(str(one.first) for one in places)})."]
    kind = constructor(places[0].statement.value)
    return FieldState(name, DISABLED, places[0].first, kind, places=places, notes=tuple(notes))


def _inherited(found: ClassFound, name: str, kinds: Kinds) -> list[tuple[Finding, str | None]]:
    """What sets, or may set, the field of a base class of the file, and its constructor."""
    result = []
    for base, node in lineage(found)[0].items():
        for statement, one in bindings(node, name):
            value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
            result.append((Finding(one.line, f"Base class {base} sets {name} in line {one.line}."), constructor(value)))
        for one in set_otherwise(found, node, base, name, kinds):
            how = "sets" if one.certain else "may set"
            sentence = f"Base class {base} {how} {name} in line {one.line}."
            result.append((Finding(one.line, sentence, one.certain), None))
    return result
