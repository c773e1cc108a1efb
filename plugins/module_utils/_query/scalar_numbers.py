# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole numbers, floats, decimals and booleans: between the bytes of the native protocol and JSON.

Encoders raise ValueError with a reason which begins with "it".
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .._cql.identifier import truncate

_WHOLE = re.compile(r"[+-]?([0-9]+|0[xX][0-9a-fA-F]+)\Z")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
# Python, and so Ansible, refuses to write or read whole numbers of more than 4300 decimal digits.
_MAX_BITS = 14_000
_NOT_FINITE = {"nan": math.nan, "infinity": math.inf, "+infinity": math.inf, "-infinity": -math.inf}


def whole(size: int) -> tuple[Callable[[bytes], int], Callable[[Any], bytes]]:
    """The decoder and the encoder of signed whole numbers of so many bytes."""
    lowest = -(1 << size * 8 - 1)

    def encode(value: Any) -> bytes:
        number = whole_of(value)
        if not lowest <= number <= ~lowest:
            raise ValueError(f"it is not between {lowest} and {~lowest}")
        return number.to_bytes(size, "big", signed=True)

    return signed, encode


def signed(data: bytes) -> int:
    """The signed whole number which the bytes are."""
    return int.from_bytes(data, "big", signed=True)


def whole_of(value: Any) -> int:
    """The whole number which a value of YAML means: a number, or text of decimal or, after 0x, hexadecimal digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _WHOLE.match(value) if isinstance(value, str) else None
    if not match:
        raise ValueError("it is not a whole number")
    return int(match.group(), 16 if match.group(1)[:2].lower() == "0x" else 10)


def varint_json(data: bytes) -> int | str:
    """The number, or its hexadecimal digits where there are too many for Python."""
    number = signed(data)
    return number if number.bit_length() <= _MAX_BITS else hex(number)


def varint_bytes(value: Any) -> bytes:
    """The number in as few bytes as possible: a key of other bytes would be another key."""
    number = whole_of(value)
    bits = (number if number >= 0 else ~number).bit_length()
    return number.to_bytes(bits // 8 + 1, "big", signed=True)


def decimal_of(data: bytes) -> Decimal:
    """The exact decimal number."""
    sign, digits, _exponent = Decimal(signed(data[4:])).as_tuple()
    return Decimal((sign, digits, -signed(data[:4])))


def decimal_bytes(value: Any) -> bytes:
    """The exact decimal number of a text, or the one which a float of YAML shows."""
    if isinstance(value, bool) or not (isinstance(value, int) or _DECIMAL.match(str(value))):
        raise ValueError("it is not a decimal number")
    try:
        sign, digits, exponent = Decimal(value if isinstance(value, int) else str(value)).as_tuple()
        scale = (-int(exponent)).to_bytes(4, "big", signed=True)
    except (ArithmeticError, OverflowError):
        raise ValueError("it has an exponent of more than 32 bits") from None
    unscaled = int(Decimal((sign, digits, 0)))
    return scale + varint_bytes(unscaled)


def float_json(number: float) -> float | str:
    """The number, or its name where JSON has no number for it."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def single_json(data: bytes) -> float | str:
    """The shortest number which is the same 32-bit float: 0.1 and not 0.10000000149011612."""
    (number,) = struct.unpack(">f", data)
    if not math.isfinite(number):
        return float_json(number)
    shortest = (float(f"{number:.{digits}g}") for digits in range(1, 10))
    return next((short for short in shortest if _fits(short) and struct.pack(">f", short) == data), number)


def single_bytes(value: Any) -> bytes:
    """A 32-bit float."""
    number = _float_of(value)
    if not _fits(number):
        raise ValueError("it is too large for a 32-bit float")
    return struct.pack(">f", number)


def double_json(data: bytes) -> float | str:
    """A 64-bit float."""
    return float_json(struct.unpack(">d", data)[0])


def double_bytes(value: Any) -> bytes:
    """A 64-bit float."""
    return struct.pack(">d", _float_of(value))


def boolean_bytes(value: Any) -> bytes:
    """A boolean of YAML, or one which a template turned into text."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        value = value.lower() == "true"
    if not isinstance(value, bool):
        raise ValueError("it is not true or false")
    return b"\x01" if value else b"\x00"


def _float_of(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise ValueError("it is too large for a float") from None
    if not isinstance(value, str) or "_" in value:
        raise ValueError("it is not a number")
    if value.lower() in _NOT_FINITE:
        return _NOT_FINITE[value.lower()]
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"it is not a number: {truncate(value)}") from None


def _fits(number: float) -> bool:
    try:
        struct.pack(">f", number)
    except OverflowError:
        return False
    return True
