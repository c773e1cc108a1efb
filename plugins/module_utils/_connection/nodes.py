# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions with several nodes of one cluster: one coordinates, and a peer can replace it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .._errors import ConnectionFailed, Failure
from .cluster import AT_ONCE
from .connect import open_session
from .session import Session
from .settings import Settings

Answer = TypeVar("Answer")
PeerAnswer = TypeVar("PeerAnswer")

# How often another coordinator is tried when one is lost: a restart takes longer, a broken connection less.
_FAILOVERS = 5
_PAUSE = 0.3


class NodeSessions:
    """The session C(coordinator), whichever node that is at the moment, and sessions with C(peers) by address.

    C(unreachable) maps the addresses of nodes that did not answer to the reasons. A context manager: it closes what it
    opened, and not the session that it was given.
    """

    def __init__(self, session: Session) -> None:
        self.coordinator = session
        self.peers: dict[str, Session] = {}
        self.unreachable: dict[str, str] = {}
        self._settings: Settings = session.settings
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> NodeSessions:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def connect(self, nodes: Iterable[tuple[str, int]]) -> None:
        """Open a session with each of these nodes, all at once; a node that does not answer is unreachable from now on."""
        unknown = [(host, port) for host, port in nodes if host not in self.peers and host not in self.unreachable]
        if not unknown:
            return
        opened: dict[tuple[str, int], Session | Failure] = {**self.coordinator.connect_peers(unknown)}
        others = [node for node in unknown if node not in opened]
        if others:
            # Those that the coordinator does not know or could not connect; the reason is found out where there is one.
            with ThreadPoolExecutor(AT_ONCE) as pool:
                opened.update(zip(others, pool.map(self._open, others)))
        for node in unknown:
            host, session = node[0], opened[node]
            if isinstance(session, Session):
                self.peers[host] = self._stack.enter_context(session)
            else:
                self.unreachable[host] = session.message

    def run(self, question: Callable[[Session], Answer]) -> Answer:
        """The answer of the coordinator, or of its replacement if it is lost; raises ConnectionFailed if there is none.

        No replacement is looked for once two request timeouts have passed: the whole takes at most three, and the time of
        one connection.
        """
        deadline = time.monotonic() + 2 * self._settings.request_timeout
        for _failover in range(_FAILOVERS):
            try:
                return question(self.coordinator)
            except ConnectionFailed:
                if time.monotonic() >= deadline:
                    raise
                self._fail_over()
        return question(self.coordinator)

    def run_on_peers(
        self, question: Callable[[Session], Answer], chosen: Container[str] | None = None
    ) -> dict[str, Answer | Failure]:
        """The answer of each connected peer by address, or why it gave none; all, or those chosen, are asked at once."""
        peers = {name: peer for name, peer in self.peers.items() if chosen is None or name in chosen}
        if not peers:
            return {}

        def answer(session: Session) -> Answer | Failure:
            try:
                return question(session)
            except Failure as failure:
                return failure

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(peers, pool.map(answer, peers.values())))

    def run_everywhere(
        self, question: Callable[[Session], Answer], of_peers: Callable[[Session], PeerAnswer]
    ) -> tuple[Answer, dict[str, PeerAnswer | Failure]]:
        """The answers of C(run) and of C(run_on_peers), asked side by side."""
        if not self.peers:
            return self.run(question), {}
        with ThreadPoolExecutor(1) as pool:
            of_coordinator = pool.submit(self.run, question)
            answers = self.run_on_peers(of_peers)
            return of_coordinator.result(), answers

    def warn(self, warnings: Iterable[str]) -> None:
        """Add warnings to those of the run."""
        self.coordinator.warnings += warnings

    def _fail_over(self) -> None:
        warnings = self.coordinator.warnings
        if self.peers:
            _address, self.coordinator = self.peers.popitem()
        else:
            time.sleep(_PAUSE)
            with contextlib.suppress(ConnectionFailed):
                self.coordinator = self._stack.enter_context(open_session(self._settings))
        self.coordinator.warnings = warnings

    def _open(self, node: tuple[str, int]) -> Session | Failure:
        try:
            return open_session(self._settings.only(node))
        except Failure as failure:
            return failure
