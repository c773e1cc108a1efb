# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session with a node, and those with its peers; what opens it closes it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._cql.statement import Statement
from .._cql.system_table import SystemRead
from .._errors import ConnectionFailed, Failure, NotAuthorized, OutcomeUnknown, StatementFailed
from . import private
from .explain import explained
from .settings import Settings

# Without a version the driver tries 66, 65 and then 5: two connections and two warnings for nothing. 5 is spoken by
# Cassandra 4.0 and later, 4 by 3.11 and its relatives.
_PROTOCOL_VERSIONS = (5, 4)

# Rows of one answer, where a whole table may be read: so many fit into memory, whatever they hold.
_PAGE = 1000

Row = Mapping[str, Any]


class Rows(list[Row]):
    """The rows of an answer with the C(names) of its columns, which tell what there is even where there is no row."""

    def __init__(self, rows: Iterable[Row] = (), names: Iterable[str] | None = None) -> None:
        super().__init__(rows)
        self.names = frozenset(names or ())


class Session:
    """A session with one node; C(address) and C(port) say which, C(settings) how it was opened, C(warnings) what it warned of."""

    def __init__(self, cluster: Any, session: Any, settings: Settings, peers: set[Any], host: Any = None) -> None:
        self._cluster = cluster
        self._session = session
        private.limit_prepare(session, settings.request_timeout)
        self._peers = peers
        self._host = host or cluster.get_control_connection_host()
        self._is_peer = host is not None
        self.settings = settings
        self.address, self.port = str(self._host.endpoint), self._host.endpoint.port
        self.warnings: list[str] = []
        # What this server was found to lack: some of the columns of a read, or all of it.
        self.partial: set[SystemRead] = set()
        self.absent: dict[SystemRead, Failure] = {}
        self._prepared: dict[str, Any] = {}

    @property
    def has_bundle(self) -> bool:
        """Whether a secure connect bundle says how to connect; what that tells of the server is a capability."""
        return self.settings.bundle is not None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._is_peer:
            # It ends with the session that connected it.
            return
        self._session.shutdown()
        # Cluster.shutdown() waits for a thread that sleeps in steps of 0.1 s; nothing depends on it any more.
        threading.Thread(target=self._cluster.shutdown, daemon=True).start()

    def datacenters(self) -> tuple[str | None, list[str]]:
        """The datacenter of this node, and those that the cluster has."""
        hosts = self._cluster.metadata.all_hosts()
        return self._host.datacenter, sorted({host.datacenter for host in hosts if host.datacenter})

    def connect_peers(self, nodes: Collection[tuple[str, int]]) -> dict[tuple[str, int], Session]:
        """Sessions with those of these nodes that this one knows and that answer: two round trips, all at once."""
        known = {(host.endpoint.address, host.endpoint.port): host for host in self._cluster.metadata.all_hosts()}
        hosts = {node: known[node] for node in nodes if node in known}
        self._peers.update(hosts.values())
        connected = private.connect_hosts(self._session, hosts.values(), self.settings.connect_timeout)
        return {
            node: Session(self._cluster, self._session, self.settings.only(node), self._peers, host)
            for node, host in hosts.items()
            if host in connected
        }

    def read(self, *statements: Statement) -> list[list[Row]]:
        """The rows of each statement, all in flight at once; raises NotAuthorized, StatementFailed, ConnectionFailed."""
        return [answered(answer) for answer in self.answers(*statements)]

    def answers(self, *statements: Statement) -> list[Rows | Failure]:
        """The same with the NotAuthorized or StatementFailed of a statement in its place; raises ConnectionFailed."""
        with explained(self.address, ConnectionFailed):
            self._prepare([one.text for one in statements if one.values and one.text not in self._prepared])
            bound = [(self._prepared[one.text], one.values) if one.values else (one.text,) for one in statements]
            futures = [self._session.execute_async(*one, host=self._host) for one in bound]
        return [self._answer(future) for future in futures]

    def _answer(self, future: Any) -> Rows | Failure:
        try:
            with explained(self.address, ConnectionFailed):
                result = future.result()
                return Rows(result, result.column_names)
        except (NotAuthorized, StatementFailed) as failure:
            return failure

    def read_pages(self, statement: Statement) -> Iterator[Row]:
        """The rows of a statement without values, page by page; raises NotAuthorized, StatementFailed, ConnectionFailed."""
        with explained(self.address, ConnectionFailed):
            self._session.default_fetch_size = _PAGE
            yield from self._session.execute(statement.text, host=self._host)

    def execute(self, statement: Statement) -> None:
        """Send a change once; raises NotAuthorized or StatementFailed if it was refused, OutcomeUnknown if no answer came."""
        with explained(self.address, OutcomeUnknown):
            future = self._session.execute_async(statement.text, host=self._host)
            future.result()
            self.warnings += future.warnings or []

    @contextlib.contextmanager
    def asking(self) -> Iterator[Any]:
        """The driver's own session for a read of another kind; what goes wrong with it is raised as C(read) does."""
        with explained(self.address, ConnectionFailed):
            yield self._session

    def _prepare(self, texts: Sequence[str]) -> None:
        """Prepare what was not prepared yet, all at once: the driver waits for each by itself."""
        if texts:
            with ThreadPoolExecutor(len(texts)) as pool:
                self._prepared.update(zip(texts, pool.map(self._session.prepare, texts)))


def answered(answer: Rows | Failure) -> Rows:
    """The rows; raises the Failure that is in their place."""
    if isinstance(answer, Failure):
        raise answer
    return answer
