# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of a service's commands with its secrets, and the lines of a log that say why it did not come back: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from .._errors import InvalidInput
from .options import Service

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_QUOTED = re.compile(r""""((?:[^"\\]|\\.)*)"|'([^']*)'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_BLANK = " \t\r"
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
    lines = iter(enumerate(text.split("\n"), 1))
    for number, line in lines:
        entry = re.sub(r"\Aexport[ \t]+", "", line.strip(_BLANK))
        if not entry or entry.startswith(("#", ";")):
            continue
        name, equals, value = entry.partition("=")
        place = f"{path}, line {number}"
        if not equals or not _NAME.match(name.strip(_BLANK)):
            raise InvalidInput(f"{place}: this is no NAME=value.")
        found[name.strip(_BLANK)] = _value(value, lines, place)
    if "\0" in text:
        raise InvalidInput(f"{path} holds a NUL character, which no environment variable can have.")
    return found


def whole_environment(text: str, path: str, given: Mapping[str, Any]) -> dict[str, str]:
    """The variables of the file, and those that were given, which win; raises InvalidInput."""
    wrong = [name for name in given if not _NAME.match(name)]
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


def _value(text: str, lines: Iterator[tuple[int, str]], place: str) -> str:
    value = text.strip(_BLANK)
    if value[:1] not in ("'", '"'):
        if re.search(r"[ \t]#", text):
            raise InvalidInput(
                f"{place}: systemd reads what follows ' #' as a part of the value, and dotenv as a comment. "
                "Quote it, or remove the comment."
            )
        return value
    quoted = _QUOTED.match(value)
    while not quoted:
        _number, more = next(lines, (0, None))
        if more is None:
            raise InvalidInput(f"{place}: the quote is not closed.")
        value = f"{value}\n{more.rstrip(chr(13))}"
        quoted = _QUOTED.match(value)
    if value[quoted.end() :].strip(_BLANK):
        raise InvalidInput(f"{place}: something follows the closing quote. Quote it all, or remove the comment.")
    double, single = quoted.groups()
    return single if double is None else _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), double)


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
