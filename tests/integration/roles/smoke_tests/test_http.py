# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks by HTTP against a real web server."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from ..conftest import Page
from ..secret_watch import command_lines, play_and_watch

STATS = {"total": 3, "api": 1, "none": None, "last_24h": {"api": 0}, "a.b": True, "items": [{"name": "Teapot"}, {}]}


@pytest.fixture(autouse=True)
def pages(web):
    web.pages["/health/"] = Page('{"status": "healthy"}', headers={"Content-Type": "application/json"})
    web.pages["/stats/"] = Page(json.dumps(STATS), headers={"Content-Type": "application/json; charset=utf-8"})
    web.pages["/list/"] = Page("<ul><li class='item'>Teapot</li><li class='item'>Grüße</li></ul>")
    web.pages["/moved/"] = Page("", 302, {"Location": "/health/"})


def failed(played):
    """What each check that failed says, by its name."""
    return {one["name"]: one["reason"].split("; ") for one in played.result["checks"] if one["status"] == "failed"}


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
        {
            "url": "/health/",
            "json": {"values": {"status": "healthy"}},
            "response_headers": {"Content-Type": "application/json"},
        },
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
        {"url": "/moved/", "follow_redirects": False, "status": [301, 302], "response_headers": {"location": ""}},
        {"url": "/health/", "method": "HEAD"},
        {"url": f"{web.url}/gone/", "status": [404, 410]},
        options=options,
    )
    assert played.code == 0, played.output
    assert played.changed == 0
    assert [one["status"] for one in played.result["checks"]] == ["passed"] * 7
    assert played.result["checks"][1]["facts"]["values"]["total"] == 3
    assert "Check 7: passed" in played.output
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
        {"url": "/list/", "json": {"keys": ["total"]}, "response_headers": {"X-Frame-Options": "DENY"}},
        {"url": "/health/"},
        {"url": "http://127.0.0.1:1/"},
        {"url": "http://nobody.invalid/"},
    )
    assert played.code != 0
    assert played.result["failure"] == "checks_failed"
    failures = failed(played)
    top = '["a.b", "api", "items", "last_24h", "none", "total"]'
    page = "<ul><li class='item'>Teapot</li><li class='item'>Grüße</li></ul>"
    assert failures["Check 1"] == ["expected status 200, found status 500: <h1>Server Error</h1>"]
    assert sorted(failures["Check 2"]) == sorted(
        [
            f"expected a value at sum, found no such value (the top has {top})",
            f"expected a value at last_24h.web, found no such value (the top has {top})",
            "expected no value at api, found 1",
            "expected 4 at total, found 3",
            "expected 1 at /a.b, found true",
            'expected "" at none, found null',
            "expected a number of at least 2 at api, found 1",
            "expected a number of at least 0 at none, found null",
            'expected at least 3 items at items, found [{"name": "Teapot"}, {}] (2 items)',
            "expected at least 1 items at total, found 3",
        ]
    )
    assert failures["Check 3"] == [
        f"expected text 'Kettle', found {page}",
        f"expected no text 'Teapot', found {page}",
        f"expected at least 3 matches of class='item', found 2 in {page}",
    ]
    assert failures["Check 4"] == ["expected a header X-Frame-Options, found none", f"expected JSON, found {page}"]
    assert failures["Check 6"] == ["expected an answer, found none: [Errno 111] Connection refused"]
    assert failures["Check 7"][0].startswith("expected an answer, found none: [Errno -")
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


def test_retries(play_role, web):
    """Only the check that fails is sent again; the seconds of the server's Retry-After set the pace."""
    web.pages["/health/"].steps = [
        Page("slow down", 429, {"Retry-After": "2"}),
        Page("starting", 503, {"Retry-After": "3"}),
        Page("no seconds", 429, {"Retry-After": "\u00b2"}),
    ]
    begin = time.monotonic()
    played = _play(play_role, web, {"url": "/health/"}, {"url": "/list/"}, smoke_tests_retries=3)
    assert played.code == 0, played.output
    assert [check["facts"]["attempts"] for check in played.result["checks"]] == [4, 1]
    assert sorted(path for _method, path, *_rest in web.requests) == ["/health/"] * 4 + ["/list/"]
    assert time.monotonic() - begin > 2.4


def test_a_server_which_asks_for_too_much(play_role, web):
    """No longer than the user allows."""
    web.pages["/health/"].steps = [Page("later", 429, {"Retry-After": "3600"})]
    played = _play(play_role, web, {"url": "/health/"}, smoke_tests_retries=5, smoke_tests_deadline=3)
    assert played.code != 0
    assert len(web.requests) == 1
    assert "it was not sent again after 3600 s, because its deadline is 3 s" in played.output


