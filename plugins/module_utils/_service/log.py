# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a log that say why a service did not come back: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from .environment import mask
from .options import Service

_REASON = re.compile(
    r"^\S*(Error|Exception|Exit|Interrupt|Warning|Configured|NotReady|NotFound|DoesNotExist)\b.*:"
    r"|\b(ERROR|CRITICAL|FATAL|error|fatal|failed|refused|denied|cannot|unable)\b|not found|no such|No module",
)
_TRACEBACK = "Traceback (most recent call last):"
_CONTEXT = 3
# The reason of a failure may stand long before the end.
LINES = 400
BYTES_A_LINE = 200


def last_lines(service: Service, after: str, before: str, secrets: Iterable[str]) -> list[str]:
    """The last lines that the service wrote between two readings of its log, with the reason among them.

    What the readiness probe caused is left out, and secrets are masked.
    """
    caused = _caused_by_probe(service.ready.url or "")
    lines = [line for line in _new(before.splitlines(), after.splitlines()) if line.strip() and not caused(line)]
    return [mask(line, secrets) for line in _pick(lines, service.log_lines)]


def _new(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    """What follows in the second reading; both are the ends of one growing text, whose first line may be cut."""
    for length in range(min(len(before), len(after)), 0, -1):
        known = before[-length:]
        if known[-1] == after[length - 1] and known[0].endswith(after[0]) and known[1:] == after[1:length]:
            return after[length:]
    return after


def _caused_by_probe(url: str) -> Any:
    """Whether a line of an access log is about the probe's own address."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    request = re.compile(rf"\bGET {re.escape(target)}(?= |$|\")")
    return request.search if url else lambda line: None


def _pick(lines: Sequence[str], count: int) -> list[str]:
    """The last lines; if none of them gives a reason, the last reason before them comes first."""
    tail = list(lines[-count:])
    if count <= _CONTEXT or len(lines) <= count or any(map(_is_reason, tail)):
        return tail
    places = [place for place, line in enumerate(lines) if _is_reason(line)]
    if not places:
        return tail
    first = max(0, places[-1] - _CONTEXT)
    shown = [*lines[first : places[-1] + 1], "[...]"]
    return [*shown, *lines[len(lines) - max(1, count - len(shown)) :]]


def _is_reason(line: str) -> bool:
    return line != _TRACEBACK and bool(_REASON.search(line))
