# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notifications to a real web server, a real mail server and real files; those which fail; and no secret anywhere."""

from __future__ import annotations

import json
import socket

import pytest
from aiosmtpd.controller import Controller

from ..conftest import Page

REPORT = {
    "notify_outcome": "complete",
    "notify_ticket": "CHG-7",
    "notify_who": "ann",
    "notify_migration": {
        "keyspace": "shop",
        "table": "orders",
        "columns": [{"name": "source", "type": "text", "status": "added"}],
        "statements": ["ALTER TABLE shop.orders ADD (source text)"],
        "cluster": {"name": "Shop", "release_versions": ["5.0.9"]},
    },
    "notify_verification": ["The column is there."],
}


class Mails:
    """What a mail server took."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.taken.append(envelope.content.decode())
        return "250 OK"


@pytest.fixture
def mail_server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mails = Mails()
    controller = Controller(mails, "127.0.0.1", port)
    controller.start()
    yield port, mails
    controller.stop()


def channel(kind, **options):
    return {"name": f"The {kind}", "type": kind, **options}


def test_every_channel_tells_the_same(play_role, web, mail_server, tmp_path):
    web.pages["/hook/s3cret"] = web.pages["/slack/s3cret"] = Page("ok")
    port, mails = mail_server
    channels = [
        channel("webhook", url=f"{web.url}/hook/s3cret", headers={"Authorization": "Bearer t0ken"}),
        channel("slack", url=f"{web.url}/slack/s3cret"),
        channel(
            "mail", host="127.0.0.1", port=port, security="none", sender="a@example.com", recipients=["b@example.com"]
        ),
        channel("file", path=str(tmp_path / "log.txt")),
    ]
    records = {"notify_record_json": str(tmp_path / "r.json"), "notify_record_markdown": str(tmp_path / "r.md")}
    played = play_role("notify", {**REPORT, "notify_channels": channels, **records}, "-vvvv")
    assert (played.code, played.result["all_sent"]) == (0, True), played.output
    (_get, path, headers, body), (_also, _path, _headers, slack) = web.requests
    assert (path, headers["Authorization"]) == ("/hook/s3cret", "Bearer t0ken")
    told = json.loads(body)
    assert (told["outcome"], told["ticket"], told["statements"]) == (
        "complete",
        "CHG-7",
        ["ALTER TABLE shop.orders ADD (source text)"],
    )
    assert json.loads((tmp_path / "r.json").read_text()) == told
    for text in (
        json.loads(slack)["text"],
        mails.taken[0],
        (tmp_path / "log.txt").read_text(),
        (tmp_path / "r.md").read_text(),
    ):
        assert "migration complete" in text
        assert "ALTER TABLE shop.orders ADD (source text)" in text.replace("=\n", "").replace("=\r\n", "")
    # Even at the highest verbosity the secrets of addresses and headers are not shown.
    assert "s3cret" not in played.output
    assert "t0ken" not in played.output


def test_a_channel_which_fails_is_reported_and_hides_nothing(play_role, web):
    web.pages["/slack/s3cret"] = Page("no", 500)
    channels = [
        channel("slack", url=f"{web.url}/slack/s3cret"),
        channel("webhook", url="http://127.0.0.1:1/s3cret"),
        channel("mail", host="127.0.0.1", port=1, sender="a@example.com", recipients=["b@example.com"]),
        channel("file", path="/nowhere/at/all", format="json"),
        channel("webhook"),
    ]
    played = play_role("notify", {**REPORT, "notify_channels": channels})
    assert played.code == 0, played.output
    assert [one["status"] for one in played.result["channels"]] == ["failed"] * 5
    assert played.result["channels"][0]["detail"] == "127.0.0.1 answers 500"
    assert "The slack: failed (127.0.0.1 answers 500)" in played.output
    assert "s3cret" not in played.output


def test_a_failure_says_what_failed(play_role, web):
    web.pages["/hook"] = Page("ok")
    failure = {"step": "Smoke tests", "message": "expected status 200", "hint": "Look at the log."}
    variables = {**REPORT, "notify_outcome": "failed", "notify_failure": failure}
    played = play_role("notify", {**variables, "notify_channels": [channel("slack", url=f"{web.url}/hook")]})
    assert played.code == 0, played.output
    text = json.loads(web.requests[0][3])["text"]
    for words in ("migration FAILED at: Smoke tests", "expected status 200", "Look at the log."):
        assert words in text


@pytest.mark.parametrize(
    ("when", "outcome", "sent"),
    [("news", "unchanged", 0), ("news", "complete", 1), ("always", "unchanged", 1), ("never", "complete", 0)],
)
def test_when(play_role, web, when, outcome, sent):
    web.pages["/hook"] = Page("ok")
    variables = {**REPORT, "notify_outcome": outcome, "notify_when": when}
    played = play_role("notify", {**variables, "notify_channels": [channel("webhook", url=f"{web.url}/hook")]})
    assert (played.code, len(web.requests)) == (0, sent), played.output


def test_nothing_is_sent_in_check_mode(play_role, web, tmp_path):
    variables = {**REPORT, "notify_outcome": "dry_run", "notify_record_json": str(tmp_path / "r.json")}
    channels = [channel("webhook", url=f"{web.url}/hook")]
    played = play_role("notify", {**variables, "notify_channels": channels}, "--check")
    assert (played.code, web.requests, (tmp_path / "r.json").exists()) == (0, [], False), played.output
    assert {one["status"] for one in played.result["channels"]} == {"would_send"}
