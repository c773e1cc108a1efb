# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies before the nodes of a ring: they know which run a connection belongs to, keep what it changes, and fail as drawn."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import psutil
from fault_proxy import Fault, Strike
from relay import pass_on, relay

from embedded_cassandra import Cluster
from embedded_cassandra.addresses import beside

from .history import (
    BLACK_HOLE,
    CUT_OFF,
    KILL_RUN,
    MISROUTED,
    SHARED,
    RunHistory,
    Sent,
    WireFault,
)

# By what a request shows its phase: the run has sent the first word before, and now sends the second.
_MARKS = {
    "reading": (b"", b"system_schema.columns"),
    "before ALTER": (b"system_schema.columns", b"SELECT"),
    "in flight": (b"", b"ALTER TABLE"),
    "before agreement": (b"ALTER TABLE", b"system.local"),
    "verifying": (b"ALTER TABLE", b"system_schema.columns"),
    "index in flight": (b"", b"INDEX t_"),
}
# Of a run that is killed nobody reads the answer.
_AT_FIRST = {
    KILL_RUN: Fault.CUT_ANSWER,
    CUT_OFF: Fault.CUT_ANSWER,
    BLACK_HOLE: Fault.LOSE_ANSWER,
}
_NEVER_COMES = (Fault.CUT_REQUEST, Fault.LOSE_REQUEST, Fault.ERROR_INSTEAD)
_AFTERWARDS = {CUT_OFF: Fault.CUT_REQUEST, BLACK_HOLE: Fault.LOSE_ANSWER}
_ALTER = re.compile(rb"(?:ALTER TABLE|ALTER TYPE|CREATE INDEX|CREATE CUSTOM INDEX) [ -~]+")
_SELECT = re.compile(rb"SELECT [ -~]+")
_OF_TABLE = re.compile(r"FROM (system_schema\.(columns|types|indexes)|c\d+\.t)\b")
_SHIFT = 200


def far(address: str) -> str:
    """Where the proxy of the node at this address is, which is the node's address for clients."""
    return beside(address, _SHIFT)


class _Watched:
    """One run: what it sends is kept, and its fault strikes in its phase, once for all its connections."""

    def __init__(
        self,
        history: RunHistory,
        clock: Callable[[], float],
        kill: Callable[[], None],
        comes_to: Callable[[str], None],
    ) -> None:
        self._history, self._clock, self._kill, self._comes_to = history, clock, kill, comes_to
        self._seen = {b""}
        self._prepared: dict[bytes, bytes] = {}
        self._lock = threading.Lock()

    def then(self) -> None:
        """What else happens when the fault strikes."""
        drawn = self._history.run.fault
        if drawn and drawn.name == KILL_RUN:
            self._kill()

    def strikes(self, node: int, data: bytes) -> Fault | None:
        """Keep what this request tells; what happens to it."""
        with self._lock:
            data = self._with_prepared(data)
            fault = self._fault(self._look(data))
        lost, now = fault in _NEVER_COMES, self._clock()
        self._history.sent += [Sent(now, node, text.decode(), lost) for text in _ALTER.findall(data)]
        texts = (text.decode() for text in _SELECT.findall(data))
        self._history.reads += [Sent(now, node, text, lost) for text in texts if _OF_TABLE.search(text)]
        return fault

    @property
    def drawn(self) -> WireFault | None:
        return self._history.run.fault

    @property
    def routes(self) -> str:
        return self._history.run.routes

    @property
    def lead(self) -> int:
        return self._history.run.lead

    def _with_prepared(self, data: bytes) -> bytes:
        """The request with the text of what it executes: a server's id of a statement is the digest of its text."""
        for text in _SELECT.findall(data):
            self._prepared[hashlib.md5(text).digest()] = text  # noqa: S324
        return b"\n".join((data, *(text for key, text in self._prepared.items() if key in data)))

    def _look(self, data: bytes) -> Sequence[str]:
        phases = [phase for phase, (before, word) in _MARKS.items() if before in self._seen and word in data]
        for phase in phases:
            if phase not in self._history.passed:
                self._history.passed[phase] = self._clock()
                self._comes_to(phase)
        self._seen |= {word for _before, word in _MARKS.values() if word in data}
        return phases

    def _fault(self, phases: Sequence[str]) -> Fault | None:
        drawn = self._history.run.fault
        if drawn is None:
            return None
        if self._history.struck:
            return _AFTERWARDS.get(drawn.name)
        self._history.struck = drawn.phase in phases
        return (_AT_FIRST.get(drawn.name) or Fault[drawn.name]) if self._history.struck else None


class Wire:
    """The proxies of a ring while they run."""

    def __init__(self, nodes: Sequence[tuple[str, int]] = ()) -> None:
        self._nodes = nodes
        self._runs: dict[int, _Watched] = {}
        self._started = time.monotonic()

    def clock(self) -> float:
        """Seconds since the scenario began."""
        return round(time.monotonic() - self._started, 3)

    def begin(self) -> None:
        """Forget the runs of the scenario before."""
        self._runs, self._started = {}, time.monotonic()

    def watch(self, pid: int, history: RunHistory, kill: Callable[[], None], comes_to: Callable[[str], None]) -> None:
        """What the process with this number connects to belongs to this run from now on.

        C(comes_to) is told each phase before the request which begins it is passed on.
        """
        self._runs[pid] = _Watched(history, self.clock, kill, comes_to)

    def join(self, node: int, client: socket.socket, server: socket.socket) -> None:
        run = self._find(client.getpeername()[1])
        if run is None:
            pass_on(client, server)
            return
        reached = _route(run, node, len(self._nodes))
        if reached != node:
            server.close()
            try:
                server = socket.create_connection(self._nodes[reached])
            except OSError:
                client.close()
                return
        _OfOneNode(run, reached).join(client, server)

    def _find(self, port: int) -> _Watched | None:
        for pid, run in list(self._runs.items()):
            with contextlib.suppress(psutil.Error):
                if any(one.laddr.port == port for one in psutil.Process(pid).net_connections("tcp")):
                    return run
        return None


def _route(run: _Watched, node: int, nodes: int) -> int:
    """The node to which the address of this one leads the run."""
    if run.routes == SHARED:
        return run.lead
    away = (run.lead + 1) % nodes
    return (away + 1) % nodes if run.routes == MISROUTED and node == away else node


class _OfOneNode(Strike):
    """The connections of a run with one node; the fault is that of the run."""

    def __init__(self, run: _Watched, node: int) -> None:
        super().__init__(Fault.CUT_REQUEST, b"", run.then, code=run.drawn.code if run.drawn else 0)
        self._run, self._node = run, node

    def strikes(self, data: bytes) -> Fault | None:
        return self._run.strikes(self._node, data)


@contextlib.contextmanager
def wire(ring: Cluster) -> Iterator[Wire]:
    """The proxies of this ring, whose nodes tell clients to come to C(far)."""
    proxies = Wire([(node.address, node.port) for node in ring.nodes])
    with contextlib.ExitStack() as stack:
        for place, node in enumerate(ring.nodes):
            listener = socket.create_server((far(node.address), node.port))

            def join(client: socket.socket, server: socket.socket, place: int = place) -> None:
                threading.Thread(target=proxies.join, args=(place, client, server), daemon=True).start()

            stack.enter_context(relay(listener, (node.address, node.port), join))
        yield proxies
