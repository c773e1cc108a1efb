# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between what the driver has for a value and what JSON and YAML have for it."""

from __future__ import annotations

import ctypes
import datetime
import ipaddress
import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from .._cql.cql_type import Collection, CqlType, Native, Tuple, UserType, Vector, children, freeze
from .._cql.identifier import truncate

# The names and types of the fields of a user-defined type.
Fields = Callable[[UserType], Mapping[str, CqlType]]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MILLISECOND = datetime.timedelta(milliseconds=1)
_WHOLE = re.compile(r"[+-]?([0-9]+|0[xX][0-9a-fA-F]+)")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?")
_DURATION = re.compile(r"(-?)([0-9]+)mo([0-9]+)d([0-9]+)ns")
# Python, and so Ansible, refuses to write or read whole numbers of more than 4300 decimal digits.
_MAX_BITS = 14_000


def type_text(cql_type: CqlType) -> str:
    """The type in CQL, without the word frozen around it, which the protocol does not tell."""
    if isinstance(cql_type, Collection):
        # Inside of another type it is always frozen.
        cql_type = replace(cql_type, elements=tuple(map(freeze, cql_type.elements)), frozen=False)
    text = str(cql_type)
    return text[len("frozen<") : -1] if text.startswith("frozen<") else text


def to_json(value: Any, has_short_floats: bool = False) -> Any:
    """The value as JSON has it; with C(has_short_floats) its floats are of 32 bits, and shown as short as they can be.

    Raises KeyError for a map in which the driver does not find its own keys.
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, float):
        return _float(_shortest(value) if has_short_floats else value)
    if isinstance(value, int):
        return value if value.bit_length() <= _MAX_BITS else hex(value)
    if isinstance(value, (bytes, bytearray)):
        return f"0x{value.hex()}"
    if isinstance(value, datetime.datetime):
        # The driver computes with floats, which may be some microseconds off.
        return (value + _MILLISECOND / 2).isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, Mapping):
        entries = [(to_json(key, has_short_floats), to_json(one, has_short_floats)) for key, one in value.items()]
        # JSON has no other keys than text.
        is_textual = all(isinstance(key, str) for key, _one in entries)
        return dict(entries) if is_textual else [{"key": key, "value": one} for key, one in entries]
    if hasattr(value, "_asdict"):
        return {name: to_json(one, has_short_floats) for name, one in value._asdict().items()}
    if hasattr(value, "__iter__"):
        return [to_json(one, has_short_floats) for one in value]
    return str(value)


def to_driver(cql_type: CqlType, value: Any, fields: Fields) -> Any:
    """The value of YAML as the driver takes it for the type; raises ValueError with the reason."""
    # Without a private name of the driver the type is not known.
    if value is None or cql_type == Native(""):
        return value
    if isinstance(cql_type, UserType):
        types = fields(cql_type)
        if not isinstance(value, Mapping) or not set(value) <= set(types):
            raise ValueError(f"{truncate(value)} is not a dictionary of the fields {', '.join(types)}")
        return tuple(to_driver(one, value.get(name), fields) for name, one in types.items())
    if isinstance(cql_type, Collection) and cql_type.name == "map":
        return _to_map(cql_type, value, fields)
    if isinstance(cql_type, (Collection, Tuple, Vector)):
        return _to_list(cql_type, value, fields)
    what, read = _READERS.get(str(cql_type), _BLOB)
    try:
        return read(value)
    except (ValueError, TypeError, AttributeError, KeyError, ArithmeticError):
        raise ValueError(f"{truncate(value)} is not {what}") from None


def read_time(text: str) -> datetime.datetime:
    """The moment that ISO 8601 text means, in UTC if it has no offset; raises AttributeError or ValueError."""
    # Python 3.9 and 3.10 do not know the letter.
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)


def _to_list(cql_type: Collection | Tuple | Vector, value: Any, fields: Fields) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{truncate(value)} is not a list")
    types = cql_type.elements if isinstance(cql_type, Tuple) else children(cql_type) * len(value)
    size = cql_type.dimension if isinstance(cql_type, Vector) else len(types)
    if len(value) != size:
        raise ValueError(f"{truncate(value)} has {len(value)} elements, not {size}")
    values = [to_driver(one, element, fields) for one, element in zip(types, value)]
    if isinstance(cql_type, Tuple):
        return tuple(values)
    _require_no_null(values, value)
    return _in_order(values) if isinstance(cql_type, Collection) and cql_type.name == "set" else values


def _to_map(cql_type: Collection, value: Any, fields: Fields) -> Any:
    from cassandra.util import OrderedMap

    entries = [{"key": key, "value": one} for key, one in value.items()] if isinstance(value, Mapping) else value
    if not isinstance(entries, list) or not all(
        isinstance(one, Mapping) and set(one) == {"key", "value"} for one in entries
    ):
        raise ValueError(f"{truncate(value)} is neither a dictionary nor a list of those with 'key' and 'value'")
    of_key, of_value = cql_type.elements
    pairs = [(to_driver(of_key, one["key"], fields), to_driver(of_value, one["value"], fields)) for one in entries]
    _require_no_null([part for pair in pairs for part in pair], value)
    return OrderedMap(_in_order(pairs))


def _require_no_null(values: list[Any], given: Any) -> None:
    if None in values:
        raise ValueError(f"{truncate(given)} has null inside, which only a tuple or user-defined type can have")


def _in_order(values: list[Any]) -> list[Any]:
    """The values of a set as the server has them: inside of another value it takes them as they come, and finds nothing."""
    try:
        return sorted(values)
    except TypeError:
        return values


def _float(number: float) -> float | str:
    """The number, or its name if JSON has no number for it."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _shortest(number: float) -> float:
    """The shortest number that is the same 32-bit float: 0.1 and not 0.10000000149011612."""
    short = (float(f"{number:.{digits}g}") for digits in range(1, 10))
    return next((one for one in short if ctypes.c_float(one).value == number), number)


