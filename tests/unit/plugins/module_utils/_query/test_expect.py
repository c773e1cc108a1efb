# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What rows must hold: right, wrong, and not yet."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.expect import Found, judge, read_expectation

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=timezone.utc)
HOUR_AGO, YESTERDAY = "2026-11-25T11:00:00.000Z", "2026-11-24T12:00:00.000Z"


def verdict(expect, values, more=False):
    """The verdict on a table with one column a, or on rows."""
    rows = [value if isinstance(value, dict) else {"a": value} for value in values]
    columns = list(rows[0]) if rows else ["a"]
    return judge(read_expectation(expect), Found(rows, columns, more, NOW))


ALLOWED = {"allowed": {"a": ["WEB", "PHONE"]}}
NEWEST, RECENT = {"newest": {"column": "a"}}, {"newest": {"column": "a", "within": "2h"}}
OLDER, NONE_OLDER = {"older": {"column": "a", "than": "2h"}}, {"older": {"column": "a", "than": "2h", "at_most": 0}}


@pytest.mark.parametrize(
    ("expect", "values", "status", "said"),
    [
        ({}, [], "passed", ""),
        ({"min_rows": 1}, [1], "passed", ""),
        ({"min_rows": 2}, [1], "failed", "expected at least 2 rows, found 1"),
        ({"max_rows": 0}, [], "passed", ""),
        ({"max_rows": 0}, [1], "failed", "expected no more than 0 rows, found 1"),
        ({"allowed": {"A": ["x"]}}, ["x"], "passed", "A: x 1"),
        ({"allowed": {"a": [1]}}, [True], "failed", "not allowed: true"),
        ({"allowed": {"a": [12.5]}}, ["12.5"], "passed", "a: 12.5 1"),
        ({"allowed": {"a": [1]}, "min_rows": 1}, [], "failed", "expected at least 1 rows, found 0"),
        (ALLOWED, [], "not_yet", "a: no row has a value yet; without a value 0"),
        (ALLOWED, [None, ""], "not_yet", "a: no row has a value yet; without a value 2"),
        (ALLOWED, ["WEB", "PHONE", "WEB", None], "passed", "a: PHONE 1, WEB 2; without a value 1"),
        (ALLOWED, ["WEB", "FAX"], "failed", "a: FAX 1, WEB 1; without a value 0; not allowed: FAX"),
        ({"allowed": {"a": [0, 1]}}, [0, 0], "passed", "a: 0 2; without a value 0"),
        ({"allowed": {"a": [0, 1]}}, [2**62], "failed", f"not allowed: {2**62}"),
        ({"allowed": {"a": ["0"]}}, [0], "passed", "a: 0 1; without a value 0"),
        ({"allowed": {"a": [False]}}, [False], "passed", "a: false 1; without a value 0"),
        ({"allowed": {"a": [False]}}, [True], "failed", "not allowed: true"),
        ({"allowed": {"a": [0]}}, [False], "failed", "not allowed: false"),
        ({"allowed": {"a": "WEB"}}, ["WEB"], "passed", "a: WEB 1"),
        ({"allowed": {"a": [["x"], ["y", 1]]}}, [["x"], ["y", 1]], "passed", 'a: ["x"] 1, ["y", 1] 1; without a value 0'),
        ({"allowed": {"a": [{"k": 1}]}}, [{"a": {"k": 2}}], "failed", 'not allowed: {"k": 2}'),
        ({"counted": ["a"]}, [None], "passed", "a: no row has a value yet; without a value 1"),
        ({"counted": ["a"]}, [0, "x", False, 1.5, [1], "x"], "passed", "a: 0 1, 1.5 1, [1] 1, false 1, x 2; without a value 0"),
        (NEWEST, [None], "not_yet", "a: no row has a value yet"),
        (NEWEST, [YESTERDAY, None, HOUR_AGO], "passed", "a: 2 rows have a value, the newest is 2026-11-25T11:00:00Z"),
        (NEWEST, [0], "passed", "the newest is 1970-01-01T00:00:00Z"),
        (NEWEST, ["2024-02-29"], "passed", "the newest is 2024-02-29T00:00:00Z"),
        (RECENT, [HOUR_AGO, YESTERDAY], "passed", "the newest is 2026-11-25T11:00:00Z"),
        (RECENT, [YESTERDAY], "failed", "expected a a not older than 2:00:00, found 2026-11-24T12:00:00Z as the newest"),
        (OLDER, [None, HOUR_AGO], "passed", "a older than 2:00:00: 0 rows"),
        (OLDER, [YESTERDAY], "passed", f'1 rows, the oldest from 2026-11-24T12:00:00Z: {{"a": "{YESTERDAY}"}}'),
        (NONE_OLDER, [HOUR_AGO], "passed", "0 rows"),
        (NONE_OLDER, [YESTERDAY], "failed", "expected at most 0"),
        ({**NEWEST, "min_rows": 2}, [None], "failed", "expected at least 2 rows, found 1; a: no row has a value yet"),
    ],
)  # fmt: skip
def test_verdicts(expect, values, status, said):
    found = verdict(expect, values)
    assert (found.status, said in found.reason) == (status, True), found


