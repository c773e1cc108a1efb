# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dates, times, timestamps and durations as text, over the whole range of Cassandra, which C(datetime) does not have.

Years are those of ISO 8601: before the year 0 with C(-), after 9999 with C(+).
"""

from __future__ import annotations

import datetime
import re
import struct
from typing import Any, NamedTuple

# The Gregorian calendar repeats itself after 400 years, which have this many days.
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146097
_EPOCH = datetime.date(1970, 1, 1).toordinal() - 1
_DAY_MS = 86_400_000
_SECOND_NS = 1_000_000_000
_UNITS = {"h": 3600 * _SECOND_NS, "m": 60 * _SECOND_NS, "s": _SECOND_NS, "ms": 1_000_000, "us": 1000, "ns": 1}

_DATE = r"([+-]?[0-9]{4,9})-([0-9]{2})-([0-9]{2})"
_TIME = r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
_TIMESTAMP = rf"{_DATE}(?:[Tt ]{_TIME} ?(?:Z|z|UTC|([+-][0-9]{{2}})(?::?([0-9]{{2}}))?)?)?"
_PARTS = ("y", "mo", "w", "d", "h", "m", "s", "ms", "[uµ]s", "ns")
_DURATION = "(?i)(-)?(?=[0-9])" + "".join(f"(?:([0-9]+){unit})?" for unit in _PARTS)


class Duration(NamedTuple):
    """A duration as Cassandra and the driver have it; the parts that are not zero have one sign."""

    months: int
    days: int
    nanoseconds: int


def date_text(days: int) -> str:
    """The day that is so many days after 1970-01-01."""
    cycles, rest = divmod(days + _EPOCH, _CYCLE_DAYS)
    date = datetime.date.fromordinal(rest + 1)
    year = date.year + cycles * _CYCLE_YEARS
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04}-{date:%m-%d}"


def days_of(text: str) -> int:
    """The days from 1970-01-01 to this one; raises ValueError if there is no such day."""
    return _days(*_groups(_DATE, text))


def time_text(nanoseconds: int) -> str:
    """The time of day, with all nine digits of its nanoseconds."""
    seconds, fraction = divmod(nanoseconds, _SECOND_NS)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:09}"


def nanoseconds_of(text: str) -> int:
    """The nanoseconds since midnight; raises ValueError if this is no time of day."""
    return _nanoseconds(*_groups(_TIME, text))


def timestamp_text(milliseconds: int) -> str:
    """The moment that is so many milliseconds after 1970-01-01, in UTC, with all three digits of its milliseconds."""
    days, rest = divmod(milliseconds, _DAY_MS)
    return f"{date_text(days)}T{time_text(rest * 1_000_000)[:12]}Z"


def milliseconds_of(text: str) -> int:
    """The milliseconds since 1970-01-01 UTC, digits after them cut off; without an offset the text is in UTC.

    Raises ValueError if this is no timestamp.
    """
    year, month, day, hour, minute, second, fraction, zone_hour, zone_minute = _groups(_TIMESTAMP, text)
    since_midnight = _nanoseconds(hour or "0", minute or "0", second, fraction) // 1_000_000
    zone = int(zone_hour or 0) * 60 + int((zone_hour or "+")[0] + (zone_minute or "0"))
    return _days(year, month, day) * _DAY_MS + since_midnight - zone * 60_000


def duration_text(duration: Duration) -> str:
    """The duration as Cassandra writes it."""
    months, days, rest = abs(duration.months), abs(duration.days), abs(duration.nanoseconds)
    parts = [(months // 12, "y"), (months % 12, "mo"), (days, "d")]
    for unit, size in _UNITS.items():
        amount, rest = divmod(rest, size)
        parts.append((amount, unit))
    sign = "-" if min(duration.months, duration.days, duration.nanoseconds) < 0 else ""
    return sign + ("".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0s")


def duration_of(text: str) -> Duration:
    """The duration; raises ValueError or struct.error if Cassandra has no such one."""
    minus, *groups = _groups(_DURATION, text)
    years, months, weeks, days, *clock = (int(f"{minus or ''}{amount or 0}") for amount in groups)
    nanoseconds = sum(amount * size for amount, size in zip(clock, _UNITS.values()))
    duration = Duration(years * 12 + months, weeks * 7 + days, nanoseconds)
    struct.pack(">iiq", *duration)
    return duration


def _groups(pattern: str, text: str) -> tuple[Any, ...]:
    match = re.fullmatch(pattern, text)
    if not match:
        raise ValueError(f"{text!r} has another form")
    return match.groups()


def _days(year: str, month: str, day: str) -> int:
    cycles, rest = divmod(int(year) - 1, _CYCLE_YEARS)
    date = datetime.date(rest + 1, int(month), int(day))
    return date.toordinal() - 1 - _EPOCH + cycles * _CYCLE_DAYS


def _nanoseconds(hour: str, minute: str, second: str | None, fraction: str | None) -> int:
    time = datetime.time(int(hour), int(minute), int(second or 0))
    seconds = time.hour * 3600 + time.minute * 60 + time.second
    return seconds * _SECOND_NS + int((fraction or "0").ljust(9, "0"))
