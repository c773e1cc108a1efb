# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds a class of a file by its name, its bases in the same file, and what names a field in and around them: pure."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from .._errors import Refused
from .text import FUNCTIONS, Text, at, bindings, comment_lines, dotted, parse


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


def find_class(text: Text, name: str, path: str) -> ClassFound:
    """The class with that name, C(Outer.Inner) for an inner one; raises InvalidInput or FieldUnclear."""
    return class_of(text, *read_classes(text, path), name, path)


def read_classes(text: Text, path: str) -> tuple[ast.Module, dict[str, list[ast.ClassDef]]]:
    """The tree of the file and its classes by their names, in the order of their lines; raises InvalidInput."""
    tree = parse(text, path)
    classes: dict[str, list[ast.ClassDef]] = {}
    for qualified, node in sorted(_classes(tree), key=lambda found: found[1].lineno):
        classes.setdefault(qualified, []).append(node)
    return tree, classes


def class_of(text: Text, tree: ast.Module, classes: dict[str, list[ast.ClassDef]], name: str, path: str) -> ClassFound:
    """One class of a file that was read; raises FieldUnclear if there is none of that name, or not one alone."""
    if name not in classes:
        near = ", ".join(difflib.get_close_matches(name, classes, 10, 0))
        raise FieldUnclear(f"{path} has no class {name} outside of functions; it has {near or 'none at all'}.")
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


def mentions(found: ClassFound, field: str, without: Collection[ast.stmt] = ()) -> set[int]:
    """The lines that name the field in the class, in its bases, or next to the name of the class when the file is
    imported, such as C(Index(Order.field)); C(without) are statements that are taken out.
    """
    nodes = [found.node, *(base.node for base in bases(found)[0])]
    lines = set()
    for node in nodes:
        body = [one for one in node.body if one not in without]
        for part in (*node.decorator_list, *node.bases, *node.keywords, *body):
            lines |= _naming(part, field)
    others = [one for one in found.tree.body if not any(node in nodes for node in ast.walk(one))]
    for other in others:
        for part in other.body if isinstance(other, ast.ClassDef) else [other]:
            if not isinstance(part, FUNCTIONS) and _naming(part, found.node.name):
                lines |= _naming(part, field)
    return lines


def set_from_outside(found: ClassFound, field: str) -> list[int]:
    """The lines that give the class the field from outside, as in C(Order.field = ...)."""
    stores = (
        one for one in ast.walk(found.tree) if isinstance(one, ast.Attribute) and not isinstance(one.ctx, ast.Load)
    )
    return [one.lineno for one in stores if one.attr == field and dotted(one.value) == found.name]


def _naming(root: ast.AST, name: str) -> set[int]:
    """The lines of code that name something so, as a name, an attribute, an argument or in a text that is no docstring."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    nodes = [*ast.walk(root)]
    docstrings = {one.value for one in nodes if isinstance(one, ast.Expr)}
    lines = set()
    for node in nodes:
        values = [value for _key, value in ast.iter_fields(node)]
        values += [one for value in values if isinstance(value, list) for one in value]
        if any(isinstance(one, str) and word.search(one) for one in values) and node not in docstrings:
            # Python 3.9 gives no line to a name that is imported.
            lines.add(getattr(node, "lineno", getattr(root, "lineno", 0)))
    return lines


def _read_class(found: ClassFound) -> ClassFound:
    """The class with its indentation and its comments, those between its end and the next code included."""
    lines, node = found.text.lines, found.node
    rest = enumerate(lines[node.end_lineno :], (node.end_lineno or 0) + 1)
    end = next((number for number, line in rest if line.strip() and not line.lstrip().startswith("#")), len(lines) + 1)
    comments = tuple(line for line in comment_lines(found.text) if node.lineno < line < end)
    before = (lines[one.lineno - 1][: one.col_offset] for one in node.body)
    return replace(found, indent=next((text for text in before if not text.strip()), None), comments=comments)


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
