# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between what the driver has for a value and what JSON and YAML have for it: two tables."""

from __future__ import annotations

import ctypes
import datetime
import ipaddress
import math
import re
import struct
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .._connection.private import Kind, kind_of, pairs_of
from .._cql.cql_type import ALIASES
from .._cql.identifier import quote, truncate
from . import times

_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_DAY = 1 << 31
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?([0-9]+|0[xX][0-9a-fA-F]+)")
# Python, and so Ansible, refuses to write or read whole numbers of more than 4300 decimal digits.
_MAX_BITS = 14_000
_FROZEN_INSIDE = ("list", "set", "map", "frozen")


def type_text(kind: Kind) -> str:
    """The type in CQL, without the word frozen around it."""
    if kind.fields:
        return quote(kind.name)
    kinds = [kind_of(part) for part in kind.parts]
    if kind.name == "frozen":
        return type_text(kinds[0])
    # Inside of another type these are always frozen, which the protocol does not say.
    frozen = [kind.name != "vector" and (one.fields or one.name in _FROZEN_INSIDE) for one in kinds]
    parts = [f"frozen<{type_text(one)}>" if is_frozen else type_text(one) for one, is_frozen in zip(kinds, frozen)]
    return f"{kind.name}<{', '.join([*parts, *kind.dimension])}>" if parts else ALIASES.get(kind.name, kind.name)


def to_json(value: Any, has_short_floats: bool = False) -> Any:
    """The value as JSON has it; with C(has_short_floats) its floats are of 32 bits, and shown as short as they can be."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, float):
        return _float(_shortest(value) if has_short_floats else value)
    if isinstance(value, int):
        return value if value.bit_length() <= _MAX_BITS else hex(value)
    if isinstance(value, (bytes, bytearray)):
        return f"0x{value.hex()}"
    if isinstance(value, datetime.datetime):
        return times.timestamp_text(round((value - _EPOCH) / datetime.timedelta(milliseconds=1)))
    if isinstance(value, Mapping):
        entries = [(to_json(key, has_short_floats), to_json(one, has_short_floats)) for key, one in pairs_of(value)]
        # JSON has no other keys than text.
        is_textual = all(isinstance(key, str) for key, _one in entries)
        return dict(entries) if is_textual else [{"key": key, "value": one} for key, one in entries]
    if hasattr(value, "_asdict"):
        return {name: to_json(one, has_short_floats) for name, one in value._asdict().items()}
    if hasattr(value, "__iter__"):
        return [to_json(one, has_short_floats) for one in value]
    return _of_driver(value)


def to_driver(kind: Kind, value: Any) -> Any:
    """The value of YAML as the driver takes it for the type; raises ValueError with the reason."""
    if value is None or not kind.name:
        return value
    if kind.fields:
        if not isinstance(value, Mapping) or not set(value) <= set(kind.fields):
            raise ValueError(f"{truncate(value)} is not a dictionary of the fields {', '.join(kind.fields)}")
        return tuple(to_driver(kind_of(part), value.get(name)) for name, part in zip(kind.fields, kind.parts))
    if kind.name == "frozen":
        return to_driver(kind_of(kind.parts[0]), value)
    if kind.name == "map":
        return _to_map(kind, value)
    if kind.parts:
        return _to_list(kind, value)
    what, read = _READERS.get(ALIASES.get(kind.name, kind.name), _OTHER)
    try:
        return read(value)
    except (ValueError, TypeError, KeyError, ArithmeticError, struct.error):
        raise ValueError(f"{truncate(value)} is not {what}") from None


def _to_list(kind: Kind, value: Any) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{truncate(value)} is not a list")
    wanted = [int(size) for size in kind.dimension] or ([len(kind.parts)] if kind.name == "tuple" else [len(value)])
    if len(value) != wanted[0]:
        raise ValueError(f"{truncate(value)} has {len(value)} elements, not {wanted[0]}")
    parts = kind.parts if kind.name == "tuple" else kind.parts * len(value)
    values = [to_driver(kind_of(part), one) for part, one in zip(parts, value)]
    if kind.name != "tuple" and None in values:
        raise ValueError(f"{truncate(value)} has null inside, which only a tuple or user-defined type can have")
    if kind.name == "tuple":
        return tuple(values)
    return _in_order(values) if kind.name == "set" else values


def _to_map(kind: Kind, value: Any) -> Any:
    from cassandra.util import OrderedMap

    entries = [{"key": key, "value": one} for key, one in value.items()] if isinstance(value, Mapping) else value
    if not isinstance(entries, list) or not all(
        isinstance(one, Mapping) and set(one) == {"key", "value"} for one in entries
    ):
        raise ValueError(f"{truncate(value)} is neither a dictionary nor a list of those with 'key' and 'value'")
    key_kind, value_kind = map(kind_of, kind.parts)
    pairs = [(to_driver(key_kind, one["key"]), to_driver(value_kind, one["value"])) for one in entries]
    if any(None in pair for pair in pairs):
        raise ValueError(f"{truncate(value)} has null inside, which only a tuple or user-defined type can have")
    return OrderedMap(_in_order(pairs))


def _in_order(values: list[Any]) -> list[Any]:
    """The values of a set as the server has them: inside of another value it takes them as they come, and finds nothing."""
    try:
        return sorted(values)
    except TypeError:
        return values


def _of_driver(value: Any) -> str:
    """The text of a value of the driver's own classes, or of any other."""
    if hasattr(value, "days_from_epoch"):
        return times.date_text(value.days_from_epoch)
    if hasattr(value, "nanosecond_time"):
        return times.time_text(value.nanosecond_time)
    return times.duration_text(value) if hasattr(value, "nanoseconds") else str(value)


