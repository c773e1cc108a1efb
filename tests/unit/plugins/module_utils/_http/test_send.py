# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a check is sent again."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.answer import Answer
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.send import wait_before_retry


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
