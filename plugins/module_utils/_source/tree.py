# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to a syntax tree, without recursion, so that no depth of nesting stops them: pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def evaluated(*roots: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run in the scope of the roots: not the bodies of functions, lambdas, classes and comprehensions."""
    stack = [*reversed(roots)]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(_children_of_scope(node)))


def _children_of_scope(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, (*FUNCTIONS, ast.Lambda)):
        inside = set(map(id, node.body)) if isinstance(node.body, list) else {id(node.body)}
        return [child for child in ast.iter_child_nodes(node) if id(child) not in inside]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    if isinstance(node, _COMPREHENSIONS):
        return [node.generators[0].iter]
    return [*ast.iter_child_nodes(node)]


def bound_names(node: ast.AST) -> tuple[str, ...]:
    """The names that this one node gives a value, takes one from, or declares."""
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, ast.alias):
        return (node.asname or node.name.split(".")[0],)
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return tuple(node.names)
    # Functions, classes, except clauses, and the patterns of match, which Python 3.9 does not know.
    found = (getattr(node, "name", None), getattr(node, "rest", None))
    return tuple(name for name in found if isinstance(name, str))


def bound_names_of(statement: ast.stmt) -> list[str]:
    """All names that a statement binds in its own scope."""
    return [name for one in evaluated(statement) for name in bound_names(one)]


def dotted(node: ast.AST) -> str | None:
    """The text of a name with attributes, such as C(columns.Text), or None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else None


def mentions(node: ast.AST, name: str, in_text: bool = False) -> bool:
    """Whether the node holds the name as a string or a keyword; C(in_text) also finds it inside of a longer string."""
    for one in ast.walk(node):
        if isinstance(one, ast.keyword) and one.arg == name:
            return True
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            if one.value.lstrip("+-") == name:
                return True
            if in_text and re.search(rf"\b{re.escape(name)}\b", one.value):
                return True
    return False


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """The parent of each node below the root."""
    parents: dict[ast.AST, ast.AST] = {}
    nodes = [tree]
    # The list grows while it is read.
    for node in nodes:
        children = [*ast.iter_child_nodes(node)]
        nodes.extend(children)
        parents.update(dict.fromkeys(children, node))
    return parents


def enclosing(node: ast.AST, kinds: Any, parents: dict[ast.AST, ast.AST]) -> ast.AST | None:
    """The nearest node of these kinds around a node, or None."""
    found = parents.get(node)
    while found is not None and not isinstance(found, kinds):
        found = parents.get(found)
    return found


def same_but(before: ast.AST, after: ast.AST, left_out: set[ast.AST]) -> bool:
    """Whether two trees say the same, with some statements left out of both."""
    stack: list[tuple[Any, Any]] = [(before, after)]
    while stack:
        one, other = stack.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, list):
            one, other = ([item for item in side if item not in left_out] for side in (one, other))
            if len(one) != len(other):
                return False
            stack.extend(zip(one, other))
        elif isinstance(one, ast.AST):
            stack.extend((getattr(one, name, None), getattr(other, name, None)) for name in one._fields)
        elif repr(one) != repr(other):
            return False
    return True
