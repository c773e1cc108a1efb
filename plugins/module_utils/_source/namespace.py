# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sets a field through the namespace of its class, such as C(locals()[name] = ...) or C(exec): pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .find import ClassFound
from .tree import dotted, enclosing, evaluated, mentions

_NAMESPACE = ("locals", "vars", "exec", "eval", "sys._getframe", "inspect.currentframe")
_READERS = ("list", "sorted", "tuple", "set", "frozenset", "dict", "len", "print", "iter", "repr", "str")


def set_by_namespace(found: ClassFound, node: ast.ClassDef, field: str) -> Iterator[tuple[int, str, bool]]:
    """Each line of the body that sets the field, or may set it, as a sentence, and whether it is certain."""
    for one in evaluated(*node.body):
        name = (dotted(one) or "").removeprefix("builtins.")
        call = found.parents[one]
        if name not in _NAMESPACE or not isinstance(one, (ast.Name, ast.Attribute)):
            continue
        is_called = isinstance(call, ast.Call) and call.func is one
        certain = _sets(name, call, field, found.parents) if isinstance(call, ast.Call) and is_called else None
        if certain:
            yield one.lineno, f"Line {one.lineno} sets {field} through {name}.", True
        elif certain is None:
            yield one.lineno, f"Line {one.lineno} may set names through {name} that only a run shows.", False


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
