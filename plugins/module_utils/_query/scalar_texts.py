# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types which are text in JSON, but for numbers: between the bytes of the native protocol and that text.

Encoders raise ValueError with a reason which begins with "it".
"""

from __future__ import annotations

import ipaddress
import re
import uuid
from typing import Any

from . import time_text as times
from .scalar_numbers import signed
from .vint import read_signed_vint, write_signed_vint

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_HEX = re.compile(r"0[xX]([0-9a-fA-F]{2})*\Z")
_EPOCH_DAY = 1 << 31
_OUTSIDE = "it is outside of what Cassandra stores"


def text_of(value: Any) -> str:
    """The value, which must be text."""
    if not isinstance(value, str):
        raise ValueError("it is not text, put it in quotes")
    return value


def text_json(data: bytes) -> str:
    """Text; what is not UTF-8, which servers do not accept, stays visible as escapes."""
    return data.decode("utf-8", "backslashreplace")


def text_bytes(value: Any) -> bytes:
    """Text in UTF-8."""
    try:
        return text_of(value).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("it cannot be written in UTF-8") from None


def ascii_bytes(value: Any) -> bytes:
    """Text in ASCII."""
    if not text_of(value).isascii():
        raise ValueError("it has characters outside of ASCII")
    return text_bytes(value)


def hex_json(data: bytes) -> str:
    """Bytes as Cassandra writes a blob."""
    return f"0x{data.hex()}"


def hex_bytes(value: Any) -> bytes:
    """The bytes of a blob as Cassandra writes it."""
    if not _HEX.match(text_of(value)):
        raise ValueError("it is not 0x and pairs of hexadecimal digits, such as '0xcafe'")
    return bytes.fromhex(value[2:])


def uuid_json(data: bytes) -> str:
    """A UUID."""
    return str(uuid.UUID(bytes=data))


def uuid_bytes(value: Any) -> bytes:
    """The bytes of a UUID."""
    if not _UUID.match(text_of(value)):
        raise ValueError("it is not a UUID such as '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'")
    return bytes.fromhex(value.replace("-", ""))


def inet_json(data: bytes) -> str:
    """An IPv4 or IPv6 address."""
    return str(ipaddress.ip_address(data))


def inet_bytes(value: Any) -> bytes:
    """The bytes of an IPv4 or IPv6 address."""
    if "%" in text_of(value):
        raise ValueError("it has a zone, which Cassandra does not store")
    try:
        return ipaddress.ip_address(value).packed
    except ValueError:
        raise ValueError("it is not an IPv4 or IPv6 address") from None


def date_json(data: bytes) -> str:
    """A date."""
    return times.date_text(int.from_bytes(data, "big") - _EPOCH_DAY)


def date_bytes(value: Any) -> bytes:
    """The bytes of a date."""
    return _unsigned(times.days_of(text_of(value)) + _EPOCH_DAY, 4)


def time_json(data: bytes) -> str:
    """A time of day."""
    return times.time_text(signed(data))


def time_bytes(value: Any) -> bytes:
    """The bytes of a time of day."""
    return _unsigned(times.nanoseconds_of(text_of(value)), 8)


def timestamp_json(data: bytes) -> str:
    """A timestamp."""
    return times.timestamp_text(signed(data))


def timestamp_bytes(value: Any) -> bytes:
    """The bytes of a timestamp: ISO 8601, or a number of milliseconds since 1970-01-01 UTC."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    milliseconds = value if is_number else times.milliseconds_of(text_of(value))
    return _bounded(milliseconds, 64).to_bytes(8, "big", signed=True)


def duration_json(data: bytes) -> str:
    """A duration."""
    months, place = read_signed_vint(data, 0)
    days, place = read_signed_vint(data, place)
    return times.duration_text(months, days, read_signed_vint(data, place)[0])


def duration_bytes(value: Any) -> bytes:
    """The bytes of a duration."""
    parts = zip(times.duration_of(text_of(value)), (32, 32, 64))
    return b"".join(write_signed_vint(_bounded(part, bits)) for part, bits in parts)


def _unsigned(number: int, size: int) -> bytes:
    if not 0 <= number < 1 << size * 8:
        raise ValueError(_OUTSIDE)
    return number.to_bytes(size, "big")


def _bounded(number: int, bits: int) -> int:
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise ValueError(_OUTSIDE)
    return number
