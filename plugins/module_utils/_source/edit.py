# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans the edit of a class: which lines become code, comments or nothing. Proves that nothing else changed: pure."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import Refused
from .find import Body, FieldUnclear, assigned_names, find_active, find_class, find_commented, parse
from .text import Text, comment_lines, split_lines

ENABLED, DISABLED, ABSENT = "enabled", "disabled", "absent"


@dataclass(frozen=True)
class Wish:
    """What a task asks of one class of one file."""

    path: str
    class_name: str
    fields: tuple[str, ...]
    enabled: bool
    stale_comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edit:
    """The text after the edit; for each field the status before, and whether it changes; the comment lines removed."""

    text: Text
    fields: tuple[tuple[str, str, bool], ...]
    removed: tuple[str, ...]


def plan_edit(text: Text, wish: Wish) -> Edit:
    """The edit which the wish needs; raises InvalidInput, FieldUnclear or Refused, and then nothing may be written."""
    tree = parse(text, wish.path)
    body = find_class(tree, wish.class_name, text, wish.path)
    replaced: dict[int, str] = {}
    fields, problems = [], []
    for field in wish.fields:
        try:
            before, lines = (_enable if wish.enabled else _disable)(text, body, wish, field)
        except Refused as error:
            problems.append(error.message)
            continue
        fields.append((field, before, bool(lines)))
        replaced.update(lines)
    if problems:
        raise FieldUnclear(" ".join(problems))
    stale = {_words(comment) for comment in wish.stale_comments}
    removed = [
        line
        for line in sorted(comment_lines(text))
        if body.first <= line <= body.last and line not in replaced and _words(text.lines[line - 1]) in stale
    ]
    after = split_lines(
        "".join(replaced.get(number, line) for number, line in enumerate(text.lines, 1) if number not in removed),
        text.encoding,
    )
    _require_only_these(tree, parse(after, f"{wish.path} after the change"), wish)
    return Edit(after, tuple(fields), tuple(text.lines[line - 1].strip() for line in removed))


def _enable(text: Text, body: Body, wish: Wish, field: str) -> tuple[str, dict[int, str]]:
    if find_active(body, field):
        return ENABLED, {}
    places = find_commented(text, body, field)
    where = f"{wish.path}, class {wish.class_name}: field {field}"
    if len(places) > 1:
        lines = ", ".join(str(place.first) for place in places)
        raise FieldUnclear(f"{where} is commented out {len(places)} times (lines {lines}): remove all but one.")
    if not places:
        raise FieldUnclear(f"{where} is neither there nor commented out.")
    (place,) = places
    return DISABLED, dict(enumerate(place.uncommented, place.first))


def _disable(text: Text, body: Body, wish: Wish, field: str) -> tuple[str, dict[int, str]]:
    active = find_active(body, field)
    if not active:
        return (DISABLED if find_commented(text, body, field) else ABSENT), {}
    lines = {}
    for statement in active:
        numbers = range(statement.lineno, (statement.end_lineno or 0) + 1)
        alone = not any(
            one is not statement and (one.lineno in numbers or one.end_lineno in numbers) for one in body.statements
        )
        if assigned_names(statement) != (field,) or not alone:
            raise FieldUnclear(
                f"{wish.path}, class {wish.class_name}: field {field} (line {statement.lineno}) shares its line or its "
                "statement with something else: put it on a line of its own."
            )
        for number in numbers:
            line = text.lines[number - 1]
            if line.strip() and not line.startswith(body.indent):
                raise FieldUnclear(
                    f"{wish.path}, class {wish.class_name}: line {number} of field {field} is indented less than the "
                    "class, it cannot be commented out and back again: write it otherwise."
                )
            end = line[len(line.rstrip("\r\n")) :]
            lines[number] = f"{body.indent}# {line[len(body.indent) :]}" if line.strip() else f"{body.indent}#{end}"
    return ENABLED, lines


def _require_only_these(before: ast.Module, after: ast.Module, wish: Wish) -> None:
    """Raise Refused unless both files say the same but for the fields: the last word before anything is written."""
    if _without(before, wish) != _without(after, wish):
        raise Refused(
            f"{wish.path}: the change would do more than switch {', '.join(wish.fields)} of {wish.class_name}. "
            "Nothing was written; please report it."
        )


def _without(tree: ast.Module, wish: Wish) -> str:
    """What the file says without the fields."""
    copy = ast.parse(ast.unparse(tree))
    node: Any = copy
    for name in wish.class_name.split("."):
        node = next(one for one in ast.walk(node) if isinstance(one, ast.ClassDef) and one.name == name)
    node.body = [one for one in node.body if not _is_one_of(one, wish.fields)]
    return ast.dump(copy)


def _is_one_of(statement: ast.stmt, fields: Sequence[str]) -> bool:
    names = assigned_names(statement)
    return len(names) == 1 and names[0] in fields


def _words(comment: str) -> str:
    return comment.strip().lstrip("#").strip()
