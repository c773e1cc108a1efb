# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer is worth, when it is asked for again, and that no secret is repeated."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http import findings, values_of
from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_answer import (
    Answer,
    read_answer,
    safe_reason,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_expected import read_expected
from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_request import http_request
from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_result import http_results
from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_retry import (
    RetryPolicy,
    wait_before_retry,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.json_path import MISSING, value_at

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=timezone.utc)
DOCUMENT = {"total": 3, "a.b": True, "c/d": 1, "none": None, "items": [{"name": "Teapot"}, {}]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", DOCUMENT),
        ("total", 3),
        ("items.0.name", "Teapot"),
        ("/items/1", {}),
        ("/a.b", True),
        ("/c~1d", 1),
        ("none", None),
        ("items.2", MISSING),
        ("items.name", MISSING),
        ("total.x", MISSING),
        ("a.b", MISSING),
    ],
)
def test_paths(path, value):
    assert value_at(DOCUMENT, path) is value or value_at(DOCUMENT, path) == value


@pytest.mark.parametrize(
    ("check", "answer", "said"),
    [
        ({}, Answer(200), []),
        ({"status": 204}, Answer(204), []),
        ({"status": [301, 302]}, Answer(200, body="x" * 300),
         [f"expected status 301 or 302, found status 200: {'x' * 200}... (300 characters)"]),
        ({"contains": "a"}, Answer(200), ["expected text 'a', found an empty text"]),
        ({"not_contains": ["end"]}, Answer(200, body="y" * 300 + " end"), [f"expected no text 'end', found {'y' * 39} end"]),
        ({"headers": {"X-A": "b"}}, Answer(200, {"x_a": "aBc"}), []),
        ({"headers": {"X-A": "b"}}, Answer(200, {"x_a": "c"}), ["expected header X-A with b, found c"]),
        ({"json": {"values": {"": 1}}}, Answer(200, body="[1]"), ["expected 1 at the top, found [1] (1 items)"]),
        ({"json": {"values": {"a": 1}}}, Answer(200, body='{"a": true}'), ["expected 1 at a, found true"]),
        ({"json": {"values": {"a": None}}}, Answer(200, body="[]"), ["expected null at a, found no such value; the top is []"]),
        ({"json": {"min": {"a": 1}}}, Answer(200, body='{"a": "2"}'), ['expected at least 1 at a, found "2"']),
        ({"json": {"min": {"a": 0.5}}}, Answer(200, body='{"a": 0.5}'), []),
        ({"json": {"min_items": {"": 1}}}, Answer(200, body="[]"), ["expected at least 1 items at the top, found [] (0 items)"]),
        ({"json": {"absent": ["error"]}}, Answer(200, body="<p>"), ["expected JSON, found <p>"]),
        ({}, Answer(error="timed out"), ["expected an answer, found none: timed out"]),
    ],
)  # fmt: skip
def test_findings(check, answer, said):
    assert findings(read_expected({"name": "N", **check}), answer) == said


def test_values_are_those_which_are_there():
    expected = read_expected(
        {"name": "N", "json": {"keys": ["total", "no"], "values": {"none": 1}, "absent": ["items"]}}
    )
    assert values_of(expected, Answer(200, body=json.dumps(DOCUMENT))) == {"total": 3, "none": None}
    assert values_of(expected, Answer(500, body="<p>")) == {}


@pytest.mark.parametrize(
    ("status", "header", "attempt", "wait"),
    [
        (500, "60", 1, 2),
        (429, "60", 1, 60),
        (429, "1", 1, 2),
        (503, "Wed, 25 Nov 2026 12:00:30 GMT", 1, 30),
        (503, "Wed, 25 Nov 2026 11:00:00 GMT", 1, 2),
        (503, "soon", 1, 2),
        (429, "", 3, 8),
        (429, "", 30, 100),
    ],
)
def test_how_long_to_wait(status, header, attempt, wait):
    answer = Answer(status, {"retry_after": header})
    assert wait_before_retry(answer, attempt, RetryPolicy(3, 1.5 if wait == 2 else 2, 100), NOW) == wait


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Request failed: <urlopen error [Errno 111] Connection refused>", "[Errno 111] Connection refused"),
        (
            "Request failed: <urlopen error [Errno -2] Name or service not known>",
            "[Errno -2] Name or service not known",
        ),
        ("Connection failure: The read operation timed out", "timed out"),
        ("Connection failure: Remote end closed connection without response", "closed connection without response"),
        (
            "Request failed: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, "
            "certificate is not valid for '127.0.0.1'. (_ssl.c:1006)>",
            "certificate verify failed: Hostname mismatch, certificate is not valid for '127.0.0.1'",
        ),
        ("Invalid header value b'Bearer s3cret\\n'", None),
        ("An unknown error occurred: URL can't contain control characters. '/s3cret and?token=s3cret'", None),
        ("An unknown error occurred: nonnumeric port: 's3cret'", None),
    ],
)
def test_reasons_hold_no_secret(message, reason):
    said = safe_reason(message)
    assert said == reason if reason else "s3cret" not in said


@pytest.mark.parametrize("cut", range(150, 205))
def test_half_a_secret_is_not_shown_either(cut):
    """An answer repeats the token, and is shown up to any place of it."""
    check = {
        "name": "Echo",
        "url": "http://host/",
        "contains": ["nothing"],
        "json": {"keys": ["a"], "values": {"a": 1}},
    }
    request = http_request(check, secret_headers={"Authorization": "Bearer s3cr3t-t0k3n"})
    body = json.dumps({"a": "x" * cut + "Bearer s3cr3t-t0k3n"})
    (result,) = http_results([{"item": 0, "status": 200, "content": body}], [request], [], RetryPolicy(0), NOW)
    assert len(result["findings"]) == 2
    assert "s3c" not in json.dumps(result)
    assert result["values"] == {"a": "x" * cut + "***"}


def test_the_check_is_judged_by_what_came_and_not_by_what_is_shown():
    request = http_request({"name": "N", "url": "http://host/", "contains": ["t0k3n"]}, secret_headers={"X": "t0k3n"})
    (result,) = http_results([{"item": 0, "status": 200, "content": "t0k3n"}], [request], [], RetryPolicy(), NOW)
    assert result["ok"]


def test_attempts():
    """Only what failed is asked again; the last attempt is final, and so is a server that asks for too much."""
    requests = [http_request({"name": name, "url": "http://host/"}) for name in "abc"]
    policy = RetryPolicy(1, 2, 10)
    later = {"item": 2, "status": 503, "retry_after": "11", "content": ""}
    first = http_results([{"item": 0, "status": 200}, {"item": 1, "status": 500}, later], requests, [], policy, NOW)
    assert [(one["ok"], one["retry_in"]) for one in first] == [(True, None), (False, 2), (False, None)]
    assert first[2]["findings"][-1] == "expected no more than 10 s to wait, found the server asks for 11 s"
    second = http_results([{"item": 1, "status": -1, "msg": "timed out"}], requests, first, policy, NOW)
    assert [(one["name"], one["attempts"], one["retry_in"]) for one in second] == [
        ("a", 1, None),
        ("b", 2, None),
        ("c", 1, None),
    ]
    assert (second[1]["status"], second[1]["findings"]) == (0, ["expected an answer, found none: timed out"])


def test_a_module_that_failed_is_no_answer():
    assert read_answer({"failed": True, "msg": "missing required arguments: url"}).error
