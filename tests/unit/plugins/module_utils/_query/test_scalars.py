# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import decimal
import json
import math
import re
import struct
import uuid
from typing import Any

import pytest
from cassandra import cqltypes, marshal, util
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.cql_type import NATIVES, Custom, Native
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.scalars import SCALARS
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.values import decode, encode, order_key

UUID = "6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47"
TIMEUUID = "feb1d420-e76b-11f1-87a9-eb3919ef11c8"

# Type, value as it is shown, the driver's type and the driver's value: the driver says what the bytes are.
SHOWN = [
    ("text", "ü", cqltypes.UTF8Type, "ü"),
    ("text", "", cqltypes.UTF8Type, ""),
    ("ascii", "a", cqltypes.AsciiType, "a"),
    ("tinyint", -128, cqltypes.ByteType, -128),
    ("smallint", 32767, cqltypes.ShortType, 32767),
    ("int", -(2**31), cqltypes.Int32Type, -(2**31)),
    ("bigint", 2**63 - 1, cqltypes.LongType, 2**63 - 1),
    ("counter", -5, cqltypes.CounterColumnType, -5),
    ("varint", 0, cqltypes.IntegerType, 0),
    ("varint", -128, cqltypes.IntegerType, -128),
    ("varint", 128, cqltypes.IntegerType, 128),
    ("varint", 10**40, cqltypes.IntegerType, 10**40),
    ("boolean", True, cqltypes.BooleanType, True),
    ("boolean", False, cqltypes.BooleanType, False),
    ("float", 0.1, cqltypes.FloatType, 0.1),
    ("float", 3.4028235e38, cqltypes.FloatType, 3.4028234663852886e38),
    ("float", 1e-45, cqltypes.FloatType, 1e-45),
    ("float", "-Infinity", cqltypes.FloatType, -math.inf),
    ("double", 0.1, cqltypes.DoubleType, 0.1),
    ("double", -0.0, cqltypes.DoubleType, -0.0),
    ("double", "NaN", cqltypes.DoubleType, math.nan),
    ("double", "Infinity", cqltypes.DoubleType, math.inf),
    ("decimal", "12.50", cqltypes.DecimalType, decimal.Decimal("12.50")),
    ("decimal", "-1E-9", cqltypes.DecimalType, decimal.Decimal("-0.000000001")),
    ("decimal", "1E+3", cqltypes.DecimalType, decimal.Decimal("1E3")),
    ("decimal", "9" * 60 + ".1", cqltypes.DecimalType, decimal.Decimal("9" * 60 + ".1")),
    ("uuid", UUID, cqltypes.UUIDType, uuid.UUID(UUID)),
    ("timeuuid", TIMEUUID, cqltypes.TimeUUIDType, uuid.UUID(TIMEUUID)),
    ("inet", "192.0.2.1", cqltypes.InetAddressType, "192.0.2.1"),
    ("inet", "2001:db8::1", cqltypes.InetAddressType, "2001:db8::1"),
    ("blob", "0xcafe00", cqltypes.BytesType, b"\xca\xfe\x00"),
    ("blob", "0x", cqltypes.BytesType, b""),
    ("date", "2024-02-29", cqltypes.SimpleDateType, datetime.date(2024, 2, 29)),
    ("date", "-5877641-06-23", cqltypes.SimpleDateType, util.Date(-(2**31))),
    ("time", "13:30:54.234000001", cqltypes.TimeType, util.Time("13:30:54.234000001")),
    ("timestamp", "2024-02-29T13:30:54.234Z", cqltypes.DateType, datetime.datetime(2024, 2, 29, 13, 30, 54, 234000)),
    ("timestamp", "+292278994-08-17T07:12:55.807Z", cqltypes.DateType, 2**63 - 1),
    ("duration", "-1y2mo3d4h", cqltypes.DurationType, util.Duration(-14, -3, -4 * 3600 * 10**9)),
]


