# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From values of YAML to the bytes of the native protocol, as the type of a query's marker wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._cql.cql_type import Collection, CqlType, Custom, Native, Tuple, Vector
from .._cql.identifier import truncate
from .frames import COUNT, join, join_vector
from .order import order_key
from .scalars import OPAQUE, scalar
from .wire_type import Record


def encode(cql_type: CqlType, value: Any) -> bytes | None:
    """The bytes of the value, None for null; raises ValueError with the reason, which says where in the value it is."""
    if value is None:
        return None
    if isinstance(cql_type, (Native, Custom)):
        known = scalar(cql_type) if isinstance(cql_type, Native) else OPAQUE
        return known.encode(value)
    if isinstance(cql_type, Collection):
        parts = _map_parts(cql_type, value) if cql_type.name == "map" else _element_parts(cql_type, value)
        count = len(parts) // len(cql_type.elements)
        return count.to_bytes(COUNT, "big") + join(parts)
    if isinstance(cql_type, Vector):
        elements = _list(value, cql_type.dimension)
        return join_vector(cql_type, [_element(cql_type.element, one, place) for place, one in enumerate(elements, 1)])
    if isinstance(cql_type, Tuple):
        values = _list(value, len(cql_type.elements))
        pairs = zip(cql_type.elements, values)
        return join([_inside(f"element {place}", element, one) for place, (element, one) in enumerate(pairs, 1)])
    if isinstance(cql_type, Record):
        return join(_field_parts(cql_type, value))
    raise ValueError(f"it is of the type {cql_type}, which this module cannot write")


def _element_parts(cql_type: Collection, value: Any) -> list[bytes]:
    parts = [_element(cql_type.elements[0], one, place) for place, one in enumerate(_list(value), 1)]
    if cql_type.name == "set":
        return [part for _key, part in _in_order(cql_type.elements[0], ((part, part) for part in parts))]
    return parts


def _map_parts(cql_type: Collection, value: Any) -> list[bytes]:
    key_type, value_type = cql_type.elements
    pairs = [
        (_present(f"key {truncate(key)}", key_type, key), _present(f"the value of {truncate(key)}", value_type, one))
        for key, one in _entries(value)
    ]
    return [part for pair in _in_order(key_type, pairs) for part in pair]


def _in_order(key_type: CqlType, pairs: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """As the server has them: sorted by the first of each pair, the last one where some are equal."""
    sortable = {order_key(key_type, key): (key, value) for key, value in pairs}
    return [sortable[key] for key in sorted(sortable)]


def _entries(value: Any) -> list[tuple[Any, Any]]:
    """The entries of a map: a dictionary, or a list of dictionaries with key and value."""
    if isinstance(value, Mapping):
        return list(value.items())
    entries = value if isinstance(value, list) else [value]
    if not all(isinstance(entry, Mapping) and set(entry) == {"key", "value"} for entry in entries):
        raise ValueError("it is neither a dictionary nor a list of dictionaries with 'key' and 'value'")
    return [(entry["key"], entry["value"]) for entry in entries]


def _field_parts(record: Record, value: Any) -> list[bytes | None]:
    names = [name for name, _type in record.fields]
    if not isinstance(value, Mapping):
        raise ValueError(f"it is not a dictionary with the fields {', '.join(names)}")
    unknown = [name for name in value if name not in names]
    if unknown:
        raise ValueError(f"it has the unknown field {truncate(unknown[0])}, {record.name} has: {', '.join(names)}")
    return [_inside(f"field {name}", field, value.get(name)) for name, field in record.fields]


def _element(cql_type: CqlType, value: Any, place: int) -> bytes:
    return _present(f"element {place}", cql_type, value)


def _present(where: str, cql_type: CqlType, value: Any) -> bytes:
    data = _inside(where, cql_type, value)
    if data is None:
        raise ValueError(f"{where}: null cannot be inside a collection")
    return data


def _inside(where: str, cql_type: CqlType, value: Any) -> bytes | None:
    try:
        return encode(cql_type, value)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _list(value: Any, length: int | None = None) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("it is not a list")
    if length is not None and len(value) != length:
        raise ValueError(f"it has {len(value)} elements, not {length}")
    return value
