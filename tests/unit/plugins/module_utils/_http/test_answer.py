# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer is worth, and that no secret of the request is repeated."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.answer import (
    Answer,
    findings,
    value_at,
    values_of,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.check import read_check

DOCUMENT = {"total": 3, "a.b": True, "c/d": 1, "none": None, "items": [{"name": "Teapot"}, {}]}
MISSING = value_at({}, "nothing")


def check(headers=None, **options):
    return read_check({"name": "N", "url": "http://host/", **options}, "", headers)


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
        ("items.²", MISSING),
        ("items.name", MISSING),
        ("total.x", MISSING),
        ("a.b", MISSING),
    ],
)
def test_paths(path, value):
    assert value_at(DOCUMENT, path) is value or value_at(DOCUMENT, path) == value


@pytest.mark.parametrize(
    ("options", "answer", "said"),
    [
        ({}, Answer(200), []),
        ({"status": 204}, Answer(204), []),
        ({"status": [301, 302]}, Answer(200, body="x" * 300),
         [f"expected status 301 or 302, found status 200: {'x' * 200}... (300 characters)"]),
        ({"contains": "a"}, Answer(200), ["expected text 'a', found an empty text"]),
        ({"contains": "a"}, Answer(200, body="\x1b[2Jb\x00"), ["expected text 'a', found ?[2Jb?"]),
        ({"not_contains": ["end"]}, Answer(200, body="y" * 300 + " end"), [f"expected no text 'end', found {'y' * 39} end"]),
        ({"not_contains": "Oops"}, Answer(200, body="all is well, so Oo and ps are here"), []),
        ({"response_headers": {"X-A": "b"}}, Answer(200, {"x-a": "aBc"}), []),
        ({"response_headers": {"X-A": ""}}, Answer(200, {"x-a": "c"}), []),
        ({"response_headers": {"X-A": "b"}}, Answer(200, {"x-a": "c"}), ["expected header X-A with b, found c"]),
        ({"response_headers": {"url": "", "Status": "200", "elapsed": ""}}, Answer(200),
         [f"expected a header {name}, found none" for name in ("url", "Status", "elapsed")]),
        ({"json": {"values": {"": 1}}}, Answer(200, body="[1]"), ["expected 1 at the top, found [1] (1 items)"]),
        ({"json": {"values": {"a": 1}}}, Answer(200, body='{"a": true}'), ["expected 1 at a, found true"]),
        ({"json": {"values": {"a": None}}}, Answer(200, body="[]"), ["expected null at a, found no such value (the top is [])"]),
        ({"json": {"min": {"a": 1}}}, Answer(200, body='{"a": "2"}'), ['expected a number of at least 1 at a, found "2"']),
        ({"json": {"min": {"a": 1}}}, Answer(200, body='{"a": NaN}'), ["expected a number of at least 1 at a, found NaN"]),
        ({"json": {"min": {"a": 0.5}}}, Answer(200, body='{"a": 0.5}'), []),
        ({"json": {"min": {"a": "2"}}}, Answer(200, body='{"a": 2}'), []),
        ({"json": {"min_items": {"": 1}}}, Answer(200, body="[]"), ["expected at least 1 items at the top, found [] (0 items)"]),
        ({"json": {"absent": ["error"]}}, Answer(200, body="<p>"), ["expected JSON, found <p>"]),
        ({"json": {"keys": "a"}}, Answer(200, body="[" * 100_000),
         [f"expected JSON, found {'[' * 200}... (100000 characters)"]),
        ({}, Answer(error="timed out"), ["expected an answer, found none: timed out"]),
        ({}, Answer(200, body="xyz", truncated=True), []),
        ({"contains": "z"}, Answer(200, body="xyz", truncated=True),
         ["expected a body of at most 3 characters, found more: it was not read to its end"]),
    ],
)  # fmt: skip
def test_findings(options, answer, said):
    assert findings(check(**options), answer) == said


def test_values_are_those_which_are_there():
    asked = check(json={"keys": ["total", "no"], "values": {"none": 1}, "absent": ["items"]})
    assert values_of(asked, Answer(200, body=json.dumps(DOCUMENT))) == {"total": 3, "none": None}
    assert values_of(asked, Answer(500, body="<p>")) == {}
    assert values_of(check(json={"keys": "a"}), Answer(200, body='{"a": "\\ud800"}')) == {"a": "?"}


def test_an_error_shows_no_secret():
    asked = check({"X-Token": "s3cret"})
    found = findings(asked, Answer(error="[Errno 111] Connection refused by s3cret"))
    assert found == ["expected an answer, found none: [Errno 111] Connection refused by ***"]


@pytest.mark.parametrize("cut", range(150, 205))
def test_half_a_secret_is_not_shown_either(cut):
    """An answer repeats the token, and is shown up to any place of it."""
    asked = check(
        {"Authorization": "Bearer s3cr3t-t0k3n"}, contains=["nothing"], json={"keys": ["a"], "values": {"a": 1}}
    )
    answer = Answer(200, body=json.dumps({"a": "x" * cut + "Bearer s3cr3t-t0k3n"}))
    found = findings(asked, answer)
    assert len(found) == 2
    assert "s3c" not in json.dumps(found)
    assert values_of(asked, answer) == {"a": "x" * cut + "***"}


def test_the_check_is_judged_by_what_came_and_not_by_what_is_shown():
    assert findings(check({"X": "t0k3n"}, contains=["t0k3n"]), Answer(200, body="t0k3n")) == []
