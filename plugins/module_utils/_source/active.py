# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a field is active otherwise than on a plain line of its class: in blocks, after the class, in a base class: pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from .find import ClassFound, rebindings
from .kinds import Kinds, plain_field
from .namespace import set_by_namespace
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
_COLUMN_OF_A_FIELD = ("db_field", "db_column")


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
            *(Finding(*one) for one in set_by_namespace(found, node, field)),
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
