# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to send for a check of a web address, and what of it is a secret: pure."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from .._errors import InvalidInput
from .http_expected import read_expected

_SECRET_NAME = re.compile(r"auth|cookie|credential|key|pass|secret|session|signature|token", re.IGNORECASE)
# A shorter text is in every answer by chance, and to hide it would hide the answer.
_SHORTEST_SECRET = 4


def http_request(
    check: Mapping[str, Any], base_url: str = "", host_header: str = "", secret_headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The request of one check; raises InvalidInput where it cannot be sent or its answer cannot be judged."""
    name, given = check["name"], check["url"]
    address = base_url.rstrip("/") + given if given.startswith("/") else given
    _require_address(name, address)
    expected = read_expected(check)
    method = check.get("method") or "GET"
    if method == "HEAD" and expected.reads_body:
        raise InvalidInput(f"{name}: an answer to HEAD has no body to check.")
    host = check.get("host_header") or host_header
    headers = {**(check.get("request_headers") or {}), **(secret_headers or {}), **({"Host": host} if host else {})}
    for header, value in headers.items():
        if re.search(r"[\r\n]", str(value)):
            raise InvalidInput(f"{name}: the value of the header {header} has a line break.")
    userinfo, _at, bare = _split_userinfo(address)
    user, _colon, password = userinfo.partition(":")
    return {
        "check": dict(check),
        "url": bare,
        "shown_url": shown_url(address),
        "user": unquote(user),
        "password": unquote(password),
        "method": method,
        "headers": {header: str(value) for header, value in headers.items()},
        "follow_redirects": check.get("follow_redirects", True),
        "secrets": sorted(set(_secrets(address, userinfo, headers, secret_headers or {})), key=len, reverse=True),
    }


def shown_url(address: str) -> str:
    """The address without user and password, and without the values of its query."""
    bare = _split_userinfo(address)[2].partition("#")[0]
    path, mark, query = bare.partition("?")
    return path + mark + re.sub(r"=[^&]*", "=***", query)


def _split_userinfo(address: str) -> tuple[str, str, str]:
    scheme, _slashes, rest = address.partition("://")
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    userinfo, at, host = place.rpartition("@")
    return userinfo, at, f"{scheme}://{host}{rest[len(place) :]}"


def _require_address(name: str, address: str) -> None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidInput(
            f"{name}: {shown_url(address)} is not an http or https address. "
            "An address that starts with / needs a base URL."
        )
    if not all("!" <= character <= "~" for character in address):
        raise InvalidInput(f"{name}: the address has a space or another character that must be percent-encoded.")


def _secrets(
    address: str, userinfo: str, headers: Mapping[str, Any], secret_headers: Mapping[str, Any]
) -> Iterator[str]:
    """The texts of a request that nobody may read in a result, as an answer may repeat them."""
    plain = unquote(userinfo)
    found = [plain.partition(":")[2], base64.b64encode(plain.encode()).decode()] if plain else []
    found += [value for name, value in parse_qsl(urlsplit(address).query) if _SECRET_NAME.search(name)]
    for name, value in headers.items():
        if name in secret_headers or _SECRET_NAME.search(name):
            found += [str(value), *str(value).split()[1:]]
    for text in found:
        if len(text) >= _SHORTEST_SECRET:
            yield from (text, quote(text, safe=""), html.escape(text), json.dumps(text)[1:-1])
