# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent of a run, and whether it is news."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.notice import needs_previous, news

OPTIONS = {"record_json": "record.json", "webhooks": [{"url": "https://chat.example/s3cret"}]}
REMAINING = ["web: restart it"]


@pytest.mark.parametrize(
    ("outcome", "previous", "is_news"),
    [
        *((outcome, previous, True) for outcome in ("complete", "failed", "dry_run") for previous in ("complete", "")),
        ("unchanged", "complete", False),
        ("unchanged", "unchanged", False),
        ("unchanged", "failed", True),
        ("unchanged", "waiting", True),
        ("unchanged", "", True),
        ("waiting", "waiting", False),
        ("waiting", "complete", True),
    ],
)
def test_what_is_news(outcome: str, previous: str, is_news: bool) -> None:
    remaining = REMAINING if outcome == "waiting" else []
    report: dict[str, Any] = {"outcome": outcome, "title": "t", "remaining": remaining, "msg": "m", "text": "t"}
    before = {"outcome": previous, "remaining": REMAINING if previous == "waiting" else []}
    found = news(report, json.dumps(before) if previous else "", OPTIONS)
    assert (len(found["files"]), len(found["posts"])) == ((1, 1) if is_news else (0, 0))
    assert needs_previous(report, OPTIONS) is (outcome in ("unchanged", "waiting"))
    assert "s3cret" not in json.dumps(found)


def test_who_keeps_no_record_hears_of_each_change_alone() -> None:
    options = {"webhooks": OPTIONS["webhooks"]}
    for outcome, posts in (("unchanged", 0), ("complete", 1)):
        report = {"outcome": outcome, "title": "t", "msg": "m", "text": "t"}
        assert len(news(report, "", options)["posts"]) == posts
