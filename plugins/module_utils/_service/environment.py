# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of a service's commands, from a file and from variables, and which of its values are secrets: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._errors import InvalidInput

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
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


def _value(text: str, lines: Iterator[tuple[int, str]], place: str) -> str:
    value = text.strip(_BLANK)
    quote = value[:1]
    if quote not in ("'", '"') or not quote:
        if re.search(r"[ \t]#", text):
            raise InvalidInput(
                f"{place}: systemd reads what follows ' #' as a part of the value, and dotenv as a comment. "
                "Quote it, or remove the comment."
            )
        return value
    rest = value[1:]
    while True:
        end = _end_of_quote(rest, quote)
        if end >= 0:
            break
        _number, more = next(lines, (0, None))
        if more is None:
            raise InvalidInput(f"{place}: the quote is not closed.")
        rest = f"{rest}\n{more.rstrip(chr(13))}"
    if rest[end + 1 :].strip(_BLANK):
        raise InvalidInput(f"{place}: something follows the closing quote. Quote it all, or remove the comment.")
    return _unescape(rest[:end]) if quote == '"' else rest[:end]


def _end_of_quote(text: str, quote: str) -> int:
    pattern = r'(?:[^"\\]|\\.)*"' if quote == '"' else r"[^']*'"
    match = re.match(pattern, text, re.DOTALL)
    return match.end() - 1 if match else -1


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(1)), text, flags=re.DOTALL)
