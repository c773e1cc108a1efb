# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One check of a web address as the user wrote it: what to send, and what the answer must hold; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._cql.identifier import close_matches
from .._errors import InvalidInput
from .target import Target, read_target

_KEYS = (
    *("name", "url", "method", "headers", "follow_redirects"),
    *("status", "response_headers", "contains", "not_contains", "min_matches", "json"),
)
_JSON_KEYS = ("keys", "absent", "values", "min", "min_items")


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
    name, method = str(entry.get("name") or entry.get("url")), entry.get("method") or "GET"
    if not entry.get("name") or not entry.get("url"):
        raise InvalidInput(f"Each check needs a name and a url; found the keys {', '.join(map(str, entry))}.")
    try:
        _require_known(entry, _KEYS)
        if method not in ("GET", "HEAD"):
            raise InvalidInput("'method' is GET or HEAD.")
        expected = _read_expected(entry)
        if method == "HEAD" and expected.reads_body:
            raise InvalidInput("the answer to HEAD has no body to check.")
        target = read_target(str(entry["url"]), base_url, {**(headers or {}), **_mapping(entry, "headers")})
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error.message}") from None
    return Check(name, method, entry.get("follow_redirects") is not False, target, expected)


def texts(value: Any, option: str) -> tuple[str, ...]:
    """A text, or a list of texts, as a list: a text is one entry, whatever is in it; raises InvalidInput."""
    given = [] if value is None else value if isinstance(value, (list, tuple)) else [value]
    for one in given:
        if isinstance(one, bool) or not isinstance(one, (str, int, float)) or one == "":
            raise InvalidInput(f"'{option}' is a text or a list of texts, but it holds {_kind(one)}.")
    return tuple(map(str, given))


def _read_expected(entry: Mapping[str, Any]) -> Expected:
    inner = _mapping(entry, "json")
    _require_known(inner, _JSON_KEYS, "json.")
    expected = Expected(
        tuple(int(_number(one, "status")) for one in _listed(entry.get("status"))) or (200,),
        {name: texts(value, "response_headers")[0] if value != "" else "" for name, value in _headers(entry)},
        texts(entry.get("contains"), "contains"),
        texts(entry.get("not_contains"), "not_contains"),
        _numbers(entry, "min_matches"),
        texts(inner.get("keys"), "json.keys"),
        texts(inner.get("absent"), "json.absent"),
        _mapping(inner, "values", "json."),
        _numbers(inner, "min", "json."),
        _numbers(inner, "min_items", "json."),
    )
    for pattern in expected.min_matches:
        try:
            re.compile(pattern)
        except re.error as error:
            raise InvalidInput(f"{pattern} is not a regular expression: {error}.") from None
    return expected


def _require_known(given: Mapping[str, Any], known: tuple[str, ...], place: str = "") -> None:
    for key in given:
        if key not in known:
            raise InvalidInput(f"'{place}{key}' is unknown. Did you mean '{place}{close_matches(str(key), known)[0]}'?")


def _headers(entry: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found = _mapping(entry, "response_headers")
    for name, value in found.items():
        if not isinstance(value, (str, int, float)):
            raise InvalidInput(f"'response_headers' maps headers to texts, but {name} has {_kind(value)}.")
    return list(found.items())


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


def _mapping(entry: Mapping[str, Any], option: str, place: str = "") -> dict[str, Any]:
    value = entry.get(option)
    if value is not None and not isinstance(value, Mapping):
        raise InvalidInput(f"'{place}{option}' is a dictionary, not {_kind(value)}.")
    return {str(key): one for key, one in (value or {}).items()}


def _numbers(entry: Mapping[str, Any], option: str, place: str = "") -> dict[str, float]:
    return {key: _number(one, f"{place}{option}") for key, one in _mapping(entry, option, place).items()}


def _number(value: Any, option: str) -> float:
    """Templates of older versions of Ansible return text."""
    try:
        if not isinstance(value, bool):
            return float(value) if "." in str(value) else int(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise InvalidInput(f"'{option}' holds numbers, but one of them is {_kind(value)}.")


def _kind(value: Any) -> str:
    """What a wrong value is; it may hold a secret, so it is not repeated."""
    if value is None:
        return "null"
    if value == "":
        return "an empty text"
    names = {bool: "true or false", str: "a text", int: "a number", float: "a number", list: "a list", tuple: "a list"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a dictionary")
