# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a field is active otherwise than on a plain line of its class: in blocks, after the class, in a base class: pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from .find import ClassFound, rebindings
from .kinds import Kinds, plain_field
from .outside import set_from_outside
from .tree import bound_names, dotted, enclosing, evaluated, mentions

_WHERE = {
    "If": "inside an if block",
    "Try": "inside a try block",
    "TryStar": "inside a try block",
    "With": "in a with block",
    "For": "in a for loop",
    "While": "in a while loop",
    "Match": "in a match block",
    "Assign": "in one statement with others",
    "AnnAssign": "in an annotation without a value, or with others",
    "AugAssign": "by augmented assignment",
    "Import": "by an import",
    "ImportFrom": "by an import",
    "FunctionDef": "as a method or a property",
    "AsyncFunctionDef": "as a method",
    "ClassDef": "as an inner class",
    "Delete": "by del, which removes it",
    "Global": "as a global name",
}
_NAMESPACE = ("locals", "vars", "exec", "eval", "sys._getframe", "inspect.currentframe")
_COLUMN_OF_A_FIELD = ("db_field", "db_column")
_READERS = ("list", "sorted", "tuple", "set", "frozenset", "dict", "len", "print", "iter", "repr", "str")


class Finding(NamedTuple):
    """A line that sets the field, or (if not C(certain)) may set it, and how, as a sentence."""

    line: int
    sentence: str
    certain: bool = True


def bindings(node: ast.ClassDef, field: str) -> list[tuple[ast.stmt, Finding]]:
    """Each statement of a class body that gives the name a value, at whatever depth, in the order of lines."""
    found = []
    for statement in node.body:
        line = statement.lineno
        for one in evaluated(statement):
            line = getattr(one, "lineno", line)
            if field in bound_names(one):
                where = _WHERE.get(type(statement).__name__, "inside an expression")
                if plain_field(statement) == field:
                    where = "by assignment"
                found.append((statement, Finding(line, f"Line {line} sets {field} {where}.")))
    return found


def set_otherwise(found: ClassFound, node: ast.ClassDef, name: str, field: str, kinds: Kinds) -> list[Finding]:
    """What sets, or may set, the field of a class of the file by other means than a name in its body."""
    return sorted(
        {
            *_by_namespace(found, node, field),
            *_by_its_head(node, field),
            *_by_its_column(found, node, field),
            *(Finding(*one) for one in set_from_outside(found, node, name, field, kinds)),
        }
    )


def lineage(found: ClassFound) -> tuple[dict[str, ast.ClassDef], list[str]]:
    """The base classes in the same file, nearest first, and what is not in it, as the file writes it."""
    known: dict[str, ast.ClassDef] = {}
    unknown: list[str] = []
    queue = [*found.node.bases]
    while queue:
        base = queue.pop(0)
        name = dotted(base)
        nodes = [node for node in found.classes.get(name or "", []) if node is not found.node]
        if not nodes and name != "object":
            unknown.append(name or f"in line {base.lineno}")
        for number, node in enumerate(nodes):
            if node not in known.values():
                known[f"{name}{'' if number == 0 else f' (line {node.lineno})'}"] = node
                queue.extend(node.bases)
    return known, list(dict.fromkeys(unknown))


def notes_on_class(found: ClassFound, unknown_bases: list[str]) -> list[str]:
    """What else may add or remove fields of the class, and cannot be known from its file."""
    node = found.node
    notes = []
    if unknown_bases:
        notes.append(f"Base class {', '.join(unknown_bases)} is not in this file.")
    if node.keywords:
        notes.append(
            f"The keywords of the class ({', '.join(str(one.arg or '**') for one in node.keywords)}) may act on it."
        )
    notes.extend(f"The decorator in line {one.lineno} may act on the class." for one in node.decorator_list)
    for one in found.parents:
        if isinstance(one, ast.ImportFrom) and one.names[0].name == "*" and one.lineno > node.lineno:
            notes.append(f"Line {one.lineno} imports all names of {one.module}, which may replace the class.")
    block = found.parents[node]
    if not isinstance(block, (ast.Module, ast.ClassDef)):
        notes.append(f"The class is defined inside a block (line {node.lineno}).")
    outer = enclosing(node, (ast.Module, ast.ClassDef), found.parents)
    if isinstance(outer, (ast.Module, ast.ClassDef)):
        notes.extend(
            f"Line {line} replaces the class by what a call returns." for line, _call in rebindings(outer, node)
        )
    return [f"{note} Whether it has a field of these names cannot be known." for note in notes]


def _by_its_head(node: ast.ClassDef, field: str) -> Iterator[Finding]:
    heads: list[ast.expr | ast.keyword] = [*node.decorator_list, *node.bases, *node.keywords]
    for one in heads:
        line = (one.value if isinstance(one, ast.keyword) else one).lineno
        if mentions(one, field):
            yield Finding(line, f"Line {line} names {field} in a decorator, a base or a keyword of the class.")


def _by_its_column(found: ClassFound, node: ast.ClassDef, field: str) -> Iterator[Finding]:
    """Other fields that read and write the column of this name."""
    for one in evaluated(*node.body):
        if isinstance(one, ast.keyword) and one.arg in _COLUMN_OF_A_FIELD and mentions(one.value, field):
            statement = enclosing(one, ast.stmt, found.parents)
            line = one.value.lineno
            if not isinstance(statement, ast.stmt) or plain_field(statement) != field:
                yield Finding(line, f"Line {line} makes {field} the column of another field.")


def _by_namespace(found: ClassFound, node: ast.ClassDef, field: str) -> Iterator[Finding]:
    """Calls in the class body of what can set a name that is not written as one."""
    for one in evaluated(*node.body):
        name = (dotted(one) or "").removeprefix("builtins.")
        call = found.parents[one]
        if name not in _NAMESPACE or not isinstance(one, (ast.Name, ast.Attribute)):
            continue
        is_called = isinstance(call, ast.Call) and call.func is one
        certain = _sets(name, call, field, found.parents) if isinstance(call, ast.Call) and is_called else None
        if certain:
            yield Finding(one.lineno, f"Line {one.lineno} sets {field} through {name}.")
        elif certain is None:
            yield Finding(one.lineno, f"Line {one.lineno} may set names through {name} that only a run shows.", False)


def _sets(name: str, call: ast.Call, field: str, parents: dict[ast.AST, ast.AST]) -> bool | None:
    """Whether a call that reaches the namespace of the class sets the field; None if that cannot be known."""
    parent = parents[call]
    if name == "vars" and call.args:
        return False
    if name in ("exec", "eval"):
        known = bool(call.args) and isinstance(call.args[0], ast.Constant)
        return mentions(call, field, in_text=True) or (False if known else None)
    if isinstance(parent, ast.Subscript):
        if isinstance(parent.ctx, ast.Load):
            return False
        return parent.slice.value == field if isinstance(parent.slice, ast.Constant) else None
    if isinstance(parent, ast.Attribute):
        if parent.attr in ("get", "items", "keys", "values", "copy"):
            return False
        outer = parents[parent]
        written = isinstance(outer, ast.Call) and all(one.arg for one in outer.keywords) and not outer.args
        return mentions(outer, field) or (False if written else None)
    is_given = isinstance(parent, ast.Call) and dotted(parent.func) in _READERS
    if is_given or isinstance(parent, (ast.comprehension, ast.For, ast.Compare)):
        return False
    statement = enclosing(call, ast.stmt, parents)
    return (statement is not None and mentions(statement, field)) or None
