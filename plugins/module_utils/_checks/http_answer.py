# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the result of C(ansible.builtin.uri), and keeps secrets out of what is said about it: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Only these words of an error are repeated: others may hold the address or a header.
_SAFE_REASONS = (
    re.compile(r"certificate verify failed: [^(>]*[^(>. ]"),
    re.compile(r"Failed to validate the SSL certificate for [^\s/?#@]+"),
    re.compile(r"\[SSL[^\]]*\]"),
    re.compile(r"\[Errno -?\d+\] [A-Za-z ,-]+"),
    re.compile(r"timed out"),
    re.compile(r"closed connection without response|connection was closed before a valid response was received"),
)


@dataclass(frozen=True)
class Answer:
    """What came back; C(error) says why nothing did. Names of headers are in lower case, with C(_) for C(-)."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    error: str = ""
    # What a quotation from the answer must not repeat.
    secrets: tuple[str, ...] = ()


def read_answer(result: Mapping[str, Any], secrets: Iterable[str] = ()) -> Answer:
    """The answer in the result of the module."""
    status = int(result.get("status") or -1)
    if status < 0:
        return Answer(error=safe_reason(str(result.get("msg", ""))))
    headers = {name: str(value) for name, value in result.items()}
    return Answer(status, headers, str(result.get("content") or ""), secrets=tuple(secrets))


def safe_reason(message: str) -> str:
    """The part of an error message that holds no secret."""
    for pattern in _SAFE_REASONS:
        found = pattern.search(message)
        if found:
            return found.group().strip()
    return "the request failed; its reason is not shown, since it may hold a secret"


def hide(value: Any, secrets: Iterable[str]) -> Any:
    """The value with each secret in its texts replaced."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "***")
        return value
    if isinstance(value, Mapping):
        return {hide(name, secrets): hide(inner, secrets) for name, inner in value.items()}
    return [hide(inner, secrets) for inner in value] if isinstance(value, (list, tuple)) else value
