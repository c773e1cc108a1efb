# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the bytes of the native protocol to values which JSON can hold.

The driver's own decoders are not used: they fail on a timestamp outside of the years 1 to 9999 and on some user-defined
types in vectors, and what they return for most types is not JSON.
"""

from __future__ import annotations

from typing import Any

from .._cql.cql_type import Collection, CqlType, Custom, Native, Tuple, Vector
from .frames import COUNT, split, split_vector
from .scalars import OPAQUE, scalar
from .wire_type import Record

# The natives which are text in JSON whatever their value is.
_TEXTUAL = frozenset(("ascii", "blob", "date", "decimal", "inet", "text", "time", "timestamp", "timeuuid", "uuid"))


def decode(cql_type: CqlType, data: bytes | None) -> Any:
    """The value as JSON has it; raises ValueError (or struct.error) where the bytes are not of this type.

    No bytes at all are null, except for text, ascii, blob and custom types: other types cannot be empty, but for values
    which very old clients wrote.
    """
    if data is None:
        return None
    if isinstance(cql_type, (Native, Custom)):
        known = scalar(cql_type) if isinstance(cql_type, Native) else OPAQUE
        return known.decode(data) if data or known.empty else None
    return _decode_compound(cql_type, data) if data else None


def has_text_keys(cql_type: CqlType) -> bool:
    """Whether a map with keys of this type is a dictionary, and not a list of its entries."""
    return isinstance(cql_type, Custom) or (isinstance(cql_type, Native) and cql_type.name in _TEXTUAL)


def _decode_compound(cql_type: CqlType, data: bytes) -> Any:
    if isinstance(cql_type, Collection):
        return _decode_collection(cql_type, split(data, COUNT))
    if isinstance(cql_type, Vector):
        return [decode(cql_type.element, part) for part in split_vector(cql_type, data)]
    # A tuple or user-defined type which got more elements later is shorter in older rows.
    parts = iter(split(data))
    if isinstance(cql_type, Tuple):
        return [decode(element, next(parts, None)) for element in cql_type.elements]
    if isinstance(cql_type, Record):
        return {name: decode(field, next(parts, None)) for name, field in cql_type.fields}
    return OPAQUE.decode(data)


def _decode_collection(cql_type: Collection, parts: list[bytes | None]) -> Any:
    if cql_type.name != "map":
        return [decode(cql_type.elements[0], part) for part in parts]
    key_type, value_type = cql_type.elements
    entries = [(decode(key_type, key), decode(value_type, value)) for key, value in zip(parts[::2], parts[1::2])]
    if has_text_keys(key_type):
        return {"" if key is None else key: value for key, value in entries}
    return [{"key": key, "value": value} for key, value in entries]
