# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a check is sent again."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._http import send
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.answer import Answer
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.check import read_check
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.send import Patience, wait_before_retry


@pytest.mark.parametrize(
    ("status", "header", "attempt", "wait"),
    [
        (500, "60", 1, 2),
        (0, "", 1, 2),
        (429, "60", 1, 60),
        (429, " 60 ", 1, 60),
        (429, "1", 1, 2),
        (503, "Wed, 25 Nov 2026 12:00:30 GMT", 2, 4),
        (503, "soon", 1, 2),
        (503, "²", 1, 2),
        (503, "٣", 1, 2),
        (503, "-5", 1, 2),
        (503, "9" * 400, 1, float("inf")),
        (429, "", 1, 2),
        (429, "", 3, 8),
    ],
)
def test_how_long_to_wait(status, header, attempt, wait):
    assert wait_before_retry(Answer(status, {"retry-after": header}), attempt, 2) == wait


@pytest.mark.parametrize(
    ("statuses", "retries", "deadline", "attempts", "passed"),
    [
        ([500], 0, 60, 1, False),
        ([500], 3, 60, 4, False),
        ([500, 500, 200], 2, 60, 3, True),
        ([500, 500, 200], 1, 60, 2, False),
        ([200], 3, 60, 1, True),
        # The third one would come after 4 s.
        ([500], 9, 3, 2, False),
    ],
)
def test_how_often_it_is_sent(monkeypatch, statuses, retries, deadline, attempts, passed):
    now, answers = [1000.0], list(statuses)
    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda seconds: now.append(now.pop() + seconds))
    monkeypatch.setattr(send, "time", clock)
    monkeypatch.setattr(send, "_ask", lambda *_: Answer(answers.pop(0) if len(answers) > 1 else answers[0]))
    check = read_check({"name": "Health", "url": "http://shop.example/"})
    entry = send._send(check, None, Patience(10, retries, 2, deadline))
    assert (entry["facts"]["attempts"], entry["status"]) == (attempts, "passed" if passed else "failed")
