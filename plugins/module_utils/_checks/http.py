# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the answer of a web address with what a check expects: pure. It finds all that is wrong, not only the first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .http_answer import Answer, hide
from .http_expected import Expected
from .json_path import MISSING, value_at

_SHOWN = 200
_BEFORE = 40


def findings(expected: Expected, answer: Answer) -> list[str]:
    """A sentence for each expectation that the answer does not meet."""
    if answer.error:
        return [f"expected an answer, found none: {answer.error}"]
    if answer.status not in expected.status:
        # In an answer of another kind, the rest is noise.
        wanted = " or ".join(map(str, expected.status))
        return [f"expected status {wanted}, found status {answer.status}: {_quote(answer, answer.body)}"]
    return [*_headers(expected, answer), *_body(expected, answer), *_json(expected, answer)]


def values_of(expected: Expected, answer: Answer) -> dict[str, Any]:
    """The values at all paths that the check names, as far as they exist."""
    try:
        document = json.loads(answer.body) if expected.reads_json else None
    except ValueError:
        return {}
    found = {path: value_at(document, path) for path in expected.value_paths}
    return {path: hide(value, answer.secrets) for path, value in found.items() if value is not MISSING}


def _headers(expected: Expected, answer: Answer) -> Iterator[str]:
    for name, wanted in expected.headers.items():
        found = answer.headers.get(name.lower().replace("-", "_"))
        if found is None:
            yield f"expected a header {name}, found none"
        elif str(wanted).lower() not in found.lower():
            yield f"expected header {name} with {wanted}, found {_quote(answer, found)}"


def _body(expected: Expected, answer: Answer) -> Iterator[str]:
    for wanted in expected.contains:
        if wanted not in answer.body:
            yield f"expected text {wanted!r}, found {_quote(answer, answer.body)}"
    for unwanted in expected.not_contains:
        if unwanted in answer.body:
            yield f"expected no text {unwanted!r}, found {_quote(answer, answer.body, unwanted)}"
    for pattern, least in expected.min_matches.items():
        found = sum(1 for _match in re.finditer(pattern, answer.body))
        if found < int(least):
            yield f"expected at least {least} matches of {pattern}, found {found} in {_quote(answer, answer.body)}"


def _json(expected: Expected, answer: Answer) -> Iterator[str]:
    if not expected.reads_json:
        return
    try:
        document = json.loads(answer.body)
    except ValueError:
        yield f"expected JSON, found {_quote(answer, answer.body)}"
        return
    for wanted, path in _unmet(expected, document):
        yield f"expected {wanted} at {path or 'the top'}, found {_found(answer, document, path)}"


def _unmet(expected: Expected, document: Any) -> Iterator[tuple[str, str]]:
    """What is expected and the path where it is not."""
    at = {path: value_at(document, path) for path in expected.json_paths}
    for path in expected.json_keys:
        if at[path] is MISSING:
            yield "a value", path
    for path in expected.json_absent:
        if at[path] is not MISSING:
            yield "no value", path
    for path, wanted in expected.json_values.items():
        # In Python True is 1: in JSON it is not.
        if isinstance(at[path], bool) != isinstance(wanted, bool) or at[path] != wanted:
            yield json.dumps(wanted), path
    for path, least in expected.json_min.items():
        if isinstance(at[path], bool) or not isinstance(at[path], (int, float)) or at[path] < float(least):
            yield f"at least {least}", path
    for path, least in expected.json_min_items.items():
        if not isinstance(at[path], (list, dict)) or len(at[path]) < int(least):
            yield f"at least {least} items", path


def _found(answer: Answer, document: Any, path: str) -> str:
    found = value_at(document, path)
    if found is MISSING:
        shown = _show(answer, sorted(document) if isinstance(document, dict) else document)
        return f"no such value; the top {'has' if isinstance(document, dict) else 'is'} {shown}"
    size = f" ({len(found)} items)" if isinstance(found, (list, dict)) else ""
    return f"{_show(answer, found)}{size}"


def _show(answer: Answer, value: Any) -> str:
    return _quote(answer, json.dumps(hide(value, answer.secrets), ensure_ascii=False))


def _quote(answer: Answer, text: str, around: str = "") -> str:
    """The begin of a text, or what is near a part of it. Secrets are hidden first: half of one is one, too."""
    line = " ".join(hide(text, answer.secrets).split())
    begin = max(0, line.find(around) - _BEFORE) if around else 0
    if len(line) - begin <= _SHOWN:
        return line[begin:] or "an empty text"
    return f"{line[begin : begin + _SHOWN]}... ({len(text)} characters)"
