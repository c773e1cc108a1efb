# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks by HTTP against a real web server."""

from __future__ import annotations

import json
import time

import pytest

from ..conftest import Page

STATS = {"total": 3, "api": 1, "none": None, "last_24h": {"api": 0}, "a.b": True, "items": [{"name": "Teapot"}, {}]}


@pytest.fixture(autouse=True)
def pages(web):
    web.pages["/health/"] = Page('{"status": "healthy"}', headers={"Content-Type": "application/json"})
    web.pages["/stats/"] = Page(json.dumps(STATS), headers={"Content-Type": "application/json; charset=utf-8"})
    web.pages["/list/"] = Page("<ul><li class='item'>Teapot</li><li class='item'>Grüße</li></ul>")
    web.pages["/moved/"] = Page("", 302, {"Location": "/health/"})


def _play(play_role, web, *checks, options=(), **variables):
    given = [{"name": f"Check {number}", **check} for number, check in enumerate(checks, 1)]
    more = {"smoke_tests_base_url": web.url, "smoke_tests_retries": 0, "smoke_tests_delay": 0.1, **variables}
    return play_role("smoke_tests", {"smoke_tests_http": given, **more}, *options)


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_all_that_is_right(play_role, web, options):
    """Everything which a check can expect, met; in check mode too, since it only reads."""
    played = _play(
        play_role,
        web,
        {"url": "/health/", "json": {"values": {"status": "healthy"}}, "headers": {"Content-Type": "application/json"}},
        {
            "url": "/stats/",
            "json": {
                "keys": ["total", "last_24h.api", "none", "/a.b", "items.0.name"],
                "values": {"last_24h.api": 0, "none": None, "/a.b": True, "/items/0/name": "Teapot"},
                "min": {"total": 3},
                "min_items": {"items": 2},
                "absent": ["error", "items.2", "items.1.name"],
            },
        },
        {
            "url": "/list/",
            "contains": ["Teapot", "Grüße"],
            "not_contains": ["Traceback"],
            "min_matches": {"class='item'": 2},
        },
        {"url": "/moved/", "json": {"keys": ["status"]}},
        {"url": "/moved/", "follow_redirects": False, "status": [301, 302], "headers": {"location": ""}},
        {"url": "/health/", "method": "HEAD"},
        {"url": f"{web.url}/gone/", "status": [404, 410]},
        options=options,
    )
    assert played.code == 0, played.output
    assert played.changed == 0
    assert played.result["outcome"] == "ok"
    assert played.result["failures"] == []
    assert played.result["checks"][1]["values"]["total"] == 3
    assert {method for method, *_rest in web.requests} == {"GET", "HEAD"}


def test_all_that_is_wrong_at_once(play_role, web):
    """Each failure says what was expected and what was found, and none hides another."""
    web.pages["/broken/"] = Page("<h1>Server Error</h1>", 500)
    played = _play(
        play_role,
        web,
        {"url": "/broken/"},
        {
            "url": "/stats/",
            "json": {
                "keys": ["sum", "last_24h.web"],
                "values": {"total": 4, "/a.b": 1, "none": ""},
                "min": {"api": 2, "none": 0},
                "min_items": {"items": 3, "total": 1},
                "absent": ["api"],
            },
        },
        {"url": "/list/", "contains": ["Kettle"], "not_contains": ["Teapot"], "min_matches": {"class='item'": 3}},
        {"url": "/list/", "json": {"keys": ["total"]}, "headers": {"X-Frame-Options": "DENY"}},
        {"url": "/health/"},
        {"url": "http://127.0.0.1:1/"},
        {"url": "http://nobody.invalid/"},
    )
    assert played.code != 0
    assert played.result["outcome"] == "failed"
    failures = {one["name"]: one["findings"] for one in played.result["failures"]}
    top = '["a.b", "api", "items", "last_24h", "none", "total"]'
    page = "<ul><li class='item'>Teapot</li><li class='item'>Grüße</li></ul>"
    assert failures["Check 1"] == ["expected status 200, found status 500: <h1>Server Error</h1>"]
    assert failures["Check 2"] == [
        f"expected a value at sum, found no such value; the top has {top}",
        f"expected a value at last_24h.web, found no such value; the top has {top}",
        "expected no value at api, found 1",
        "expected 4 at total, found 3",
        "expected 1 at /a.b, found true",
        'expected "" at none, found null',
        "expected at least 2 at api, found 1",
        "expected at least 0 at none, found null",
        'expected at least 3 items at items, found [{"name": "Teapot"}, {}] (2 items)',
        "expected at least 1 items at total, found 3",
    ]
    assert failures["Check 3"] == [
        f"expected text 'Kettle', found {page}",
        f"expected no text 'Teapot', found {page}",
        f"expected at least 3 matches of class='item', found 2 in {page}",
    ]
    assert failures["Check 4"] == ["expected a header X-Frame-Options, found none", f"expected JSON, found {page}"]
    assert failures["Check 6"] == [
        "expected an answer, found none from http://127.0.0.1:1/: [Errno 111] Connection refused"
    ]
    assert failures["Check 7"][0].startswith("expected an answer, found none from http://nobody.invalid/: ")
    assert "Check 5" not in failures
    assert "6 of 7 checks failed." in played.output
    for name in failures:
        assert f"{name} (http" in played.output


