# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rows of a query must hold, and the verdict on them; pure.

"Not yet" stays apart from "wrong": nothing has written the column so far.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from .._cql.identifier import parse_name
from .._errors import InvalidInput
from .values import read_time

# The option of the module, which the migration file has too.
EXPECT: dict[str, dict[str, Any]] = {
    "min_rows": {"type": "int"},
    "max_rows": {"type": "int"},
    "allowed": {"type": "dict", "default": {}},
    "counted": {"type": "list", "elements": "str", "default": []},
    "newest": {
        "type": "dict",
        "options": {"column": {"type": "str", "required": True}, "within": {"type": "str"}},
    },
    "older": {
        "type": "dict",
        "options": {
            "column": {"type": "str", "required": True},
            "than": {"type": "str", "required": True},
            "where": {"type": "dict", "default": {}},
            "at_most": {"type": "int"},
        },
    },
    "wait": {"type": "int", "default": 0},
}

Row = Mapping[str, Any]
PASSED, NOT_YET, FAILED = "passed", "not_yet", "failed"
_LISTED = 50
_SHOWN = 200
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?([smhdw]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Verdict(NamedTuple):
    """The status, what was found or what is wrong in sentences, and the numbers behind it."""

    status: str
    reason: str
    facts: dict[str, Any]


class Found(NamedTuple):
    """The rows of a query, the names of its columns, whether it has more rows, and when it was read."""

    rows: Sequence[Row]
    columns: Sequence[str]
    more: bool
    at: datetime

    def name(self, spelled: str) -> str:
        """The column as the query returns it; raises InvalidInput if it does not."""
        name = spelled if spelled in self.columns else parse_name(spelled, "column")
        if name not in self.columns:
            raise InvalidInput(f"The query returns no column {spelled}. It returns {', '.join(self.columns)}.")
        return name

    def values(self, spelled: str) -> list[Any]:
        """The values of a column; raises InvalidInput if it is not there."""
        name = self.name(spelled)
        return [row[name] for row in self.rows]


def read_expectation(given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What a task expects, with durations in the place of their text; raises InvalidInput."""
    if given is None:
        return None
    expected = dict(given)
    for option, key in (("newest", "within"), ("older", "than")):
        inner = expected.get(option)
        if inner and inner.get(key) is not None:
            expected[option] = {**inner, key: _duration(inner[key], f"{option}.{key}")}
    return expected


def judge(expected: Mapping[str, Any], found: Found) -> Verdict:
    """The verdict on the rows; raises InvalidInput for a column that is not there, or holds no times."""
    parts = list(_parts(expected, found))
    statuses = [part.status for part in parts]
    status = next((one for one in (FAILED, NOT_YET) if one in statuses), PASSED)
    bound = f" (of the first {len(found.rows)} rows: there are more)" if found.more else ""
    facts: dict[str, Any] = {"row_count": len(found.rows), "truncated": found.more}
    for part in parts:
        for key, fact in part.facts.items():
            # Each counted column has its own part of the counts.
            facts[key] = {**facts[key], **fact} if key in facts else fact
    return Verdict(status, "; ".join(part.reason for part in parts) + bound, facts)


def _parts(expected: Mapping[str, Any], found: Found) -> Iterator[Verdict]:
    count, least, most = len(found.rows), expected.get("min_rows"), expected.get("max_rows")
    if least is not None and count < least:
        yield Verdict(FAILED, f"expected at least {least} rows, found {count}", {})
    if most is not None and (count > most or found.more):
        more = " and more" if found.more else ""
        yield Verdict(FAILED, f"expected no more than {most} rows, found {count}{more}", {})
    allowed = expected.get("allowed") or {}
    for column in dict.fromkeys([*allowed, *(expected.get("counted") or ())]):
        yield _counted(found, column, allowed.get(column))
    if expected.get("newest"):
        yield _newest(found, **expected["newest"])
    if expected.get("older"):
        yield _older(found, **expected["older"])


def _counted(found: Found, column: str, allowed: Any) -> Verdict:
    """How many rows have which value; null and an empty text both mean that nothing has written it yet."""
    values = [value for value in found.values(column) if value is not None and value != ""]
    counts = dict(sorted(Counter(map(_text, values)).items()))
    none = len(found.rows) - len(values)
    wrong = [] if allowed is None else [value for value in values if not _is_one_of(value, allowed)]
    told = ", ".join(f"{text} {count}" for text, count in counts.items()) or "no row has a value yet"
    reason = f"{column}: {told}; without a value {none}"
    if wrong:
        reason += f"; not allowed: {', '.join(dict.fromkeys(map(_text, wrong)))}"
    status = FAILED if wrong else PASSED if values or allowed is None else NOT_YET
    return Verdict(status, reason, {"counts": {column: counts}, "without_value": {column: none}})


def _newest(found: Found, column: str, within: timedelta | None = None) -> Verdict:
    """Whether anything has written the column, and lately enough."""
    times = [time for time in (_time(value, column) for value in found.values(column)) if time]
    if not times:
        return Verdict(NOT_YET, f"{column}: no row has a value yet", {"newest": None, "written": 0})
    latest = _iso(max(times))
    facts = {"newest": latest, "written": len(times)}
    if within is not None and max(times) < found.at - within:
        reason = f"expected a {column} not older than {within}, found {latest} as the newest"
        return Verdict(FAILED, reason, facts)
    return Verdict(PASSED, f"{column}: {len(times)} rows have a value, the newest is {latest}", facts)


def _older(found: Found, column: str, than: timedelta, where: Row | None = None, at_most: int | None = None) -> Verdict:
    """How many rows are too old; without C(at_most) they are only listed."""
    wanted = {found.name(name): values for name, values in (where or {}).items()}
    old = []
    for row, value in zip(found.rows, found.values(column)):
        time = _time(value, column)
        if time and time < found.at - than and all(_is_one_of(row[name], wanted[name]) for name in wanted):
            old.append((time, row))
    old.sort(key=lambda one: one[0])
    facts = {"older": {"count": len(old), "rows": [dict(row) for _time_of, row in old[:_LISTED]]}}
    oldest = f", the oldest from {_iso(old[0][0])}: {_shown(old[0][1])}" if old else ""
    reason = f"{column} older than {than}: {len(old)} rows{oldest}"
    if at_most is not None and len(old) > at_most:
        return Verdict(FAILED, f"{reason}; expected at most {at_most}", facts)
    return Verdict(PASSED, reason, facts)


def _is_one_of(value: Any, wanted: Any) -> bool:
    return any(_same(value, one) for one in (wanted if isinstance(wanted, list) else [wanted]))


def _same(found: Any, wanted: Any) -> bool:
    """Whether they are one value. In Python True is 1; a decimal is text here, and templates may make text of a number."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    are_simple = isinstance(found, (str, int, float)) and isinstance(wanted, (str, int, float))
    return bool(found == wanted) or (are_simple and str(found) == str(wanted))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _time(value: Any, column: str) -> datetime | None:
    """A time as the server writes it: ISO 8601, or milliseconds since 1970; raises InvalidInput."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, timezone.utc)
        return read_time(value)
    except (AttributeError, ValueError, OverflowError, OSError):
        raise InvalidInput(f"The column {column} holds {_shown(value)}, which is not a time.") from None


def _iso(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _duration(value: Any, option: str) -> timedelta:
    found = _DURATION.fullmatch(str(value).strip())
    if not found:
        raise InvalidInput(f"'expect.{option}' is a duration, such as 90s, 15m, 2h, 7d or 1w, not {_shown(value)}.")
    return timedelta(seconds=min(float(found.group(1)) * _SECONDS[found.group(2)], 3e9))
