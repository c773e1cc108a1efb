# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The syntax tree of a file and questions to it, without recursion so that no depth of nesting stops them: pure."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from .._errors import InvalidInput
from .text import Text

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def parse(text: Text, path: str) -> ast.Module:
    """The tree of a file; raises InvalidInput if it does not compile."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.source)
            # Some errors are found by the compiler alone, such as a return outside of a function.
            compile(tree, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        version = ".".join(map(str, sys.version_info[:2]))
        raise InvalidInput(
            f"{path} is no valid Python source for Python {version}, which runs this module{line}: {error.args[0]}. If "
            "the application needs a newer Python, set ansible_python_interpreter to that one."
        ) from error
    return tree


def parse_code(code: str) -> list[ast.stmt]:
    """The statements of a piece of code, none if it is no code."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def evaluated(*roots: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run in the scope of the roots: not the bodies of functions, lambdas, classes and comprehensions."""
    stack = [*reversed(roots)]
    while stack:
        node = stack.pop()
        yield node
        children = [*ast.iter_child_nodes(node)]
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            children = [child for child in children if not isinstance(child, ast.stmt)]
        elif isinstance(node, ast.Lambda):
            children = [node.args]
        elif isinstance(node, _COMPREHENSIONS):
            children = [node.generators[0].iter]
        stack.extend(reversed(children))


def bindings(*statements: ast.stmt) -> Iterator[tuple[str, int, ast.stmt]]:
    """Each name that the statements bind in their own scope, its line, and the statement."""
    for statement in statements:
        line = statement.lineno
        for one in evaluated(statement):
            # Python 3.9 gives no line to a name that is imported: that of its statement came just before.
            line = getattr(one, "lineno", line)
            yield from ((name, line, statement) for name in _bound_names(one))


def loads(*roots: ast.AST) -> set[str]:
    """The names that the roots read in their own scope."""
    return {one.id for one in evaluated(*roots) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def dotted(node: Any) -> str | None:
    """The text of a name with attributes, such as C(columns.Text), or None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else None


def shape(tree: ast.AST) -> list[object]:
    """What a tree says without the places of its nodes: two trees are the same if their shapes are."""
    fields = ((type(node), [*ast.iter_fields(node)]) for node in ast.walk(tree))
    return [(kind, [(name, _flat(value)) for name, value in values]) for kind, values in fields]


def _flat(value: Any) -> object:
    nodes = value if isinstance(value, list) else [value]
    return [type(one) if isinstance(one, ast.AST) else repr(one) for one in nodes]


def _bound_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.alias):
        return [node.asname or node.name.split(".")[0]]
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant):
        return [str(node.slice.value)] if dotted(getattr(node.value, "func", None)) in ("locals", "vars") else []
    # Functions, classes, except clauses, global names, and the patterns of match, which Python 3.9 does not know.
    found = (getattr(node, "name", None), getattr(node, "rest", None), *getattr(node, "names", ()))
    return [name for name in found if isinstance(name, str)]
