# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a channel took a notification, in words that hold no secret."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.delivery import delivery

HOOK = {"name": "Team", "type": "slack", "url": "https://u:s3cret@hooks.example.com/s3cret?t=s3cret"}
MAIL = {"type": "mail", "host": "mail.example.com", "sender": "a@b", "recipients": ["c@d", "e@f"]}
FILE = {"type": "file", "path": "/var/log/shop.json"}


@pytest.mark.parametrize(
    ("channel", "result", "status", "detail"),
    [
        (HOOK, {"status": 200}, "sent", "hooks.example.com answers 200"),
        (HOOK, {"status": 302}, "failed", "hooks.example.com answers 302"),
        (HOOK, {"status": -1, "msg": "timed out s3cret"}, "failed", "hooks.example.com cannot be reached: timed out"),
        ({**HOOK, "url": "https://[s3cret/"}, {"status": 200}, "sent", "the address answers 200"),
        ({"type": "webhook"}, {}, "failed", "it has no url"),
        ({"type": "mail", "host": "h"}, {}, "failed", "it has no sender and no recipients"),
        (MAIL, {"sent": True}, "sent", "mail.example.com took it for 2"),
        (MAIL, {"msg": "mail.example.com: timed out"}, "failed", "mail.example.com: timed out"),
        (FILE, {"changed": False}, "sent", "/var/log/shop.json"),
        (FILE, {"failed": True, "msg": "no such directory"}, "failed", "no such directory"),
    ],
)
def test_delivery(channel, result, status, detail):
    found = delivery(channel, result, False)
    assert (found["status"], found["detail"]) == (status, detail)
    assert found["name"] == channel.get("name", channel["type"])
    assert "s3cret" not in str(found)


def test_check_mode():
    assert delivery(HOOK, {"skipped": True}, True)["status"] == "would_send"
    assert delivery({"type": "file"}, {"skipped": True}, True)["status"] == "failed"
