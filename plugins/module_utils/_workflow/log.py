# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a log that say why a workflow did not come back: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

_REASON = re.compile(
    r"^\S*(Error|Exception|Exit|Interrupt|Warning|Configured|NotReady|NotFound|DoesNotExist)\b.*:"
    r"|\b(ERROR|CRITICAL|FATAL|error|fatal|failed|refused|denied|cannot|unable)\b|not found|no such|No module",
)
_TRACEBACK = "Traceback (most recent call last):"
_SECRET_NAME = re.compile("PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|DSN|_URL|_URI", re.IGNORECASE)
_SHORTEST_SECRET = 4
_CONTEXT = 3


def last_lines(workflow: Mapping[str, Any], after: str, before: str, environment: Mapping[str, str]) -> list[str]:
    """The last lines that the workflow wrote between two readings of its log, with the reason among them.

    What the readiness probe caused is left out, and what looks like a secret of the environment is masked.
    """
    caused = _caused_by_probe(workflow["ready"]["url"])
    lines = [line for line in _new(before.splitlines(), after.splitlines()) if line.strip() and not caused(line)]
    return [_mask(line, environment) for line in _pick(lines, workflow["log_lines"])]


def _new(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    """What follows in the second reading; both are the ends of one growing text, whose first line may be cut."""
    for length in range(min(len(before), len(after)), 0, -1):
        known = before[-length:]
        if known[-1] == after[length - 1] and known[0].endswith(after[0]) and known[1:] == after[1:length]:
            return after[length:]
    return after


def _caused_by_probe(url: str) -> Any:
    """Whether an access log's line is about the probe's own address."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    request = re.compile(rf"\bGET {re.escape(target)}(?= |$|\")")
    return request.search if url else lambda line: None


def _pick(lines: Sequence[str], count: int) -> list[str]:
    """The last lines; where none of them gives a reason, the last reason before them comes first."""
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


def _mask(line: str, environment: Mapping[str, str]) -> str:
    for secret in _secrets(environment):
        line = line.replace(secret, "********")
    return re.sub(r"://[^/\s:@]+:[^/\s@]+@", "://********@", line)


def _secrets(environment: Mapping[str, str]) -> Iterable[str]:
    """Also the lines of one that has several, since a log is masked line by line."""
    secret = (value for name, value in environment.items() if _SECRET_NAME.search(name))
    parts = (part for value in secret for part in (value, *value.splitlines()))
    return (part for part in parts if len(part) >= _SHORTEST_SECRET)
