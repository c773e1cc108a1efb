# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._query import times

DAY = 86_400_000


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "1970-01-01"),
        (-1, "1969-12-31"),
        (19782, "2024-02-29"),
        (-719162, "0001-01-01"),
        (-719163, "0000-12-31"),
        (-719528, "0000-01-01"),
        (-719529, "-0001-12-31"),
        (2932896, "9999-12-31"),
        (2932897, "+10000-01-01"),
        # The ends of Cassandra's type, as java.time.LocalDate prints them.
        (2**31 - 1, "+5881580-07-11"),
        (-(2**31), "-5877641-06-23"),
    ],
)
def test_dates(days: int, text: str) -> None:
    assert times.date_text(days) == text
    assert times.days_of(text) == days


@given(st.dates())
def test_dates_are_those_of_python_where_it_has_them(date: datetime.date) -> None:
    assert times.date_text(date.toordinal() - datetime.date(1970, 1, 1).toordinal()) == date.isoformat()


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_date_reads_back(days: int) -> None:
    assert times.days_of(times.date_text(days)) == days


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_timestamp_reads_back(milliseconds: int) -> None:
    assert times.milliseconds_of(times.timestamp_text(milliseconds)) == milliseconds


@given(st.integers(0, 86_400_000_000_000 - 1))
def test_every_time_reads_back(nanoseconds: int) -> None:
    assert times.nanoseconds_of(times.time_text(nanoseconds)) == nanoseconds


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1), st.sampled_from([1, -1]))
def test_every_duration_reads_back(months: int, days: int, nanoseconds: int, sign: int) -> None:
    parts = (sign * months, sign * days, sign * nanoseconds)
    assert times.duration_of(times.duration_text(times.Duration(*parts))) == parts


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1709213454234, "2024-02-29T13:30:54.234Z"),
        (2**63 - 1, "+292278994-08-17T07:12:55.807Z"),
        (-(2**63), "-292275055-05-16T16:47:04.192Z"),
    ],
)
def test_timestamps(milliseconds: int, text: str) -> None:
    assert times.timestamp_text(milliseconds) == text


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-02", DAY),
        ("1970-01-02T00:00", DAY),
        ("1970-01-02 00:00:01", DAY + 1000),
        ("1970-01-02t00:00:01.5z", DAY + 1500),
        ("1970-01-02T00:00:01.234567Z", DAY + 1234),
        ("1970-01-02T00:00:01.999999999", DAY + 1999),
        ("1970-01-02T02:00:00+02:00", DAY),
        ("1970-01-02T02:30:00+0230", DAY),
        ("1970-01-01T19:00:00-05", DAY),
        ("1970-01-02 00:00:00 UTC", DAY),
        ("1970-01-02T00:00:00+00:00", DAY),
        ("1969-12-31T23:59:59.9999Z", -1),
    ],
)
def test_timestamps_which_people_write(text: str, milliseconds: int) -> None:
    assert times.milliseconds_of(text) == milliseconds


@pytest.mark.parametrize(
    ("months", "days", "nanoseconds", "text"),
    [
        (0, 0, 0, "0s"),
        (14, 3, 14706007008009, "1y2mo3d4h5m6s7ms8us9ns"),
        (-12, -1, -1, "-1y1d1ns"),
        (0, 0, 90_000_000_000, "1m30s"),
        (2**31 - 1, 2**31 - 1, 2**63 - 1, "178956970y7mo2147483647d2562047h47m16s854ms775us807ns"),
    ],
)
def test_durations(months: int, days: int, nanoseconds: int, text: str) -> None:
    assert times.duration_text(times.Duration(months, days, nanoseconds)) == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [("2w", (0, 14, 0)), ("1H30M", (0, 0, 5_400_000_000_000)), ("5µs", (0, 0, 5000)), ("7MO", (7, 0, 0))],
)
def test_durations_which_people_write(text: str, parts: tuple[int, int, int]) -> None:
    assert times.duration_of(text) == parts


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (times.days_of, "2023-02-29"),
        (times.days_of, "2024-13-01"),
        (times.days_of, "24-01-01"),
        (times.days_of, "2024-01-01T00:00"),
        (times.days_of, "2024-01-01\n"),
        (times.days_of, "٢٠٢٤-01-01"),
        (times.nanoseconds_of, "24:00:00"),
        (times.nanoseconds_of, "1:00"),
        (times.nanoseconds_of, "10:60:00"),
        (times.nanoseconds_of, "10:00:60"),
        (times.nanoseconds_of, "10:00:00.1234567890"),
        (times.milliseconds_of, "yesterday"),
        (times.milliseconds_of, "1709213454234"),
        (times.milliseconds_of, "2024-02-30T00:00Z"),
        (times.milliseconds_of, "2024-02-29T25:00Z"),
        (times.milliseconds_of, "2024-02-29T00:00+2"),
        (times.duration_of, ""),
        (times.duration_of, "-"),
        (times.duration_of, "5"),
        (times.duration_of, "1d1y"),
        (times.duration_of, "1.5h"),
    ],
)
def test_texts_which_are_refused(reader: object, text: str) -> None:
    assert callable(reader)
    with pytest.raises(ValueError, match=r"another form|range|must be in"):
        reader(text)
