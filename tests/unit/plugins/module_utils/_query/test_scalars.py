# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import decimal
import json
import math
import struct
import uuid
from typing import Any

import pytest
from cassandra import cqltypes, marshal, util
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.cql_type import NATIVES, Custom, Native
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.decode import decode
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.encode import encode
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.order import order_key
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.vint import (
    read_signed_vint,
    read_vint,
    write_signed_vint,
    write_vint,
)

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


REFUSED = [
    ("text", 7, "put it in quotes"),
    ("text", True, "put it in quotes"),
    ("text", "\ud800", "UTF-8"),
    ("ascii", "ü", "ASCII"),
    ("int", 2**31, "between -2147483648 and 2147483647"),
    ("tinyint", -129, "between -128 and 127"),
    ("int", "1_000", "whole number"),
    ("int", " 1", "whole number"),
    ("int", 1.0, "whole number"),
    ("int", True, "whole number"),
    ("int", [1], "whole number"),
    ("boolean", 1, "true or false"),
    ("boolean", "yes", "true or false"),
    ("float", 1e39, "too large"),
    ("double", 10**400, "too large"),
    ("double", "1_0", "not a number"),
    ("double", "x", "not a number"),
    ("double", True, "not a number"),
    ("decimal", "NaN", "not a decimal"),
    ("decimal", math.inf, "not a decimal"),
    ("decimal", "1_0", "not a decimal"),
    ("decimal", True, "not a decimal"),
    ("decimal", "1e9999999999", "32 bits"),
    ("decimal", "1e99999999999999999999", "32 bits"),
    ("uuid", "{" + UUID + "}", "not a UUID"),
    ("uuid", 5, "put it in quotes"),
    ("inet", "fe80::1%eth0", "zone"),
    ("inet", "localhost", "address"),
    ("inet", 1, "put it in quotes"),
    ("blob", "cafe", "0x"),
    ("blob", "0xc", "0x"),
    ("date", 19782, "put it in quotes"),
    ("date", "+5881580-07-12", "outside"),
    ("time", 48654, "put it in quotes"),
    ("timestamp", 1.5, "put it in quotes"),
    ("timestamp", 2**63, "outside"),
    ("timestamp", "+292278994-08-17T07:12:55.808Z", "outside"),
    ("duration", "200000000y", "outside"),
    ("duration", 5, "put it in quotes"),
]


@pytest.mark.parametrize(("name", "value", "reason"), REFUSED)
def test_values_which_are_refused(name: str, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        encode(Native(name), value)
    assert str(caught.value).startswith("it ")


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


def test_text_which_is_not_utf8_stays_visible() -> None:
    assert decode(Native("text"), b"a\xff") == "a\\xff"


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


@given(st.integers(0, 2**64 - 1))
def test_vints(number: int) -> None:
    data = write_vint(number)
    assert read_vint(b"x" + data + b"y", 1) == (number, 1 + len(data))
    with pytest.raises(ValueError, match="too early"):
        read_vint(data[:-1], 0)


@given(st.integers(-(2**63), 2**63 - 1))
def test_signed_vints_are_those_of_the_driver(number: int) -> None:
    data = write_signed_vint(number)
    assert data == marshal.vints_pack([number])
    assert read_signed_vint(data, 0) == (number, len(data))


def test_every_native_type_is_known() -> None:
    for name in NATIVES:
        assert decode(Native(name), None) is None
        with pytest.raises(ValueError, match=r"^it "):
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
