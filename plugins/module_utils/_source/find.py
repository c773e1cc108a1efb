# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds a class of a file by its name: pure."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from .._errors import Refused
from .text import Text, comment_lines, indentation
from .tree import FUNCTIONS, bound_names, dotted, evaluated, parents_of


class FieldUnclear(Refused):
    """A class or a field is found nowhere, more than once, or where it cannot be edited."""

    kind = "field_unclear"


@dataclass(frozen=True, eq=False)
class ClassFound:
    """A class of a file; C(indent) is that of its body, or None where the body stands on the line of the name."""

    path: str
    name: str
    text: Text
    tree: ast.Module
    node: ast.ClassDef
    indent: str | None
    comments: frozenset[int]
    parents: dict[ast.AST, ast.AST]
    classes: dict[str, list[ast.ClassDef]]

    def is_inside_a_statement(self, line: int) -> bool:
        """Whether the line belongs to a method, an inner class or a block: a field cannot stand there."""
        return any(first_line(one) <= line <= (one.end_lineno or 0) for one in self.node.body)


def find_class(tree: ast.Module, name: str, text: Text, path: str) -> ClassFound:
    """The class with that name, C(Outer.Inner) for an inner one; raises FieldUnclear."""
    classes: dict[str, list[ast.ClassDef]] = {}
    for qualified, node in sorted(_classes(tree), key=lambda found: found[1].lineno):
        classes.setdefault(qualified, []).append(node)
    if name not in classes:
        raise FieldUnclear(f"{path} has no class {name}: {_what_there_is(tree, name, [*classes])}.")
    scope: ast.Module | ast.ClassDef = tree
    for part in accumulate(name.split("."), "{}.{}".format):
        scope = node = _only_class(scope, part, classes[part], path)
    end = node.end_lineno or 0
    last = next((line for line in range(end + 1, len(text.lines) + 1) if _is_code(text.lines[line - 1])), None)
    lines_of_class = range(node.lineno + 1, last or len(text.lines) + 1)
    comments = comment_lines(text) & frozenset(lines_of_class)
    return ClassFound(path, name, text, tree, node, _indent(node, text), comments, parents_of(tree), classes)


def _only_class(scope: ast.Module | ast.ClassDef, name: str, nodes: list[ast.ClassDef], path: str) -> ast.ClassDef:
    """The class; raises FieldUnclear where the scope gives its name to something else too."""
    if len(nodes) > 1:
        lines = ", ".join(str(node.lineno) for node in nodes)
        raise FieldUnclear(f"{path} has {len(nodes)} classes {name} (lines {lines}): it is not clear which is meant.")
    (node,) = nodes
    others = [line for line, is_decorator in rebindings(scope, node) if not is_decorator]
    if others:
        raise FieldUnclear(
            f"{path}: class {name} (line {node.lineno}) is not all that has this name; it is also given in line "
            f"{', '.join(map(str, others))}. Which one the application uses cannot be known."
        )
    return node


def rebindings(scope: ast.Module | ast.ClassDef, node: ast.ClassDef) -> list[tuple[int, bool]]:
    """The lines that give the name of a class to something else; whether each is a call that gets the class itself."""
    found = []
    for statement in scope.body:
        line = statement.lineno
        for one in evaluated(statement):
            # Python 3.9 gives no line to a name that is imported: that of its statement came just before.
            line = getattr(one, "lineno", line)
            if one is node or node.name not in bound_names(one):
                continue
            value = statement.value if isinstance(statement, ast.Assign) else None
            is_decorator = isinstance(value, ast.Call) and node.name in [dotted(argument) for argument in value.args]
            found.append((line, is_decorator))
    return found


def first_line(node: ast.AST) -> int:
    """The first line of a statement, its decorators included."""
    lines: list[int] = [one.lineno for one in (node, *getattr(node, "decorator_list", []))]
    return min(lines)


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


def _what_there_is(tree: ast.Module, name: str, names: list[str]) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == name and name not in names:
            return f"the one in line {node.lineno} is inside a function or another class"
    near = difflib.get_close_matches(name, names, 10, 0)
    return f"it has {', '.join(near)}" if near else "it has no class"


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(node: ast.ClassDef, text: Text) -> str | None:
    for statement in node.body:
        line = text.lines[first_line(statement) - 1]
        before = line.encode()[: statement.col_offset]
        if getattr(statement, "decorator_list", None) or (statement.lineno > node.lineno and not before.strip()):
            return indentation(line)
    return None
