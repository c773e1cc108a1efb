# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a check is sent and with which headers, and which texts of it are secrets; pure."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from .._errors import InvalidInput

_SECRET_NAME = re.compile(r"auth|cookie|credential|key|pass|secret|session|signature|token", re.IGNORECASE)
# A shorter text is in every answer by chance, and to hide it would hide the answer.
_SHORTEST_SECRET = 4
_PUBLIC_HEADERS = frozenset(
    "accept accept-encoding accept-language cache-control host origin referer user-agent x-requested-with".split()
)
# Each part may be missing, so that it matches any text.
_ADDRESS = re.compile(r"([^:/?#]+://)?(?:([^/?#]*)@)?(.*)", re.DOTALL)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Target(NamedTuple):
    """An address without user and password, its headers with them, and what nobody may read of both."""

    url: str
    shown_url: str
    headers: Mapping[str, str]
    secrets: tuple[str, ...]

    def headers_for(self, url: str) -> Mapping[str, str]:
        """The headers for the address of a redirect: another origin gets no secret, and its own Host."""
        if _origin(url) == _origin(self.url):
            return self.headers
        return {name: value for name, value in self.headers.items() if name.lower() in _PUBLIC_HEADERS - {"host"}}


def read_target(given: str, base_url: str, headers: Mapping[str, Any]) -> Target:
    """The target of an address; raises InvalidInput if nothing can be sent there. The message holds no secret."""
    address = base_url.rstrip("/") + given if given.startswith("/") else given
    _require_address(address)
    userinfo, bare = _split_userinfo(address)
    sent = _read_headers(headers)
    secrets = [value for name, value in sent.items() if name.lower() not in _PUBLIC_HEADERS]
    secrets += [value for name, value in parse_qsl(urlsplit(address).query) if _SECRET_NAME.search(name)]
    if userinfo:
        login = base64.b64encode(unquote(userinfo).encode()).decode()
        secrets += [unquote(userinfo).partition(":")[2], login]
        sent["Authorization"] = f"Basic {login}"
    hidden = sorted(set(_spellings(secrets)), key=len, reverse=True)
    return Target(bare, shown_url(address), sent, tuple(hidden))


def shown_url(address: str) -> str:
    """The address without user and password, and without the values of its query."""
    bare = _split_userinfo(address)[1].partition("#")[0]
    path, mark, query = bare.partition("?")
    return path + mark + re.sub(r"=[^&]*", "=***", query)


def redacted(given: str) -> str:
    """An address of a task, as its invocation may show it."""
    return shown_url(given) if given[:1] in ("", "/") or is_web_address(given) else "***"


def hide(value: Any, secrets: Iterable[str]) -> Any:
    """The value with each secret in its texts replaced."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "***")
        # JSON may hold halves of characters, which no terminal and no file takes.
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {hide(name, secrets): hide(inner, secrets) for name, inner in value.items()}
    return [hide(inner, secrets) for inner in value] if isinstance(value, (list, tuple)) else value


def is_web_address(address: str) -> bool:
    """Whether a request can be sent there."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def text_of(value: Any, option: str) -> str:
    """A text or a number as text; raises InvalidInput. The value may hold a secret, so it is not repeated."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidInput(f"'{option}' holds a value that is not a text.")
    return str(value)


def _read_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """The headers to send, without those that are empty."""
    sent = {name: text_of(value, f"headers.{name}") for name, value in headers.items()}
    for name, value in sent.items():
        if not _HEADER_NAME.fullmatch(name):
            raise InvalidInput(f"{name!r} is not the name of a header.")
        if not all(character == "\t" or " " <= character <= "~" for character in value):
            raise InvalidInput(f"the value of the header {name} has a line break or a character that is not ASCII.")
    return {name: value for name, value in sent.items() if value}


def _require_address(address: str) -> None:
    if not is_web_address(address):
        # It is not shown: nobody can say which part of it is the secret.
        raise InvalidInput("its url is not an http or https address. One that starts with / needs a base_url.")
    if not all("!" <= character <= "~" for character in address):
        raise InvalidInput("the address has a space or another character that must be percent-encoded.")


def _split_userinfo(address: str) -> tuple[str, str]:
    scheme, userinfo, rest = _ADDRESS.fullmatch(address).groups("")  # type: ignore[union-attr]
    return userinfo, scheme + rest


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80}.get(parts.scheme, 443)


def _spellings(secrets: Iterable[str]) -> Iterator[str]:
    """Each secret as an answer may repeat it."""
    for secret in secrets:
        for text in (secret, *secret.split()[1:]):
            if len(text) >= _SHORTEST_SECRET:
                yield from (text, quote(text, safe=""), html.escape(text), json.dumps(text)[1:-1])
