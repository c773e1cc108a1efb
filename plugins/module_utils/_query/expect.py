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

from .._cql.identifier import close_matches, parse_name
from .._errors import InvalidInput

Row = Mapping[str, Any]
PASSED, NOT_YET, FAILED = "passed", "not_yet", "failed"
_LISTED = 50
_SHOWN = 200
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?([smhdw]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Newest(NamedTuple):
    """The newest value of a column must not be older than C(within); without it, any value will do."""

    column: str
    within: timedelta | None


class Older(NamedTuple):
    """At most C(at_most) rows may have an older value than C(than) in a column; without it they are only listed."""

    column: str
    than: timedelta
    where: Mapping[str, Sequence[Any]]
    at_most: int | None


class Expectation(NamedTuple):
    """All that a task expects of its rows."""

    min_rows: int | None = None
    max_rows: int | None = None
    first_row: Mapping[str, Any] = {}
    allowed: Mapping[str, Sequence[Any]] = {}
    counted: Sequence[str] = ()
    newest: Newest | None = None
    older: Older | None = None
    wait: float = 0


class Verdict(NamedTuple):
    """The status, what was found or what is wrong in sentences, and the numbers behind it."""

    status: str
    reason: str
    facts: dict[str, Any]


class _Part(NamedTuple):
    """What one expectation came to."""

    status: str
    sentence: str
    facts: Mapping[str, Any] = {}


def read_expectation(given: Mapping[str, Any] | None) -> Expectation | None:
    """The expectation in the options of a task, None without one; raises InvalidInput."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise InvalidInput(f"'expect' is a dictionary, not {_shown(given)}.")
    newest, older = _inner(given, "newest", "column within"), _inner(given, "older", "column than where at_most")
    _require_known(given, Expectation._fields, "expect")
    return Expectation(
        _count(given.get("min_rows"), "min_rows"),
        _count(given.get("max_rows"), "max_rows"),
        _mapping(given, "first_row"),
        {column: _listed(values) for column, values in _mapping(given, "allowed").items()},
        [str(column) for column in _listed(given.get("counted"))],
        None if newest is None else _newest_of(newest),
        None if older is None else _older_of(older),
        _count(given.get("wait"), "wait") or 0,
    )


def judge(expected: Expectation, rows: Sequence[Row], columns: Sequence[str], more: bool, now: datetime) -> Verdict:
    """The verdict on the rows; raises InvalidInput for a column that is not there. C(more): the query has more rows."""
    parts = list(_parts(expected, _Table(rows, columns), more, now))
    statuses = [part.status for part in parts]
    status = next((one for one in (FAILED, NOT_YET) if one in statuses), PASSED)
    bound = f" (of the first {len(rows)} rows: there are more)" if more else ""
    facts: dict[str, Any] = {"row_count": len(rows), "truncated": more}
    for part in parts:
        facts.update(part.facts)
    return Verdict(status, "; ".join(part.sentence for part in parts if part.sentence) + bound, facts)


class _Table:
    """The rows by the names of their columns, as a task spells them."""

    def __init__(self, rows: Sequence[Row], columns: Sequence[str]) -> None:
        self.rows, self._columns = rows, columns

    def name(self, spelled: str) -> str:
        name = spelled if spelled in self._columns else parse_name(spelled, "column")
        if name not in self._columns:
            raise InvalidInput(f"The query returns no column {spelled}. It returns {', '.join(self._columns)}.")
        return name

    def values(self, spelled: str) -> list[Any]:
        name = self.name(spelled)
        return [row[name] for row in self.rows]


def _parts(expected: Expectation, table: _Table, more: bool, now: datetime) -> Iterator[_Part]:
    count, least, most = len(table.rows), expected.min_rows, expected.max_rows
    if least is not None and count < least:
        yield _Part(FAILED, f"expected at least {least} rows, found {count}")
    if most is not None and (count > most or more):
        yield _Part(FAILED, f"expected no more than {most} rows, found {count}{' and more' if more else ''}")
    if expected.first_row and not table.rows:
        yield _Part(FAILED, f"expected a row with {_shown(expected.first_row)}, found none")
    for column, wanted in expected.first_row.items() if table.rows else ():
        found = table.values(column)[0]
        if not _same(found, wanted):
            yield _Part(FAILED, f"expected {_shown(wanted)} as {column} of the first row, found {_shown(found)}")
    for column in dict.fromkeys([*expected.allowed, *expected.counted]):
        yield _counted(table, column, expected.allowed.get(column))
    if expected.newest:
        yield _newest(table, expected.newest, now)
    if expected.older:
        yield _old(table, expected.older, now)


def _counted(table: _Table, column: str, allowed: Sequence[Any] | None) -> _Part:
    """How many rows have which value; null and an empty text both mean that nothing has written it yet."""
    values = [value for value in table.values(column) if value is not None and value != ""]
    counts = dict(sorted(Counter(map(_text, values)).items()))
    none = len(table.rows) - len(values)
    wrong = [] if allowed is None else [value for value in values if not any(_same(value, one) for one in allowed)]
    told = ", ".join(f"{text} {count}" for text, count in counts.items()) or "no row has a value yet"
    sentence = f"{column}: {told}; without a value {none}"
    if wrong:
        sentence += f"; not allowed: {', '.join(dict.fromkeys(map(_text, wrong)))}"
    facts = {"counts": {column: counts}, "without_value": {column: none}}
    status = FAILED if wrong else PASSED if values or allowed is None else NOT_YET
    return _Part(status, sentence, facts)


def _newest(table: _Table, newest: Newest, now: datetime) -> _Part:
    times = [time for time in (_time(value, newest.column) for value in table.values(newest.column)) if time]
    if not times:
        return _Part(NOT_YET, f"{newest.column}: no row has a value yet", {"newest": None, "written": 0})
    latest = _iso(max(times))
    facts = {"newest": latest, "written": len(times)}
    if newest.within is not None and max(times) < now - newest.within:
        return _Part(
            FAILED, f"expected a {newest.column} not older than {newest.within}, found {latest} as the newest", facts
        )
    return _Part(PASSED, f"{newest.column}: {len(times)} rows have a value, the newest is {latest}", facts)


def _old(table: _Table, older: Older, now: datetime) -> _Part:
    where = {table.name(column): values for column, values in older.where.items()}
    found = []
    for row, value in zip(table.rows, table.values(older.column)):
        time = _time(value, older.column)
        if time and time < now - older.than and all(_any(row[name], values) for name, values in where.items()):
            found.append((time, row))
    found.sort(key=lambda one: one[0])
    facts = {"older": {"count": len(found), "rows": [dict(row) for _time_of, row in found[:_LISTED]]}}
    oldest = f", the oldest from {_iso(found[0][0])}: {_shown(found[0][1])}" if found else ""
    sentence = f"{older.column} older than {older.than}: {len(found)} rows{oldest}"
    if older.at_most is not None and len(found) > older.at_most:
        return _Part(FAILED, f"{sentence}; expected at most {older.at_most}", facts)
    return _Part(PASSED, sentence, facts)


def _any(value: Any, wanted: Sequence[Any]) -> bool:
    return any(_same(value, one) for one in wanted)


def _same(found: Any, wanted: Any) -> bool:
    """Whether they are one value. In Python True is 1; a decimal is text here, and templates may make text of a number."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted or (isinstance(found, bool) and isinstance(wanted, bool) and found == wanted)
    return bool(found == wanted) or (
        isinstance(found, (str, int, float)) and isinstance(wanted, (str, int, float)) and str(found) == str(wanted)
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _time(value: Any, column: str) -> datetime | None:
    """A time as the server writes it: ISO 8601, or milliseconds since 1970; raises InvalidInput."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    # Years that Cassandra can hold and Python cannot have a sign.
    if isinstance(value, str) and text[:1] in ("+", "-"):
        return (datetime.max if text[0] == "+" else datetime.min).replace(tzinfo=timezone.utc)
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, timezone.utc)
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        raise InvalidInput(f"The column {column} holds {_shown(value)}, which is not a time.") from None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def _iso(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _newest_of(given: Mapping[str, Any]) -> Newest:
    return Newest(_column(given, "newest"), _duration(given.get("within"), "newest.within"))


def _older_of(given: Mapping[str, Any]) -> Older:
    than = _duration(given.get("than"), "older.than")
    if than is None:
        raise InvalidInput("'expect.older' needs 'than', a duration such as 1h.")
    where = {column: _listed(values) for column, values in _mapping(given, "where", "older.").items()}
    return Older(_column(given, "older"), than, where, _count(given.get("at_most"), "older.at_most"))


def _column(given: Mapping[str, Any], option: str) -> str:
    if not isinstance(given.get("column"), str) or not given["column"]:
        raise InvalidInput(f"'expect.{option}' needs the name of a 'column'.")
    return str(given["column"])


def _duration(value: Any, option: str) -> timedelta | None:
    if value is None:
        return None
    found = None if isinstance(value, bool) else _DURATION.fullmatch(str(value).strip())
    if not found:
        raise InvalidInput(f"'expect.{option}' is a duration, such as 90s, 15m, 2h, 7d or 1w, not {_shown(value)}.")
    return timedelta(seconds=min(float(found.group(1)) * _SECONDS[found.group(2)], 3e9))


def _count(value: Any, option: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", str(value)):
        raise InvalidInput(f"'expect.{option}' is a number that is not less than 0, not {_shown(value)}.")
    return int(value)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


def _mapping(given: Mapping[str, Any], option: str, place: str = "") -> Mapping[str, Any]:
    value = given.get(option)
    if value is not None and not isinstance(value, Mapping):
        raise InvalidInput(f"'expect.{place}{option}' is a dictionary, not {_shown(value)}.")
    return value or {}


def _inner(given: Mapping[str, Any], option: str, known: str) -> Mapping[str, Any] | None:
    value = _mapping(given, option) if given.get(option) is not None else None
    if value is not None:
        _require_known(value, known.split(), f"expect.{option}")
    return value


def _require_known(given: Mapping[str, Any], known: Sequence[str], place: str) -> None:
    unknown = [str(key) for key in given if key not in known]
    if unknown:
        nearest = close_matches(unknown[0], known)[0]
        raise InvalidInput(f"'{place}.{unknown[0]}' is unknown. Did you mean '{place}.{nearest}'?")
