# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How checks are sent to real servers: side by side, with redirects, cookies, bounded bodies, and answers that never end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.check import read_check
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.send import Patience, send_checks

from ..conftest import Page

OPTIONS: dict[str, Any] = {
    "ca_path": None,
    "client_cert": None,
    "client_key": None,
    "validate_certs": True,
    "use_proxy": True,
}
ONCE = Patience(timeout=5, retries=0)


def send(*checks: dict[str, Any], patience: Patience = ONCE, headers: dict[str, str] | None = None) -> list[Any]:
    named = [{"name": f"Check {number}", **check} for number, check in enumerate(checks, 1)]
    return send_checks([read_check(check, "", headers) for check in named], OPTIONS, patience)


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server that answers GET with this function; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        do_GET = answer  # noqa: N815

        def log_message(self, *_args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_four_at_a_time_in_their_order():
    at_once, most, lock = [0], [0], threading.Lock()

    def slow(request: BaseHTTPRequestHandler) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.3)
        with lock:
            at_once[0] -= 1
        request.send_response(200 if request.path != "/3" else 500)
        request.end_headers()

    with server(slow) as url:
        began = time.monotonic()
        found = send(*[{"url": f"{url}/{number}"} for number in range(8)])
        seconds = time.monotonic() - began
    assert [one["name"] for one in found] == [f"Check {number}" for number in range(1, 9)]
    assert [one["status"] for one in found].index("failed") == 3
    assert (most[0], seconds < 1.5) == (4, True)


def test_a_redirect_to_another_server_gets_no_secret(web):
    """The same server gets all of it: a page that moved needs its login as before."""
    with server(lambda request: redirect(request, f"{web.url}/end/")) as other:
        web.pages["/near/"] = Page("", 302, {"Location": "/end/"})
        web.pages["/far/"] = Page("", 302, {"Location": f"{other}/"})
        web.pages["/end/"] = Page("well")
        secrets = {"X-Token": "t0ken", "Accept": "text/html", "Host": web.url.rpartition("/")[2]}
        login = web.url.replace("//", "//user:passw0rd@")
        assert [one["status"] for one in send({"url": f"{login}/near/"}, headers=secrets)] == ["passed"]
        near = web.requests[-1][2]
        assert (near["X-Token"], near["Authorization"][:6]) == ("t0ken", "Basic ")
        assert [one["status"] for one in send({"url": f"{login}/far/"}, headers=secrets)] == ["passed"]
    assert web.requests[-1][1] == "/end/"


def test_another_server_never_sees_a_secret(web):
    seen: list[dict[str, str]] = []

    def listen(request: BaseHTTPRequestHandler) -> None:
        seen.append(dict(request.headers.items()))
        request.send_response(200)
        request.end_headers()

    with server(listen) as other:
        web.pages["/far/"] = Page("", 302, {"Location": f"{other}/x?y=1", "Set-Cookie": "session=1; Domain=127.0.0.2"})
        login = web.url.replace("//", "//user:passw0rd@")
        (found,) = send(
            {"url": f"{login}/far/", "headers": {"Cookie": "a=b"}}, headers={"X-Token": "t", "Host": "shop"}
        )
    assert found["status"] == "passed"
    assert not {"X-Token", "Authorization", "Cookie"} & set(seen[0])
    assert seen[0]["Host"] == other.rpartition("/")[2]


def redirect(request: BaseHTTPRequestHandler, to: str) -> None:
    request.send_response(302)
    request.send_header("Location", to)
    request.end_headers()


def test_redirects_that_lead_nowhere(web):
    web.pages["/loop/"] = Page("", 302, {"Location": "/loop/"})
    web.pages["/file/"] = Page("", 302, {"Location": "file:///etc/passwd"})
    web.pages["/bare/"] = Page("", 302)
    found = send(*[{"url": f"{web.url}/{name}/"} for name in ("loop", "file", "bare")])
    assert [one["reason"] for one in found] == [
        "expected an answer, found none: it redirects more than 10 times",
        "expected an answer, found none: it redirects to an address that is not http or https",
        "expected status 200, found status 302: an empty text",
    ]
    assert len(web.requests) == 13


def test_cookies_stay_with_their_check(web):
    web.pages["/login/"] = Page("", 302, {"Location": "/home/", "Set-Cookie": "session=s3cret; Path=/"})
    web.pages["/home/"] = Page("well")
    send({"url": f"{web.url}/login/"}, *[{"url": f"{web.url}/home/?{number}"} for number in range(8)])
    cookies = {path: headers.get("Cookie") for _method, path, headers, _body in web.requests}
    assert cookies.pop("/home/") == "session=s3cret"
    assert set(cookies.values()) == {None}


def test_a_body_is_read_up_to_a_limit(web):
    web.pages["/huge/"] = Page("x" * 5_000_001)
    reads, does_not = send({"url": f"{web.url}/huge/", "contains": "y"}, {"url": f"{web.url}/huge/"})
    assert reads["reason"] == ("expected a body of at most 5000000 characters, found more: it was not read to its end")
    assert does_not["status"] == "passed"


def test_an_answer_that_never_ends():
    """Each byte comes in time, and all of them never do."""

    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _byte in range(100):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.1)

    with server(trickle) as url:
        began = time.monotonic()
        (found,) = send({"url": url + "/"}, patience=Patience(timeout=1, retries=0))
    assert (found["reason"], time.monotonic() - began < 3) == ("expected an answer, found none: timed out", True)


def test_answers_that_are_none():
    """Half an answer, no HTTP, no answer at all, a charset that does not exist, gzip that is none."""
    answers = {
        b"/half": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"/noise": b"\xff\xfe\x00 what\r\n\r\n",
        b"/nothing": b"",
        b"/charset": b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=klingon\r\n\r\nwell",
        b"/idna": b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=idna\r\n\r\nwell",
        b"/gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"/chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx",
        b"/status": b"HTTP/1.1 999999 Odd\r\n\r\n",
    }
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _address = listening.accept()
                except OSError:
                    return
                path = client.recv(65536).split(b" ")[1]
                client.sendall(answers[path])
                client.close()

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        found = send(*[{"url": url + path.decode(), "contains": "well"} for path in answers])
        listening.shutdown(socket.SHUT_RDWR)
    assert [one["status"] for one in found] == ["passed" if one in (3, 4) else "failed" for one in range(len(answers))]
    assert "closed before the whole answer was received" in found[0]["reason"]


def test_a_host_name_that_is_none():
    (found,) = send({"url": f"http://{'a' * 70}.example.com/"})
    assert found["reason"].startswith("expected an answer, found none: ")


def test_one_deadline_for_all_repetitions(web):
    began = time.monotonic()
    (found,) = send({"url": f"{web.url}/none/"}, patience=Patience(timeout=5, retries=100, delay=0.4, deadline=2))
    assert (found["facts"]["attempts"] > 2, time.monotonic() - began < 3) == (True, True)
    assert found["reason"].endswith("; it was not sent again after 0.4 s, because its deadline is 2 s")
