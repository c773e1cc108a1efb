# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What came back for a check, and what of it is not as expected; pure. It finds all that is wrong, not only the first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .check import MISSING, Check, Expected
from .target import hide

_SHOWN = 200
_BEFORE = 40


class Answer(NamedTuple):
    """What came back: names of headers are in lower case; C(error) says why nothing came."""

    status: int = 0
    headers: Mapping[str, str] = {}
    body: str = ""
    error: str = ""
    truncated: bool = False


def findings(check: Check, answer: Answer) -> list[str]:
    """A sentence for each expectation that the answer does not meet."""
    expected, secrets = check.expected, check.target.secrets
    if answer.error:
        return [f"expected an answer, found none: {_quote(answer.error, secrets)}"]
    if answer.status not in expected.status:
        # In an answer of another kind, the rest is noise.
        wanted = " or ".join(map(str, expected.status))
        return [f"expected status {wanted}, found status {answer.status}: {_quote(answer.body, secrets)}"]
    if answer.truncated and expected.reads_body:
        return [f"expected a body of at most {len(answer.body)} characters, found more: it was not read to its end"]
    unmet = [*_unmet_texts(expected, answer, secrets), *_unmet_json(expected, answer, secrets)]
    return [f"expected {wanted}, found {found}" for wanted, found in unmet]


def values_of(check: Check, answer: Answer) -> dict[str, Any]:
    """The values at all paths whose values the check names, as far as they exist."""
    paths = [rule.path for rule in check.expected.json if rule.is_shown]
    document = _document(answer) if paths else None
    found = {path: value_at(document, path) for path in paths}
    return {path: hide(value, check.target.secrets) for path, value in found.items() if value is not MISSING}


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path (C(last_24h.api), C(items.0.name)) or a JSON pointer (C(/a.b/0)), or a mark of its own."""
    pointer = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    for step in pointer if path[:1] == "/" else path.split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and re.fullmatch("[0-9]{1,9}", step) and int(step) < len(document):
            document = document[int(step)]
        elif step:
            return MISSING
    return document


def _document(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return MISSING


def _unmet_texts(expected: Expected, answer: Answer, secrets: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What is expected of the headers and of the text, and what was found instead."""
    for name, wanted in expected.headers.items():
        found = answer.headers.get(name.lower())
        if found is None:
            yield f"a header {name}", "none"
        elif wanted.lower() not in found.lower():
            yield f"header {name} with {wanted}", _quote(found, secrets)
    body = _quote(answer.body, secrets)
    yield from ((f"text {wanted!r}", body) for wanted in expected.contains if wanted not in answer.body)
    for unwanted in expected.not_contains:
        if unwanted in answer.body:
            yield f"no text {unwanted!r}", _quote(answer.body, secrets, unwanted)
    for pattern, least in expected.min_matches.items():
        count = sum(1 for _match in re.finditer(pattern, answer.body))
        if count < least:
            yield f"at least {least} matches of {pattern}", f"{count} in {body}"


def _unmet_json(expected: Expected, answer: Answer, secrets: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What is expected of the values of the document, and what was found instead."""
    document = _document(answer) if expected.json else {}
    if document is MISSING:
        yield "JSON", _quote(answer.body, secrets)
        return
    for rule in expected.json:
        if not rule.holds(value_at(document, rule.path)):
            yield f"{rule.wanted} at {rule.path or 'the top'}", _found(document, rule.path, secrets)


def _found(document: Any, path: str, secrets: tuple[str, ...]) -> str:
    found = value_at(document, path)
    if found is MISSING:
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
