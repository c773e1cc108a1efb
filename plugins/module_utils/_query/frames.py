# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the parts of collections, tuples, user-defined types and vectors lie one after the other in bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._cql.cql_type import CqlType, Native, Vector
from .scalars import scalar
from .vint import read_vint, write_vint

# A collection begins with the number of its elements; a tuple does not.
COUNT = 4


def split(data: bytes, place: int = 0) -> list[bytes | None]:
    """The parts from this place on, None for null; raises ValueError where the bytes end too early."""
    parts: list[bytes | None] = []
    while place < len(data):
        length = int.from_bytes(_take(data, place, 4), "big", signed=True)
        place += 4
        parts.append(None if length < 0 else _take(data, place, length))
        place += max(length, 0)
    return parts


def join(parts: Iterable[bytes | None]) -> bytes:
    """The parts, each after its length."""
    return b"".join(b"\xff" * 4 if part is None else len(part).to_bytes(4, "big") + part for part in parts)


def split_vector(vector: Vector, data: bytes) -> list[bytes]:
    """The elements of a vector; raises ValueError where the bytes do not end with the last one."""
    size = fixed_size(vector.element)
    parts, place = [], 0
    for _element in range(vector.dimension):
        length, place = (size, place) if size is not None else read_vint(data, place)
        parts.append(_take(data, place, length))
        place += length
    if place < len(data):
        raise ValueError("there are bytes after the last element")
    return parts


def join_vector(vector: Vector, parts: Sequence[bytes]) -> bytes:
    """The elements of a vector, each after its length unless its type has a fixed one."""
    if fixed_size(vector.element) is not None:
        return b"".join(parts)
    return b"".join(write_vint(len(part)) + part for part in parts)


def fixed_size(cql_type: CqlType) -> int | None:
    """How long every value of the type is inside a vector; None where each carries its length."""
    if isinstance(cql_type, Native):
        return scalar(cql_type).size
    size = fixed_size(cql_type.element) if isinstance(cql_type, Vector) else None
    return size * cql_type.dimension if isinstance(cql_type, Vector) and size is not None else None


def _take(data: bytes, place: int, length: int) -> bytes:
    part = data[place : place + length]
    if len(part) != length:
        raise ValueError("the bytes end too early")
    return part
