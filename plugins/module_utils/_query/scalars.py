# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The native types in one table: the driver's C(cqltypes) have the bytes, and here is what JSON lacks for their values."""

from __future__ import annotations

import binascii
import ipaddress
import struct
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from .._cql.identifier import truncate
from . import numbers, times

_EPOCH_DAY = 1 << 31
# Without any bytes the others are null: only very old clients wrote them so.
_CAN_BE_EMPTY = ("ascii", "blob", "text")
# The bytes of native types are the same in every version of the protocol.
_PROTOCOL = 4


def _same(value: Any) -> Any:
    return value


class Scalar(NamedTuple):
    """A native type: the driver's class, what its values are in YAML, how they are read, shown, and put in order."""

    driver: str
    what: str
    read: Callable[[Any], Any]
    show: Callable[[Any], Any] = _same
    order: Callable[[Any], Any] = _same


def decode(name: str, data: bytes) -> Any:
    """The JSON for the bytes, null where there are none; raises ValueError where they are not of the type."""
    try:
        value = _value(name, data)
        return None if value is None else SCALARS[name].show(value)
    except (struct.error, OSError, IndexError) as error:
        raise ValueError(f"{error}") from error


def encode(name: str, value: Any) -> bytes:
    """The bytes for JSON; raises ValueError with the reason."""
    scalar = SCALARS[name]
    try:
        data: bytes = _driver_type(name).serialize(scalar.read(value), _PROTOCOL)
    except (struct.error, ArithmeticError):
        raise ValueError(f"{truncate(value)} is outside of what {name} can hold") from None
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"{truncate(value)} is not {scalar.what}") from None
    return data


def order_key(name: str, data: bytes) -> tuple[Any, ...]:
    """What to sort encoded values of the type by, as the server does."""
    value = _value(name, data)
    return () if value is None else (SCALARS[name].order(value),)


def _value(name: str, data: bytes) -> Any:
    return _driver_type(name).deserialize(data, _PROTOCOL) if data or name in _CAN_BE_EMPTY else None


def _driver_type(name: str) -> Any:
    from cassandra import cqltypes

    return getattr(cqltypes, SCALARS[name].driver)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _boolean(value: Any) -> bool:
    return {"true": True, "false": False}[str(value).lower()]


def _blob(value: Any) -> bytes:
    if _text(value)[:2].lower() != "0x":
        raise ValueError(value)
    return binascii.unhexlify(value[2:])


def _uuid(value: Any) -> uuid.UUID:
    found = uuid.UUID(_text(value))
    if str(found) != value.lower():
        raise ValueError(value)
    return found


def _order_uuid(value: uuid.UUID) -> tuple[int, int | bytes, bytes]:
    version = value.bytes[6] >> 4
    return version, value.time if version == 1 else value.bytes[:8], value.bytes[8:]


def _order_timeuuid(value: uuid.UUID) -> tuple[int, bytes]:
    # The rest is compared as signed bytes here and as unsigned ones in a uuid.
    return value.time, bytes(byte ^ 0x80 for byte in value.bytes[8:])


def _inet(value: Any) -> str:
    if "%" in _text(value):
        raise ValueError(value)
    return str(ipaddress.ip_address(value))


def _date(value: Any) -> int:
    # The driver takes a whole number as the server has it.
    return times.days_of(value) + _EPOCH_DAY


def _timestamp(value: Any) -> int:
    return times.milliseconds_of(value) if isinstance(value, str) else numbers.read_whole(value)


_WHOLE = ("a whole number", numbers.read_whole)
_BLOB = Scalar("BytesType", "hexadecimal digits in quotes, such as '0xcafe'", _blob, lambda data: f"0x{data.hex()}")
_UUID = ("a UUID in quotes, such as '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'", _uuid, str)
_TIMESTAMP = "a timestamp in quotes, such as '2024-02-29T13:30:54.234Z', or a whole number of milliseconds"

SCALARS = {
    "ascii": Scalar("AsciiType", "text in quotes that ASCII can hold", _text),
    "bigint": Scalar("LongType", *_WHOLE),
    "blob": _BLOB,
    "boolean": Scalar("BooleanType", "true or false", _boolean),
    "counter": Scalar("LongType", *_WHOLE),
    "date": Scalar(
        "SimpleDateType",
        "a date in quotes, such as '2024-02-29'",
        _date,
        lambda date: times.date_text(date.days_from_epoch),
        lambda date: date.days_from_epoch,
    ),
    "decimal": Scalar(
        "BytesType",
        "a decimal number",
        numbers.read_decimal,
        lambda data: str(numbers.decimal_of(data)),
        numbers.decimal_of,
    ),
    "double": Scalar("DoubleType", "a number", numbers.read_float, numbers.show_double, numbers.order_float),
    "duration": Scalar(
        "DurationType", "a duration in quotes, such as '1mo3d4h'", times.duration_of, times.duration_text
    ),
    "empty": _BLOB,
    "float": Scalar("FloatType", "a number", numbers.read_float, numbers.show_float, numbers.order_float),
    "inet": Scalar(
        "InetAddressType",
        "an IPv4 or IPv6 address in quotes, without a zone",
        _inet,
        order=lambda address: ipaddress.ip_address(address).packed,
    ),
    "int": Scalar("Int32Type", *_WHOLE),
    "smallint": Scalar("ShortType", *_WHOLE),
    "text": Scalar("UTF8Type", "text in quotes that UTF-8 can hold", _text),
    # As numbers: the driver's times add nothing, and its timestamps are of the years 1 to 9999 only.
    "time": Scalar("LongType", "a time in quotes, such as '13:30:54.234'", times.nanoseconds_of, times.time_text),
    "timestamp": Scalar("LongType", _TIMESTAMP, _timestamp, times.timestamp_text),
    "timeuuid": Scalar("UUIDType", *_UUID, _order_timeuuid),
    "tinyint": Scalar("ByteType", *_WHOLE),
    "uuid": Scalar("UUIDType", *_UUID, _order_uuid),
    "varint": Scalar("IntegerType", *_WHOLE, numbers.show_varint),
}
