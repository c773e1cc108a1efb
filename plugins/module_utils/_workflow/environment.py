# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of a workflow's commands, from a file and from variables: pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from .._errors import InvalidInput

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def read_environment(text: str, path: str) -> dict[str, str]:
    """The variables of a file with C(NAME=value) lines, as systemd and dotenv read it; raises InvalidInput.

    Comments and C(export) are allowed. A value in quotes may go over several lines. Nothing is expanded or executed.
    """
    found: dict[str, str] = {}
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        entry = line.strip().removeprefix("export ").lstrip()
        if not entry or entry.startswith(("#", ";")):
            continue
        name, equals, value = entry.partition("=")
        if not equals or not _NAME.match(name.strip()):
            raise InvalidInput(f"{path}, line {number}: this is no NAME=value.")
        found[name.strip()] = _value(value.strip(), lines, f"{path}, line {number}")
    return found


def shell_words(environment: Mapping[str, Any], chdir: str) -> str:
    """A shell script that sets the environment and becomes the command in its arguments; raises InvalidInput.

    It is given on standard input: the arguments of a process can be read by everybody on a host.
    """
    wrong = [name for name in environment if not _NAME.match(name)]
    if wrong:
        raise InvalidInput(f"These are no names of environment variables: {', '.join(wrong)}.")
    exports = [f"export {name}={shlex.quote(str(value))}" for name, value in environment.items()]
    return "\n".join([f"cd -- {shlex.quote(chdir)} || exit 125", *exports, 'exec "$@" </dev/null', ""])


def _value(text: str, lines: Iterable[tuple[int, str]], place: str) -> str:
    quote = text[:1]
    if quote not in ("'", '"') or not quote:
        return re.split(r"\s#", text, maxsplit=1)[0].strip()
    rest = text[1:]
    while True:
        end = _end_of_quote(rest, quote)
        if end >= 0:
            return _unescape(rest[:end]) if quote == '"' else rest[:end]
        _number, more = next(iter(lines), (0, None))
        if more is None:
            raise InvalidInput(f"{place}: the quote is not closed.")
        rest = f"{rest}\n{more}"


def _end_of_quote(text: str, quote: str) -> int:
    pattern = r'(?:[^"\\]|\\.)*"' if quote == '"' else r"[^']*'"
    match = re.match(pattern, text, re.DOTALL)
    return match.end() - 1 if match else -1


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(1)), text, flags=re.DOTALL)
