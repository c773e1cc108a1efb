# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the line of a field says: whether it is one, what it requires of the table, and what it needs of the file: pure."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from .find import ClassFound, bases
from .text import bindings, dotted, evaluated

_KEY = ("primary_key", "partition_key")
_COLUMN_OF_A_FIELD = ("db_field", "db_column")


def plain_field(statement: ast.stmt | None) -> str | None:
    """The name that a statement gives a value in the plainest way, C(name = value) or C(name: type = value), or None."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [name for name, *_line in bindings(statement)]
    return names[0] if len(names) == len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def constructor(statement: ast.stmt | None) -> str | None:
    """The text of the constructor that a field is made by, such as C(columns.Text), or None if it is no such call."""
    value = getattr(statement, "value", None)
    return dotted(value.func) if isinstance(value, ast.Call) else None


def no_field(found: ClassFound, field: str, statement: ast.stmt) -> str | None:
    """What speaks against taking the statement for a field, as the end of a sentence, or None."""
    name = constructor(statement)
    if name is None:
        return "is given what is no call of a constructor"
    body = [one for base in (found, *bases(found)[0]) for one in base.node.body]
    others = {constructor(one) for one in body if plain_field(one) not in (None, field)}
    if name in others or name.rpartition(".")[2][:1].isupper():
        return None
    return f"is made by {name}, which has no name of a class and makes no other field"


def key_problem(statement: ast.stmt | None) -> str | None:
    """Why the field is, or may be, a part of the primary key, as the end of a sentence, or None."""
    given, named = getattr(getattr(statement, "value", None), "args", []), _arguments(statement)
    # The first two arguments of a column of cqlengine are those of the key.
    is_key = any(isinstance(one, ast.Constant) and one.value is True for one in given[:2])
    if is_key or any(_is_set(named.get(word)) for word in _KEY):
        return "is a part of the primary key, which no migration can change"
    if None in named or any(isinstance(one, ast.Starred) for one in given):
        return "takes arguments that only a run shows, and may be a part of the primary key: write them out"
    return None


def column_of(statement: ast.stmt) -> str | None:
    """The column that a field names, or None if it names none."""
    values = [value for name, value in _arguments(statement).items() if name in _COLUMN_OF_A_FIELD]
    return str(values[0].value) if values and isinstance(values[0], ast.Constant) else None


def notes_on(name: str, statement: ast.stmt, line: int) -> Iterator[str]:
    """What the line of a field says about its column, which has to be true of the table."""
    column, named = column_of(statement), _arguments(statement)
    if column not in (None, name):
        yield f"Line {line} says db_field={column!r}: the table must have column {column}, and needs no column {name}."
    must = {"static": "must be static in the table", "index": "needs an index in the table"}
    for word, what in must.items():
        if _is_set(named.get(word)):
            yield f"Line {line} says {word}=True: column {name} {what}, or queries of the application fail."


def hides(found: ClassFound, name: str, coming: Iterable[tuple[int, ast.stmt]], line: int) -> list[int]:
    """The lines of the class body below a field that mean something else by its name than the field."""
    outside = {one for one, *_line in bindings(*found.tree.body)} | {*dir(builtins)}
    if not outside & {name, "*"}:
        return []
    below = [*((one.lineno, one) for one in found.node.body), *coming]
    return [number for number, statement in below if number > line and name in _read(evaluated(statement))]


def undefined(found: ClassFound, statement: ast.stmt, line: int, coming: Iterable[tuple[int, ast.stmt]]) -> list[str]:
    """The names that a field of this line uses and nothing above it defines: the import of the file would fail."""
    # What stands there is for type checkers, and does not run.
    module = [
        one for one in found.tree.body if not (dotted(getattr(one, "test", None)) or "").endswith("TYPE_CHECKING")
    ]
    above = {*dir(builtins), *(plain_field(one) for number, one in coming if number < line)}
    above |= {name for name, number, _it in bindings(*module) if number < found.node.lineno}
    above |= {name for name, number, _it in bindings(*found.node.body) if number < line}
    nodes = [one for part in ("value", "annotation") for one in ast.walk(getattr(statement, part, ast.Pass()))]
    own = {one.arg for one in nodes if isinstance(one, ast.arg)}
    own |= {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return [] if "*" in above else sorted(_read(nodes) - above - own)


def _read(nodes: Iterable[ast.AST]) -> set[str]:
    return {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def _arguments(statement: ast.stmt | None) -> dict[str | None, ast.expr]:
    """The keyword arguments of a field; None is the name of those that only a run shows, C(**options)."""
    return {one.arg: one.value for one in getattr(getattr(statement, "value", None), "keywords", [])}


def _is_set(value: ast.expr | None) -> bool:
    return value is not None and (not isinstance(value, ast.Constant) or bool(value.value))
