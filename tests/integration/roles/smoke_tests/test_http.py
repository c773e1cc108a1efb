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
    """Only the check that fails is sent again; the server's Retry-After sets the pace, a date as well as seconds."""
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 6))
    web.pages["/health/"].steps = [
        Page("slow down", 429, {"Retry-After": "2"}),
        Page("starting", 503, {"Retry-After": date}),
        Page("no header", 429),
    ]
    begin = time.monotonic()
    played = _play(play_role, web, {"url": "/health/"}, {"url": "/list/"}, smoke_tests_retries=3)
    assert played.code == 0, played.output
    assert [check["attempts"] for check in played.result["checks"]] == [4, 1]
    assert [path for _method, path, *_rest in web.requests] == [
        "/health/",
        "/list/",
        "/health/",
        "/health/",
        "/health/",
    ]
    assert time.monotonic() - begin > 2.4


def test_a_server_which_asks_for_too_much(play_role, web):
    """No longer than the user allows."""
    web.pages["/health/"].steps = [Page("later", 429, {"Retry-After": "3600"})]
    played = _play(play_role, web, {"url": "/health/"}, smoke_tests_retries=5, smoke_tests_max_wait=3)
    assert played.code != 0
    assert len(web.requests) == 1
    assert "expected no more than 3 s to wait, found the server asks for 3600 s" in played.output


def test_headers_of_the_request(play_role, web):
    """The host by name, for all or for one."""
    played = _play(
        play_role,
        web,
        {"url": "/health/", "request_headers": {"X-Test": "1"}},
        {"url": "/health/?again", "host_header": "other.example.com"},
        smoke_tests_host_header="shop.example.com",
    )
    assert played.code == 0, played.output
    hosts = [headers["Host"] for _method, _path, headers, _body in web.requests]
    assert hosts == ["shop.example.com", "other.example.com"]
    assert web.requests[0][2]["X-Test"] == "1"


def test_secrets_are_sent_and_shown_nowhere(environment, web, tmp_path):
    """A password, a token in a query and two in headers, and a page that repeats them: output, log, variables, processes."""
    marker = "m4rk3r-of-a-s3cr3t"
    web.pages["/echo/"] = Page(json.dumps({"token": f"Bearer {marker}", "password": marker}))
    check = {"url": f"{web.url.replace('//', f'//user:{marker}@')}/echo/?api_key={marker}", "contains": ["nothing"]}
    variables = {
        "smoke_tests_http": [
            {"name": "Echo", **check, "json": {"keys": ["token"], "values": {"password": "x"}}},
            {"name": "Broken", "url": "/echo/", "request_headers": {"X-Api-Key": marker}, "status": [500]},
        ],
        "smoke_tests_base_url": web.url,
        "smoke_tests_secret_headers": {"X-Session": f"Bearer {marker}"},
        "smoke_tests_retries": 1,
        "smoke_tests_delay": 0,
    }
    seen = play_and_watch(tmp_path, environment, "stellarmap.cassandra.smoke_tests", variables, marker)
    assert len(web.requests) == 4
    assert all(headers["X-Session"] == f"Bearer {marker}" for _method, _path, headers, _body in web.requests)
    assert web.requests[0][1] == f"/echo/?api_key={marker}"
    assert web.requests[0][2]["Authorization"].startswith("Basic ")
    assert web.requests[1][2]["X-Api-Key"] == marker
    assert f"Echo ({web.url}/echo/?api_key=***): expected text 'nothing', found" in seen["output"]
    for place, text in seen.items():
        assert marker not in text, place


def test_the_watch_sees_a_secret():
    """What the test above relies on: a marker in a command line is found."""
    marker = "m4rk3r-that-shows"
    with command_lines(marker) as lines:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", marker], check=True)
    assert lines


def test_the_entry_point_http(web, environment, tmp_path):
    """Another role asks, and judges by itself."""
    web.pages["/odd/"] = Page('{"n": "{{ 6 * 7 }}"}')
    checks = [
        {"name": "Odd", "url": "/odd/", "json": {"values": {"n": 42}}},
        {"name": "Gone", "url": "/gone/", "status": [404]},
    ]
    include = {"name": "stellarmap.cassandra.smoke_tests", "tasks_from": "http"}
    given = {"smoke_tests_http": checks, "smoke_tests_base_url": web.url, "smoke_tests_retries": 0}
    keep = {"content": "{{ smoke_tests_http_checks | to_json }}", "dest": str(tmp_path / "kept.json")}
    tasks = [{"ansible.builtin.include_role": include, "vars": given}, {"ansible.builtin.copy": keep}]
    play = {"name": "Test", "hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    command = ["ansible-playbook", str(tmp_path / "play.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    odd, gone = json.loads((tmp_path / "kept.json").read_text())
    # What a page says is never a template.
    assert (odd["ok"], odd["status"], odd["values"]) == (False, 200, {"n": "{{ 6 * 7 }}"})
    assert odd["findings"] == ['expected 42 at n, found "{{ 6 * 7 }}"']
    assert (gone["ok"], gone["url"], gone["findings"]) == (True, f"{web.url}/gone/", [])


@pytest.fixture
def secure():
    """A web server over TLS whose certificate names localhost; gives the file of its authority, and the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, authority.cert_pem.tempfile() as path:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path, server.server_port
        server.shutdown()


def test_certificates_are_verified(play_role, secure, web):
    """A name that the certificate does not hold is a finding."""
    authority, port = secure
    urls = [{"url": f"https://localhost:{port}/health/"}, {"url": f"https://127.0.0.1:{port}/health/"}]
    played = _play(play_role, web, *urls, smoke_tests_ca_path=authority, smoke_tests_use_proxy=False)
    right, wrong = played.result["checks"]
    assert right["ok"], played.output
    assert "certificate" in wrong["findings"][0]
    unverified = _play(play_role, web, urls[1], smoke_tests_validate_certs=False)
    assert unverified.code == 0, unverified.output


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
        ({"url": "ftp://u:s3cret@host/x"}, "ftp://host/x is not an http or https"),
    ],
)
def test_checks_that_cannot_be_made(play_role, web, check, said):
    """Refused in words that can be read, and nothing is sent, not even by the other checks."""
    played = _play(play_role, web, {"url": "/health/"}, check)
    assert played.code != 0
    assert said in played.output
    assert "s3cret" not in played.output
    assert web.requests == []
