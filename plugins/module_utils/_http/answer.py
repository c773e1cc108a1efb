# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What came back for a check, and what of it is not as expected; pure. It finds all that is wrong, not only the first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .check import Check, Expected
from .target import hide

_SHOWN = 200
_BEFORE = 40
_MISSING = object()
# Only these words of an error are repeated: others may hold the address or a header.
_SAFE_REASONS = (
    re.compile(r"certificate verify failed: [^(>]*[^(>. ]"),
    re.compile(r"\[SSL[^\]]*\]"),
    re.compile(r"\[Errno -?\d+\] [A-Za-z ,-]+"),
    re.compile(r"timed out"),
    re.compile(r"closed connection without response|connection was closed before the whole answer was received"),
    re.compile(r"redirects to an address that is not http or https|redirects more than \d+ times"),
)


class Answer(NamedTuple):
    """What came back: names of headers are in lower case; C(error) says why nothing came."""

    status: int = 0
    headers: Mapping[str, str] = {}
    body: str = ""
    error: str = ""
    truncated: bool = False


def safe_reason(message: str) -> str:
    """The part of an error message that holds no secret."""
    for pattern in _SAFE_REASONS:
        found = pattern.search(message)
        if found:
            return found.group().strip()
    return "the request failed; its reason is not shown, because it may hold a secret"


def findings(check: Check, answer: Answer) -> list[str]:
    """A sentence for each expectation that the answer does not meet."""
    expected, secrets = check.expected, check.target.secrets
    if answer.error:
        return [f"expected an answer, found none: {answer.error}"]
    if answer.status not in expected.status:
        # In an answer of another kind, the rest is noise.
        wanted = " or ".join(map(str, expected.status))
        return [f"expected status {wanted}, found status {answer.status}: {_quote(answer.body, secrets)}"]
    if answer.truncated and expected.reads_body:
        return [f"expected a body of at most {len(answer.body)} characters, found more: it was not read to its end"]
    return [
        *_headers(expected, answer, secrets),
        *_body(expected, answer, secrets),
        *_json(expected, answer, secrets),
    ]


def values_of(check: Check, answer: Answer) -> dict[str, Any]:
    """The values at all paths whose values the check names, as far as they exist."""
    document = _document(answer) if check.expected.value_paths else None
    found = {path: value_at(document, path) for path in check.expected.value_paths}
    return {path: hide(value, check.target.secrets) for path, value in found.items() if value is not _MISSING}


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path (C(last_24h.api), C(items.0.name)) or a JSON pointer (C(/a.b/0)), or a mark of its own."""
    pointer = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    for step in pointer if path[:1] == "/" else path.split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and re.fullmatch("[0-9]{1,9}", step) and int(step) < len(document):
            document = document[int(step)]
        elif step:
            return _MISSING
    return document


def _document(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return _MISSING


def _headers(expected: Expected, answer: Answer, secrets: tuple[str, ...]) -> Iterator[str]:
    for name, wanted in expected.headers.items():
        found = answer.headers.get(name.lower())
        if found is None:
            yield f"expected a header {name}, found none"
        elif wanted.lower() not in found.lower():
            yield f"expected header {name} with {wanted}, found {_quote(found, secrets)}"


def _body(expected: Expected, answer: Answer, secrets: tuple[str, ...]) -> Iterator[str]:
    for wanted in expected.contains:
        if wanted not in answer.body:
            yield f"expected text {wanted!r}, found {_quote(answer.body, secrets)}"
    for unwanted in expected.not_contains:
        if unwanted in answer.body:
            yield f"expected no text {unwanted!r}, found {_quote(answer.body, secrets, unwanted)}"
    for pattern, least in expected.min_matches.items():
        found = sum(1 for _match in re.finditer(pattern, answer.body))
        if found < least:
            yield f"expected at least {least} matches of {pattern}, found {found} in {_quote(answer.body, secrets)}"


def _json(expected: Expected, answer: Answer, secrets: tuple[str, ...]) -> Iterator[str]:
    if not expected.json_paths:
        return
    document = _document(answer)
    if document is _MISSING:
        yield f"expected JSON, found {_quote(answer.body, secrets)}"
        return
    for wanted, path in _unmet(expected, document):
        yield f"expected {wanted} at {path or 'the top'}, found {_found(document, path, secrets)}"


def _unmet(expected: Expected, document: Any) -> Iterator[tuple[str, str]]:
    """What is expected and the path where it is not."""
    at = {path: value_at(document, path) for path in expected.json_paths}
    for path in expected.json_keys:
        if at[path] is _MISSING:
            yield "a value", path
    for path in expected.json_absent:
        if at[path] is not _MISSING:
            yield "no value", path
    for path, wanted in expected.json_values.items():
        # In Python True is 1: in JSON it is not.
        if isinstance(at[path], bool) != isinstance(wanted, bool) or at[path] != wanted:
            yield json.dumps(wanted), path
    for path, least in expected.json_min.items():
        if isinstance(at[path], bool) or not isinstance(at[path], (int, float)) or not at[path] >= least:
            yield f"a number of at least {least}", path
    for path, least in expected.json_min_items.items():
        if not isinstance(at[path], (list, dict)) or len(at[path]) < least:
            yield f"at least {least} items", path


def _found(document: Any, path: str, secrets: tuple[str, ...]) -> str:
    found = value_at(document, path)
    if found is _MISSING:
        top = sorted(document) if isinstance(document, dict) else document
        return f"no such value (the top {'has' if isinstance(document, dict) else 'is'} {_show(top, secrets)})"
    size = f" ({len(found)} items)" if isinstance(found, (list, dict)) else ""
    return f"{_show(found, secrets)}{size}"


def _show(value: Any, secrets: tuple[str, ...]) -> str:
    return _quote(json.dumps(hide(value, secrets), ensure_ascii=False), secrets)


def _quote(text: str, secrets: tuple[str, ...], around: str = "") -> str:
    """The beginning of a text, or what is near a part of it. Secrets are hidden first: half of one is one, too."""
    line = " ".join(hide(text, secrets).split())
    begin = max(0, line.find(around) - _BEFORE) if around else 0
    shown = "".join(one if one.isprintable() else "?" for one in line[begin : begin + _SHOWN])
    return f"{shown}... ({len(text)} characters)" if len(line) - begin > _SHOWN else shown or "an empty text"
