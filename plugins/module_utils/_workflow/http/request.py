# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends the request of a check: reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError

from ansible.module_utils.urls import open_url

from .model import Answer, Check

# More than any page which a person reads; enough to look into, and no danger for the memory.
_MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Manners:
    """How requests are made."""

    timeout: float = 10.0
    validate_certs: bool = True
    ca_path: str | None = None
    use_proxy: bool = True


def ask(check: Check, manners: Manners) -> Answer:
    """The answer to the check's request, whatever its status; an answer with an error if none came."""
    try:
        with _open(check, manners) as response:
            return _answer(response, response.code)
    except HTTPError as error:
        return _answer(error, error.code)
    # Of what goes wrong below HTTP (names, sockets, TLS, half an answer) the words are all that matters.
    except Exception as error:
        return Answer(error=f"none from {check.url}: {getattr(error, 'reason', None) or error}")


def _open(check: Check, manners: Manners) -> Any:
    return open_url(
        check.url,
        method=check.method,
        headers={name: str(value) for name, value in check.request_headers.items()},
        timeout=manners.timeout,
        validate_certs=manners.validate_certs,
        ca_path=manners.ca_path,
        use_proxy=manners.use_proxy,
        # A user and a password in the address are sent at once: not every server asks for them.
        force_basic_auth=True,
        follow_redirects="safe" if check.follow_redirects else "none",
        http_agent="stellarmap.cassandra",
        # What is asked is the application, not a cache before it.
        force=True,
    )


def _answer(response: Any, status: int) -> Answer:
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
    text = response.read(_MAX_BYTES).decode(response.headers.get_content_charset() or "utf-8", errors="replace")
    return Answer(status, headers, text)