def test_headers_of_the_request(play_role, web):
    """The host by name, for all or for one. A short value is no secret that would replace each 1 of the result."""
    played = _play(
        play_role,
        web,
        {"url": "/health/", "headers": {"X-Test": "1"}},
        {"url": "/health/?again", "headers": {"Host": "other.example.com"}},
        smoke_tests_headers={"Host": "shop.example.com", "X-Empty": ""},
    )
    assert played.code == 0, played.output
    sent = {path: headers for _method, path, headers, _body in web.requests}
    assert (sent["/health/"]["Host"], sent["/health/?again"]["Host"]) == ("shop.example.com", "other.example.com")
    assert sent["/health/"]["X-Test"] == "1"
    assert "X-Empty" not in sent["/health/"]
    assert played.result["checks"][0]["facts"]["attempts"] == 1


def test_secrets_are_sent_and_shown_nowhere(environment, web, tmp_path):
    """A password, a token in a query and two in headers, and a page that repeats them: output, log, variables, processes."""
    marker = "m4rk3r-of-a-s3cr3t"
    web.pages["/echo/"] = Page(json.dumps({"token": f"Bearer {marker}", "password": marker}))
    check = {"url": f"{web.url.replace('//', f'//user:{marker}@')}/echo/?api_key={marker}", "contains": ["nothing"]}
    variables = {
        "smoke_tests_http": [
            {"name": "Echo", **check, "json": {"keys": ["token"], "values": {"password": "x"}}},
            {"name": "Broken", "url": "/echo/", "headers": {"X-Api-Key": marker}, "status": [500]},
        ],
        "smoke_tests_base_url": web.url,
        "smoke_tests_headers": {"X-Session": f"Bearer {marker}"},
        "smoke_tests_retries": 1,
        "smoke_tests_delay": 0,
    }
    seen = play_and_watch(tmp_path, environment, "stellarmap.cassandra.smoke_tests", variables, marker)
    assert len(web.requests) == 4
    assert all(headers["X-Session"] == f"Bearer {marker}" for _method, _path, headers, _body in web.requests)
    login = next(headers for _method, path, headers, _body in web.requests if path == f"/echo/?api_key={marker}")
    assert login["Authorization"].startswith("Basic ")
    key = next(headers for _method, path, headers, _body in web.requests if path == "/echo/")
    assert key["X-Api-Key"] == marker
    assert f"Echo ({web.url}/echo/?api_key=***): expected text 'nothing', found" in seen["output"]
    for place, text in seen.items():
        assert marker not in text, place


def test_the_watch_sees_a_secret():
    """What the test above relies on: a marker in a command line is found."""
    marker = "m4rk3r-that-shows"
    with command_lines(marker) as lines:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", marker], check=True)
    assert lines


def test_what_a_page_says_is_never_a_template(play_role, web):
    web.pages["/odd/"] = Page('{"n": "{{ 6 * 7 }}"}')
    played = _play(play_role, web, {"url": "/odd/", "json": {"values": {"n": 42}}})
    assert played.result["checks"][0]["facts"]["values"] == {"n": "{{ 6 * 7 }}"}
    assert failed(played) == {"Check 1": ['expected 42 at n, found "{{ 6 * 7 }}"']}


def test_a_text_is_one_entry_of_a_list(play_role, web):
    """No single letters, and no parts between commas."""
    web.pages["/sorry/"] = Page("Sorry, an Oops happened")
    played = _play(
        play_role,
        web,
        {"url": "/list/", "not_contains": "Oops", "json": None},
        {"url": "/list/", "not_contains": "Teapot, Kettle"},
        {"url": "/sorry/", "not_contains": "Sorry, an Oops"},
    )
    assert list(failed(played)) == ["Check 3"]


