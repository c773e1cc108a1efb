# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_query_info) with an expectation: read, judge, and read again while nothing has been written yet."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .._connection.session import Session
from .._errors import ChecksFailed
from .expect import FAILED, NOT_YET, Expectation, judge, read_expectation
from .request import Request, read_request
from .select import run_query

# Between two reads while nothing has been written yet, in seconds.
_PAUSE = 2.0


class Checked(NamedTuple):
    """A query, and what its rows must hold, if anything."""

    request: Request
    expected: Expectation | None


def read_checked(params: Mapping[str, Any]) -> Checked:
    """The query of a task with what it expects; raises InvalidInput."""
    return Checked(read_request(params), read_expectation(params["expect"]))


def run_checked(session: Session, checked: Checked, check: bool) -> dict[str, Any]:
    """The rows, or the verdict on them instead; raises ChecksFailed, and all that C(run_query) raises."""
    expected, began = checked.expected, time.monotonic()
    if expected is None:
        return run_query(session, checked.request, check)
    while True:
        result = run_query(session, checked.request, check)
        columns = [column["name"] for column in result["columns"]]
        verdict = judge(expected, result["rows"], columns, result["truncated"], datetime.now(timezone.utc))
        if verdict.status != NOT_YET or time.monotonic() - began + _PAUSE > expected.wait:
            break
        time.sleep(_PAUSE)
    outcome = {**verdict._asdict(), "seconds": round(time.monotonic() - began, 3)}
    if verdict.status == FAILED:
        raise ChecksFailed(f"The rows are not as expected: {verdict.reason}.", **outcome)
    # Thousands of rows in the result of a check would only be copied from task to task.
    return {**{key: value for key, value in result.items() if key != "rows"}, **outcome}
