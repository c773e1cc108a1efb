# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock and its end, whatever a server takes to answer; and what a long wait says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import Statement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import ConnectionFailed, Locked
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema import agreement, lock
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.agreement import Waiting
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.lock import Lock
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import LockPolicy


class Clock:
    """The time, which passes only when something takes it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        for module in (lock, agreement):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now, sleep=self.sleep))

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class Answering:
    """A session of which each answer takes so many seconds, or no answer comes in the time that it is given."""

    def __init__(self, clock: Clock, takes: float = 0.1, request_timeout: float = 600.0) -> None:
        self._clock, self.takes, self._timeout = clock, takes, request_timeout
        self.asked: list[str] = []
        self.is_ours, self.has_row = True, True
        self.row: dict[str, Any] = {}

    def read(self, statement: Statement, timeout: float | None = None) -> list[list[dict[str, Any]]]:
        left = min(self._timeout, timeout or self._timeout)
        self.asked.append(statement.text.split()[0])
        self._clock.sleep(min(left, self.takes))
        if self.takes > left:
            raise ConnectionFailed("no answer in time")
        return [[{"[applied]": self.is_ours, **self.row}] if self.has_row else []]


class Nodes:
    """What the lock uses of the sessions."""

    def __init__(self, coordinator: Answering, *peers: Answering) -> None:
        self.coordinator, self.peers = coordinator, dict(enumerate(peers))
        self.told: list[str] = []

    def run(self, question: Any) -> Any:
        return question(self.coordinator)

    def warn(self, lines: list[str]) -> None:
        self.told += lines

    def tell(self, line: str) -> None:
        self.told.append(line)


def taken(nodes: Nodes) -> Lock:
    found = Lock(nodes, LockPolicy("ops", 30.0))  # type: ignore[arg-type]
    found._take(LockPolicy("ops", 30.0))
    return found


def test_a_renewal_without_an_answer_leaves_time_for_others(clock: Clock) -> None:
    """However long requests may take, several renewals are tried before the lock ends."""
    session = Answering(clock)
    held, begin = taken(Nodes(session)), clock.now
    session.takes = 1000.0
    tries = 0
    clock.sleep(lock._TTL / 4)
    while clock.now < begin + lock._TTL:
        assert held._renewed(LockPolicy("ops", 30.0)) is None
        clock.sleep(lock._PAUSE)
        tries += 1
    assert tries >= 3


def test_a_peer_is_asked_if_the_coordinator_does_not_answer(clock: Clock) -> None:
    session, peer = Answering(clock), Answering(clock)
    held = taken(Nodes(session, peer))
    session.takes = 1000.0
    clock.sleep(lock._TTL / 4)
    assert held._renewed(LockPolicy("ops", 30.0)) is True
    assert peer.asked == ["UPDATE"]
    clock.sleep(lock._TTL - 5)
    held.require_held()


def test_an_answer_without_a_row_says_nothing(clock: Clock) -> None:
    session, peer = Answering(clock), Answering(clock)
    held = taken(Nodes(session, peer))
    session.has_row = False
    assert held._renewed(LockPolicy("ops", 30.0)) is True
    peer.has_row = False
    assert held._renewed(LockPolicy("ops", 30.0)) is None
    assert peer.asked == ["UPDATE"] * 2


def test_a_row_that_does_not_say_whether_it_was_applied_says_nothing(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Answering(clock)
    held = taken(Nodes(session))
    monkeypatch.setattr(session, "read", lambda _statement, timeout: [[{"owner": "bob"}]])
    assert held._renewed(LockPolicy("ops", 30.0)) is None


def test_nothing_is_sent_when_the_lock_is_about_to_end(clock: Clock) -> None:
    session = Answering(clock)
    held, session.takes = taken(Nodes(session)), 1000.0
    clock.sleep(lock._TTL - lock._MARGIN - lock._ANSWER - 1)
    held.require_held()
    clock.sleep(1)
    with pytest.raises(Locked, match="could not be renewed in time"):
        held.require_held()


def test_nothing_is_sent_when_the_row_is_of_another_run(clock: Clock) -> None:
    """No clock of this host tells it: the host may have been suspended, or an operator deleted the row."""
    session = Answering(clock)
    held, session.is_ours = taken(Nodes(session)), False
    with pytest.raises(Locked, match="expired, or another user removed it"):
        held.require_held()


@pytest.mark.parametrize(
    ("seconds_left", "words"),
    [(50, "the lock is free at "), (None, "DELETE FROM ops.stellarmap_schema_lock WHERE name = 'schema'")],
)
def test_when_the_lock_is_free_again(clock: Clock, seconds_left: int | None, words: str) -> None:
    """A row that was restored from a file, or written by hand, has no time to live."""
    session = Answering(clock)
    session.row = {"owner": "ann", "seconds_left": seconds_left}
    found = Lock(Nodes(session), LockPolicy("ops", 30.0))._end(LockPolicy("ops", 30.0))  # type: ignore[arg-type]
    assert words in found
    assert ("may never expire" in found) is (seconds_left is None)


def test_a_long_wait_says_every_few_seconds_what_for(clock: Clock) -> None:
    nodes = Nodes(Answering(clock))
    waiting = Waiting(nodes, 60, (1, 1))  # type: ignore[arg-type]
    for second in range(12):
        waiting.says(f"for node {second}", lambda: "It is late.")
        clock.sleep(1)
    assert nodes.told == [
        "After 5 s still waiting for node 5. It is late.",
        "After 10 s still waiting for node 10. It is late.",
    ]
