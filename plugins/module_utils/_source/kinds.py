# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a field from anything else that a name can be given: it is a call of a constructor of columns: pure."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .find import ClassFound
from .tree import bound_names, bound_names_of, dotted, evaluated

CQLENGINE = "cassandra.cqlengine.columns"
CQLENGINE_COLUMNS = frozenset(
    "Ascii BigInt Blob Boolean Bytes Counter Date DateTime Decimal Double Duration Float Inet Integer List Map Set "
    "SmallInt Text Time TimeUUID TinyInt Tuple UUID UserDefinedType VarInt".split()
)


@dataclass(frozen=True)
class Kinds:
    """What makes a field in one class: where its names come from, and the constructors of its fields."""

    imports: dict[str, str]
    constructors: tuple[tuple[str, str], ...]
    expected: dict[str, str]

    def problem(self, field: str, value: ast.expr | None) -> str | None:
        """What speaks against taking the value for a field, as the end of a sentence, or None."""
        name = constructor(value)
        if name is None:
            return "is given what is no call of a constructor"
        full = _full_name(name, self.imports)
        expected = self.expected.get(field)
        if expected:
            fits = any(one == expected or one.endswith(f".{expected}") for one in (name, full))
            return None if fits else f"is made by {name}, and kinds says {expected}"
        return self._unlike_the_others(field, name, full)

    def _unlike_the_others(self, field: str, name: str, full: str) -> str | None:
        module, _dot, last = full.rpartition(".")
        if module == CQLENGINE:
            return None if last in CQLENGINE_COLUMNS else f"is made by {name}, and {CQLENGINE} has no column {last}"
        others = [one for other, one in self.constructors if other != field]
        modules = {one.rpartition(".")[0] for one in others}
        if CQLENGINE in modules or (others and module not in modules):
            return f"is made by {name}, and the other fields are made by {', '.join(sorted(set(others))[:5])}"
        lower_case = any(not one.rpartition(".")[2][:1].isupper() for one in others)
        return None if last[:1].isupper() or lower_case else f"is made by {name}, which is no constructor of columns"


def constructor(value: ast.expr | None) -> str | None:
    """The text of the constructor that a value is made by, such as C(columns.Text), or None if it is no such call."""
    return dotted(value.func) if isinstance(value, ast.Call) else None


def read_kinds(found: ClassFound, lineage: Iterable[ast.ClassDef], expected: dict[str, str]) -> Kinds:
    """The kinds of a class: those of the module that makes its primary key if it shows one, else of all its calls."""
    imports = dict(_imports(found.tree))
    calls = [
        (name, statement.value)
        for node in lineage
        for statement in node.body
        for name in [plain_field(statement)]
        if name and isinstance(statement, (ast.Assign, ast.AnnAssign)) and constructor(statement.value)
    ]
    full = [(name, _full_name(constructor(value) or "", imports)) for name, value in calls]
    keys = {one.rpartition(".")[0] for (_name, one), (_same, value) in zip(full, calls) if _is_key(value)}
    return Kinds(imports, tuple(pair for pair in full if not keys or pair[1].rpartition(".")[0] in keys), expected)


def plain_field(statement: ast.stmt) -> str | None:
    """The name that a statement gives a value in the plainest way, C(name = value) or C(name: type = value), or None."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        target = statement.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) and len(bound_names_of(statement)) == 1 else None


def unknown_names(found: ClassFound, statement: ast.stmt) -> list[str]:
    """The names that the statement reads and nothing in the file defines or reads: it would end in a NameError."""
    module, own = [*evaluated(*found.tree.body)], [*evaluated(*found.node.body)]
    known = {name for node in (*module, *own) for name in bound_names(node)} | set(dir(builtins))
    # Without an import the file gets its names from whatever runs it.
    if "*" in known or not any(isinstance(node, ast.alias) for node in module):
        return []
    known |= {node.id for node in own if isinstance(node, ast.Name)}
    read = {node.id for node in evaluated(statement) if isinstance(node, ast.Name)} - set(bound_names_of(statement))
    return sorted(read - known)


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in evaluated(*tree.body):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((one.asname or one.name, f"{module}.{one.name}") for one in node.names)
        elif isinstance(node, ast.Import):
            yield from ((one.asname, one.name) for one in node.names if one.asname)


def _full_name(name: str, imports: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return f"{imports.get(first, first)}{dot}{rest}"


def _is_key(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and any(one.arg in ("primary_key", "partition_key") for one in value.keywords)