@pytest.mark.parametrize(("name", "shown", "driver_type", "value"), SHOWN)
def test_each_type_is_shown_and_read_back(name: str, shown: Any, driver_type: Any, value: Any) -> None:
    data = driver_type.serialize(value, 5)
    assert repr(decode(Native(name), data)) == repr(shown)
    assert encode(Native(name), shown) == data
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


def test_a_varint_with_more_digits_than_python_reads_is_hexadecimal() -> None:
    number = -(10**5000)
    data = marshal.varint_pack(number)
    assert decode(Native("varint"), data) == hex(number)
    assert encode(Native("varint"), hex(number)) == data
    json.dumps(decode(Native("varint"), marshal.varint_pack(2**14_000 - 1)))


def test_a_decimal_with_more_digits_than_python_reads_is_exact() -> None:
    text = "-" + "9" * 5000 + ".1"
    assert decode(Native("decimal"), encode(Native("decimal"), text)) == text


# What else is accepted for a parameter.
ACCEPTED = [
    ("int", "7", 7),
    ("int", "-0x1F", -31),
    ("bigint", "+7", 7),
    ("varint", "9" * 50, int("9" * 50)),
    ("boolean", "True", True),
    ("boolean", "false", False),
    ("float", 1, 1.0),
    ("double", "1e3", 1000.0),
    ("double", math.nan, "NaN"),
    ("double", "-infinity", "-Infinity"),
    ("decimal", 12, "12"),
    ("decimal", 0.1, "0.1"),
    ("decimal", 1e22, "1E+22"),
    ("decimal", ".5", "0.5"),
    ("uuid", UUID.upper(), UUID),
    ("inet", "2001:DB8:0::1", "2001:db8::1"),
    ("blob", "0XCAFE", "0xcafe"),
    ("timestamp", 0, "1970-01-01T00:00:00.000Z"),
    ("timestamp", "2024-02-29", "2024-02-29T00:00:00.000Z"),
    ("time", "13:30", "13:30:00.000000000"),
    ("duration", "2w", "14d"),
]


@pytest.mark.parametrize(("name", "given_value", "shown"), ACCEPTED)
def test_other_forms_are_accepted(name: str, given_value: Any, shown: Any) -> None:
    assert decode(Native(name), encode(Native(name), given_value)) == shown


REFUSED = {
    "text": [7, True, "\ud800"],
    "ascii": ["ü", 7],
    "int": ["1_000", " 1", 1.0, True, [1], "", "0x", "\u0667"],
    "boolean": [1, "yes", [True]],
    "double": ["1_0", "x", True, [1]],
    "decimal": ["NaN", math.inf, "1_0", True, [1]],
    "uuid": ["{" + UUID + "}", UUID.replace("-", ""), 5],
    "inet": ["fe80::1%eth0", "localhost", 1],
    "blob": ["cafe", "0xc", "0x ca", 1],
    "date": [19782, "2023-02-29"],
    "time": [48654, "24:00"],
    "timestamp": [1.5, True, "soon"],
    "duration": [5, "5"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values])
def test_values_that_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f" is not {re.escape(SCALARS[name].what)}$"):
        encode(Native(name), value)


OUTSIDE = [
    ("int", 2**31),
    ("tinyint", -129),
    ("bigint", "9223372036854775808"),
    ("float", 1e39),
    ("double", 10**400),
    ("decimal", "1e9999999999"),
    ("decimal", "1e99999999999999999999"),
    ("date", "+5881580-07-12"),
    ("timestamp", 2**63),
    ("timestamp", "+292278994-08-17T07:12:55.808Z"),
    ("duration", "200000000y"),
    ("duration", "9223372036854775808ns"),
]


@pytest.mark.parametrize(("name", "value"), OUTSIDE)
def test_values_outside_of_the_type_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f" is outside of what {name} can hold$"):
        encode(Native(name), value)


