# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to wait before asking again: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from .model import Answer

_ASKS_FOR_PATIENCE = (429, 503)


@dataclass(frozen=True)
class Patience:
    """How often to ask again, how long to wait in between, and how long at most if the server asks for more."""

    retries: int = 3
    delay: float = 2.0
    max_wait: float = 120.0


def wait_before_retry(answer: Answer, attempt: int, patience: Patience, now: datetime) -> float:
    """The seconds to wait after that attempt, counted from 1: what the server asks for counts, and 429 slows down."""
    asked = _retry_after(answer.headers.get("retry-after", ""), now) if answer.status in _ASKS_FOR_PATIENCE else None
    if asked is not None:
        return max(asked, patience.delay)
    if answer.status in _ASKS_FOR_PATIENCE:
        return min(patience.delay * 2.0 ** (attempt - 1), patience.max_wait)
    return patience.delay


def _retry_after(text: str, now: datetime) -> float | None:
    """The seconds in a Retry-After header, which holds seconds or a date."""
    if text.strip().isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or timezone.utc) - now).total_seconds())
