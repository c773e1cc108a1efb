# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All native types in one table: how each is read, written, and put in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._cql.cql_type import Native
from . import scalar_numbers as numbers
from . import scalar_texts as texts


def _as_bytes(data: bytes) -> bytes:
    return data


@dataclass(frozen=True)
class Scalar:
    """A native type: bytes to JSON, JSON to bytes, and the key by which the server puts values (as bytes) in order.

    C(size) is that of the types which stand in a vector without their length: the server's choice, not a matter of how
    long they are (measured on 5.0.9). C(empty) is whether no bytes at all are a value, not a leftover of old times.
    """

    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    order: Callable[[bytes], Any] = _as_bytes
    size: int | None = None
    empty: bool = False


def scalar(cql_type: Native) -> Scalar:
    """The row of the table for this type."""
    return _SCALARS[cql_type.name]


def _float_order(data: bytes) -> int:
    """Infinity after all numbers and NaN after infinity, -0 before 0, as in Java."""
    bits = int.from_bytes(data, "big")
    half = 1 << len(data) * 8 - 1
    return half - 1 - bits if bits >= half else bits


def _uuid_order(data: bytes) -> tuple[int, bytes, bytes]:
    version = data[6] >> 4
    return version, _time_of(data) if version == 1 else data[:8], data[8:]


def _timeuuid_order(data: bytes) -> tuple[bytes, bytes]:
    # The rest is compared as signed bytes here and as unsigned ones in a uuid.
    return _time_of(data), bytes(byte ^ 0x80 for byte in data[8:])


def _time_of(data: bytes) -> bytes:
    return data[6:8] + data[4:6] + data[:4]


def _whole(size: int, in_vector: int | None = None) -> Scalar:
    return Scalar(*numbers.whole(size), order=numbers.signed, size=in_vector)


OPAQUE = Scalar(texts.hex_json, texts.hex_bytes, empty=True)
_SCALARS = {
    "ascii": Scalar(texts.text_json, texts.ascii_bytes, empty=True),
    "bigint": _whole(8, in_vector=8),
    "blob": OPAQUE,
    "boolean": Scalar(lambda data: data != b"\x00", numbers.boolean_bytes, size=1),
    "counter": _whole(8),
    "date": Scalar(texts.date_json, texts.date_bytes),
    "decimal": Scalar(lambda data: str(numbers.decimal_of(data)), numbers.decimal_bytes, order=numbers.decimal_of),
    "double": Scalar(numbers.double_json, numbers.double_bytes, order=_float_order, size=8),
    "duration": Scalar(texts.duration_json, texts.duration_bytes),
    "empty": Scalar(texts.hex_json, texts.hex_bytes),
    "float": Scalar(numbers.single_json, numbers.single_bytes, order=_float_order, size=4),
    "inet": Scalar(texts.inet_json, texts.inet_bytes),
    "int": _whole(4, in_vector=4),
    "smallint": _whole(2),
    "text": Scalar(texts.text_json, texts.text_bytes, empty=True),
    "time": Scalar(texts.time_json, texts.time_bytes),
    "timestamp": Scalar(texts.timestamp_json, texts.timestamp_bytes, order=numbers.signed, size=8),
    "timeuuid": Scalar(texts.uuid_json, texts.uuid_bytes, order=_timeuuid_order, size=16),
    "tinyint": _whole(1),
    "uuid": Scalar(texts.uuid_json, texts.uuid_bytes, order=_uuid_order, size=16),
    "varint": Scalar(numbers.varint_json, numbers.varint_bytes, order=numbers.signed),
}
