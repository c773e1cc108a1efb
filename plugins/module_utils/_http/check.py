# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One check of a web address as the user wrote it: what to send, and what the answer must hold; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._cql.identifier import close_matches
from .._errors import InvalidInput
from .target import Target, read_target, text_of

_KEYS = {
    "": "name url method headers follow_redirects status response_headers contains not_contains min_matches json".split(),
    "json.": "keys absent values min min_items".split(),
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
    """The check that the entry describes; raises InvalidInput, whose message names the check and holds no secret."""
    if not entry.get("name") or not entry.get("url"):
        raise InvalidInput(f"Each check needs a name and a url; found the keys {', '.join(map(str, entry))}.")
    name, method = str(entry["name"]), entry.get("method") or "GET"
    try:
        expected = _read_expected(entry)
        if method not in ("GET", "HEAD"):
            raise InvalidInput("'method' is GET or HEAD.")
        if method == "HEAD" and expected.reads_body:
            raise InvalidInput("the answer to HEAD has no body to check.")
        target = read_target(str(entry["url"]), base_url, {**(headers or {}), **_mapping(entry, "headers")})
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error.message}") from None
    return Check(name, method, entry.get("follow_redirects") is not False, target, expected)


def texts(value: Any, option: str) -> tuple[str, ...]:
    """A text, or a list of texts, as a list: a text is one entry, whatever is in it; raises InvalidInput."""
    return tuple(text_of(one, option) for one in _listed(value))


def _read_expected(entry: Mapping[str, Any]) -> Expected:
    inner = _mapping(entry, "json")
    for place, given in (("", entry), ("json.", inner)):
        for key in [key for key in given if key not in _KEYS[place]]:
            meant = close_matches(str(key), _KEYS[place])[0]
            raise InvalidInput(f"'{place}{key}' is unknown. Did you mean '{place}{meant}'?")
    min_matches = _numbers(entry, "min_matches")
    for pattern in min_matches:
        try:
            re.compile(pattern)
        except re.error as error:
            raise InvalidInput(f"{pattern} is not a regular expression: {error}.") from None
    return Expected(
        status=tuple(int(_number(one, "status")) for one in _listed(entry.get("status"))) or (200,),
        headers={name: text_of(one, "response_headers") for name, one in _mapping(entry, "response_headers").items()},
        contains=texts(entry.get("contains"), "contains"),
        not_contains=texts(entry.get("not_contains"), "not_contains"),
        min_matches=min_matches,
        json_keys=texts(inner.get("keys"), "json.keys"),
        json_absent=texts(inner.get("absent"), "json.absent"),
        json_values=_mapping(inner, "values"),
        json_min=_numbers(inner, "min"),
        json_min_items=_numbers(inner, "min_items"),
    )


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


def _mapping(entry: Mapping[str, Any], option: str) -> dict[str, Any]:
    value = entry.get(option) or {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"'{option}' is not a dictionary.")
    return {str(key): one for key, one in value.items()}


def _numbers(entry: Mapping[str, Any], option: str) -> dict[str, float]:
    return {key: _number(one, option) for key, one in _mapping(entry, option).items()}


def _number(value: Any, option: str) -> float:
    """Templates of older versions of Ansible return text."""
    try:
        number = float(text_of(value, option))
    except (InvalidInput, ValueError):
        raise InvalidInput(f"'{option}' holds a value that is not a number.") from None
    return int(number) if number.is_integer() else number