@pytest.fixture
def secure():
    """A web server over TLS whose certificate names localhost, and which lets only its own clients in.

    Gives the file of its authority, that of a client's certificate and key, and the port.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    client = authority.issue_cert("client@example.com").private_key_and_cert_chain_pem
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server,
        authority.cert_pem.tempfile() as path,
        client.tempfile() as client_path,
    ):
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path, client_path, server.server_port
        server.shutdown()


def test_certificates_are_verified(play_role, secure, web):
    """A name that the certificate does not hold is a finding, and a server may want to know who asks."""
    authority, client, port = secure
    urls = [{"url": f"https://localhost:{port}/health/"}, {"url": f"https://127.0.0.1:{port}/health/"}]
    trust = {"smoke_tests_ca_path": authority, "smoke_tests_client_cert": client, "smoke_tests_client_key": client}
    played = _play(play_role, web, *urls, smoke_tests_use_proxy=False, **trust)
    assert list(failed(played)) == ["Check 2"], played.output
    assert "certificate" in failed(played)["Check 2"][0]
    unverified = _play(play_role, web, urls[1], smoke_tests_validate_certs=False, smoke_tests_client_cert=client)
    assert unverified.code == 0, unverified.output
    unknown = _play(play_role, web, urls[0], smoke_tests_ca_path=authority)
    assert failed(unknown)["Check 1"][0].startswith("expected an answer, found none: ")
    missing = _play(play_role, web, urls[0], smoke_tests_ca_path="/nowhere.pem")
    assert "ca_path names no file on this host: /nowhere.pem." in missing.output


def test_pending_changes_are_not_tested(play_role, web):
    """If check mode has only predicted what the checks look for, they are named."""
    played = _play(play_role, web, {"url": "/new/"}, options=("--check",), smoke_tests_pending=True)
    assert (played.code, played.changed) == (0, 0)
    assert [(one["name"], one["status"]) for one in played.result["checks"]] == [("Check 1", "pending")]
    assert web.requests == []
    assert "Check 1: runs after the change" in played.output


def test_who_includes_the_role_can_report_the_failure(play_role, web):
    """The task is green and says nothing, and the result has the failure."""
    played = _play(play_role, web, {"url": "/none/"}, _smoke_tests_fails=False)
    assert (played.code, played.result["failure"]) == (0, "checks_failed")
    assert "none" not in played.output.split("Report the checks")[1]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"url": "/x", "method": "POST"}, "POST"),
        ({"url": "/x", "jsn": {"keys": ["a"]}}, "jsn"),
        ({"url": "/x", "min_matches": {"a": None}}, "Check 2: 'min_matches' holds a value that is not a number"),
        ({"url": "ftp://u:s3cret@host/x"}, "Check 2: its url is not an http or https address"),
    ],
)
def test_checks_that_cannot_be_made(play_role, web, check, said):
    """Refused in words that can be read, and nothing is sent, not even by the other checks."""
    played = _play(play_role, web, {"url": "/health/"}, check, options=("-vvv",))
    assert played.code != 0
    assert said in played.output
    assert "s3cret" not in played.output.replace("extra-vars", "")
    assert "Traceback" not in played.output
    assert web.requests == []


MARKER = "m4rk3r-of-a-s3cret"
GOOD = {
    "name": "Good",
    "url": f"http://user:{MARKER}@127.0.0.1:1/?token={MARKER}",
    "headers": {"X-Any": MARKER},
}
# What is right, and what has the wrong shape: in the check with the secrets, in another one, or in an option.
PLANTED = [
    {"checks": [GOOD]},
    {"checks": [GOOD, "text"]},
    {"checks": [GOOD, 5]},
    {"checks": [GOOD, None]},
    {"checks": GOOD},
    {"checks": [{**GOOD, "jsn": 1}]},
    {"checks": [{**GOOD, "name": None}]},
    {"checks": [{**GOOD, "status": ["x"]}]},
    {"checks": [{**GOOD, "min_matches": {"(": 1}}]},
    *({"checks": [{**GOOD, "url": url}]} for url in (MARKER, [MARKER], {"token": MARKER}, f"http://u:{MARKER}/x@h/")),
    *({"checks": [{**GOOD, "headers": headers}]} for headers in (MARKER, [MARKER], {"A": [MARKER]}, f"A={MARKER}")),
    *({"checks": [GOOD], "headers": headers} for headers in (MARKER, [MARKER], {"A": {"b": MARKER}}, f"A={MARKER}")),
    *({"checks": [{**GOOD, "url": "/x"}], "base_url": url} for url in (MARKER, [MARKER], f"http://u:{MARKER}@h:x")),
    {"checks": [GOOD], "retries": "many"},
    {"checks": [GOOD], "headrs": {"X-Any": MARKER}},
]


def test_a_secret_in_any_option_is_shown_nowhere(environment, tmp_path):
    """The invocation and the result at the highest verbosity, for options that are right and wrong."""
    tasks = [
        {"stellarmap.cassandra.http_check": {"retries": 0, **options}, "ignore_errors": True} for options in PLANTED
    ]
    play = {"name": "Planted", "hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    command = ["ansible-playbook", "-vvvv", str(tmp_path / "play.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert f"ignored={len(PLANTED)} " in done.stdout, done.stdout
    assert MARKER not in done.stdout + done.stderr
