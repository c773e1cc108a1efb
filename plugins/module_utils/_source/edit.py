# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans the edit of a class: which lines become code, comments or nothing. Proves that nothing else changes: pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .._errors import InvalidInput, Refused
from .active import lineage, notes_on_class
from .find import ClassFound, FieldUnclear, find_class
from .kinds import Kinds, read_kinds
from .lines import commented_lines, uncommented_lines
from .parse import parse
from .state import ENABLED, FieldState, describe, read_state
from .text import Text, split_lines
from .tree import same_but
from .uses import uses_in_functions


@dataclass(frozen=True)
class FieldEdit:
    """What a task asks of one class of one file."""

    path: str
    class_name: str
    fields: tuple[str, ...]
    enabled: bool
    stale_comments: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """The text after the edit; what the file says about each field before and after; the comment lines removed."""

    text: Text
    before: tuple[FieldState, ...]
    after: tuple[FieldState, ...]
    removed: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Source:
    """One version of the file, and what it says about the fields."""

    text: Text
    found: ClassFound
    kinds: Kinds
    states: tuple[FieldState, ...]


def plan_edit(text: Text, wanted: FieldEdit) -> Edit:
    """The edit that is asked for; raises InvalidInput, FieldUnclear or Refused, and then nothing may be written."""
    try:
        return _plan(text, wanted)
    except (RecursionError, MemoryError) as error:
        raise InvalidInput(f"{wanted.path} is nested too deeply, or too large, to be read.") from error


def _plan(text: Text, wanted: FieldEdit) -> Edit:
    before = _read(text, wanted, wanted.path)
    replaced = _replaced_lines(before, wanted)
    stale = {_words(comment) for comment in wanted.stale_comments}
    removed = [
        line for line in sorted(before.found.comments) if line not in replaced and _words(text.lines[line - 1]) in stale
    ]
    lines = [replaced.get(number, line) for number, line in enumerate(text.lines, 1) if number not in removed]
    after = before
    if tuple(lines) != text.lines:
        after = _read(split_lines("".join(lines), text.encoding), wanted, f"{wanted.path} after the change")
        _require_only_these(before, after, wanted)
    notes = [
        *notes_on_class(after.found, lineage(after.found)[1]),
        *(note for state in after.states for note in state.notes),
        *(_note_on_readers(after.found, name) for name in wanted.fields if not wanted.enabled),
    ]
    removed_lines = tuple(text.lines[line - 1].strip() for line in removed)
    return Edit(after.text, before.states, after.states, removed_lines, tuple(note for note in notes if note))


def _read(text: Text, wanted: FieldEdit, path: str) -> _Source:
    found = find_class(parse(text, path), wanted.class_name, text, wanted.path)
    kinds = read_kinds(found, [found.node, *lineage(found)[0].values()], dict(wanted.kinds))
    return _Source(text, found, kinds, tuple(read_state(found, name, kinds) for name in wanted.fields))


def _replaced_lines(source: _Source, wanted: FieldEdit) -> dict[int, str]:
    """The new text of each line of a field that changes; raises FieldUnclear with all problems at once."""
    replaced: dict[int, str] = {}
    problems = {}
    going = [state.statement for state in source.states if state.statement]
    for state in source.states:
        try:
            if wanted.enabled:
                replaced.update(uncommented_lines(source.found, state, wanted.fields))
            else:
                replaced.update(commented_lines(source.found, state, going, source.kinds))
        except FieldUnclear as error:
            problems[state.name] = error.message
    if not wanted.enabled and all(one in going for one in source.found.node.body):
        problems.setdefault(wanted.fields[0], f"Class {wanted.class_name} has no other statement: add pass to it.")
    if problems:
        sentences = " ".join(problems.values())
        raise FieldUnclear(
            f"{wanted.path}, class {wanted.class_name}: {sentences} Nothing was written.",
            fields=[describe(state, problems.get(state.name, "")) for state in source.states],
        )
    return replaced


def _require_only_these(before: _Source, after: _Source, wanted: FieldEdit) -> None:
    """Raise Refused unless both files say the same but for the fields: the last word before anything is written."""
    fields = {state.statement for source in (before, after) for state in source.states if state.statement}
    words = [ast.get_docstring(source.found.node, clean=False) for source in (before, after)]
    if words[0] != words[1]:
        problem = "the class would have another docstring: put the field below it."
    elif not same_but(before.found.tree, after.found.tree, set(fields)):
        problem = "more than the fields would change."
    elif any((state.state == ENABLED) != wanted.enabled for state in after.states):
        problem = "the fields would not be what was asked for."
    elif not _can_be_undone(before, after, wanted):
        problem = "it could not be undone: write the field otherwise, without a backslash after it."
    else:
        return
    raise Refused(
        f"{wanted.path}, class {wanted.class_name}: {', '.join(wanted.fields)}: {problem} Nothing was written."
    )


def _can_be_undone(before: _Source, after: _Source, wanted: FieldEdit) -> bool:
    """Whether each field that is commented out comes back byte for byte when it is enabled again."""
    return wanted.enabled or all(
        _lines_of(before.text, old.statement) in [place.code for place in new.places]
        for old, new in zip(before.states, after.states)
        if old.statement
    )


def _note_on_readers(found: ClassFound, name: str) -> str:
    lines = uses_in_functions(found, name)
    return f"{name} is used in line {', '.join(map(str, lines))}, when that code runs." if lines else ""


def _lines_of(text: Text, statement: ast.stmt) -> Sequence[str]:
    return text.lines[statement.lineno - 1 : statement.end_lineno]


def _words(comment: str) -> str:
    return comment.strip().lstrip("#").strip()
