# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the smoke tests of a migration file: what the modules that run them would refuse is told before a run; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._errors import InvalidInput
from .._http.check import read_check
from .._query.expect import read_expectation


def canary_checks(tests: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The check of the page that has to count the canary; none without a canary."""
    canary = tests.get("canary") or {}
    return [{"name": "Canary", "url": canary["url"]}] if canary.get("enabled", True) and canary.get("url") else []


def check_mistakes(tests: Mapping[str, Any]) -> Iterator[str]:
    """What the modules of the tests would refuse, before anything runs."""
    base = str(tests.get("base_url") or "")
    asked: list[tuple[str, Any, Callable[[Any], Any]]] = [
        *(("http", entry, lambda one: read_check(one, base)) for entry in tests.get("http") or []),
        *(("canary", entry, lambda one: read_check(one, base)) for entry in canary_checks(tests)),
        *(("data", entry.get("expect") or {}, read_expectation) for entry in tests.get("data") or []),
    ]
    for place, entry, read in asked:
        try:
            read(entry)
        except InvalidInput as error:
            yield f"'smoke_tests.{place}': {error.message}"
