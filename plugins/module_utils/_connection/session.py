# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session: the only place which makes a C(Cluster) of the driver; whoever opens it closes it."""

from __future__ import annotations

import contextlib
import inspect
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .._cql.statement import Statement
from .._cql.system_table import SystemRead
from .._driver import load_driver
from .._errors import ConnectionFailed, Failure, NotAuthorized, OutcomeUnknown, StatementFailed, Unavailable
from . import errors
from .bundle import cloud_options, explain_bundle
from .offered import remembering
from .settings import Settings
from .sigv4 import sigv4_provider
from .tls import ssl_context

# Without a version the driver tries 66, 65 and then 5: two connections and two warnings for nothing. 5 is spoken by
# Cassandra 4.0 and later, 4 by 3.11 and its relatives.
_PROTOCOL_VERSIONS = (5, 4)

# Rows of one answer, where a whole table may be read: so many fit into memory, whatever they hold.
_PAGE = 1000

Row = Mapping[str, Any]


class Rows(NamedTuple):
    """The rows of an answer with the names of its columns, which tell what there is even where there is no row."""

    names: list[str]
    rows: list[Row]


class Session:
    """A session with one node; C(address) and C(port) say which, C(settings) how it was opened, C(warnings) what it warned of."""

    def __init__(self, cluster: Any, session: Any, settings: Settings) -> None:
        self._cluster = cluster
        self._session = session
        self.settings = settings
        endpoint = cluster.get_control_connection_host().endpoint
        self.address, self.port = str(endpoint), endpoint.port
        self.warnings: list[str] = []
        # What this server was found to lack: some of the columns of a read, or all of it.
        self.partial: set[SystemRead] = set()
        self.absent: dict[SystemRead, Failure] = {}
        self._prepared: dict[str, Any] = {}

    @property
    def options(self) -> frozenset[str]:
        """The names of the options that the server offered when the connection was made."""
        return frozenset(self._cluster.connection_class.offered)

    @property
    def is_managed(self) -> bool:
        """Whether a hosted service answers, which hides its nodes: they are not addresses to connect to."""
        return self.settings.bundle is not None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._session.shutdown()
        # Cluster.shutdown() waits for a thread which sleeps in steps of 0.1 s; nothing of ours depends on it any more.
        threading.Thread(target=self._cluster.shutdown, daemon=True).start()

    def read(self, *statements: Statement) -> list[list[Row]]:
        """The rows of each statement, all in flight at once; raises NotAuthorized, StatementFailed, ConnectionFailed."""
        return [answered(answer).rows for answer in self.answers(*statements)]

    def answers(self, *statements: Statement) -> list[Rows | Failure]:
        """The same with the NotAuthorized or StatementFailed of a statement in its place; raises ConnectionFailed."""
        with _explained(self.address, ConnectionFailed):
            self._prepare([one.text for one in statements if one.values and one.text not in self._prepared])
            bound = [(self._prepared[one.text], one.values) if one.values else (one.text,) for one in statements]
            futures = [self._session.execute_async(*one) for one in bound]
        return [self._answer(future) for future in futures]

    def _answer(self, future: Any) -> Rows | Failure:
        try:
            with _explained(self.address, ConnectionFailed):
                result = future.result()
                return Rows(list(result.column_names or ()), list(result))
        except (NotAuthorized, StatementFailed) as failure:
            return failure

    def read_pages(self, statement: Statement) -> Iterator[Row]:
        """The rows of a statement without values, page by page; raises NotAuthorized, StatementFailed, ConnectionFailed."""
        with _explained(self.address, ConnectionFailed):
            self._session.default_fetch_size = _PAGE
            yield from self._session.execute(statement.text)

    def execute(self, statement: Statement) -> None:
        """Send a change once; raises NotAuthorized or StatementFailed if it was refused, OutcomeUnknown if who knows."""
        with _explained(self.address, OutcomeUnknown):
            future = self._session.execute_async(statement.text)
            future.result()
            self.warnings += future.warnings or []

    @contextlib.contextmanager
    def asking(self) -> Iterator[Any]:
        """The driver's own session for a read of another kind; what goes wrong with it is raised as C(read) does."""
        with _explained(self.address, ConnectionFailed):
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
    """A session with the first contact point which answers; raises ConnectionFailed, InvalidInput or MissingDriver."""
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
    cluster = _make_cluster(settings, protocol_version, endpoints)
    try:
        session = Session(cluster, cluster.connect(), settings)
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
            # By name and not by address, so that TLS verifies the name which the user gave.
            endpoints.append(DefaultEndPoint(host, port))
        except OSError as error:
            attempts[f"{host}:{port}"] = errors.connection_reason(error)
    if attempts and not endpoints:
        raise ConnectionFailed(_unreachable(attempts), attempts=attempts)
    return endpoints, attempts


