# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check expects of the answer of a web address: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import InvalidInput


@dataclass(frozen=True)
class Expected:
    """What a check expects of the answer."""

    status: tuple[int, ...] = (200,)
    headers: Mapping[str, str] = field(default_factory=dict)
    contains: tuple[str, ...] = ()
    not_contains: tuple[str, ...] = ()
    min_matches: Mapping[str, int] = field(default_factory=dict)
    json_keys: tuple[str, ...] = ()
    json_absent: tuple[str, ...] = ()
    json_values: Mapping[str, Any] = field(default_factory=dict)
    json_min: Mapping[str, float] = field(default_factory=dict)
    json_min_items: Mapping[str, int] = field(default_factory=dict)

    @property
    def value_paths(self) -> tuple[str, ...]:
        """The paths whose values are part of the result."""
        return (*self.json_keys, *self.json_values, *self.json_min)

    @property
    def json_paths(self) -> tuple[str, ...]:
        """All paths that the check names."""
        return (*self.value_paths, *self.json_absent, *self.json_min_items)

    @property
    def reads_json(self) -> bool:
        """Whether the body has to be JSON."""
        return bool(self.json_paths)

    @property
    def reads_body(self) -> bool:
        """Whether the answer needs a body."""
        return self.reads_json or bool(self.contains or self.not_contains or self.min_matches)


def read_expected(check: Mapping[str, Any]) -> Expected:
    """What the check expects; raises InvalidInput for a pattern that is not a regular expression."""
    inner = check.get("json") or {}
    expected = Expected(
        tuple(map(int, _listed(check.get("status")))) or (200,),
        check.get("headers") or {},
        _listed(check.get("contains")),
        _listed(check.get("not_contains")),
        check.get("min_matches") or {},
        _listed(inner.get("keys")),
        _listed(inner.get("absent")),
        inner.get("values") or {},
        inner.get("min") or {},
        inner.get("min_items") or {},
    )
    for pattern in expected.min_matches:
        try:
            re.compile(pattern)
        except re.error as error:
            raise InvalidInput(f"{check['name']}: {pattern} is not a regular expression: {error}.") from error
    return expected


def _listed(value: Any) -> tuple[Any, ...]:
    """A list of the task; the argument spec accepts one value for a list of one."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
