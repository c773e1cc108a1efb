# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds each other mention of a field in its class, in the bases of the class, and next to the name of the class: pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from .find import ClassFound, bases
from .syntax import FUNCTIONS, dotted, evaluated, loads

_SETTERS = ("setattr", "__setattr__", "add_to_class", "contribute_to_class")
_ANY_NAME = ("exec", "eval", "locals", "vars", "setattr", "sys._getframe", "inspect.currentframe")


def mentions(found: ClassFound, field: str, without: Collection[ast.stmt] = ()) -> set[int]:
    """The lines that name the field, or can set any name of the class; C(without) are statements that are taken out."""
    nodes = [found.node, *(base.node for base in bases(found)[0])]
    decorators = loads(*found.node.decorator_list)
    parts: list[ast.AST] = [one for one in found.tree.body if isinstance(one, FUNCTIONS) and one.name in decorators]
    lines = set()
    for node in nodes:
        parts += [*node.decorator_list, *node.bases, *node.keywords, *(one for one in node.body if one not in without)]
        names = [one for one in evaluated(*node.body) if (dotted(one) or "").removeprefix("builtins.") in _ANY_NAME]
        lines |= {getattr(one, "lineno", 0) for one in names}
    for part in parts:
        lines |= naming(part, field)
    # What runs when the file is imported, such as Index(Order.field).
    others = [one for one in found.tree.body if not any(node in nodes for node in ast.walk(one))]
    for other in others:
        for part in other.body if isinstance(other, ast.ClassDef) else [other]:
            is_both = not isinstance(part, FUNCTIONS) and naming(part, found.node.name)
            lines |= naming(part, field) if is_both else set()
    return lines


def set_from_outside(found: ClassFound, field: str) -> list[int]:
    """The lines that give the class the field from outside, as in C(Order.field = ...) or C(setattr(Order, ...))."""
    lines = set()
    for one in ast.walk(found.tree):
        if isinstance(one, ast.Attribute) and one.attr == field and not isinstance(one.ctx, ast.Load):
            lines |= {one.lineno} if dotted(one.value) == found.name else set()
        if isinstance(one, ast.Call) and getattr(one.func, "attr", dotted(one.func)) in _SETTERS:
            lines |= naming(one, field) if naming(one, found.node.name) else set()
    return sorted(lines)


def naming(root: ast.AST, name: str) -> set[int]:
    """The lines of code that name something so, as a name, an attribute, an argument or in a text that is no docstring."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    nodes = [*ast.walk(root)]
    docstrings = {one.value for one in nodes if isinstance(one, ast.Expr)}
    lines = set()
    for node in nodes:
        values = [
            one for _key, value in ast.iter_fields(node) for one in (value if isinstance(value, list) else [value])
        ]
        if any(isinstance(one, str) and word.search(one) for one in values) and node not in docstrings:
            # Python 3.9 gives no line to a name that is imported.
            lines.add(getattr(node, "lineno", getattr(root, "lineno", 0)))
    return lines
