# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow: read the file, plan the edit, prove that nothing else changes, put the new file in the place of the old one."""

from __future__ import annotations

import ast
import contextlib
import keyword
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._errors import Failure, InvalidInput, Refused
from .._module import ModuleApi
from .field import CONFLICT, ENABLED, INHERITED, FieldState, notes_on_class, read_state, why_not_enabled
from .file import alone, read_file, real_path, replace_file, require_replaceable
from .find import ClassFound, FieldUnclear, find_class, mentions
from .line import key_problem
from .text import Text, at, read_text, split_lines

_MORE = "more than the fields would change: put them on lines of their own, with a blank line around them"


@dataclass(frozen=True)
class FieldEdit:
    """What a task asks of one class of one file."""

    path: str
    class_name: str
    fields: tuple[str, ...]
    enabled: bool


class Edit(NamedTuple):
    """The text after the edit; what the file says about each field before and after."""

    text: Text
    before: list[FieldState]
    after: list[FieldState]
    notes: list[str]


def edit_fields(params: Mapping[str, Any], check: bool, host: ModuleApi) -> dict[str, Any]:
    """What became of each field; raises InvalidInput, FieldUnclear, Refused or Locked with the file untouched."""
    wanted = _read_params(params)
    check = check or bool(params.get("try_only"))
    others: contextlib.AbstractContextManager[list[str]] = contextlib.nullcontext([]) if check else alone(wanted.path)
    with others as notes:
        content = read_file(wanted.path)
        text = read_text(content, wanted.path)
        edit = plan_edit(text, wanted)
        result = _result(wanted, text, edit, check)
        if result["changed"]:
            require_replaceable(wanted.path)
        if result["changed"] and not check:
            if params["backup"]:
                result["backup_file"] = host.backup_local(wanted.path)
            replace_file(wanted.path, content, edit.text.encode(), host)
        return {**result, "notes": [*edit.notes, *notes]}


def plan_edit(text: Text, wanted: FieldEdit) -> Edit:
    """The edit that is asked for; raises InvalidInput, FieldUnclear or Refused, and then nothing may be written."""
    try:
        found, before = _read(text, wanted)
        changed = _changed_lines(found, before, wanted)
        lines = (changed.get(number, line) for number, line in enumerate(text.lines, 1))
        new = split_lines("".join(lines), text.encoding)
        try:
            found_after, after = _read(new, wanted)
        except Failure as error:
            raise _refused(wanted, _MORE) from error
        notes = notes_on_class(found_after)
        problem = _unproven(found, before, found_after, after, wanted)
        if not problem and not wanted.enabled:
            problem = _no_way_back(text, before, found_after, after)
    except (RecursionError, MemoryError) as error:
        raise InvalidInput(f"{wanted.path} is nested too deeply, or too large, to be read.") from error
    if problem:
        raise _refused(wanted, problem)
    return Edit(new, before, after, notes)


def _refused(wanted: FieldEdit, problem: str) -> Refused:
    names = ", ".join(wanted.fields)
    return Refused(f"{wanted.path} was not changed, because of class {wanted.class_name}: with {names} {problem}.")


def _read_params(params: Mapping[str, Any]) -> FieldEdit:
    fields = tuple(dict.fromkeys(_identifier(name) for name in params["fields"]))
    if not fields:
        raise InvalidInput("The list of fields is empty.")
    class_name = ".".join(_identifier(name) for name in params["class_name"].split("."))
    return FieldEdit(real_path(params["path"]), class_name, fields, params["state"] == ENABLED)


def _identifier(name: str) -> str:
    # Python reads names in this form.
    normal = unicodedata.normalize("NFKC", name)
    if not normal.isidentifier() or keyword.iskeyword(normal):
        raise InvalidInput(f"{name!r} is no name of a class or a field in Python.")
    return normal


def _result(wanted: FieldEdit, text: Text, edit: Edit, check: bool) -> dict[str, Any]:
    # In check mode the file stays as it is, so the states are those before.
    states = edit.before if check else edit.after
    changed = [before.state != after.state for before, after in zip(edit.before, edit.after)]
    headers = {"before_header": wanted.path, "after_header": wanted.path}
    return {
        "changed": edit.text != text,
        "path": wanted.path,
        "class_name": wanted.class_name,
        "fields": [{**state.describe(), "changed": is_changed} for state, is_changed in zip(states, changed)],
        "diff": {**headers, "before": text.source, "after": edit.text.source},
    }


def _read(text: Text, wanted: FieldEdit) -> tuple[ClassFound, list[FieldState]]:
    found = find_class(text, wanted.class_name, wanted.path)
    return found, [read_state(found, name) for name in wanted.fields]


def _changed_lines(found: ClassFound, fields: list[FieldState], wanted: FieldEdit) -> dict[int, str]:
    """The new text of each line of a field that changes; raises FieldUnclear with all problems at once."""
    going = [one.statement for one in fields if one.state == ENABLED and one.statement]
    if wanted.enabled:
        problems = [why_not_enabled(found, one, fields) for one in fields]
    elif all(one in going for one in found.node.body):
        problems = [f"the class (line {found.node.lineno}) has no other statement: add pass to it"] * len(fields)
    else:
        problems = [_why_not_disabled(found, one, going) for one in fields]
    sentences = "; ".join(dict.fromkeys(problem for problem in problems if problem))
    if sentences:
        raise FieldUnclear(
            f"{wanted.path} was not changed, because of class {wanted.class_name}: {sentences}.",
            fields=[state.describe(problem) for state, problem in zip(fields, problems)],
        )
    if wanted.enabled:
        return _enabled_lines(fields)
    return {number: _commented(found, number) for one in going for number in _numbers(one)}


def _why_not_disabled(found: ClassFound, field: FieldState, going: list[ast.stmt]) -> str | None:
    """Why the field cannot be commented out, or would stay active, as a part of a sentence, or None."""
    name = field.name
    if field.state in (CONFLICT, INHERITED):
        return field.problem
    key = key_problem(field.statement) if field.state == ENABLED else None
    if key:
        return f"{name} (line {field.line}) {key}"
    naming = mentions(found, name, going)
    if naming:
        return f"{name} is also named in {at(naming)}, so it may be needed: change that first"
    return None


def _enabled_lines(fields: list[FieldState]) -> dict[int, str]:
    """The lines of the fields that are commented out, as code."""
    places = [place for one in fields for place in one.places]
    return {number: line for one in places for number, line in enumerate(one.code, one.first)}


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
    if ast.dump(found.tree) != ast.dump(found_after.tree):
        return _MORE
    if any((state.state == ENABLED) != wanted.enabled for state in after):
        return "the fields would not be what was asked for: write each as a plain line of the class"
    return None


def _no_way_back(text: Text, before: list[FieldState], found: ClassFound, after: list[FieldState]) -> str | None:
    """Why fields that were commented out would not come back byte for byte, as a part of a sentence, or None."""
    gone = [new for old, new in zip(before, after) if old.state == ENABLED]
    reasons = "; ".join(filter(None, [why_not_enabled(found, one, after) for one in gone]))
    code = _enabled_lines(gone)
    back = tuple(code.get(number, line) for number, line in enumerate(found.text.lines, 1))
    if not reasons and back == text.lines:
        return None
    return f"the change could not be undone byte for byte: {reasons or 'write the field on plain lines'}"


def _numbers(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or 0) + 1)
