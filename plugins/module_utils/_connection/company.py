# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions with several nodes of one cluster: one leads, others are met when they are needed, and one of them takes over."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .._errors import ConnectionFailed, Failure
from .session import Session, open_session
from .settings import Settings

Answer = TypeVar("Answer")

_AT_ONCE = 16
# How often somebody else is looked for when the leading node is lost: a restart takes longer, a broken connection less.
_TAKEOVERS = 5
_PAUSE = 0.3


class Company:
    """The session C(lead), whoever that is at the moment, and sessions with others by address.

    C(silent) holds the nodes which were met and did not answer, with the reasons. A context manager: it closes what it
    opened, and not the session which it was given.
    """

    def __init__(self, session: Session) -> None:
        self.lead = session
        self.others: dict[str, Session] = {}
        self.silent: dict[str, str] = {}
        self._settings: Settings = session.settings
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Company:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def meet(self, nodes: Iterable[tuple[str, int]]) -> None:
        """Open a session with each of these nodes, all at once; who does not answer is silent from now on."""
        unknown = [(host, port) for host, port in nodes if host not in self.others and host not in self.silent]
        if not unknown:
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for (host, _port), met in zip(unknown, pool.map(self._open, unknown)):
                if isinstance(met, Session):
                    self.others[host] = self._stack.enter_context(met)
                else:
                    self.silent[host] = met.message

    def ask(self, question: Callable[[Session], Answer]) -> Answer:
        """The answer of the lead, or of who takes over if the lead is lost; raises ConnectionFailed if nobody does."""
        for _takeover in range(_TAKEOVERS):
            try:
                return question(self.lead)
            except ConnectionFailed:
                self._take_over()
        return question(self.lead)

    def ask_others(self, question: Callable[[Session], Answer]) -> dict[str, Answer | Failure]:
        """The answer of each node which was met besides the lead, or why it gave none, by address; all are asked at once."""
        if not self.others:
            return {}

        def answer(session: Session) -> Answer | Failure:
            try:
                return question(session)
            except Failure as failure:
                return failure

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(self.others, pool.map(answer, self.others.values())))

    def _take_over(self) -> None:
        warnings = self.lead.warnings
        if self.others:
            _address, self.lead = self.others.popitem()
        else:
            time.sleep(_PAUSE)
            with contextlib.suppress(ConnectionFailed):
                self.lead = self._stack.enter_context(open_session(self._settings))
        self.lead.warnings = warnings

    def _open(self, node: tuple[str, int]) -> Session | Failure:
        try:
            return open_session(self._settings.only(node))
        except Failure as failure:
            return failure