def test_an_empty_list_is_not_a_leaderboard(play_role, web):
    """A page which answers 200 with nothing on it when it is broken."""
    web.pages["/leaders/"] = Page("<table></table>")
    played = _play(play_role, web, {"url": "/leaders/", "min_matches": {"G[A-Z2-7]{55}": 1}})
    assert played.code != 0
    assert "expected at least 1 matches of G[A-Z2-7]{55}, found 0 in <table></table>" in played.output


def test_patience(play_role, web):
    """A check which fails is asked again; the server's Retry-After sets the pace, a date as well as seconds."""
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 6))
    web.pages["/health/"].steps = [
        Page("slow down", 429, {"Retry-After": "2"}),
        Page("starting", 503, {"Retry-After": date}),
        Page("no header", 429),
    ]
    begin = time.monotonic()
    played = _play(play_role, web, {"url": "/health/"}, smoke_tests_retries=3)
    assert played.code == 0, played.output
    assert played.result["checks"][0]["attempts"] == 4
    assert played.result["checks"][0]["seconds"] > 2.4
    assert time.monotonic() - begin < 60


def test_a_server_which_asks_for_too_much(play_role, web):
    """No longer than the user allows."""
    web.pages["/health/"].steps = [Page("later", 429, {"Retry-After": "3600"})]
    played = _play(play_role, web, {"url": "/health/"}, smoke_tests_retries=5, smoke_tests_max_wait=3)
    assert played.code != 0
    assert len(web.requests) == 1
    assert "expected no more than 3 s to wait, found the server asks for 3600 s" in played.output


def test_headers_of_the_request(play_role, web):
    """The host by name, for all or one; secrets sent, and never shown."""
    played = _play(
        play_role,
        web,
        {"url": "/health/", "request_headers": {"X-Test": "1"}},
        {"url": "/health/?again", "host_header": "other.example.com", "contains": ["not there"]},
        smoke_tests_host_header="shop.example.com",
        smoke_tests_secret_headers={"Authorization": "Bearer s3cr3t-t0k3n"},
        options=("-vvvv",),
    )
    assert played.code != 0
    hosts = [headers["Host"] for _method, _path, headers, _body in web.requests]
    assert hosts == ["shop.example.com", "other.example.com"]
    assert all(headers["Authorization"] == "Bearer s3cr3t-t0k3n" for _m, _p, headers, _b in web.requests)
    assert web.requests[0][2]["X-Test"] == "1"
    assert "s3cr3t-t0k3n" not in played.output


def test_a_password_in_an_address_is_not_shown_in_the_result(play_role, web):
    """Sent as Authorization, left out of the result."""
    played = _play(
        play_role, web, {"url": f"{web.url.replace('//', '//user:hidden@')}/health/", "contains": ["nothing"]}
    )
    assert web.requests[0][2]["Authorization"].startswith("Basic ")
    assert "hidden" not in json.dumps(played.result)


def test_pending_changes_are_not_tested(play_role, web):
    """Where check mode has only predicted what the checks look for, they are named."""
    played = _play(play_role, web, {"url": "/new/"}, options=("--check",), smoke_tests_pending=True)
    assert (played.code, played.changed) == (0, 0)
    assert played.result == {"outcome": "would_check", "checks": [{"name": "Check 1"}]}
    assert web.requests == []
    assert "Check 1" in played.output


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"url": "/x", "method": "POST"}, "POST"),
        ({"url": "ftp://host/x"}, "no http or https address"),
        ({"url": "/x", "method": "HEAD", "contains": ["a"]}, "an answer to HEAD has no text"),
        ({"url": "/health/", "min_matches": {"(": 1}}, "no regular expression"),
    ],
)
def test_checks_which_cannot_be_made(play_role, web, check, said):
    """Refused, and never sent."""
    played = _play(play_role, web, check)
    assert played.code != 0
    assert said in played.output
    assert not [method for method, *_rest in web.requests if method not in ("GET", "HEAD")]
