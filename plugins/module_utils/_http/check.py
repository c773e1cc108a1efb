# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One check of a web address as the user wrote it: what to send, and what the answer must hold; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import InvalidInput
from .target import Target, read_target, text_of

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


class Expected(NamedTuple):
    """What a check expects of the answer."""

    status: tuple[int, ...]
    headers: Mapping[str, str]
    contains: tuple[str, ...]
    not_contains: tuple[str, ...]
    min_matches: Mapping[str, float]
    json_keys: tuple[str, ...]
    json_absent: tuple[str, ...]
    json_values: Mapping[str, Any]
    json_min: Mapping[str, float]
    json_min_items: Mapping[str, float]

    @property
    def value_paths(self) -> tuple[str, ...]:
        """The paths whose values are part of the result."""
        return (*self.json_keys, *self.json_values, *self.json_min)

    @property
    def json_paths(self) -> tuple[str, ...]:
        """All paths that the check names."""
        return (*self.value_paths, *self.json_absent, *self.json_min_items)

    @property
    def reads_body(self) -> bool:
        """Whether the answer needs a body."""
        return bool(self.json_paths or self.contains or self.not_contains or self.min_matches)


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
    inner = entry.get("json") or {}
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
        json_keys=texts(inner.get("keys"), "json.keys"),
        json_absent=texts(inner.get("absent"), "json.absent"),
        json_values=inner.get("values") or {},
        json_min=_numbers(inner, "min"),
        json_min_items=_numbers(inner, "min_items"),
    )


def _numbers(entry: Mapping[str, Any], option: str) -> dict[str, float]:
    return {str(key): _number(one, option) for key, one in (entry.get(option) or {}).items()}


def _number(value: Any, option: str) -> float:
    """Templates of older versions of Ansible return text."""
    try:
        number = float(text_of(value, option))
    except (InvalidInput, ValueError):
        raise InvalidInput(f"'{option}' holds a value that is not a number.") from None
    return int(number) if number.is_integer() else number