def _whole(bits: int = 0) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)):
            raise ValueError(value)
        number = int(str(value), 16 if "x" in str(value).lower() else 10)
        if bits and not -(1 << bits - 1) <= number < 1 << bits - 1:
            raise ValueError(value)
        return number

    return read


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(value)
    return float(value)


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(value)
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _blob(value: Any) -> bytes:
    if _text(value)[:2].lower() != "0x":
        raise ValueError(value)
    return bytes.fromhex(value[2:])


def _inet(value: Any) -> str:
    if "%" in _text(value):
        raise ValueError(value)
    return str(ipaddress.ip_address(value))


def _date(value: Any) -> Any:
    from cassandra.util import Date

    # Years that Python does not have are shown as days since 1970.
    return Date(int(value) if _WHOLE.fullmatch(_text(value)) else value)


def _time(value: Any) -> Any:
    from cassandra.util import Time

    if not _TIME.fullmatch(value):
        raise ValueError(value)
    return Time(value)


def _timestamp(value: Any) -> int:
    return (read_time(value) - _EPOCH) // _MILLISECOND if isinstance(value, str) else _whole(64)(value)


def _duration(value: Any) -> Any:
    from cassandra.util import Duration

    found = _DURATION.fullmatch(value)
    if not found:
        raise ValueError(value)
    minus, *parts = found.groups()
    return Duration(*(int(minus + part) for part in parts))


_BLOB = ("hexadecimal digits in quotes, such as '0xcafe'", _blob)
_TEXT = ("text in quotes", _text)
_UUID = ("a UUID in quotes, such as '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'", lambda value: uuid.UUID(_text(value)))
_READERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "ascii": _TEXT,
    "bigint": ("a whole number of 64 bits", _whole(64)),
    "boolean": ("true or false", lambda value: {"true": True, "false": False}[str(value).lower()]),
    "counter": ("a whole number of 64 bits", _whole(64)),
    "date": ("a date in quotes, such as '2024-02-29'", _date),
    "decimal": ("a decimal number", _decimal),
    "double": ("a number", _number),
    "duration": ("a duration in quotes, such as '14mo3d0ns'", _duration),
    "float": ("a number", _number),
    "inet": ("an IPv4 or IPv6 address in quotes, without a zone", _inet),
    "int": ("a whole number of 32 bits", _whole(32)),
    "smallint": ("a whole number of 16 bits", _whole(16)),
    "text": _TEXT,
    "time": ("a time in quotes, such as '13:30:54.234'", _time),
    "timestamp": ("a timestamp in quotes, such as '2024-02-29T13:30:54.234Z', or milliseconds", _timestamp),
    "timeuuid": _UUID,
    "tinyint": ("a whole number of 8 bits", _whole(8)),
    "uuid": _UUID,
    "varint": ("a whole number", _whole()),
}
