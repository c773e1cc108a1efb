# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(http_check): its checks, sent side by side, each again until its answer is right or its time is over."""

from __future__ import annotations

import string
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from http.cookiejar import CookieJar
from os.path import isfile
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote, urljoin

from ansible.module_utils.urls import ConnectionError as AnsibleConnectionError
from ansible.module_utils.urls import Request

from .._errors import ChecksFailed, InvalidInput
from .._module import ModuleApi
from .answer import Answer, findings, values_of
from .check import Check, read_check
from .outcome import FAILED, PASSED, failure_of, new_entry, summary
from .target import is_web_address, redacted

_FILES = ("ca_path", "client_cert", "client_key")
_AT_ONCE = 4
_MAX_BODY = 5_000_000
_MAX_REDIRECTS = 10
_BUSY = (429, 503)


class Patience(NamedTuple):
    """How long one answer may take, how often a check is repeated, after which pause, and until when; all in seconds."""

    timeout: float = 10
    retries: int = 3
    delay: float = 2
    deadline: float = 120


class _Cookies(threading.local, CookieJar):
    """The cookies of one check: Ansible installs what sends a request for the whole process, so threads share this object."""


def run_checks(params: dict[str, Any], _check_mode: bool, module: ModuleApi) -> dict[str, Any]:
    """The module's result; raises InvalidInput before anything is sent, or ChecksFailed after everything was."""
    try:
        patience = _read_patience(params)
        checks = _read_checks(params)
    finally:
        _keep_secrets(params, module)
    module.no_log_values.update(secret for check in checks for secret in check.target.secrets)
    options: dict[str, Any] = {name: params[name] or None for name in _FILES}
    options.update(validate_certs=params["validate_certs"], use_proxy=params["use_proxy"])
    entries = send_checks(checks, options, patience)
    failure = failure_of(entries)
    if failure:
        raise ChecksFailed(failure, checks=entries)
    return {"changed": False, "checks": entries, "msg": summary(entries)}


def _read_checks(params: Mapping[str, Any]) -> list[Check]:
    for name in _FILES:
        if params[name] and not isfile(params[name]):
            raise InvalidInput(f"{name} names no file on this host: {params[name]}.")
    return [read_check(entry, params["base_url"], params["headers"]) for entry in params["checks"] or ()]


def _read_patience(params: Mapping[str, Any]) -> Patience:
    patience = Patience(params["timeout"], params["retries"], params["delay"], params["deadline"])
    if patience.timeout <= 0 or patience.deadline <= 0 or patience.delay < 0 or patience.retries < 0:
        raise InvalidInput("timeout and deadline are more than 0 seconds, and delay and retries are not less than 0.")
    return patience


def _keep_secrets(params: dict[str, Any], module: ModuleApi) -> None:
    """Take the secrets out of what Ansible shows as invocation, and only them out of the result.

    Addresses and headers are marked as secrets in the options, so that no log of the host has them. As a whole they are
    none: without this, a header with the value 1 would replace each 1 of the result.
    """
    module.no_log_values.clear()
    params["base_url"] = redacted(params["base_url"])
    params["headers"] = dict.fromkeys(params["headers"], "***")
    for entry in params["checks"] or ():
        entry["url"] = redacted(str(entry["url"]))
        entry["headers"] = dict.fromkeys(entry["headers"] or (), "***")


def send_checks(checks: Sequence[Check], options: Mapping[str, Any], patience: Patience) -> list[dict[str, Any]]:
    """An entry of the result for each check, in their order; C(options) are keyword arguments of Ansible's Request."""
    # All requests have the same options for the same reason; that is why redirects are followed here.
    request = Request(
        **options,
        force=True,
        http_agent="stellarmap.cassandra",
        follow_redirects="none",
        cookies=_Cookies(),
        use_netrc=False,
    )
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda check: _send(check, request, patience), checks))


def wait_before_retry(answer: Answer, attempt: int, delay: float) -> float:
    """The seconds to wait after that attempt, counted from 1: at least what the server asks for."""
    if answer.status not in _BUSY:
        return delay
    asked = answer.headers.get("retry-after", "").strip()
    return max(float(asked), delay) if asked.isascii() and asked.isdigit() else delay * 2.0 ** (attempt - 1)


def _send(check: Check, request: Request, patience: Patience) -> dict[str, Any]:
    began, attempt = time.monotonic(), 0
    while True:
        attempt += 1
        left = patience.deadline - (time.monotonic() - began)
        answer = _ask(check, request, min(patience.timeout, max(left, 1)))
        found = findings(check, answer)
        if not found or attempt > patience.retries:
            break
        wait = wait_before_retry(answer, attempt, patience.delay)
        if time.monotonic() - began + wait > patience.deadline:
            found.append(f"it was not sent again after {wait:g} s, because its deadline is {patience.deadline:g} s")
            break
        time.sleep(wait)
    facts = {"url": check.target.shown_url, "http_status": answer.status, "attempts": attempt}
    status, seconds = FAILED if found else PASSED, round(time.monotonic() - began, 3)
    return new_entry("http", check.name, status, "; ".join(found), seconds, **facts, values=values_of(check, answer))


def _ask(check: Check, request: Request, seconds: float) -> Answer:
    """One attempt, with what it is redirected to."""
    until, url = time.monotonic() + seconds, check.target.url
    request.cookies.clear()
    try:
        for _hop in range(_MAX_REDIRECTS + 1):
            with _open(check, request, url, max(until - time.monotonic(), 0.1)) as response:
                location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
                if not location or not check.follow_redirects:
                    return _read(response, until)
            url = urljoin(url, quote(location.encode("latin-1", "replace"), safe=string.punctuation))
            if not is_web_address(url):
                return Answer(error="it redirects to an address that is not http or https")
        return Answer(error=f"it redirects more than {_MAX_REDIRECTS} times")
    except (OSError, HTTPException, AnsibleConnectionError, EOFError, UnicodeError, zlib.error) as error:
        return Answer(error=str(getattr(error, "reason", error)).rstrip("."))


def _open(check: Check, request: Request, url: str, seconds: float) -> Any:
    try:
        return request.open(check.method, url, headers=dict(check.target.headers_for(url)), timeout=seconds)
    except HTTPError as error:
        # It is an answer with another status.
        return error


def _read(response: Any, until: float) -> Answer:
    """The answer with a body of bounded size; raises TimeoutError or ConnectionError if it does not come as a whole."""
    body = b""
    while len(body) <= _MAX_BODY:
        if time.monotonic() > until:
            raise TimeoutError("timed out")
        part = response.read1(65536)
        if not part:
            if response.length:
                raise ConnectionError("connection was closed before the whole answer was received")
            break
        body += part
    headers = {name.lower(): ", ".join(response.headers.get_all(name)) for name in response.headers}
    text = _decode(body[:_MAX_BODY], response.headers.get_content_charset("utf-8"))
    return Answer(response.status, headers, text, truncated=len(body) > _MAX_BODY)


def _decode(body: bytes, charset: str) -> str:
    """The text of the body; a server may name a charset that Python does not have."""
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")