def _make_cluster(settings: Settings, protocol_version: int, endpoints: list[Any]) -> Any:
    from cassandra.auth import PlainTextAuthProvider
    from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster

    options: dict[str, Any] = {"protocol_version": protocol_version}
    if settings.user:
        options["auth_provider"] = PlainTextAuthProvider(settings.user, settings.password)
    if settings.sigv4:
        options["auth_provider"] = sigv4_provider(settings.region, settings.contact_points[0][0])
    if settings.bundle:
        options["cloud"] = cloud_options(settings.bundle, settings.connect_timeout)
    else:
        options["contact_points"] = endpoints
        options["ssl_context"] = ssl_context(settings.tls) if settings.tls else None
    cluster: Any = None
    try:
        cluster = Cluster(
            # Contact points are tried one after the other: together they take no longer than the time-out.
            connect_timeout=settings.connect_timeout / max(1, len(endpoints)),
            control_connection_timeout=settings.request_timeout,
            execution_profiles={EXEC_PROFILE_DEFAULT: _profile(settings, lambda: cluster)},
            # We read the one table which matters and the schema versions ourselves.
            schema_metadata_enabled=False,
            token_metadata_enabled=False,
            max_schema_agreement_wait=0,
            prepare_on_all_hosts=False,
            reprepare_on_up=False,
            compression=False,
            idle_heartbeat_interval=0,
            connection_class=remembering(Cluster.connection_class),
            **_no_reports(Cluster),
            **options,
        )
    except Exception as error:
        raise explain_bundle(settings.bundle, error) from error
    return cluster


def _no_reports(cluster_class: Any) -> dict[str, bool]:
    """What turns off the reports about the client, which cassandra-driver and scylla-driver call by other names."""
    known = inspect.signature(cluster_class.__init__).parameters
    return {name: False for name in ("monitor_reporting_enabled", "driver_config_reporting_enabled") if name in known}


def _profile(settings: Settings, cluster: Any) -> Any:
    from cassandra import ConsistencyLevel
    from cassandra.cluster import ExecutionProfile
    from cassandra.policies import FallthroughRetryPolicy, HostFilterPolicy, RoundRobinPolicy
    from cassandra.query import dict_factory

    def is_ours(host: Any) -> bool:
        ours = cluster().get_control_connection_host()
        return ours is None or host == ours

    return ExecutionProfile(
        # One node for everything: without this the driver opens a pool to every node of the cluster.
        load_balancing_policy=HostFilterPolicy(RoundRobinPolicy(), is_ours),
        # A change is sent once; whether it is sent again is decided by looking, not by a policy.
        retry_policy=FallthroughRetryPolicy(),
        # Astra DB refuses ONE and LOCAL_ONE for writes; the system tables do not care.
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=settings.request_timeout,
        row_factory=dict_factory,
    )


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
    return ConnectionFailed(_unreachable(attempts), attempts=attempts)


def _unreachable(attempts: Mapping[str, str]) -> str:
    return f"No Cassandra node could be reached. Tried {errors.attempts_sentence(attempts)}."


@contextlib.contextmanager
def _explained(address: str, otherwise: type[Failure]) -> Iterator[None]:
    from cassandra import RequestExecutionException, RequestValidationException, Unauthorized
    from cassandra.protocol import ErrorMessage, ServerError
    from cassandra.protocol import RequestValidationException as RefusedMessage

    try:
        yield
    except Unauthorized as error:
        raise NotAuthorized(errors.server_words(error)) from error
    except (RequestValidationException, RefusedMessage) as error:
        raise StatementFailed(errors.server_words(error)) from error
    except Exception as error:
        by_address = getattr(error, "errors", None)
        cause = next(iter(by_address.values()), error) if isinstance(by_address, dict) else error
        if otherwise is ConnectionFailed and isinstance(cause, (RequestExecutionException, ErrorMessage)):
            # An answer, though no rows: replicas are missing, slow or failed. Of a change nobody knows then.
            kind = StatementFailed if isinstance(cause, ServerError) else Unavailable
            raise kind(errors.server_words(cause)) from error
        if otherwise is ConnectionFailed and str(cause).startswith("Failed decoding"):
            # Cassandra takes timestamps and dates which Python has no value for.
            raise StatementFailed(f"the Python driver cannot read what {address} sent: {cause}") from error
        raise otherwise(f"{address} gave no answer: {errors.connection_reason(cause)}.") from error
