# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records in real files and webhooks of a real web server; those which fail; and no secret anywhere."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess

import pytest

from ..conftest import Page
from ..secret_watch import play_and_watch

FACTS = {
    "title": "migration",
    "outcome": "complete",
    "user": "ann",
    "cluster": {"name": "Shop", "release_versions": ["5.0.9"]},
    "verified_by": [{"host_id": "h1", "address": "10.0.0.1", "port": 9042}],
    "tables": [
        {
            "keyspace": "shop",
            "table": "orders",
            "columns": [{"name": "source", "type": "text", "status": "added"}],
            "statements": ["ALTER TABLE shop.orders ADD (source text)"],
        }
    ],
}
REPORT = {"notify_report": FACTS, "notify_ticket": "CHG-7"}


def reported(**facts):
    return {"notify_report": {**FACTS, **facts}}


def channel(kind, **options):
    return {"type": kind, **options}


def test_every_channel_tells_the_same(play_role, web, tmp_path):
    web.pages["/hook/s3cret"] = web.pages["/slack/s3cret"] = Page("ok")
    channels = [
        channel("webhook", url=f"{web.url}/hook/s3cret", headers={"Authorization": "Bearer t0ken"}),
        channel("slack", url=f"{web.url}/slack/s3cret"),
    ]
    records = {"notify_record_json": str(tmp_path / "r.json"), "notify_record_markdown": str(tmp_path / "r.md")}
    played = play_role("notify", {**REPORT, "notify_webhooks": channels, **records})
    assert (played.code, played.result["all_sent"]) == (0, True), played.output
    (_get, path, headers, body), (_also, _path, _headers, slack) = web.requests
    assert (path, headers["Authorization"]) == ("/hook/s3cret", "Bearer t0ken")
    told = json.loads(body)
    assert told == {**FACTS, "ticket": "CHG-7"}
    assert json.loads((tmp_path / "r.json").read_text()) == told
    for text in (json.loads(slack)["text"], (tmp_path / "r.md").read_text()):
        assert "Migration is complete" in text
        assert "ALTER TABLE shop.orders ADD (source text)" in text


def test_secrets_are_sent_and_shown_nowhere(environment, web, tmp_path):
    """Tokens in addresses and headers, and a password: output, log, variables, processes."""
    marker = "m4rk3r-of-a-s3cr3t"
    web.pages[f"/hook/{marker}"] = Page(marker)
    channels = [
        channel("webhook", url=f"{web.url}/hook/{marker}", headers={"Authorization": f"Bearer {marker}"}),
        channel("slack", url=f"{web.url.replace('//', f'//user:{marker}@')}/hook/{marker}?token={marker}"),
        channel("webhook", url=f"{web.url}/gone/{marker}"),
        channel("webhook", url=f"http://127.0.0.1:1/{marker} {marker}"),
        channel("webhook", url=f"{web.url}/hook/{marker}", headers={"Authorization": f"Bearer {marker}\n"}),
    ]
    variables = {**REPORT, "notify_webhooks": channels, "notify_record_json": str(tmp_path / "r.json")}
    seen = play_and_watch(tmp_path, environment, "stellarmap.cassandra.notify", variables, marker)
    assert [path for _method, path, *_rest in web.requests] == [
        f"/hook/{marker}",
        f"/hook/{marker}?token={marker}",
        f"/gone/{marker}",
    ]
    assert web.requests[0][2]["Authorization"] == f"Bearer {marker}"
    assert web.requests[1][2]["Authorization"].startswith("Basic ")
    result = json.loads(seen["variables"])["notify_result"]
    assert [one["status"] for one in result["channels"]] == ["sent", "sent", "sent", *["failed"] * 3]
    for place, text in {**seen, "record": (tmp_path / "r.json").read_text()}.items():
        assert marker not in text, place


def test_a_channel_that_fails_is_reported_and_hides_nothing(play_role, web):
    web.pages["/slack/s3cret"] = Page("no", 500)
    channels = [
        channel("slack", url=f"{web.url}/slack/s3cret"),
        channel("webhook", url="http://127.0.0.1:1/s3cret"),
    ]
    played = play_role("notify", {**REPORT, "notify_webhooks": channels, "notify_record_json": "/nowhere/at/all"})
    assert played.code == 0, played.output
    assert [one["status"] for one in played.result["channels"]] == ["failed"] * 3
    details = {one["name"]: one["detail"] for one in played.result["channels"]}
    assert details == {
        "slack": "127.0.0.1 answers 500",
        "webhook": "127.0.0.1 cannot be reached",
        "JSON record": "Destination directory /nowhere/at does not exist",
    }
    assert "slack: failed (127.0.0.1 answers 500)" in played.output
    assert "A notification that was not sent changes nothing in what it reports." in played.output


def test_a_failure_says_what_failed(play_role, web):
    web.pages["/hook"] = Page("ok")
    steps = [{"name": "Smoke tests", "status": "failed"}]
    message = "Smoke tests: expected status 200. Look at the log."
    variables = {**REPORT, **reported(outcome="failed", failure="checks_failed", steps=steps, msg=message)}
    played = play_role("notify", {**variables, "notify_webhooks": [channel("slack", url=f"{web.url}/hook")]})
    assert played.code == 0, played.output
    text = json.loads(web.requests[0][3])["text"]
    for words in ("Migration failed: smoke tests", "expected status 200", "Look at the log."):
        assert words in text


