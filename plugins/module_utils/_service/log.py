# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of a service's commands with its secrets, and the lines of a log that say why it did not come back: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from .._errors import InvalidInput
from .options import Service

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
# A line of an environment file: nothing, a comment, or a name with a value, which may be in quotes and have several lines.
_QUOTED = r"""[ \t\r]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')[ \t\r]*(?=\n|\Z)"""
_LINE = re.compile(
    rf"[ \t\r]*(?:[#;][^\n]*|(?:export[ \t]+)?({_NAME})[ \t\r]*=(?:{_QUOTED}|([^\n]*)))?(?=\n|\Z)", re.DOTALL
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_SECRET = re.compile("PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|DSN|_URL|_URI", re.IGNORECASE)
# A message without these would be a riddle.
_HARMLESS = re.compile(
    r"(^|_)(MODULE|SETTINGS|PATH|HOME|DIR|FOLDER|HOSTS?|PORT|LEVEL|DEBUG|MODE|ENV|ENVIRONMENT|LANG|TZ|USER|NAME"
    r"|KEYSPACE|REGION|WORKERS|TIMEOUT|ARGS)\Z",
    re.IGNORECASE,
)
_SHORTEST_SECRET, _SHORTEST_VALUE = 4, 6
_REASON = re.compile(
    r"^\S*(Error|Exception|Exit|Interrupt|Warning|Configured|NotReady|NotFound|DoesNotExist)\b.*:"
    r"|\b(ERROR|CRITICAL|FATAL|error|fatal|failed|refused|denied|cannot|unable)\b|not found|no such|No module",
)
_TRACEBACK = "Traceback (most recent call last):"
_CONTEXT = 3
# The reason of a failure may stand long before the end.
LINES = 400
BYTES_A_LINE = 200


def read_environment(text: str, path: str) -> dict[str, str]:
    """The variables of a file with C(NAME=value) lines, as systemd and dotenv read it; raises InvalidInput.

    Comments and C(export) are allowed. A value in quotes may go over several lines. Nothing is expanded or executed.
    What systemd and dotenv read differently is refused.
    """
    found: dict[str, str] = {}
    text, place = text.replace("\r\n", "\n"), 0
    while place < len(text):
        line = _LINE.match(text, place)
        name, double, single, plain = line.groups() if line else (None, None, None, None)
        wrong = _ambiguous(plain or "") if line else "this is no NAME=value"
        if wrong or not line:
            raise InvalidInput(f"{path}, line {text.count(chr(10), 0, place) + 1}: {wrong}.")
        if double is not None:
            single = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), double)
        if name:
            found[name] = (plain or "").strip(" \t\r") if single is None else single
        place = line.end() + 1
    if "\0" in text:
        raise InvalidInput(f"{path} holds a NUL character, which no environment variable can have.")
    return found


def whole_environment(text: str, path: str, given: Mapping[str, Any]) -> dict[str, str]:
    """The variables of the file, and those that were given, which win; raises InvalidInput."""
    wrong = [name for name in given if not re.fullmatch(_NAME, name)]
    if wrong:
        raise InvalidInput(f"These are no names of environment variables: {', '.join(wrong)}.")
    return {**read_environment(text, path), **{name: str(value) for name, value in given.items()}}


def secrets_of(environment: Mapping[str, str]) -> set[str]:
    """The values that must not be shown, and the lines of those that have several, because a log is masked by line."""
    shortest = {
        value: _SHORTEST_SECRET if _SECRET.search(name) else _SHORTEST_VALUE
        for name, value in environment.items()
        if _SECRET.search(name) or not _HARMLESS.search(name)
    }
    return {part for value, least in shortest.items() for part in (value, *value.splitlines()) if len(part) >= least}


def mask(text: str, secrets: Iterable[str]) -> str:
    """The text without these values, and without credentials in addresses."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "********")
    return re.sub(r"://[^/\s:@]*:[^/\s@]+@", "://********@", text)


def last_lines(service: Service, after: str, before: str, secrets: Iterable[str]) -> list[str]:
    """The last lines that the service wrote between two readings of its log, with the reason among them.

    What the readiness probe caused is left out, and secrets are masked.
    """
    probe = urlsplit(service.ready.url or "")
    target = f"{probe.path or '/'}{'?' + probe.query if probe.query else ''}"
    caused = re.compile(rf"\bGET {re.escape(target)}(?= |$|\")" if service.ready.url else r"(?!)")
    lines = [line for line in _new(before.splitlines(), after.splitlines()) if line.strip() and not caused.search(line)]
    return [mask(line, secrets) for line in _pick(lines, service.log_lines)]


def _ambiguous(value: str) -> str:
    """Why systemd and dotenv may read a value without quotes around all of it differently, or an empty text."""
    if value.lstrip(" \t\r")[:1] in ("'", '"'):
        return "the quote is not closed, or something follows it. Quote it all, or remove the comment"
    if re.search(r"[ \t]#", value):
        return "systemd reads what follows ' #' as a part of the value, and dotenv as a comment. Quote it, or remove the comment"
    return ""


def _new(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    """What follows in the second reading; both are the ends of one growing text, whose first line may be cut."""
    for length in range(min(len(before), len(after)), 0, -1):
        known = before[-length:]
        if known[-1] == after[length - 1] and known[0].endswith(after[0]) and known[1:] == after[1:length]:
            return after[length:]
    return after


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
