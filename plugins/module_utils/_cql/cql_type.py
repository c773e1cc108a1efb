# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CQL types as values: two types are the same exactly if they are equal here, whatever their spelling was.

The canonical form is the server's own (C(CQL3Type.toString), read and measured on Cassandra 4.0 to 5.0): C(varchar) is C(text).
A tuple is always frozen. C(frozen) goes inwards through collections and tuples but stops at a vector, and what cannot be
anything but frozen (a vector) drops the word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Union

from .identifier import quote

ALIASES = {"varchar": "text"}
NATIVES = frozenset(
    """
    ascii bigint blob boolean counter date decimal double duration empty float inet int smallint text time timestamp
    timeuuid tinyint uuid varint
    """.split()
)


@dataclass(frozen=True)
class Native:
    """A native type such as int; C(varchar) is kept as C(text)."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Collection:
    """A list, set or map with its one or two element types."""

    name: str
    elements: tuple[CqlType, ...]
    frozen: bool = False

    def __str__(self) -> str:
        return _frozen(self.frozen, f"{self.name}<{', '.join(map(str, self.elements))}>")


@dataclass(frozen=True)
class Tuple:
    """A tuple: always frozen, and so are its elements."""

    elements: tuple[CqlType, ...]

    def __str__(self) -> str:
        return f"frozen<tuple<{', '.join(map(str, self.elements))}>>"


@dataclass(frozen=True)
class UserType:
    """A user-defined type; without a keyspace it is one of the table's own keyspace."""

    name: str
    keyspace: str | None = None
    frozen: bool = False

    def __str__(self) -> str:
        prefix = "" if self.keyspace is None else quote(self.keyspace) + "."
        return _frozen(self.frozen, prefix + quote(self.name))


@dataclass(frozen=True)
class Vector:
    """A vector of fixed dimension (Cassandra 5.0 and later)."""

    element: CqlType
    dimension: int

    def __str__(self) -> str:
        return f"vector<{self.element}, {self.dimension}>"


@dataclass(frozen=True)
class Custom:
    """A type named by its Java class, with full class names and no spaces, as the server prints it."""

    class_name: str

    def __str__(self) -> str:
        return "'" + self.class_name.replace("'", "''") + "'"


CqlType = Union[Native, Collection, Tuple, UserType, Vector, Custom]


def freeze(cql_type: CqlType) -> CqlType:
    """The type as it is inside C(frozen<...>): frozen goes inwards, as the server does it."""
    if isinstance(cql_type, Collection):
        return Collection(cql_type.name, tuple(freeze(element) for element in cql_type.elements), frozen=True)
    if isinstance(cql_type, UserType):
        return replace(cql_type, frozen=True)
    return cql_type


def children(cql_type: CqlType) -> tuple[CqlType, ...]:
    """The types directly inside this one."""
    if isinstance(cql_type, Vector):
        return (cql_type.element,)
    return cql_type.elements if isinstance(cql_type, (Collection, Tuple)) else ()


def walk(cql_type: CqlType) -> Iterator[CqlType]:
    """The type and every type inside it."""
    yield cql_type
    for child in children(cql_type):
        yield from walk(child)


def in_keyspace(cql_type: CqlType, keyspace: str) -> CqlType:
    """The type with the keyspace of user-defined types left out if it is this one, as the server stores it."""
    if isinstance(cql_type, UserType):
        return replace(cql_type, keyspace=None) if cql_type.keyspace == keyspace else cql_type
    if isinstance(cql_type, Vector):
        return replace(cql_type, element=in_keyspace(cql_type.element, keyspace))
    if isinstance(cql_type, (Collection, Tuple)):
        return replace(cql_type, elements=tuple(in_keyspace(element, keyspace) for element in cql_type.elements))
    return cql_type


def _frozen(frozen: bool, text: str) -> str:
    return f"frozen<{text}>" if frozen else text
