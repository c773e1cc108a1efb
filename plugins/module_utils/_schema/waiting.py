# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A long wait says what it waits for: on the screen if the run is in the controller's process, and else in the result."""

from __future__ import annotations

import time
from collections.abc import Callable

from .._connection.nodes import NodeSessions

_EVERY = 5.0


class Waiting:
    """One wait; it is told in each turn for what, and passes that on every few seconds."""

    def __init__(self, nodes: NodeSessions) -> None:
        self._nodes = nodes
        self._start = time.monotonic()
        self._next = self._start + _EVERY

    def says(self, what: str, more: Callable[[], str] = str) -> None:
        """Pass on what is waited for, if it is time; C(more) is asked only then."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY
            self._nodes.tell(f"After {now - self._start:.0f} s still waiting {what}. {more()}".rstrip())
