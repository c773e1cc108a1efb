# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One check of a web address as the user wrote it: what to send, and what the answer must hold; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from .._errors import InvalidInput
from .target import Target, read_target, text_of

# What stands for a value that is not in the document.
MISSING = object()
_JSON: dict[str, dict[str, Any]] = {
    "keys": {"type": "raw", "no_log": False},
    "absent": {"type": "raw"},
    "values": {"type": "dict", "default": {}},
    "min": {"type": "dict", "default": {}},
    "min_items": {"type": "dict", "default": {}},
}
# The options of a check, which the migration file has too.
CHECK: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True, "no_log": True},
    "method": {"type": "str", "choices": ["GET", "HEAD"], "default": "GET"},
    "headers": {"type": "dict", "default": {}, "no_log": True},
    "follow_redirects": {"type": "bool", "default": True},
    "status": {"type": "list", "elements": "int", "default": [200]},
    "response_headers": {"type": "dict", "default": {}},
    "contains": {"type": "raw"},
    "not_contains": {"type": "raw"},
    "min_matches": {"type": "dict", "default": {}},
    "json": {"type": "dict", "options": _JSON},
}


class Rule(NamedTuple):
    """What is expected of the value at one path of the document; C(is_shown) says that the result holds that value."""

    path: str
    wanted: str
    holds: Callable[[Any], bool]
    is_shown: bool = True


class Expected(NamedTuple):
    """What a check expects of the answer."""

    status: tuple[int, ...]
    headers: Mapping[str, str]
    contains: tuple[str, ...]
    not_contains: tuple[str, ...]
    min_matches: Mapping[str, float]
    json: tuple[Rule, ...]

    @property
    def reads_body(self) -> bool:
        """Whether the answer needs a body."""
        return bool(self.json or self.contains or self.not_contains or self.min_matches)


class Check(NamedTuple):
    """A request and what is expected of its answer."""

    name: str
    method: str
    follow_redirects: bool
    target: Target
    expected: Expected


def read_check(entry: Mapping[str, Any], base_url: str = "", headers: Mapping[str, Any] | None = None) -> Check:
    """The check that an entry of the types in C(CHECK) describes; what is null is as if it were left out.

    Raises InvalidInput, whose message names the check and holds no secret.
    """
    name, method = str(entry["name"]), entry.get("method") or "GET"
    try:
        expected = _read_expected(entry)
        if method == "HEAD" and expected.reads_body:
            raise InvalidInput("the answer to HEAD has no body to check.")
        target = read_target(str(entry["url"]), base_url, {**(headers or {}), **(entry.get("headers") or {})})
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error.message}") from None
    return Check(name, method, entry.get("follow_redirects") is not False, target, expected)


def texts(value: Any, option: str) -> tuple[str, ...]:
    """A text, or a list of texts, as a list: a text is one entry, whatever is in it; raises InvalidInput."""
    listed = [] if value is None else value if isinstance(value, (list, tuple)) else [value]
    return tuple(text_of(one, option) for one in listed)


def _read_expected(entry: Mapping[str, Any]) -> Expected:
    headers, min_matches = entry.get("response_headers") or {}, _numbers(entry, "min_matches")
    for pattern in min_matches:
        try:
            re.compile(pattern)
        except re.error as error:
            raise InvalidInput(f"{pattern} is not a regular expression: {error}.") from None
    return Expected(
        status=tuple(int(_number(one, "status")) for one in texts(entry.get("status"), "status")) or (200,),
        headers={name: text_of(one, "response_headers") for name, one in headers.items()},
        contains=texts(entry.get("contains"), "contains"),
        not_contains=texts(entry.get("not_contains"), "not_contains"),
        min_matches=min_matches,
        json=tuple(_read_rules(entry.get("json") or {})),
    )


def _read_rules(given: Mapping[str, Any]) -> Iterator[Rule]:
    """What is expected of the values of the document; raises InvalidInput."""
    for path in texts(given.get("keys"), "json.keys"):
        yield Rule(path, "a value", lambda value: value is not MISSING)
    for path in texts(given.get("absent"), "json.absent"):
        yield Rule(path, "no value", lambda value: value is MISSING, is_shown=False)
    for path, wanted in (given.get("values") or {}).items():
        yield Rule(path, json.dumps(wanted, default=str), partial(_is_same, wanted))
    for path, least in _numbers(given, "min").items():
        yield Rule(path, f"a number of at least {least}", partial(_is_at_least, least))
    for path, least in _numbers(given, "min_items").items():
        yield Rule(path, f"at least {least} items", partial(_has_items, least), is_shown=False)


def _is_same(wanted: Any, value: Any) -> bool:
    """In Python True is 1: in JSON it is not."""
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _is_at_least(least: float, value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= least


def _has_items(least: float, value: Any) -> bool:
    return isinstance(value, (list, dict)) and len(value) >= least


def _numbers(entry: Mapping[str, Any], option: str) -> dict[str, float]:
    return {str(key): _number(one, option) for key, one in (entry.get(option) or {}).items()}


def _number(value: Any, option: str) -> float:
    """Templates of older versions of Ansible return text."""
    try:
        number = float(text_of(value, option))
    except (InvalidInput, ValueError):
        raise InvalidInput(f"'{option}' holds a value that is not a number.") from None
    return int(number) if number.is_integer() else number
