# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers: what YAML may hold for them, how JSON shows those it has no number for, and the order of Java."""

from __future__ import annotations

import ctypes
import math
import re
import struct
from decimal import Decimal
from typing import Any

_WHOLE = re.compile(r"[+-]?([0-9]+|0[xX][0-9a-fA-F]+)")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
# Python, and so Ansible, refuses to write or read whole numbers of more than 4300 decimal digits.
_MAX_BITS = 14_000


def read_whole(value: Any) -> int:
    """The whole number, also of text of decimal or, after 0x, hexadecimal digits; raises ValueError."""
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)):
        raise ValueError(value)
    return int(str(value), 16 if "x" in str(value).lower() else 10)


def show_varint(number: int) -> int | str:
    """The number, or its hexadecimal digits where it has too many for Python."""
    return number if number.bit_length() <= _MAX_BITS else hex(number)


def read_float(value: Any) -> float:
    """The float, also of text; raises ValueError, TypeError or OverflowError."""
    if isinstance(value, bool) or "_" in str(value):
        raise ValueError(value)
    return float(value)


def show_double(number: float) -> float | str:
    """The number, or its name where JSON has no number for it."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def show_float(number: float) -> float | str:
    """The shortest number that is the same 32-bit float: 0.1 and not 0.10000000149011612."""
    shortest = (float(f"{number:.{digits}g}") for digits in range(1, 10))
    return show_double(next((short for short in shortest if ctypes.c_float(short).value == number), number))


def order_float(number: float) -> int:
    """Infinity after all numbers and NaN after infinity, -0 before 0, as in Java."""
    bits = int.from_bytes(struct.pack(">d", number), "big", signed=True)
    return bits if bits >= 0 else -(1 << 63) - 1 - bits


def read_decimal(value: Any) -> bytes:
    """The bytes of the exact number; a float of YAML is what it shows. Raises ValueError or ArithmeticError."""
    from cassandra.cqltypes import Int32Type, IntegerType

    if not _DECIMAL.fullmatch(str(value)):
        raise ValueError(value)
    sign, digits, exponent = Decimal(str(value)).as_tuple()
    unscaled = int(Decimal((sign, digits, 0)))
    return bytes(Int32Type.serialize(-int(exponent), None) + IntegerType.serialize(unscaled, None))


def decimal_of(data: bytes) -> Decimal:
    """The exact number; the driver's own type fails for more than 4300 digits."""
    from cassandra.cqltypes import Int32Type, IntegerType

    sign, digits, _exponent = Decimal(IntegerType.deserialize(data[4:], None)).as_tuple()
    return Decimal((sign, digits, -Int32Type.deserialize(data[:4], None)))
