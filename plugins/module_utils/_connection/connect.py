# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From settings to a session: names, addresses and versions of the protocol within one deadline."""

from __future__ import annotations

import queue
import socket
import threading
import time
from dataclasses import replace
from typing import Any, NamedTuple

from .._driver import load_driver
from .._errors import ConnectionFailed, Failure
from . import errors
from .addresses import join
from .cluster import endpoint, make_cluster
from .session import Session
from .settings import Settings

# Without a version the driver tries 66, 65 and then 5: two connections and two warnings for nothing. 5 is spoken by
# Cassandra 4.0 and later, 4 by 3.11 and the databases that are compatible with it.
_PROTOCOL_VERSIONS = (5, 4)

# The driver ends an attempt at the deadline by itself, and says more then than that it took too long.
_GRACE = 0.3

# An address gets this long before the next is tried next to it: longer than a handshake across the world takes. With many
# contact points it gets less, so that each is tried in the first half of the time.
_HEAD_START = 1.0


class Target(NamedTuple):
    """A contact point, C(name) as the user gave it, which TLS verifies; C(found) is an address and a port that lead to it."""

    name: str
    port: int
    found: tuple[str, int] | None = None

    def __str__(self) -> str:
        place = join(self.name, self.port)
        if self.found in (None, self[:2]):
            return place
        address, port = self.found or self[:2]
        return f"{place} ({address if port == self.port else join(address, port)})"


# What stands for the address that only a secure connect bundle knows.
_OF_BUNDLE = Target("the bundle", 443, ("the bundle", 443))


def open_session(settings: Settings) -> Session:
    """A session with the first address that answers; raises ConnectionFailed, NotAuthorized, InvalidInput or MissingDriver."""
    load_driver()
    race = _Race(settings)
    session = race.run()
    if session is None:
        raise errors.connection_failure(race.causes, settings.user, bool(settings.bundle), settings.sigv4)
    _require_datacenter(session, settings.local_datacenter)
    return session


class _Race:
    """Tries all contact points and their addresses in order, each next to those before it that do not answer at once.

    C(causes) has the exception of each that failed, by its address.
    """

    def __init__(self, settings: Settings) -> None:
        self.causes: dict[str, BaseException] = {}
        self._settings = settings
        self._end = time.monotonic() + settings.connect_timeout
        self._answers: queue.SimpleQueue[tuple[Target, Any]] = queue.SimpleQueue()
        self._waiting = [Target(host, port) for host, port in settings.contact_points] or [_OF_BUNDLE]
        self._running: list[Target] = []
        self._head_start = min(_HEAD_START, settings.connect_timeout / 2 / len(self._waiting))
        self._lock = threading.Lock()
        self._is_over = False

    def run(self) -> Session | None:
        """The session, or None; raises InvalidInput if a file that the settings name cannot be used."""
        end = self._end + _GRACE
        try:
            while (self._waiting or self._running) and time.monotonic() < end:
                until = end
                if self._waiting:
                    self._start(self._waiting.pop(0))
                    until = min(end, time.monotonic() + self._head_start) if self._waiting else end
                session = self._await(until)
                if session:
                    return session
        finally:
            with self._lock:
                self._is_over = True
            while not self._answers.empty():
                _close(self._answers.get()[1])
        self.causes.update({str(one): TimeoutError() for one in (*self._running, *self._waiting)})
        return None

    def _await(self, until: float) -> Session | None:
        """Wait for an answer; raises the Failure that it is."""
        try:
            target, answer = self._answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return None
        self._running.remove(target)
        if isinstance(answer, Session):
            return answer
        if isinstance(answer, list):
            self._waiting = [*answer, *self._waiting]
        elif isinstance(answer, Failure):
            raise answer
        else:
            self.causes[str(target)] = answer
        return None

    def _start(self, target: Target) -> None:
        self._running.append(target)
        threading.Thread(target=self._work, args=(target,), daemon=True).start()

    def _work(self, target: Target) -> None:
        try:
            answer: Any = self._open(target) if target.found else _resolve(target, self._settings)
        except Exception as error:  # it is raised, or said, by the thread that waits for it
            answer = error
        with self._lock:
            if not self._is_over:
                self._answers.put((target, answer))
                return
        _close(answer)

    def _open(self, target: Target) -> Session:
        given = self._settings.protocol_version
        *others, last = (given,) if given else _PROTOCOL_VERSIONS
        for version in others:
            try:
                return _connect(self._settings, target, version, self._end)
            except Exception as error:
                if not errors.is_wrong_protocol(error):
                    raise
        return _connect(self._settings, target, last, self._end)


def _close(late: Any) -> None:
    """Close a session that comes after another one."""
    if isinstance(late, Session):
        late.__exit__()


def _resolve(target: Target, settings: Settings) -> list[Target]:
    """The same for each address of IPv4 and IPv6 that leads to it."""
    name, port = settings.address_map.reach(target.name, target.port)
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [target._replace(found=(str(address), port)) for address in dict.fromkeys(one[4][0] for one in found)]


def _connect(settings: Settings, target: Target, version: int, end: float) -> Session:
    """A session; raises what the driver raised for the address, and Failure."""
    peers: set[Any] = set()
    contact = endpoint(target.name, target.port, target.found) if settings.contact_points else None
    cluster = make_cluster(settings, version, contact, peers, max(0.1, end - time.monotonic()))
    try:
        # Another node of the same cluster is connected without finding out its version again.
        return Session(cluster, cluster.connect(), replace(settings, protocol_version=version), peers)
    except Exception as error:
        cluster.shutdown()
        causes = getattr(error, "errors", None)
        cause = next(iter(causes.values())) if isinstance(causes, dict) and causes else error
        # The driver keeps the words of a failed handshake only, and an error number that is none of the network.
        fault = getattr(cluster.ssl_context, "fault", None)
        raise (fault or cause) from error


def _require_datacenter(session: Session, wanted: str | None) -> None:
    found, known = session.datacenters()
    if wanted and found != wanted:
        session.__exit__()
        raise ConnectionFailed(
            f"{session.address} is in datacenter {found}, not in local_datacenter {wanted}; the cluster has: {', '.join(known)}."
        )
