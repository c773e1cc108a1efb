# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of collections, tuples, user-defined types and vectors, as they follow each other in bytes.

Not by the driver's types, which lose something. Its sets are in Python's order and hold one of 0.0 and -0.0. Its maps
fail for keys that are empty, or tuples without their last fields. It shows text that was cut off, and 3.29.0 misreads
vectors of most types.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._cql.cql_type import Collection, CqlType, Native, Tuple, Vector
from .._cql.marshal import Record

# The types whose values have no length before them in a vector: the server's choice (measured on 5.0.9).
_FIXED = {"boolean": 1, "int": 4, "float": 4, "bigint": 8, "double": 8, "timestamp": 8, "timeuuid": 16, "uuid": 16}


def part_types(cql_type: CqlType, count: int) -> tuple[CqlType, ...]:
    """The types of the parts; there are C(count) in a collection, and always the same number in any other type."""
    if isinstance(cql_type, Collection):
        return cql_type.elements * (count // len(cql_type.elements))
    if isinstance(cql_type, Vector):
        return (cql_type.element,) * cql_type.dimension
    if isinstance(cql_type, Record):
        return tuple(field for _name, field in cql_type.fields)
    return cql_type.elements if isinstance(cql_type, Tuple) else ()


def split(cql_type: CqlType, data: bytes) -> list[bytes | None]:
    """The parts, None for null; raises ValueError where the bytes are not as long as they say."""
    parts: list[bytes | None] = []
    place = 4 if isinstance(cql_type, Collection) else 0
    while place < len(data):
        length, place = _read_length(cql_type, data, place)
        end = place + max(length, 0)
        if end > len(data):
            raise ValueError("the bytes end too early")
        parts.append(None if length < 0 else data[place:end])
        place = end
    wanted = len(part_types(cql_type, len(parts)))
    if isinstance(cql_type, Collection):
        wanted = int.from_bytes(data[:4], "big") * len(cql_type.elements)
    if isinstance(cql_type, (Collection, Vector)) and len(parts) != wanted:
        raise ValueError(f"the bytes hold {len(parts)} parts, not {wanted}")
    # A tuple or user-defined type that got more fields later is shorter in older rows.
    return parts + [None] * (wanted - len(parts))


def join(cql_type: CqlType, parts: Sequence[bytes | None]) -> bytes:
    """The bytes of all parts."""
    count = len(parts) // len(cql_type.elements) if isinstance(cql_type, Collection) else None
    head = b"" if count is None else count.to_bytes(4, "big")
    return head + b"".join(_length(cql_type, part) + (part or b"") for part in parts)


def _fixed_size(cql_type: CqlType) -> int | None:
    if isinstance(cql_type, Vector):
        size = _fixed_size(cql_type.element)
        return None if size is None else size * cql_type.dimension
    return _FIXED.get(cql_type.name) if isinstance(cql_type, Native) else None


def _read_length(cql_type: CqlType, data: bytes, place: int) -> tuple[int, int]:
    """The length of the part at the place, and where the part begins."""
    if not isinstance(cql_type, Vector):
        return int.from_bytes(data[place : place + 4], "big", signed=True), place + 4
    fixed = _fixed_size(cql_type.element)
    if fixed is not None:
        return fixed, place
    # An unsigned vint: its first byte begins with a one for each byte after it.
    more = 8 - (~data[place] & 0xFF).bit_length()
    end = place + 1 + more
    return int.from_bytes(bytes([data[place] & 0xFF >> more]) + data[place + 1 : end], "big"), end


def _length(cql_type: CqlType, part: bytes | None) -> bytes:
    """The bytes before a part."""
    if not isinstance(cql_type, Vector):
        return b"\xff" * 4 if part is None else len(part).to_bytes(4, "big")
    if part is None or _fixed_size(cql_type.element) is not None:
        return b""
    more = (max(len(part), 1).bit_length() - 1) // 7
    data = len(part).to_bytes(more + 1, "big")
    return bytes([data[0] | 0xFF << 8 - more & 0xFF]) + data[1:]