REMAINING = ["Restart web: systemctl restart web.", "Confirm it with -e services_confirmed=[web]."]


@pytest.fixture
def play_in_turn(environment, tmp_path):
    """Plays the role several times in one play, each time with other variables; gives the output and the number of changes."""

    def play(runs, **common):
        include = {"name": "stellarmap.cassandra.notify"}
        tasks = [{"ansible.builtin.include_role": include, "vars": {**REPORT, **common, **run}} for run in runs]
        (tmp_path / "play.json").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        command = ["ansible-playbook", str(tmp_path / "play.json")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, int(re.search(r"changed=(\d+)", done.stdout)[1])

    return play


def test_what_remains_is_told_everywhere(play_in_turn, web, tmp_path):
    web.pages["/hook"] = Page("ok")
    channels = [channel("slack", url=f"{web.url}/hook")]
    records = {"notify_record_json": f"{tmp_path}/r.json", "notify_record_markdown": f"{tmp_path}/r.md"}
    play_in_turn([{**reported(outcome="waiting", remaining=REMAINING), **records}], notify_webhooks=channels)
    ((*_request, body),) = web.requests
    assert json.loads((tmp_path / "r.json").read_text())["remaining"] == REMAINING
    for text in (json.loads(body)["text"], (tmp_path / "r.md").read_text()):
        assert "is complete" not in text
        assert "Migration waits for you: 2 things to do" in text
        assert REMAINING[1] in text


def test_nothing_changed_is_no_news(play_in_turn, web):
    web.pages["/hook"] = Page("ok")
    runs = [{**reported(outcome=outcome), "notify_ticket": outcome} for outcome in ("unchanged", "complete", "failed")]
    _output, changed = play_in_turn(runs, notify_webhooks=[channel("webhook", url=f"{web.url}/hook")])
    assert [json.loads(body)["ticket"] for *_rest, body in web.requests] == ["complete", "failed"]
    assert changed == 0


def test_what_is_news(play_in_turn, web, tmp_path):
    """By the record of the run before: the same things left are told once, and their end is told."""
    web.pages["/hook"] = Page("ok")
    record = tmp_path / "r.json"
    runs = [
        ("waiting", REMAINING),
        ("waiting", REMAINING),
        ("waiting", REMAINING[:1]),
        ("unchanged", []),
        ("unchanged", []),
        ("failed", []),
        ("failed", []),
    ]
    common = {"notify_record_json": str(record), "notify_webhooks": [channel("webhook", url=f"{web.url}/hook")]}
    given = [
        {**reported(outcome=outcome, remaining=remaining), "notify_ticket": f"run {number}"}
        for number, (outcome, remaining) in enumerate(runs)
    ]
    _output, changed = play_in_turn(given, **common)
    posted = [json.loads(body)["ticket"] for *_rest, body in web.requests]
    assert posted == ["run 0", "run 2", "run 3", "run 5", "run 6"]
    # The record, each time.
    assert changed == 5
    record.write_text("{half a rec")
    play_in_turn([{}], **common)
    assert len(web.requests) == 6
    assert json.loads(record.read_text())["outcome"] == "complete"


def test_files_are_written_as_ansible_writes_them(play_in_turn, tmp_path):
    """Mode and owner are kept, no link is followed, and no other file is touched."""
    names = ("r.json", "strict.json", "r.json.new", "elsewhere", "r.md")
    record, strict, trap, elsewhere, markdown = (tmp_path / name for name in names)
    for path, text in ((record, "{}"), (strict, "{}"), (elsewhere, "mine")):
        path.write_text(text)
        path.chmod(0o640)
    for link in (trap, markdown):
        link.symlink_to(elsewhere)
    owner = {path: (path.stat().st_uid, path.stat().st_gid) for path in (record, strict)}
    if os.geteuid() == 0:
        os.chown(record, 12345, 12345)
        owner[record] = (12345, 12345)
    runs = [
        {**reported(host="first"), "notify_record_json": str(record), "notify_record_markdown": str(markdown)},
        {**reported(host="second"), "notify_record_json": str(strict)},
    ]
    play_in_turn(runs)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (record, strict)] == [0o640, 0o640]
    assert {path: (path.stat().st_uid, path.stat().st_gid) for path in owner} == owner
    assert json.loads(record.read_text())["host"] == "first"
    assert (elsewhere.read_text(), markdown.is_symlink(), trap.is_symlink()) == ("mine", False, True)
    assert {path.name for path in tmp_path.iterdir()} == {*names, "play.json", "ansible-home"}


def test_nothing_is_sent_in_check_mode(play_role, web, tmp_path):
    variables = {**REPORT, **reported(outcome="dry_run"), "notify_record_json": str(tmp_path / "r.json")}
    channels = [channel("webhook", url=f"{web.url}/hook")]
    played = play_role("notify", {**variables, "notify_webhooks": channels}, "--check")
    assert (played.code, web.requests, (tmp_path / "r.json").exists()) == (0, [], False), played.output
    assert {one["status"] for one in played.result["channels"]} == {"would_send"}