@pytest.mark.parametrize(
    ("name", "empty"), [("text", ""), ("ascii", ""), ("blob", "0x"), ("int", None), ("uuid", None), ("empty", None)]
)
def test_null_and_no_bytes(name: str, empty: str | None) -> None:
    assert decode(Native(name), b"") == empty
    assert decode(Native(name), None) is None
    assert encode(Native(name), None) is None


def test_custom_types_are_bytes() -> None:
    assert decode(Custom("org.acme.Type"), b"\x01") == "0x01"
    assert encode(Custom("org.acme.Type"), "0x01") == b"\x01"


BROKEN = [
    ("int", b"\1"),
    ("bigint", b"\1\2\3\4"),
    ("double", b"\1"),
    ("boolean", b"\1\2"),
    ("decimal", b"\0\0\0\1"),
    ("text", b"a\xff"),
    ("ascii", b"\xff"),
    ("uuid", b"\1"),
    ("inet", b"\1\2\3"),
    ("date", b"\1"),
    ("time", b"\1"),
    ("timestamp", b"\1"),
    ("duration", b"\1\2"),
    ("duration", b"\xff"),
]


@pytest.mark.parametrize(("name", "data"), BROKEN)
def test_bytes_that_are_not_of_the_type_are_an_error(name: str, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode(Native(name), data)


@given(st.floats(width=32))
def test_every_float_is_shown_so_that_it_is_the_same_float(number: float) -> None:
    data = struct.pack(">f", number)
    shown = decode(Native("float"), data)
    assert encode(Native("float"), shown) == data or math.isnan(number)
    json.dumps(shown, allow_nan=False)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_decimal_is_exact(number: decimal.Decimal) -> None:
    data = encode(Native("decimal"), str(number))
    assert data is not None
    shown = decimal.Decimal(decode(Native("decimal"), data))
    assert shown == number
    assert shown.as_tuple().exponent == number.as_tuple().exponent


@given(st.integers())
def test_every_varint_has_the_bytes_of_java(number: int) -> None:
    assert encode(Native("varint"), number) == marshal.varint_pack(number)


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1), st.sampled_from([1, -1]))
def test_every_duration_has_the_bytes_of_the_driver(months: int, days: int, nanoseconds: int, sign: int) -> None:
    data = marshal.vints_pack([sign * months, sign * days, sign * nanoseconds])
    assert encode(Native("duration"), decode(Native("duration"), data)) == data


def test_every_native_type_is_known() -> None:
    for name in NATIVES:
        assert decode(Native(name), None) is None
        with pytest.raises(ValueError, match=r"^{} is not "):
            encode(Native(name), {})


ORDERED = {
    "int": [-5, 0, 5, 300],
    "varint": [-(10**20), -1, 0, 255, 256, 10**20],
    "decimal": ["-1e5", "-0.1", "0", "0.09", "1", "1e5"],
    "double": ["-Infinity", -2.0, -1.0, -0.0, 0.0, 1.0, "Infinity", "NaN"],
    "float": ["-Infinity", -2.0, -1.0, -0.0, 0.0, 1.0, "Infinity", "NaN"],
    "timestamp": ["1969-01-01", "1970-01-01", "2024-01-01"],
    "text": ["", "Z", "a", "aa", "b", "ü", "\U0001f600"],
    "blob": ["0x", "0x00", "0x7f", "0x80"],
    "inet": ["9.0.0.1", "10.0.0.1", "200.0.0.1"],
    "boolean": [False, True],
    "date": ["-0001-01-01", "1969-12-31", "1970-01-01"],
}


@pytest.mark.parametrize("name", ORDERED)
def test_values_have_their_order(name: str) -> None:
    values = ORDERED[name]
    shuffled = values[::2] + values[1::2][::-1]
    in_order = sorted(shuffled, key=lambda value: order_key(Native(name), encode(Native(name), value)))
    assert list(map(repr, in_order)) == list(map(repr, values))
