# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between what the driver has for a value and what JSON and YAML have for it."""

from __future__ import annotations

import ctypes
import datetime
import math
import re
import struct
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from .._cql.cql_type import Collection, CqlType, Custom, Native, Vector, children, freeze

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MILLISECOND = datetime.timedelta(milliseconds=1)
# Python, and so Ansible, refuses to write or read whole numbers of more than 4300 decimal digits.
_MAX_BITS = 14_000
# What a value that is not of its type raises, here or in the driver.
CODEC_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)


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


def to_driver(cql_type: CqlType, value: Any) -> Any:
    """The value of YAML as the driver takes it for the type; raises one of C(CODEC_ERRORS) if it is not of the type.

    The types are native ones, and lists, sets and vectors of such. What is deeper the server reads itself, with fromJson().
    """
    # Without a private name of the driver the type is not known.
    if value is None or cql_type == Native(""):
        return value
    if isinstance(cql_type, (Native, Custom)):
        read: Callable[[Any], Any] = _READERS.get(str(cql_type), _blob)
        return read(value)
    if not (is_plain(cql_type) and isinstance(value, list)):
        raise TypeError(value)
    values = [to_driver(children(cql_type)[0], one) for one in value]
    if None in values:
        raise ValueError(value)
    return values


def is_plain(cql_type: CqlType) -> bool:
    """Whether it is a native type, or a list, a set or a vector of one."""
    inner = children(cql_type)
    is_row = isinstance(cql_type, (Collection, Vector)) and len(inner) == 1
    return isinstance(inner[0] if is_row else cql_type, (Native, Custom))


def read_time(text: str) -> datetime.datetime:
    """The moment that ISO 8601 text means, in UTC if it has no offset; raises AttributeError or ValueError."""
    # Python 3.9 and 3.10 do not know the letter.
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)


def _float(number: float) -> float | str:
    """The number, or its name if JSON has no number for it."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _shortest(number: float) -> float:
    """The shortest number that is the same 32-bit float: 0.1 and not 0.10000000149011612."""
    short = (float(f"{number:.{digits}g}") for digits in range(1, 10))
    return next((one for one in short if ctypes.c_float(one).value == number), number)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _whole(value: Any) -> int:
    return int(str(value), 0)


def _blob(value: Any) -> bytes:
    if _text(value)[:2].lower() != "0x":
        raise ValueError(value)
    return bytes.fromhex(value[2:])


def _date(value: Any) -> Any:
    from cassandra.util import Date

    # Years that Python does not have are shown as days since 1970.
    is_number = _text(value).lstrip("-").isdigit()
    return Date(int(value) if is_number else value)


def _time(value: Any) -> Any:
    from cassandra.util import Time

    # The driver reads more than nine digits of nanoseconds as more than a second.
    if len(value) > len("13:30:54.234000001"):
        raise ValueError(value)
    return Time(value)


def _timestamp(value: Any) -> int:
    return (read_time(value) - _EPOCH) // _MILLISECOND if isinstance(value, str) else _whole(value)


def _duration(value: Any) -> Any:
    from cassandra.util import Duration

    ((minus, *parts),) = re.findall(r"\A(-?)([0-9]+)mo([0-9]+)d([0-9]+)ns\Z", value)
    return Duration(*(int(minus + part) for part in parts))


# By text, because in Python True is 1 and 0.1 is no exact decimal number. The driver checks how large a number may be.
_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("ascii", "inet", "text"), _text),
    **dict.fromkeys(("bigint", "counter", "int", "smallint", "tinyint", "varint"), _whole),
    **dict.fromkeys(("double", "float"), lambda value: float(str(value))),
    **dict.fromkeys(("timeuuid", "uuid"), lambda value: uuid.UUID(_text(value))),
    "boolean": lambda value: {"true": True, "false": False}[str(value).lower()],
    "date": _date,
    "decimal": lambda value: Decimal(str(value)),
    "duration": _duration,
    "time": _time,
    "timestamp": _timestamp,
}
