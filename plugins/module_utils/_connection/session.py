# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session with a node, and those with its peers; what opens it closes it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from .._cql.statement import Statement
from .._cql.system_table import SystemRead
from .._driver import load_driver
from .._errors import ConnectionFailed, Failure, NotAuthorized, OutcomeUnknown, StatementFailed
from . import errors, private
from .cluster import make_cluster
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


def open_session(settings: Settings) -> Session:
    """A session with the first contact point that answers; raises ConnectionFailed, InvalidInput or MissingDriver."""
    load_driver()
    versions = (settings.protocol_version,) if settings.protocol_version else _PROTOCOL_VERSIONS
    for version in versions[:-1]:
        with contextlib.suppress(_WrongProtocol):
            return _open(settings, version)
    return _open(settings, versions[-1])


class _WrongProtocol(ConnectionFailed):
    """No contact point speaks this version of the native protocol, and at least one said so."""


def _open(settings: Settings, protocol_version: int) -> Session:
    endpoints, attempts = _endpoints(settings)
    peers: set[Any] = set()
    cluster = make_cluster(settings, protocol_version, endpoints, peers)
    try:
        # Another node of the same cluster is connected without finding out its version again.
        session = Session(cluster, cluster.connect(), replace(settings, protocol_version=protocol_version), peers)
    except Exception as error:
        cluster.shutdown()
        raise _connection_failure(settings, attempts, error) from error
    _require_datacenter(cluster, settings.local_datacenter, session)
    return session


def _endpoints(settings: Settings) -> tuple[list[Any], dict[str, str]]:
    """The contact points as endpoints of the driver, and those whose names do not resolve."""
    from cassandra.connection import DefaultEndPoint

    endpoints, attempts = [], {}
    for host, port in settings.contact_points:
        try:
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            # By name and not by address, so that TLS verifies the name that the user gave.
            endpoints.append(DefaultEndPoint(host, port))
        except OSError as error:
            attempts[f"{host}:{port}"] = errors.connection_reason(error)
    if attempts and not endpoints:
        raise ConnectionFailed(_unreachable(attempts), attempts=attempts)
    return endpoints, attempts


def _require_datacenter(cluster: Any, wanted: str | None, session: Session) -> None:
    found = cluster.get_control_connection_host().datacenter
    if wanted and found != wanted:
        with session:
            known = sorted({host.datacenter for host in cluster.metadata.all_hosts() if host.datacenter})
        raise ConnectionFailed(
            f"{session.address} is in datacenter {found}, not in local_datacenter {wanted}; "
            f"the cluster has: {', '.join(known)}."
        )


def _connection_failure(settings: Settings, attempts: dict[str, str], error: Exception) -> Failure:
    causes = getattr(error, "errors", None)
    if not isinstance(causes, dict) or not causes:
        causes = {"the cluster": error}
    attempts = {**attempts, **{str(address): errors.connection_reason(one) for address, one in causes.items()}}
    if any(errors.is_wrong_protocol(one) for one in causes.values()):
        return _WrongProtocol(_unreachable(attempts), attempts=attempts)
    if any(errors.is_bad_credentials(one) for one in causes.values()):
        return errors.refused_credentials(settings.user, attempts, settings.sigv4)
    if any(errors.lacks_credentials(one) for one in causes.values()):
        return errors.missing_credentials(bool(settings.bundle), attempts)
    return ConnectionFailed(_unreachable(attempts), attempts=attempts)


def _unreachable(attempts: Mapping[str, str]) -> str:
    return f"No Cassandra node could be reached. Tried {errors.attempts_sentence(attempts)}."
