# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model classes of a Python file with their tables and fields, by the rules of cassandra.cqlengine; pure.

Read in cassandra-driver 3.29 and 3.30, C(cqlengine/models.py), which C(django-cassandra-engine) repeats. Nothing is imported or
run: what only a run shows is listed as undecided.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .._errors import Refused
from .._schema.catalog.model import TableName
from .._source.find import ClassFound
from .._source.line import plain_field
from .._source.text import dotted
from .fields import OTHERS, Field, Undecided, commented_fields, makes_columns, own_fields
from .files import ENGINES, File

_MODEL, _TYPE = "model", "type"
_KINDS = {"Model": _MODEL, "DjangoCassandraModel": _MODEL, "UserType": _TYPE}
_LONGEST_NAME = 48


class Model(NamedTuple):
    """A class and its table; C(family) is the class whose table it shares, if that is another one.

    C(unknown) are base classes whose files were not found: their fields are not among C(fields).
    """

    path: str
    name: str
    line: int
    table: TableName
    fields: tuple[Field, ...]
    family: str
    unknown: tuple[str, ...] = ()


class FileRead(NamedTuple):
    """What a file, or several, have; C(homeless) are the classes that name no keyspace, if none was given.

    C(unread) are files that could not be read: nobody knows what models they have.
    """

    models: tuple[Model, ...]
    undecided: tuple[Undecided, ...]
    homeless: tuple[str, ...] = ()
    unread: tuple[Undecided, ...] = ()


@dataclass(frozen=True, eq=False)
class _Class:
    """A class with the bases that were found, and the names of the others; C(kind) is empty if no base says what it is."""

    file: File
    found: ClassFound
    bases: tuple[_Class, ...]
    unknown: tuple[str, ...]
    kind: str

    @property
    def where(self) -> str:
        return f"Class {self.found.name} (line {self.found.node.lineno})"

    def attribute(self, name: str, own: bool = False) -> Any:
        """The value of an attribute of the class or the nearest base that sets it, or None; raises ValueError."""
        for statement in self.found.node.body:
            if plain_field(statement) == name:
                try:
                    return self.file.value(getattr(statement, "value", None))
                except ValueError as error:
                    raise ValueError(f"{self.where} gives {name} an expression, and {error}: write it out.") from None
        return (
            next((value for one in self.bases if (value := one.attribute(name)) is not None), None) if not own else None
        )

    @property
    def is_abstract(self) -> bool:
        return bool(self.attribute("__abstract__", own=True))

    @cached_property
    def own(self) -> tuple[Field, ...]:
        """The active fields that the class itself has."""
        return tuple(own_fields(self.found, self.file, _type_name))

    def fields(self) -> dict[str, Field]:
        """The fields of the class and of its bases, as cqlengine collects them."""
        fields: dict[str, Field] = {}
        for base in self.bases:
            if base.kind == _MODEL or base.unknown:
                fields = {**base.fields(), **fields}
        return {**fields, **{field.name: field for field in self.own}}

    def polymorphic_base(self) -> _Class | None:
        """The class whose table the class shares with others, by the column that tells them apart."""
        if any(field.made and field.made.discriminator for field in self.own):
            return self
        return next((seen for base in self.bases if (seen := base.polymorphic_base())), None)


def read_models(file: File, keyspace: str | None) -> FileRead:
    """The models of a file. C(keyspace) is that of classes that name none."""
    models, homeless, undecided = [], [], [*_made_by_calls(file)]
    unclear = []
    for name, nodes in file.classes.items():
        line = nodes[0].lineno
        try:
            seen = _read_class(file, name)
            if not _is_model(seen):
                continue
            commented = tuple(commented_fields(seen.found, file, _type_name))
            if seen.is_abstract:
                undecided += _abstract(seen, commented)
                continue
            model = _read_model(seen, keyspace, commented)
        except Refused as error:
            unclear.append(Undecided(error.message, file.path, line, name))
        except ValueError as error:
            undecided.append(Undecided(str(error), file.path, line, name))
        else:
            models += [model] if model.table.keyspace else []
            homeless += [] if model.table.keyspace else [f"{name} ({file.path}:{line})"]
    # What is unclear in a file without a model says nothing of tables.
    undecided += unclear if models or homeless or undecided else []
    return FileRead(tuple(models), tuple(undecided), tuple(homeless))


def snake_case(name: str) -> str:
    """The name that cqlengine makes of that of a class."""
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", name.rpartition(".")[2])[-_LONGEST_NAME:].lower()
    return re.sub(r"^_+", "", words)


