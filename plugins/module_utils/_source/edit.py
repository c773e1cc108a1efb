# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans the edit of a class: which lines become code, comments or nothing. Proves that nothing else changes: pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .._errors import InvalidInput, Refused
from .field import key_problem
from .find import ClassFound, FieldUnclear, find_class, first_line
from .mentions import mentions
from .state import CONFLICT, ENABLED, INHERITED, FieldState, notes_on_class, read_state, why_not_enabled
from .syntax import parse, shape
from .text import Text, at, split_lines


@dataclass(frozen=True)
class FieldEdit:
    """What a task asks of one class of one file."""

    path: str
    class_name: str
    fields: tuple[str, ...]
    enabled: bool
    stale_comments: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)


class Edit(NamedTuple):
    """The text after the edit; what the file says about each field before and after; the comment lines removed."""

    text: Text
    before: list[FieldState]
    after: list[FieldState]
    removed: list[str]
    notes: list[str]


def plan_edit(text: Text, wanted: FieldEdit) -> Edit:
    """The edit that is asked for; raises InvalidInput, FieldUnclear or Refused, and then nothing may be written."""
    try:
        found, before = _read(text, wanted, wanted.path)
        changed = _changed_lines(found, before, wanted)
        stale = {_words(comment) for comment in wanted.stale_comments}
        removed = [one for one in found.comments if one not in changed and _words(text.lines[one - 1]) in stale]
        kept = [line for number, line in enumerate(text.lines, 1) if number not in removed]
        lines = [changed.get(number, line) for number, line in enumerate(text.lines, 1) if number not in removed]
        new = split_lines("".join(lines), text.encoding)
        found_after, after = _read(new, wanted, f"{wanted.path} after the change")
        notes = notes_on_class(found_after)
        problem = None if wanted.enabled else _no_way_back(kept, before, found_after, after)
        problem = problem or _unproven(found, before, found_after, after, wanted)
    except (RecursionError, MemoryError) as error:
        raise InvalidInput(f"{wanted.path} is nested too deeply, or too large, to be read.") from error
    if problem:
        names = ", ".join(wanted.fields)
        raise Refused(f"{wanted.path} was not changed, because of class {wanted.class_name}: with {names} {problem}.")
    return Edit(new, before, after, [text.lines[line - 1].strip() for line in removed], notes)


def _read(text: Text, wanted: FieldEdit, path: str) -> tuple[ClassFound, list[FieldState]]:
    found = find_class(parse(text, path), wanted.class_name, text, wanted.path)
    return found, [read_state(found, name, wanted.kinds.get(name, "")) for name in wanted.fields]


def _changed_lines(found: ClassFound, states: list[FieldState], wanted: FieldEdit) -> dict[int, str]:
    """The new text of each line of a field that changes; raises FieldUnclear with all problems at once."""
    going = [state.statement for state in states if state.statement]
    if wanted.enabled:
        problems = [why_not_enabled(found, one, states) for one in states]
    elif all(one in going for one in found.node.body):
        problems = [f"the class (line {found.node.lineno}) has no other statement: add pass to it"] * len(states)
    else:
        problems = [_why_not_disabled(found, one, going) for one in states]
    sentences = "; ".join(dict.fromkeys(problem for problem in problems if problem))
    if sentences:
        raise FieldUnclear(
            f"{wanted.path} was not changed, because of class {wanted.class_name}: {sentences}.",
            fields=[state.describe(problem) for state, problem in zip(states, problems)],
        )
    if wanted.enabled:
        places = [place for one in states for place in one.places]
        return {number: line for one in places for number, line in enumerate(one.code, one.first)}
    return {number: _commented(found, number) for one in going for number in _numbers(one)}


def _why_not_disabled(found: ClassFound, state: FieldState, going: list[ast.stmt]) -> str | None:
    """Why the field cannot be commented out, or would stay active, as a part of a sentence, or None."""
    name, statement, indent = state.name, state.statement, found.indent or ""
    naming, key = mentions(found, name, going), key_problem(statement)
    if key:
        return f"{name} (line {state.line}) {key}"
    if state.state in (CONFLICT, INHERITED):
        return state.problem
    if naming:
        return (
            f"{name} is also named in {at(naming)}, or can be set there, so it may be needed or stay: change that first"
        )
    if not statement:
        return None
    numbers, lines = _numbers(statement), found.text.lines
    head = lines[statement.lineno - 1].encode()[: statement.col_offset]
    neighbors = [one for one in found.node.body if one is not statement]
    if head.strip() or any({first_line(one), one.end_lineno} & {*numbers} for one in neighbors):
        return f"{name} shares line {statement.lineno} with other code: put it on a line of its own"
    wrong = [one for one in numbers if lines[one - 1].strip("\r\n") and not lines[one - 1].startswith(indent)]
    return (
        f"line {wrong[0]} of {name} is not indented as the class is, and would not come back: indent it"
        if wrong
        else None
    )


def _commented(found: ClassFound, number: int) -> str:
    line, indent = found.text.lines[number - 1], found.indent or ""
    return f"{indent}# {line[len(indent) :]}" if line.rstrip("\r\n") else f"{indent}#{line}"


def _unproven(
    found: ClassFound, before: list[FieldState], found_after: ClassFound, after: list[FieldState], wanted: FieldEdit
) -> str | None:
    """Why it is not proven that both files say the same but for the fields, as a part of a sentence; it alters the trees."""
    docstrings = [ast.get_docstring(one.node, clean=False) for one in (found, found_after)]
    fields = {state.statement for state in [*before, *after]}
    for one in (found, found_after):
        one.node.body = [statement for statement in one.node.body if statement not in fields]
    if docstrings[0] != docstrings[1]:
        return "the class would have another docstring: put the field below it"
    if shape(found.tree) != shape(found_after.tree):
        return "more than the fields would change: put a blank line between them and other code"
    if any((state.state == ENABLED) != wanted.enabled for state in after):
        return "the fields would not be what was asked for: write each as a plain line of the class"
    return None


def _no_way_back(kept: list[str], before: list[FieldState], found: ClassFound, after: list[FieldState]) -> str | None:
    """Why fields that were commented out would not come back byte for byte, as a part of a sentence, or None."""
    gone = [new for old, new in zip(before, after) if old.statement]
    problems = [why_not_enabled(found, state, after) for state in gone]
    code = {number: line for one in gone for place in one.places for number, line in enumerate(place.code, place.first)}
    if [code.get(number, line) for number, line in enumerate(found.text.lines, 1)] == kept and not any(problems):
        return None
    reasons = "; ".join(problem for problem in problems if problem)
    return f"the change could not be undone byte for byte: {reasons or 'write the field on plain lines'}"


def _numbers(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or 0) + 1)


def _words(comment: str) -> str:
    return comment.strip().lstrip("#").strip()
