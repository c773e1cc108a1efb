# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a check of a web address after an attempt: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .http import findings, values_of
from .http_answer import read_answer
from .http_expected import read_expected
from .http_retry import RetryPolicy, wait_before_retry


def http_results(
    answers: Sequence[Mapping[str, Any]],
    requests: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]],
    policy: RetryPolicy,
    now: datetime,
) -> list[dict[str, Any]]:
    """The results of all checks: those of C(before), replaced where there is a new answer.

    The C(item) of an answer is the position of its request.
    """
    results = {position: dict(result) for position, result in enumerate(before)}
    for answer in answers:
        position = answer["item"]
        attempt = results.get(position, {}).get("attempts", 0) + 1
        results[position] = _result(requests[position], answer, attempt, policy, now)
    return [results[position] for position in sorted(results)]


def _result(
    request: Mapping[str, Any], raw: Mapping[str, Any], attempt: int, policy: RetryPolicy, now: datetime
) -> dict[str, Any]:
    check = request["check"]
    expected, answer = read_expected(check), read_answer(raw, request["secrets"])
    found, retry_in = findings(expected, answer), None
    if found and attempt <= policy.retries:
        wait = wait_before_retry(answer, attempt, policy, now)
        if wait <= max(policy.delay, policy.max_wait):
            retry_in = wait
        else:
            found.append(f"expected no more than {policy.max_wait:g} s to wait, found the server asks for {wait} s")
    return {
        "name": check["name"],
        "url": request["shown_url"],
        "ok": not found,
        "findings": found,
        "status": answer.status,
        "values": values_of(expected, answer),
        "attempts": attempt,
        "retry_in": retry_in,
    }
