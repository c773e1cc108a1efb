# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds a class and its fields, active and commented out, by their names and never by line numbers: pure."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from .._errors import InvalidInput, Refused
from .text import Text, comment_lines, indentation


class FieldUnclear(Refused):
    """A class or a field is found nowhere, or more than once."""

    kind = "field_unclear"


@dataclass(frozen=True)
class Place:
    """The lines of one field, numbered from 1, both ends included; C(uncommented) is their text as code."""

    first: int
    last: int
    uncommented: tuple[str, ...] = ()
    is_call: bool = False


@dataclass(frozen=True)
class Body:
    """The body of one class: its lines, its indentation, and the lines which its statements occupy."""

    first: int
    last: int
    indent: str
    statements: tuple[ast.stmt, ...]

    def is_inside_a_statement(self, line: int) -> bool:
        """Whether the line belongs to a method, an inner class or a bracket: a field cannot stand there."""
        return any(_first_line(one) <= line <= (one.end_lineno or 0) for one in self.statements)


def parse(text: Text, path: str) -> ast.Module:
    """The tree of a file; raises InvalidInput where it does not compile."""
    try:
        tree = ast.parse(text.source)
        compile(text.source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        where = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        raise InvalidInput(f"{path} is no valid Python source{where}: {error.args[0]}.") from error
    return tree


def find_class(tree: ast.Module, name: str, text: Text, path: str) -> Body:
    """The body of the class with that name, C(Outer.Inner) for an inner one; raises FieldUnclear."""
    classes = list(_classes(tree, "", len(text.lines)))
    found = [(node, last) for qualified, node, last in classes if qualified == name]
    if len(found) > 1:
        lines = ", ".join(str(node.lineno) for node, _last in found)
        raise FieldUnclear(f"{path} has {len(found)} classes {name} (lines {lines}): it is not clear which is meant.")
    if not found:
        names = [qualified for qualified, _node, _last in classes]
        near = difflib.get_close_matches(name, names, max(1, len(names)), 0)
        has = f"it has {', '.join(near)}" if near else "it has no class"
        raise FieldUnclear(f"{path} has no class {name}: {has}.")
    ((node, last),) = found
    statements = [one for one in node.body if _first_line(one) > node.lineno]
    if not statements:
        raise FieldUnclear(f"{path}: the body of class {name} stands on the line of its name, no field can be there.")
    indent = indentation(text.lines[_first_line(statements[0]) - 1])
    return Body(node.lineno + 1, last, indent, tuple(node.body))


def find_active(body: Body, field: str) -> tuple[ast.stmt, ...]:
    """The statements of the class body which give the field its value."""
    return tuple(one for one in body.statements if field in assigned_names(one))


def find_commented(text: Text, body: Body, field: str) -> tuple[Place, ...]:
    """The places where the class body holds the field commented out, and not merely words about it."""
    comments = {
        line for line in comment_lines(text) if body.first <= line <= body.last and not body.is_inside_a_statement(line)
    }
    begins = re.compile(rf"{re.escape(field)}\s*[:=]")
    found = []
    for line in sorted(comments):
        code = _uncomment(text.lines[line - 1], body.indent)
        if code is not None and begins.match(code.strip()):
            place = _statement_at(text, body, comments, line, field)
            if place:
                found.append(place)
    # A field is made by a call. "source = unknown" may be words, but only where something better is there.
    return tuple(place for place in found if place.is_call) or tuple(found)


def assigned_names(statement: ast.stmt) -> tuple[str, ...]:
    """The names to which a statement of a class body gives a value."""
    if isinstance(statement, ast.Assign):
        return tuple(target.id for target in statement.targets if isinstance(target, ast.Name))
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return (statement.target.id,)
    return ()


def _classes(node: ast.AST, prefix: str, last: int) -> Iterator[tuple[str, ast.ClassDef, int]]:
    """Every class with its qualified name and the last line which can belong to it, comments after it included."""
    children = list(ast.iter_child_nodes(node))
    places = [_first_line(child) for child in children if isinstance(child, (ast.stmt, ast.excepthandler))]
    for child in children:
        if not isinstance(child, (ast.stmt, ast.excepthandler)):
            continue
        following = [place for place in places if place > (child.end_lineno or 0)]
        end = min(following) - 1 if following else last
        if isinstance(child, ast.ClassDef):
            yield f"{prefix}{child.name}", child, end
            yield from _classes(child, f"{prefix}{child.name}.", end)
        elif not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _classes(child, prefix, end)


def _statement_at(text: Text, body: Body, comments: set[int], first: int, field: str) -> Place | None:
    """The field whose first line this comment is: as many comment lines as make one whole statement."""
    code: list[str] = []
    line = first
    while line in comments:
        uncommented = _uncomment(text.lines[line - 1], body.indent)
        if uncommented is None:
            return None
        code.append(uncommented)
        try:
            (statement,) = ast.parse("if True:\n" + "".join(code)).body[0].body  # type: ignore[attr-defined]
        except (SyntaxError, ValueError):
            line += 1
            continue
        if assigned_names(statement) != (field,) or statement.value is None:
            return None
        return Place(first, line, tuple(code), isinstance(statement.value, ast.Call))
    return None


def _uncomment(line: str, indent: str) -> str | None:
    """The line without its comment sign, if that stands at the indentation of the body or before it, else None."""
    if indentation(line) == indent:
        code = line[len(indent) + 1 :]
        return indent + (code[1:] if code.startswith(" ") else code)
    if line.startswith("#"):
        # Some editors put the sign at the very beginning of the line.
        for code in (line.removeprefix("# "), line[1:]):
            if code.startswith(indent):
                return code
    return None


def _first_line(node: ast.AST) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    nodes: list[ast.expr | ast.stmt] = [cast(ast.stmt, node), *decorators]
    return min(one.lineno for one in nodes)
