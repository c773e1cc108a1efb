# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to wait before a request is sent again: pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from .http_answer import Answer

_BUSY = (429, 503)


@dataclass(frozen=True)
class RetryPolicy:
    """How often to send again, how long to wait in between, and how long at most if the server asks for more."""

    retries: int = 3
    delay: float = 2.0
    max_wait: float = 120.0


def wait_before_retry(answer: Answer, attempt: int, policy: RetryPolicy, now: datetime) -> int:
    """The seconds to wait after that attempt, counted from 1: at least what the server asks for."""
    if answer.status not in _BUSY:
        return math.ceil(policy.delay)
    asked = _retry_after(answer.headers.get("retry_after", ""), now)
    if asked is not None:
        return math.ceil(max(asked, policy.delay))
    return math.ceil(min(policy.delay * 2.0 ** (attempt - 1), policy.max_wait))


def _retry_after(text: str, now: datetime) -> float | None:
    """The seconds in a Retry-After header, which holds seconds or a date."""
    if text.strip().isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or timezone.utc) - now).total_seconds())
