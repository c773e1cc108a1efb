# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between the bytes of any CQL type and JSON that loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._cql.cql_type import Collection, CqlType, Custom, Native, Vector
from .._cql.identifier import truncate
from .._cql.marshal import Record
from . import scalars
from .frames import join, part_types, split

# The natives that are text in JSON whatever their value is: a map with such keys is a dictionary.
_TEXTUAL = frozenset("ascii blob date decimal inet text time timestamp timeuuid uuid".split())


def decode(cql_type: CqlType, data: bytes | None) -> Any:
    """The value as JSON has it; raises ValueError where the bytes are not of this type."""
    if data is None:
        return None
    if isinstance(cql_type, (Native, Custom)):
        return scalars.decode(_scalar(cql_type), data)
    if not data:
        return None
    parts = split(cql_type, data)
    values = [decode(one, part) for one, part in zip(part_types(cql_type, len(parts)), parts)]
    if isinstance(cql_type, Record):
        return dict(zip(cql_type.names, values))
    return _entries(cql_type, values) if _is_map(cql_type) else values


def encode(cql_type: CqlType, value: Any) -> bytes | None:
    """The bytes of the value, None for null; raises ValueError with the reason, which shows what is wrong in the value."""
    if value is None:
        return None
    if isinstance(cql_type, (Native, Custom)):
        return scalars.encode(_scalar(cql_type), value)
    values = _values(cql_type, value)
    types = part_types(cql_type, len(values))
    if len(values) != len(types):
        raise ValueError(f"{truncate(value)} has {len(values)} elements, not {len(types)}")
    parts = [encode(one, part) for one, part in zip(types, values)]
    if None in parts and isinstance(cql_type, (Collection, Vector)):
        raise ValueError(f"{truncate(value)} has null inside, which only a tuple or user-defined type can have")
    return join(cql_type, _in_order(cql_type, parts))


def order_key(cql_type: CqlType, data: bytes | None) -> tuple[Any, ...]:
    """What to sort encoded values of this type by; null comes first."""
    if data is None:
        return ()
    if isinstance(cql_type, (Native, Custom)):
        return scalars.order_key(_scalar(cql_type), data)
    parts = split(cql_type, data)
    return tuple(order_key(one, part) for one, part in zip(part_types(cql_type, len(parts)), parts))


def _scalar(cql_type: Native | Custom) -> str:
    return cql_type.name if isinstance(cql_type, Native) else "blob"


def _is_map(cql_type: CqlType) -> bool:
    return isinstance(cql_type, Collection) and cql_type.name == "map"


def _entries(cql_type: Any, values: list[Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """A map: a dictionary only if every key of this type is text, since JSON has no other keys."""
    key_type = cql_type.elements[0]
    entries = zip(values[::2], values[1::2])
    if isinstance(key_type, Custom) or (isinstance(key_type, Native) and key_type.name in _TEXTUAL):
        return {"" if key is None else key: value for key, value in entries}
    return [{"key": key, "value": value} for key, value in entries]


def _values(cql_type: CqlType, value: Any) -> list[Any]:
    """The parts of a value of YAML; of a map the keys and values in turn."""
    if isinstance(cql_type, Record):
        if not isinstance(value, Mapping) or not set(value) <= set(cql_type.names):
            raise ValueError(f"{truncate(value)} is not a dictionary of the fields {', '.join(cql_type.names)}")
        return [value.get(name) for name in cql_type.names]
    if _is_map(cql_type):
        entries = [{"key": key, "value": one} for key, one in value.items()] if isinstance(value, Mapping) else value
        if not isinstance(entries, list) or not all(
            isinstance(one, Mapping) and set(one) == {"key", "value"} for one in entries
        ):
            raise ValueError(f"{truncate(value)} is neither a dictionary nor a list of those with 'key' and 'value'")
        return [part for one in entries for part in (one["key"], one["value"])]
    if not isinstance(value, list):
        raise ValueError(f"{truncate(value)} is not a list")
    return value


def _in_order(cql_type: CqlType, parts: list[bytes | None]) -> list[bytes | None]:
    """The parts of a set or map as the server has them: sorted, and of equal ones the last.

    The server takes those of a set inside a tuple, list or user-defined type as they come (measured on 5.0.9). Sent in
    another order, the value would silently not be found.
    """
    if not isinstance(cql_type, Collection) or cql_type.name == "list":
        return parts
    arity = len(cql_type.elements)
    groups = [parts[at : at + arity] for at in range(0, len(parts), arity)]
    sortable = {order_key(cql_type.elements[0], group[0]): group for group in groups}
    return [part for key in sorted(sortable) for part in sortable[key]]
