# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A check of a web address, what came back, and what was found wrong: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._errors import Failure, InvalidInput


class ChecksFailed(Failure):
    """Some checks failed; C(facts["checks"]) has all of them."""

    kind = "checks_failed"


@dataclass(frozen=True)
class Check:
    """What to ask, and what has to come back."""

    name: str
    url: str
    method: str = "GET"
    request_headers: Mapping[str, str] = field(default_factory=dict)
    follow_redirects: bool = True
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
    def reads_json(self) -> bool:
        """Whether the answer has to be JSON."""
        return bool(self.json_keys or self.json_absent or self.json_values or self.json_min or self.json_min_items)

    @property
    def reads_text(self) -> bool:
        """Whether the text of the answer is looked at."""
        return bool(self.contains or self.not_contains or self.min_matches)


@dataclass(frozen=True)
class Answer:
    """What came back; C(error) says why nothing did. The names of headers are in lower case."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    error: str = ""


@dataclass(frozen=True)
class Finding:
    """One expectation which was not met."""

    expected: str
    found: str

    def __str__(self) -> str:
        return f"expected {self.expected}, found {self.found}"


def read_check(item: Mapping[str, Any], base_url: str, host_header: str | None, secrets: Mapping[str, str]) -> Check:
    """The check of a task; raises InvalidInput where it cannot be made or cannot fail."""
    url = base_url.rstrip("/") + item["url"] if item["url"].startswith("/") else item["url"]
    if not url.startswith(("http://", "https://")):
        raise InvalidInput(
            f"{item['name']}: {item['url']} is no http or https address, and there is no base_url for it."
        )
    host = item["host_header"] or host_header
    json = item["json"] or {}
    check = Check(
        name=item["name"],
        url=url,
        method=item["method"],
        request_headers={**item["request_headers"], **secrets, **({"Host": host} if host else {})},
        follow_redirects=item["follow_redirects"],
        status=tuple(item["status"]),
        headers=item["headers"],
        contains=tuple(item["contains"]),
        not_contains=tuple(item["not_contains"]),
        min_matches=item["min_matches"],
        json_keys=tuple(json.get("keys", ())),
        json_absent=tuple(json.get("absent", ())),
        json_values=json.get("values", {}),
        json_min=json.get("min", {}),
        json_min_items=json.get("min_items", {}),
    )
    if check.method == "HEAD" and (check.reads_json or check.reads_text):
        raise InvalidInput(f"{check.name}: an answer to HEAD has no text to look at.")
    return check
