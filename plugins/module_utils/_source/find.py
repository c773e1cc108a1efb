# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds a class of a file by its name, and its bases in the same file: pure."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from .._errors import Refused
from .syntax import FUNCTIONS, bindings, dotted
from .text import Text, at, comment_lines, indentation


class FieldUnclear(Refused):
    """A class or a field is found nowhere, more than once, or in a place where it cannot be edited."""

    kind = "field_unclear"


@dataclass(frozen=True, eq=False)
class ClassFound:
    """A class of a file; C(indent) is that of its body, or None if the body stands on the line of the name."""

    name: str
    text: Text
    tree: ast.Module
    node: ast.ClassDef
    classes: dict[str, list[ast.ClassDef]]
    indent: str | None = None
    comments: tuple[int, ...] = ()


def find_class(tree: ast.Module, name: str, text: Text, path: str) -> ClassFound:
    """The class with that name, C(Outer.Inner) for an inner one; raises FieldUnclear."""
    classes: dict[str, list[ast.ClassDef]] = {}
    for qualified, node in sorted(_classes(tree), key=lambda found: found[1].lineno):
        classes.setdefault(qualified, []).append(node)
    if name not in classes:
        hidden = [one.lineno for one in ast.walk(tree) if isinstance(one, ast.ClassDef) and one.name == name]
        near = ", ".join(difflib.get_close_matches(name, classes, 10, 0))
        there = f"the one in {at(hidden)} is inside a function or another class" if hidden else f"it has {near}"
        raise FieldUnclear(f"{path} has no class {name}: {there if hidden or near else 'it has no class'}.")
    body = tree.body
    for part in accumulate(name.split("."), "{}.{}".format):
        lines = {line for one, line, _it in bindings(*body) if one == part.rpartition(".")[2]}
        lines |= {one.lineno for one in classes[part]}
        if len(lines) > 1:
            raise FieldUnclear(
                f"{path} gives the name of class {part} more than once, in {at(lines)}, so that it is not clear which one "
                "the application uses: rename or remove all but one."
            )
        body = classes[part][0].body
    return _read_class(ClassFound(name, text, tree, classes[name][0], classes))


def bases(found: ClassFound) -> tuple[list[ClassFound], list[str]]:
    """The base classes in the same file, nearest first, and the others as the file writes them."""
    known: dict[ast.ClassDef, ClassFound] = {}
    unknown: dict[str, None] = {}
    queue = [*found.node.bases]
    for base in queue:
        name = dotted(base) or f"in line {base.lineno}"
        outer = f"{found.name.rpartition('.')[0]}.{name}"
        nodes = [node for node in found.classes.get(outer) or found.classes.get(name, []) if node is not found.node]
        unknown.update({} if nodes or name == "object" else {name: None})
        for node in nodes:
            if node not in known:
                known[node] = _read_class(replace(found, name=name, node=node))
                # The list grows while it is read.
                queue.extend(node.bases)
    return [*known.values()], [*unknown]


def first_line(node: ast.AST) -> int:
    """The first line of a statement, its decorators included."""
    lines: list[int] = [one.lineno for one in (node, *getattr(node, "decorator_list", []))]
    return min(lines)


def _read_class(found: ClassFound) -> ClassFound:
    """The class with its indentation and its comments, those between its end and the next code included."""
    lines, node, indent = found.text.lines, found.node, None
    numbers = range((node.end_lineno or 0) + 1, len(lines) + 1)
    code = (
        number for number in numbers if lines[number - 1].strip() and not lines[number - 1].lstrip().startswith("#")
    )
    last = next(code, len(lines) + 1)
    comments = sorted(line for line in comment_lines(found.text) if node.lineno < line < last)
    for statement in reversed(node.body):
        line, before = lines[statement.lineno - 1], lines[statement.lineno - 1].encode()[: statement.col_offset]
        indent = indentation(line) if statement.lineno > node.lineno and not before.strip() else indent
    return replace(found, indent=indent, comments=tuple(comments))


def _classes(tree: ast.Module) -> Iterator[tuple[str, ast.ClassDef]]:
    """Every class with its qualified name, those inside of functions left out."""
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, prefix = stack.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                yield prefix + child.name, child
                stack.append((child, f"{prefix}{child.name}."))
            elif not isinstance(child, (*FUNCTIONS, ast.expr)):
                stack.append((child, prefix))
