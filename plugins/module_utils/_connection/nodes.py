# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions with several nodes of one cluster: one coordinates, and a peer can replace it. A node is its C(host_id)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from .._cql.statement import SELECT_HOST_ID
from .._errors import ConnectionFailed, Failure
from .._place import Lost, Place
from .addresses import join
from .cluster import AT_ONCE
from .connect import open_session
from .session import Session
from .settings import Settings

Answer = TypeVar("Answer")
PeerAnswer = TypeVar("PeerAnswer")

# How often another coordinator is tried when one is lost: a restart takes longer, a broken connection less.
_FAILOVERS = 5
_PAUSE = 0.3
# What finding out the reason takes at most if the time for connecting is used up.
_SHORT = 1.0


class NodeSessions:
    """The session C(coordinator), whichever node that is at the moment, and sessions with C(peers) by C(host_id).

    C(unreachable) has the nodes that give no answer. A node whose connection breaks is connected once more before it
    counts as one of them. A context manager: it closes what it opened, and not the session that it was given.
    """

    def __init__(self, session: Session) -> None:
        self.coordinator = session
        self.peers: dict[str, Session] = {}
        self.unreachable: dict[str, Lost] = {}
        self._places: dict[str, Place] = {}
        self._is_reopened = False
        self._settings: Settings = session.settings
        self._screen = session.tell
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> NodeSessions:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def connect(self, places: Iterable[Place]) -> None:
        """Open a session with each of these nodes, all at once; one that does not answer is unreachable from now on."""
        wanted = {place.key: place for place in places}
        self._places.update(wanted)
        known = {*self.peers, *self.unreachable, self._coordinator_key()}
        unknown = [place for key, place in wanted.items() if key not in known]
        if not unknown:
            return
        deadline = time.monotonic() + self._settings.connect_timeout
        opened: dict[str, Session | Failure] = {**self.coordinator.connect_peers(unknown)}
        others = [place for place in unknown if place.key not in opened]
        if others:
            # Those that the coordinator does not know or could not connect; the reason is found out if there is time.
            with ThreadPoolExecutor(AT_ONCE) as pool:
                tried = pool.map(lambda place: self._open(place, deadline - time.monotonic()), others)
                opened.update(zip((place.key for place in others), tried))
        for key, session in opened.items():
            if isinstance(session, Session):
                self.peers[key] = self._stack.enter_context(session)
            else:
                self._lose(key, session)

    def run(self, question: Callable[[Session], Answer]) -> Answer:
        """The answer of the coordinator, or of its replacement if it is lost; raises ConnectionFailed if there is none.

        No replacement is looked for once two request timeouts have passed: the whole takes at most three, and the time of
        one connection.
        """
        deadline = time.monotonic() + 2 * self._settings.request_timeout
        for _failover in range(_FAILOVERS):
            try:
                answer = question(self.coordinator)
                self._is_reopened = False
                return answer
            except ConnectionFailed as failure:
                if time.monotonic() >= deadline:
                    raise
                self._fail_over(failure)
        return question(self.coordinator)

    def run_on_peers(
        self, question: Callable[[Session], Answer], chosen: Container[str] | None = None
    ) -> dict[str, Answer]:
        """The answer of each connected peer; all, or those chosen, are asked at once. Those without one are lost.

        Raises the Failure that a server gave for an answer.
        """
        peers = {key: peer for key, peer in self.peers.items() if chosen is None or key in chosen}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = dict(zip(peers, pool.map(lambda key: self._ask(key, peers[key], question), peers)))
        return {key: answer[0] for key, answer in answers.items() if answer}

    def run_everywhere(
        self, question: Callable[[Session], Answer], of_peers: Callable[[Session], PeerAnswer]
    ) -> tuple[Answer, dict[str, PeerAnswer]]:
        """The answers of C(run) and of C(run_on_peers), asked side by side."""
        with ThreadPoolExecutor(1) as pool:
            of_coordinator = pool.submit(self.run, question)
            answers = self.run_on_peers(of_peers)
            return of_coordinator.result(), answers

    def warn(self, warnings: Iterable[str]) -> None:
        """Add warnings to those of the run."""
        self.coordinator.warnings += warnings

    def tell(self, line: str) -> None:
        """Say now what the run does: on the screen if the session has one, and else in the warnings."""
        if self._screen:
            self._screen(line)
        else:
            self.warn([line])

    def _ask(self, key: str, peer: Session, question: Callable[[Session], Answer]) -> tuple[Answer] | None:
        """The answer of a peer, over another connection if the first one breaks; None if it is lost."""
        try:
            return (question(peer),)
        except ConnectionFailed:
            again = self._open(self._places[key], self._settings.connect_timeout)
        except Failure as failure:
            failure.message = f"{failure.message.rstrip('.')} (node {peer.address})"
            raise
        if isinstance(again, Session):
            self.peers[key] = self._stack.enter_context(again)
            try:
                return (question(again),)
            except ConnectionFailed as failure:
                again = failure
        self._lose(key, again)
        return None

    def _lose(self, key: str, failure: Failure) -> None:
        self.peers.pop(key, None)
        reasons, place = failure.facts.get("attempts") or {}, self._places[key]
        reason = next(iter(reasons.values()), failure.message.rstrip("."))
        reached = self._settings.address_map.reach(*place[1:])
        led = f"login_address_map leads to {join(*reached)}, " if reached != place[1:] else ""
        self.unreachable[key] = Lost(place, f"{led}{reason}")

    def _fail_over(self, failure: ConnectionFailed) -> None:
        lost, warnings = self.coordinator, self.coordinator.warnings
        again = None if self._is_reopened and self.peers else self._reopen(lost)
        self._is_reopened = again is not None
        if again:
            self.coordinator = again
        elif self.peers:
            if lost.host_id:
                self._places.setdefault(lost.host_id, Place(lost.host_id, *lost.meets))
                self._lose(lost.host_id, failure)
            _key, self.coordinator = self.peers.popitem()
        else:
            time.sleep(_PAUSE)
        self.coordinator.warnings = warnings

    def _reopen(self, lost: Session) -> Session | None:
        """Another session in the place of one that broke, which may be with another node: it is asked which one it is."""
        with contextlib.suppress(ConnectionFailed):
            session = self._stack.enter_context(open_session(lost.settings))
            with contextlib.suppress(Failure):
                (rows,) = session.read(SELECT_HOST_ID)
                session.identify(str(rows[0]["host_id"]))
            return session
        return None

    def _coordinator_key(self) -> str:
        return Place(self.coordinator.host_id, *self.coordinator.meets).key

    def _open(self, place: Place, left: float) -> Session | Failure:
        """A session with that node, or why there is none; many that say nothing share the time for one."""
        seconds = max(left, min(_SHORT, self._settings.connect_timeout))
        try:
            return open_session(replace(self._settings.only(place[1:]), connect_timeout=seconds)).meant(place)
        except Failure as failure:
            return failure
