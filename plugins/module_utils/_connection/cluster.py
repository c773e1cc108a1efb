# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that makes a C(Cluster) of the driver, with the settings that a change of the schema needs."""

from __future__ import annotations

import socket
from typing import Any

from .._cql.statement import SELECT_LOCAL
from .._cql.system_table import every_column
from . import private
from .addresses import AddressMap, join
from .bundle import cloud_options, explain_bundle
from .login import login
from .session import named_rows
from .settings import Settings
from .tls import ssl_context

# How many nodes are connected at once.
AT_ONCE = 16


def make_cluster(settings: Settings, protocol_version: int, contact: Any, peers: set[Any], seconds: float) -> Any:
    """The driver's cluster; it connects to one node, and to the C(peers) that are put into that set later.

    C(contact) is None with a bundle, which names the node. Connecting may take so many seconds.

    Raises InvalidInput or ConnectionFailed for a bundle that cannot be used, and what C(login) raises.
    """
    from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster

    options: dict[str, Any] = {"protocol_version": protocol_version, "auth_provider": login(settings)}
    if settings.bundle:
        options["cloud"] = cloud_options(settings.bundle, seconds)
    else:
        options["contact_points"] = [contact]
        options["ssl_context"] = ssl_context(settings.tls) if settings.tls else None
    try:
        cluster = Cluster(
            connection_class=private.connection_class(Cluster.connection_class),
            connect_timeout=seconds,
            control_connection_timeout=seconds,
            execution_profiles={EXEC_PROFILE_DEFAULT: _profile(settings, _only(peers))},
            # Each of the peers that are asked by default (ask_nodes_limit) is connected at the same time.
            executor_threads=2 * AT_ONCE,
            # The one table that matters and the schema versions are read by our own statements.
            schema_metadata_enabled=False,
            token_metadata_enabled=False,
            max_schema_agreement_wait=0,
            prepare_on_all_hosts=False,
            reprepare_on_up=False,
            compression=False,
            # Else the second of two requests leaves when the first has arrived: a round trip more where they go out together.
            sockopts=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            idle_heartbeat_interval=0,
            **options,
        )
    except Exception as error:
        raise explain_bundle(settings.bundle, error) from error
    if settings.address_map.entries:
        cluster.endpoint_factory = _translated(cluster.endpoint_factory, settings.address_map)
    private.read_all_of_local(cluster, every_column(SELECT_LOCAL).text)
    return cluster


def endpoint(name: str, port: int, found: tuple[str, int] | None) -> Any:
    """An endpoint of the driver that TLS verifies by its name, and that is reached at the address and port found for that."""
    from cassandra.connection import EndPoint

    class Found(EndPoint):  # type: ignore[misc]
        @property
        def address(self) -> str:
            return name

        @property
        def port(self) -> int:
            return port

        def resolve(self) -> tuple[str, int]:
            return found or (name, port)

        def __str__(self) -> str:
            return join(name, port)

    return Found()


def _translated(factory: Any, address_map: AddressMap) -> Any:
    """A factory of the endpoints of peers: each is what it advertises, and is reached where the map leads.

    The driver's C(AddressTranslator) knows no ports, and what it returns is what TLS verifies.
    """
    from cassandra.connection import EndPointFactory

    # The driver compares endpoints: one for each peer, however often it reads the peers.
    made: dict[tuple[str, int], Any] = {}

    class Translated(EndPointFactory):  # type: ignore[misc]
        def create(self, row: Any) -> Any:
            there = factory.create(row)
            key = there.address, there.port
            return made.setdefault(key, endpoint(*key, address_map.reach(*key)))

    return Translated()


def _profile(settings: Settings, policy: Any) -> Any:
    from cassandra import ConsistencyLevel
    from cassandra.cluster import ExecutionProfile
    from cassandra.policies import FallthroughRetryPolicy

    return ExecutionProfile(
        load_balancing_policy=policy,
        # A change is sent once; whether it is sent again is decided by what the server shows, not by a policy.
        retry_policy=FallthroughRetryPolicy(),
        # Astra DB refuses ONE and LOCAL_ONE for writes; the system tables do not care.
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=settings.request_timeout,
        row_factory=named_rows,
    )


def _only(peers: set[Any]) -> Any:
    """A policy under which the driver connects to the node of its control connection and to C(peers), and to no other.

    The policies of the driver keep each node of the cluster, at a cost that grows with the square of their number.
    """
    from cassandra.policies import HostDistance, LoadBalancingPolicy

    class Only(LoadBalancingPolicy):  # type: ignore[misc]
        _cluster: Any = None
        _contact_points: tuple[Any, ...] = ()

        def populate(self, cluster: Any, hosts: Any) -> None:
            self._cluster, self._contact_points = cluster, tuple(hosts)

        def distance(self, host: Any) -> Any:
            ours = self._ours()
            return HostDistance.LOCAL if ours is None or host == ours or host in peers else HostDistance.IGNORED

        def make_query_plan(self, working_keyspace: str | None = None, query: Any = None) -> Any:
            """Where the control connection goes, and what is sent to no node in particular, such as PREPARE."""
            ours = self._ours()
            return iter((ours, *peers) if ours else self._contact_points)

        def _ours(self) -> Any:
            return self._cluster and self._cluster.get_control_connection_host()

        def on_up(self, host: Any) -> None:
            """Nothing is kept of it, here and below."""

        on_down = on_add = on_remove = on_up

    return Only()
