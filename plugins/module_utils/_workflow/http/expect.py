# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares an answer with what a check expects: pure. All that is wrong is found, not only the first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ..._errors import InvalidInput
from .model import Answer, Check, Finding

_MISSING = object()
_SHOWN = 200


def findings(check: Check, answer: Answer) -> tuple[Finding, ...]:
    """Everything in the answer that is not as the check expects."""
    if answer.error:
        return (Finding("an answer", answer.error),)
    if answer.status not in check.status:
        # Of an answer of another kind the rest would be noise.
        wanted = " or ".join(map(str, check.status))
        return (Finding(f"status {wanted}", f"status {answer.status}: {_short(answer.text)}"),)
    return (*_headers(check, answer), *_text(check, answer), *_json(check, answer))


def values_of(check: Check, answer: Answer) -> dict[str, Any]:
    """The values at all the places which the check looks at, as far as they are there."""
    try:
        document = json.loads(answer.text) if check.reads_json else None
    except ValueError:
        return {}
    paths = (*check.json_keys, *check.json_values, *check.json_min)
    found = {path: value_at(document, path) for path in paths}
    return {path: value for path, value in found.items() if value is not _MISSING}


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path (C(last_24h.api), C(items.0.name)) or a JSON pointer (C(/a.b/0)), or C(MISSING)."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]] if path[:1] == "/" else None
    for step in path.split(".") if steps is None else steps:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        elif step:
            return _MISSING
    return document


def _headers(check: Check, answer: Answer) -> Iterator[Finding]:
    for name, wanted in check.headers.items():
        found = answer.headers.get(name.lower())
        if found is None:
            yield Finding(f"a header {name}", "none")
        elif str(wanted).lower() not in found.lower():
            yield Finding(f"header {name} with {wanted}", found)


def _text(check: Check, answer: Answer) -> Iterator[Finding]:
    for wanted in check.contains:
        if wanted not in answer.text:
            yield Finding(f"text {wanted!r}", _short(answer.text))
    for unwanted in check.not_contains:
        place = answer.text.find(unwanted)
        if place >= 0:
            yield Finding(f"no text {unwanted!r}", _short(answer.text[max(0, place - 40) :]))
    for pattern, least in check.min_matches.items():
        found = sum(1 for _match in _compiled(check, pattern).finditer(answer.text))
        if found < int(least):
            yield Finding(f"at least {least} matches of {pattern}", f"{found} in {_short(answer.text)}")


def _json(check: Check, answer: Answer) -> Iterator[Finding]:
    if not check.reads_json:
        return
    try:
        document = json.loads(answer.text)
    except ValueError:
        yield Finding("JSON", _short(answer.text))
        return
    for path in check.json_keys:
        if value_at(document, path) is _MISSING:
            yield Finding(f"a value at {path}", _nearby(document, path))
    for path in check.json_absent:
        if value_at(document, path) is not _MISSING:
            yield Finding(f"no value at {path}", _show(value_at(document, path)))
    for path, wanted in check.json_values.items():
        if not _equal(value_at(document, path), wanted):
            yield Finding(f"{json.dumps(wanted)} at {path}", _nearby(document, path))
    for path, least in check.json_min.items():
        found = value_at(document, path)
        if isinstance(found, bool) or not isinstance(found, (int, float)) or found < float(least):
            yield Finding(f"at least {least} at {path}", _nearby(document, path))
    for path, least in check.json_min_items.items():
        found = value_at(document, path)
        if not isinstance(found, (list, dict)) or len(found) < int(least):
            size = f" ({len(found)} items)" if isinstance(found, (list, dict)) else ""
            yield Finding(f"at least {least} items at {path or 'the top'}", _nearby(document, path) + size)


def _equal(found: Any, wanted: Any) -> bool:
    # In Python True is 1: in JSON it is not.
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted


def _nearby(document: Any, path: str) -> str:
    found = value_at(document, path)
    if found is not _MISSING:
        return _show(found)
    return f"no such value; the top has {_show(sorted(document))}" if isinstance(document, dict) else _show(document)


def _show(value: Any) -> str:
    return _short(json.dumps(value, ensure_ascii=False))


def _short(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _SHOWN:
        return line or "an empty text"
    return f"{line[:_SHOWN]}... ({len(text)} characters)"


def _compiled(check: Check, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise InvalidInput(f"{check.name}: {pattern} is no regular expression: {error}.") from error
