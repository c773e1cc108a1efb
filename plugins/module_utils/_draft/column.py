# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the call that makes a field to the column that cassandra.cqlengine makes of it, by the rules of its source; pure.

Read in cassandra-driver 3.29 and 3.30, C(cassandra/cqlengine/columns.py). C(django-cassandra-engine) has no column classes of
its own. A test compares each class with what C(sync_table) creates on a real node.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .._cql.cql_type import Collection, CqlType, Native, Tuple, UserType, freeze
from .._migration.drift import KINDS
from .._source.text import dotted
from .files import CLASSES, ENGINES, NATIVE, File

_OF_EACH = (
    *("primary_key", "partition_key", "index", "db_field", "default", "required", "clustering_order"),
    *("discriminator_column", "static", "custom_index"),
)
_ELEMENTS = {"Set": ("value_type",), "List": ("value_type",), "Map": ("key_type", "value_type")}
# The arguments in their order, where a class has others than Column.
_FIRST: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("Text", "Ascii"), ("min_length", "max_length")),
    **{"Counter": ("index", "db_field", "required"), "UserDefinedType": ("user_type",), "Tuple": ()},
    **{"Set": ("value_type", "strict", "default"), "List": ("value_type", "default")},
    "Map": ("key_type", "value_type", "default"),
}
Types = Callable[[File, str], "str | None"]


class Unclear(Exception):
    """Why a column cannot be known from the text, as the end of a sentence that begins with the field."""


class ColumnMade(NamedTuple):
    """The column that a field makes: C(name) is that of C(db_field), or None if it is the name of the field."""

    type: CqlType
    name: str | None = None
    static: bool = False
    key: bool = False
    indexed: bool = False
    discriminator: bool = False


def column_class(node: ast.expr | None, file: File) -> str | None:
    """The class of the engine that makes a field, or that is an element of a collection, or None if it is no such class."""
    where, full = file.lookup(dotted(getattr(node, "func", node)) or "")
    module, _dot, name = full.rpartition(".")
    is_column = where is None and full.startswith(ENGINES) and module.endswith(".columns")
    return name if is_column and name in CLASSES else None


def read_column(call: ast.Call, file: File, types: Types) -> ColumnMade:
    """The column of a field; C(types) returns the name of the user-defined type that a class makes. Raises Unclear."""
    name = column_class(call, file)
    if name is None:
        raise Unclear(
            f"is made by {file.lookup(dotted(call.func) or 'an expression')[1]}, which is no class of "
            "cassandra.cqlengine.columns: its type is known to a run only"
        )
    given = _arguments(name, call)
    words = ("primary_key", "partition_key", "static", "index", "discriminator_column", "db_field")
    primary, partition, static, index, discriminator, field = (_literal(given, word, file) for word in words)
    if field is not None and not isinstance(field, str):
        raise Unclear(f"says db_field={field!r}, which is no name")
    made = _type(call, file, types)
    return ColumnMade(made, field, bool(static), bool(primary or partition), bool(index), bool(discriminator))


def _arguments(name: str, call: ast.Call) -> dict[str, ast.expr]:
    """The arguments by their names; those of a tuple are its elements."""
    if any(one.arg is None for one in call.keywords) or any(isinstance(one, ast.Starred) for one in call.args):
        raise Unclear("takes arguments that only a run shows, such as **options: write them out")
    return {**dict(zip(_FIRST.get(name, _OF_EACH), call.args)), **{str(one.arg): one.value for one in call.keywords}}


def _literal(given: Mapping[str, ast.expr], word: str, file: File) -> Any:
    try:
        return file.value(given[word]) if word in given else None
    except ValueError as error:
        raise Unclear(f"gives {word} an expression, and {error}: write it out") from None


def _type(node: ast.expr, file: File, types: Types) -> CqlType:
    """The type of a column or an element; cqlengine freezes collections and tuples inside of others."""
    name = column_class(node, file)
    if name is None:
        raise Unclear(f"has elements of {dotted(getattr(node, 'func', node)) or 'an expression'}, known to a run only")
    if name in NATIVE:
        return Native(KINDS.get(name, name.lower()))
    given = _arguments(name, node) if isinstance(node, ast.Call) else {}
    if name == "UserDefinedType":
        written = dotted(given.get("user_type")) or "an expression"
        where, inner = file.lookup(written)
        made = types(where, inner) if where else None
        if made is None:
            raise Unclear(f"is of the user-defined type {written}, whose class is not in these files")
        return UserType(made, frozen=True)
    parts = (
        node.args
        if name == "Tuple" and isinstance(node, ast.Call)
        else [given.get(one) for one in _ELEMENTS.get(name, ())]
    )
    elements = [freeze(_type(one, file, types)) for one in parts if one]
    if not elements or len(elements) < len(parts):
        raise Unclear(f"has {name} without its elements, which cqlengine refuses")
    return Tuple(tuple(elements)) if name == "Tuple" else Collection(name.lower(), tuple(elements))