def _float(number: float) -> float | str:
    """The number, or its name if JSON has no number for it."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _shortest(number: float) -> float:
    """The shortest number that is the same 32-bit float: 0.1 and not 0.10000000149011612."""
    short = (float(f"{number:.{digits}g}") for digits in range(1, 10))
    return next((one for one in short if ctypes.c_float(one).value == number), number)


def _whole(size: int = 0) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)):
            raise ValueError(value)
        number = int(str(value), 16 if "x" in str(value).lower() else 10)
        if size and not -(1 << size - 1) <= number < 1 << size - 1:
            raise ValueError(value)
        return number

    return read


def _number(form: str) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or "_" in str(value):
            raise ValueError(value)
        struct.pack(form, float(value))
        return float(value)

    return read


def _decimal(value: Any) -> Decimal:
    if not _DECIMAL.fullmatch(str(value)):
        raise ValueError(value)
    struct.pack(">i", Decimal(str(value)).as_tuple().exponent)
    return Decimal(str(value))


def _text(encoding: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(value)
        value.encode(encoding)
        return value

    return read


def _blob(value: Any) -> bytes:
    if not isinstance(value, str) or value[:2].lower() != "0x":
        raise ValueError(value)
    return bytes.fromhex(value[2:])


def _uuid(value: Any) -> uuid.UUID:
    if not isinstance(value, str) or str(uuid.UUID(value)) != value.lower():
        raise ValueError(value)
    return uuid.UUID(value)


def _inet(value: Any) -> str:
    if not isinstance(value, str) or "%" in value:
        raise ValueError(value)
    return str(ipaddress.ip_address(value))


def _timestamp(value: Any) -> int:
    return times.milliseconds_of(value) if isinstance(value, str) else _whole(64)(value)


_UUID = ("a UUID in quotes, such as '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'", _uuid)
_OTHER = ("hexadecimal digits in quotes, such as '0xcafe'", _blob)
_READERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "ascii": ("text in quotes that ASCII can hold", _text("ascii")),
    "bigint": ("a whole number of 64 bits", _whole(64)),
    "blob": _OTHER,
    "boolean": ("true or false", lambda value: {"true": True, "false": False}[str(value).lower()]),
    "counter": ("a whole number of 64 bits", _whole(64)),
    # The driver takes a whole number as the server has it.
    "date": ("a date in quotes, such as '2024-02-29'", lambda value: times.days_of(value) + _EPOCH_DAY),
    "decimal": ("a decimal number", _decimal),
    "double": ("a number", _number(">d")),
    "duration": ("a duration in quotes, such as '1mo3d4h'", times.duration_of),
    "float": ("a number of 32 bits", _number(">f")),
    "inet": ("an IPv4 or IPv6 address in quotes, without a zone", _inet),
    "int": ("a whole number of 32 bits", _whole(32)),
    "smallint": ("a whole number of 16 bits", _whole(16)),
    "text": ("text in quotes that UTF-8 can hold", _text("utf-8")),
    "time": ("a time in quotes, such as '13:30:54.234'", times.nanoseconds_of),
    "timestamp": ("a timestamp in quotes, such as '2024-02-29T13:30:54.234Z', or milliseconds", _timestamp),
    "timeuuid": _UUID,
    "tinyint": ("a whole number of 8 bits", _whole(8)),
    "uuid": _UUID,
    "varint": ("a whole number", _whole()),
}