def test_only_the_rows_that_are_meant_can_be_too_old():
    rows = [{"a": YESTERDAY, "state": state, "id": id_} for id_, state in enumerate(["BUSY", "DONE", None, "BUSY"])]
    older = {"column": "a", "than": 7200, "where": {"state": "BUSY"}, "at_most": 1}
    found = verdict({"older": older}, rows)
    assert (found.status, found.facts["older"]["count"]) == ("failed", 2)
    assert [row["id"] for row in found.facts["older"]["rows"]] == [0, 3]
    assert verdict({"older": {**older, "at_most": 2}}, rows).status == "passed"
    assert verdict({"older": {**older, "where": {"state": ["DONE"]}}}, rows).status == "passed"


def test_each_counted_column_has_its_counts():
    facts = verdict({"counted": ["a", "b"]}, [{"a": 1, "b": None}]).facts
    assert (facts["counts"], facts["without_value"]) == ({"a": {"1": 1}, "b": {}}, {"a": 0, "b": 1})


def test_a_bounded_read_says_so():
    found = verdict({**ALLOWED, "max_rows": 5}, ["WEB"], more=True)
    assert found.reason.endswith("(of the first 1 rows: there are more)")
    assert (found.status, found.facts["truncated"]) == ("failed", True)
    assert found.facts["counts"] == {"a": {"WEB": 1}}


@pytest.mark.parametrize(
    ("expect", "values", "said"),
    [
        ({"counted": ["sauce"]}, [1], "The query returns no column sauce. It returns a."),
        (NEWEST, ["soon"], 'The column a holds "soon", which is not a time'),
        (NEWEST, [True], "The column a holds true, which is not a time"),
        (NEWEST, [10**18], f"The column a holds {10**18}, which is not a time"),
        (NEWEST, [[1]], "The column a holds [1], which is not a time"),
    ],
)
def test_what_cannot_be_judged(expect, values, said):
    with pytest.raises(InvalidInput) as refused:
        verdict(expect, values)
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"newest": {"column": "a", "within": "soon"}}, "'expect.newest.within' is a duration, such as 90s"),
        ({"newest": {"column": "a", "within": "1h²"}}, "is a duration"),
        ({"older": {"column": "a", "than": True}}, "'expect.older.than' is a duration"),
    ],
)
def test_expectations_that_are_refused(expect, said):
    with pytest.raises(InvalidInput) as refused:
        read_expectation(expect)
    assert said in refused.value.message


def test_what_is_null_is_as_if_it_were_left_out():
    names = "min_rows max_rows allowed counted newest older wait".split()
    assert judge(read_expectation(dict.fromkeys(names)), Found([], [], False, NOW)).status == "passed"
    assert read_expectation(None) is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1.5h", 5400), ("15 m", 900), (60, 60), ("7d", 604800), ("1w", 604800)]
)
def test_durations(text, seconds):
    newest = read_expectation({"newest": {"column": "a", "within": text}})["newest"]
    assert newest["within"].total_seconds() == seconds
