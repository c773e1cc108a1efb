# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dates, times, timestamps and durations as text, over the whole range of Cassandra, which is not that of datetime.

Years are those of ISO 8601: before the year 0 with C(-), after 9999 with C(+).
"""

from __future__ import annotations

import datetime
import re

# The Gregorian calendar repeats itself after 400 years of so many days.
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146097
_EPOCH = datetime.date(1970, 1, 1).toordinal() - 1
_DAY_MS = 86_400_000
_SECOND_NS = 1_000_000_000

_DATE = r"([+-]?[0-9]{4,9})-([0-9]{2})-([0-9]{2})"
_TIME = r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
_ONLY_DATE = re.compile(rf"{_DATE}\Z")
_ONLY_TIME = re.compile(rf"{_TIME}\Z")
_TIMESTAMP = re.compile(rf"{_DATE}(?:[Tt ]({_TIME}) ?(Z|z|UTC|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)?)?\Z")
_UNITS = {"h": 3600 * _SECOND_NS, "m": 60 * _SECOND_NS, "s": _SECOND_NS, "ms": 1_000_000, "us": 1000, "ns": 1}
_DURATION = re.compile(
    r"(-)?(?=[0-9])(?:(\d+)y)?(?:(\d+)mo)?(?:(\d+)w)?(?:(\d+)d)?"
    r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?(?:(\d+)[uµ]s)?(?:(\d+)ns)?\Z",
    re.ASCII | re.IGNORECASE,
)


def date_text(days: int) -> str:
    """The day which is so many days after 1970-01-01."""
    cycles, rest = divmod(days + _EPOCH, _CYCLE_DAYS)
    date = datetime.date.fromordinal(rest + 1)
    year = date.year + cycles * _CYCLE_YEARS
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04}-{date.month:02}-{date.day:02}"


def days_of(text: str) -> int:
    """The days from 1970-01-01 to this one; raises ValueError if there is no such day."""
    match = _ONLY_DATE.match(text)
    if not match:
        raise ValueError("it is not a date such as '2024-02-29'")
    return _days(*match.groups())


def time_text(nanoseconds: int) -> str:
    """The time of day, with all nine digits of its nanoseconds."""
    seconds, fraction = divmod(nanoseconds, _SECOND_NS)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:09}"


def nanoseconds_of(text: str) -> int:
    """The nanoseconds since midnight; raises ValueError if this is no time of day."""
    match = _ONLY_TIME.match(text)
    if not match:
        raise ValueError("it is not a time such as '13:30:54.234'")
    return _nanoseconds(*match.groups())


def timestamp_text(milliseconds: int) -> str:
    """The moment which is so many milliseconds after 1970-01-01, in UTC, with all three digits of its milliseconds."""
    days, rest = divmod(milliseconds, _DAY_MS)
    return f"{date_text(days)}T{time_text(rest * 1_000_000)[:12]}Z"


def milliseconds_of(text: str) -> int:
    """The milliseconds since 1970-01-01 UTC, digits after them cut off; without an offset the text is in UTC."""
    match = _TIMESTAMP.match(text)
    if not match:
        raise ValueError("it is not a timestamp such as '2024-02-29T13:30:54.234Z'")
    year, month, day, time, hour, minute, second, fraction, zone = match.groups()
    since_midnight = _nanoseconds(hour, minute, second, fraction) // 1_000_000 if time else 0
    return _days(year, month, day) * _DAY_MS + since_midnight - _offset_minutes(zone or "Z") * 60_000


def duration_text(months: int, days: int, nanoseconds: int) -> str:
    """The duration as Cassandra writes it."""
    sign = "-" if min(months, days, nanoseconds) < 0 else ""
    years, months = divmod(abs(months), 12)
    parts = [(years, "y"), (months, "mo"), (abs(days), "d")]
    rest = abs(nanoseconds)
    for unit, size in _UNITS.items():
        amount, rest = divmod(rest, size)
        parts.append((amount, unit))
    return sign + ("".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0s")


def duration_of(text: str) -> tuple[int, int, int]:
    """The months, days and nanoseconds of a duration; raises ValueError if this is none."""
    match = _DURATION.match(text)
    if not match:
        raise ValueError("it is not a duration such as '1y2mo3d4h5m6s7ms8us9ns'")
    sign = -1 if match.group(1) else 1
    years, months, weeks, days, *times = (int(group or 0) for group in match.groups()[1:])
    nanoseconds = sum(amount * size for amount, size in zip(times, _UNITS.values()))
    return sign * (years * 12 + months), sign * (weeks * 7 + days), sign * nanoseconds


def _days(year: str, month: str, day: str) -> int:
    cycles, rest = divmod(int(year) - 1, _CYCLE_YEARS)
    date = datetime.date(rest + 1, int(month), int(day))
    return date.toordinal() - 1 - _EPOCH + cycles * _CYCLE_DAYS


def _nanoseconds(hour: str, minute: str, second: str | None, fraction: str | None) -> int:
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        raise ValueError("it is not a time of day")
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    return seconds * _SECOND_NS + int((fraction or "0").ljust(9, "0"))


def _offset_minutes(zone: str) -> int:
    """The minutes by which a zone (Z, UTC, +02, +0200 or +02:00) is ahead of UTC."""
    if zone[0] not in "+-":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    return -minutes if zone[0] == "-" else minutes
