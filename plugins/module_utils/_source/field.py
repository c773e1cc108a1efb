# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a field from anything else that a name can be given, and reads what its line says: pure."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from .find import ClassFound, bases
from .syntax import bindings, dotted, evaluated, loads

CQLENGINE = "cassandra.cqlengine.columns"
CQLENGINE_COLUMNS = frozenset(
    "Ascii BigInt Blob Boolean Bytes Counter Date DateTime Decimal Double Duration Float Inet Integer List Map Set "
    "SmallInt Text Time TimeUUID TinyInt Tuple UUID UserDefinedType VarInt".split()
)
_KEY = ("primary_key", "partition_key")
_COLUMN_OF_A_FIELD = ("db_field", "db_column")


def plain_field(statement: ast.stmt | None) -> str | None:
    """The name that a statement gives a value in the plainest way, C(name = value) or C(name: type = value), or None."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [name for name, *_line in bindings(statement)]
    return names[0] if len(names) == len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def constructor(statement: ast.stmt | None) -> str | None:
    """The text of the constructor that a field is made by, such as C(columns.Text), or None if it is no such call."""
    value = getattr(statement, "value", None)
    return dotted(value.func) if isinstance(value, ast.Call) else None


def no_field(found: ClassFound, field: str, statement: ast.stmt, expected: str) -> str | None:
    """What speaks against taking the statement for a field, as the end of a sentence, or None."""
    name, imports = constructor(statement), _imports(found.tree)
    if name is None:
        return "is given what is no call of a constructor"
    full = _full_name(name, imports)
    if expected:
        fits = any(one == expected or one.endswith(f".{expected}") for one in (name, full))
        return None if fits else f"is made by {name}, and kinds says {expected}"
    module, _dot, last = full.rpartition(".")
    if module == CQLENGINE and last not in CQLENGINE_COLUMNS:
        return f"is made by {name}, and {CQLENGINE} has no column {last}"
    fields = [
        one for base in (found, *bases(found)[0]) for one in base.node.body if plain_field(one) not in (None, field)
    ]
    others = {one: _full_name(constructor(one) or "", imports).rpartition(".") for one in fields if constructor(one)}
    # The module that makes the primary key makes the fields.
    keys = {module for one, (module, *_rest) in others.items() if any(word in _KEY for word, _it in _arguments(one))}
    of_fields = [one for one in others.values() if not keys or one[0] in keys]
    is_capital = last[:1].isupper() or any(not one[2][:1].isupper() for one in of_fields)
    if module == CQLENGINE or (is_capital and (not of_fields or module in {one[0] for one in of_fields})):
        return None
    return f"is made by {name}, unlike the other fields ({', '.join(sorted({''.join(one) for one in of_fields})[:5])})"


def problems_of_line(found: ClassFound, statement: ast.stmt, line: int, before: Iterable[str]) -> Iterator[str]:
    """Why a commented-out field of this line cannot become code, as ends of a sentence; C(before) comes with it."""
    key = key_problem(statement)
    if key:
        yield key
    unknown = _unknown_names(found, statement, line, {*before})
    if unknown:
        yield f"uses {', '.join(unknown)}, which nothing above it in the file defines: import it"


def key_problem(statement: ast.stmt | None) -> str | None:
    """Why the field is, or may be, a part of the primary key, as the end of a sentence, or None."""
    given = getattr(getattr(statement, "value", None), "args", [])
    # The first two arguments of a column of cqlengine are those of the key.
    is_key = any(isinstance(one, ast.Constant) and one.value is True for one in given[:2])
    if is_key or any(name in _KEY and _is_set(value) for name, value in _arguments(statement)):
        return "is a part of the primary key, which no migration can change"
    if any(isinstance(one, ast.Starred) for one in given) or None in dict(_arguments(statement)):
        return "takes arguments that only a run shows, and may be a part of the primary key: write them out"
    return None


def column_of(statement: ast.stmt) -> str | None:
    """The column that a field names, or None if it names none."""
    values = [value for name, value in _arguments(statement) if name in _COLUMN_OF_A_FIELD]
    return str(values[0].value) if values and isinstance(values[0], ast.Constant) else None


def notes_on(name: str, statement: ast.stmt, line: int) -> Iterator[str]:
    """What the line of a field says about its column, which has to be true of the table."""
    column = column_of(statement)
    if column not in (None, name):
        yield f"Line {line} says db_field={column!r}: the table must have column {column}, and needs no column {name}."
    must = {
        "static": f"column {name} must be static in the table",
        "index": f"column {name} needs an index in the table",
    }
    for word in must:
        if any(_is_set(value) for argument, value in _arguments(statement) if argument == word):
            yield f"Line {line} says {word}=True: {must[word]}, or queries of the application fail."


def hides(found: ClassFound, name: str, coming: Iterable[tuple[int, ast.stmt]], line: int) -> list[int]:
    """The lines of the class body below a field that mean something else by its name than the field."""
    outside = {one for one, _line, _statement in bindings(*found.tree.body)} | set(dir(builtins))
    below = [*((one.lineno, one) for one in found.node.body), *coming]
    is_hidden = name in outside or "*" in outside
    return [number for number, statement in below if is_hidden and number > line and name in loads(statement)]


def _unknown_names(found: ClassFound, statement: ast.stmt, line: int, coming: set[str]) -> list[str]:
    """The names that a field reads and nothing before it in the file defines: the import of the file would fail."""
    for_types = [one for one in found.tree.body if (dotted(getattr(one, "test", None)) or "").endswith("TYPE_CHECKING")]
    module = [one for one in found.tree.body if one not in for_types]
    module += [one for block in for_types for one in getattr(block, "orelse", [])]
    anywhere = {name for name, *_line in bindings(*module)} | {*dir(builtins), "__file__"}
    before = {name for name, number, _it in bindings(*module) if number < found.node.lineno} | {
        *dir(builtins),
        "__file__",
    }
    before |= {name for name, number, _it in bindings(*found.node.body) if number < line} | coming
    late = any(isinstance(one, ast.ImportFrom) and one.module == "__future__" for one in module)
    roots = [getattr(statement, "value", ast.Pass()), *([] if late else [getattr(statement, "annotation", ast.Pass())])]
    # The bodies of lambdas and comprehensions do not see the class, and run later.
    nodes = [one for root in roots for one in ast.walk(root)]
    inside = {*nodes} - {*evaluated(*roots)}
    own = {one.arg for one in nodes if isinstance(one, ast.arg)}
    own |= {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return [] if "*" in before else sorted((loads(*roots) - before) | (loads(*inside) - anywhere - own))


def _arguments(statement: ast.stmt | None) -> Iterator[tuple[str | None, ast.expr]]:
    """The keyword arguments of a field, those of a literal C(**{...}) included; None for what only a run shows."""
    for one in getattr(getattr(statement, "value", None), "keywords", []):
        if one.arg is None and isinstance(one.value, ast.Dict):
            names = [str(key.value) if isinstance(key, ast.Constant) else None for key in one.value.keys]
            yield from zip(names, one.value.values)
        else:
            yield one.arg, one.value


def _is_set(value: ast.expr) -> bool:
    return not isinstance(value, ast.Constant) or bool(value.value)


def _imports(tree: ast.Module) -> dict[str, str]:
    imports: dict[str, str] = {}
    for node in evaluated(*tree.body):
        prefix = f"{'.' * node.level}{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
        names = node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        imports.update({one.asname or one.name: f"{prefix}{one.name}" for one in names})
    return imports


def _full_name(name: str, imports: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return f"{imports.get(first, first)}{dot}{rest}"
