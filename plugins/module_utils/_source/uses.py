# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What uses a field while its file is imported, and would break without it: pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from .find import ClassFound
from .kinds import Kinds, plain_field
from .tree import FUNCTIONS, bound_names, dotted, enclosing, evaluated, mentions


def uses(found: ClassFound, field: str, statement: ast.stmt, going: Collection[ast.stmt], kinds: Kinds) -> list[int]:
    """The lines that need the field once its statement has run; C(going) are statements that are taken out with it."""
    end = statement.end_lineno or statement.lineno
    others = [one for one in found.node.body if one not in going]
    lines = set(_of_class(found, others, field, end, kinds)) | set(_of_file(found, field))
    return sorted(lines - set(range(statement.lineno, end + 1)))


def uses_in_functions(found: ClassFound, field: str) -> list[int]:
    """The lines of functions and methods that read the field of the class or of its instances."""
    owners = (found.name, "self", "cls")
    return sorted(
        {
            one.lineno
            for one in found.parents
            if isinstance(one, ast.Attribute) and one.attr == field and dotted(one.value) in owners
            if enclosing(one, FUNCTIONS, found.parents)
            if dotted(one.value) == found.name or enclosing(one, ast.ClassDef, found.parents) is found.node
        }
    )


def _of_class(found: ClassFound, statements: list[ast.stmt], field: str, end: int, kinds: Kinds) -> Iterator[int]:
    global_names = {name for one in evaluated(*found.tree.body) for name in bound_names(one)}
    for statement in statements:
        yield from (line for line in _readings(statement, field) if line > end)
        if isinstance(statement, ast.ClassDef) and field not in global_names:
            yield from (line for one in statement.body for line in _readings(one, field))
        for part in _may_name_fields(statement, kinds):
            yield from (one.lineno for one in ast.walk(part) if isinstance(one, ast.Constant) and mentions(one, field))


def _of_file(found: ClassFound, field: str) -> Iterator[int]:
    """C(Model.field) outside of functions: it is read while the file is imported."""
    for one in found.parents:
        if isinstance(one, ast.Attribute) and one.attr == field and dotted(one.value) == found.name:
            is_read = isinstance(one.ctx, ast.Load) and not enclosing(one, (*FUNCTIONS, ast.Lambda), found.parents)
            yield from [one.lineno] if is_read else []


def _readings(root: ast.AST, field: str) -> list[int]:
    names = [one for one in evaluated(root) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)]
    return [one.lineno for one in names if one.id == field]


def _may_name_fields(statement: ast.stmt, kinds: Kinds) -> list[ast.AST]:
    """The parts in which names of fields stand as text: Meta, indexes, decorators; not in methods, fields and words."""
    if isinstance(statement, FUNCTIONS):
        return [*statement.decorator_list]
    name = plain_field(statement)
    if name and isinstance(statement, (ast.Assign, ast.AnnAssign)) and not kinds.problem(name, statement.value):
        return []
    return [] if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) else [statement]