def _read_class(file: File, name: str, below: tuple[str, ...] = ()) -> _Class:
    """The class with its bases; raises Refused."""
    found = file.found(name)
    classes, unknown, kinds = [], [], []
    for base in found.node.bases:
        written = dotted(base.value if isinstance(base, ast.Subscript) else base) or f"in line {base.lineno}"
        # Inside of a class, the names of that class come first.
        inner = f"{name.rpartition('.')[0]}.{written}"
        where, full = (file, inner) if inner in file.classes else file.lookup(written)
        if where and full in where.classes and (full, where.path) not in {(name, file.path)} and full not in below:
            classes.append(_read_class(where, full, (*below, name)))
        elif not where and full.startswith(ENGINES) and full.rpartition(".")[2] in _KINDS:
            kinds.append(_KINDS[full.rpartition(".")[2]])
        elif full.partition(".")[0] not in OTHERS:
            unknown.append(written)
    unknown += [one for base in classes for one in base.unknown]
    kind = next(filter(None, [*kinds, *(base.kind for base in classes)]), "")
    return _Class(file, found, tuple(classes), tuple(dict.fromkeys(unknown)), kind)


def _is_model(seen: _Class) -> bool:
    """Whether it is one, or is likely to be one: it has a base that was not found, and columns, one of them in the key."""
    has_columns = any(makes_columns(statement, seen.file) for statement in seen.found.node.body)
    if seen.kind or not seen.unknown or not has_columns:
        return seen.kind == _MODEL
    has_key = any(field.made and field.made.key for field in seen.fields().values())
    if has_key and not seen.attribute("__discriminator_value__", own=True):
        return True
    raise ValueError(
        f"{seen.where} has base classes that were not found in these files: {', '.join(seen.unknown)}. Whether it is a model "
        "with a table of its own is known to a run only."
    )


def _read_model(seen: _Class, keyspace: str | None, commented: tuple[Field, ...]) -> Model:
    """The model; raises ValueError with the sentence why only a run knows its table."""
    family = seen.polymorphic_base() or seen
    space = None
    # One that only a run shows is the one that is given, as for a class without one.
    with suppress(ValueError):
        space = seen.attribute("__keyspace__")
    table = TableName(space or keyspace or "", _table_name(seen, family))
    fields = (*seen.fields().values(), *commented)
    line, path = seen.found.node.lineno, seen.file.path
    return Model(path, seen.found.name, line, table, fields, f"{family.file.path}:{family.found.name}", seen.unknown)


def _table_name(seen: _Class, family: _Class) -> str:
    """The table as the server stores its name; raises ValueError with the sentence why only a run knows it."""
    concrete = [*_concrete(seen)]
    if concrete and family is seen and not seen.polymorphic_base():
        raise ValueError(
            f"{seen.where} inherits from {concrete[0]}, which has a table of its own: which table cqlengine takes for it "
            "depends on which of the two is used first. Inherit both from an abstract class."
        )
    name = seen.attribute("__table_name__")
    if name:
        return str(name) if seen.attribute("__table_name_case_sensitive__") else str(name).lower()
    return snake_case(family.found.name)


def _concrete(seen: _Class) -> Iterator[str]:
    for base in seen.bases:
        if base.kind == _MODEL and not base.is_abstract:
            yield base.found.name
        yield from _concrete(base)


def _abstract(seen: _Class, commented: tuple[Field, ...]) -> Iterator[Undecided]:
    """An abstract class has no table: what it has is compared for each class that inherits it."""
    for field in commented:
        what = (
            f"{field.name} (line {field.line}) is commented out in the abstract class {seen.found.name}: the table of each "
            "class that inherits it needs the column. List these tables by hand."
        )
        yield Undecided(what, field.path, field.line, seen.found.name, field.name)


def _made_by_calls(file: File) -> Iterator[Undecided]:
    """The model classes that are made by C(type)."""
    for call in ast.walk(file.tree):
        if isinstance(call, ast.Call) and dotted(call.func) == "type" and len(call.args) == 3:
            bases = [file.lookup(dotted(base) or "")[1] for base in getattr(call.args[1], "elts", [])]
            if any(base.startswith(ENGINES) and base.rpartition(".")[2] in _KINDS for base in bases):
                what = f"Line {call.lineno} makes a model by type(...): its table and columns are known to a run only."
                yield Undecided(what, file.path, call.lineno, "")


def _type_name(file: File, name: str) -> str | None:
    """The name of the user-defined type that a class describes, or None if it describes none."""
    try:
        seen = _read_class(file, name)
        given = seen.attribute("__type_name__", own=True)
    except (Refused, ValueError, KeyError):
        return None
    return (str(given).lower() if given else snake_case(name)) if seen.kind == _TYPE else None
