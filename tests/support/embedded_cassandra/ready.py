# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""When is a cluster ready? When one can log in, and when every node sees all others on one schema version."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable, Session
from cassandra.policies import WhiteListRoundRobinPolicy

from .config import CQL_PORT
from .node import Node

SUPERUSER = "cassandra"
_LIMIT = 120.0


def wait_for(nodes: Sequence[Node], auth: bool) -> None:
    """Wait until the cluster is ready; raises RuntimeError if it is not in time."""
    deadline = time.monotonic() + _LIMIT
    for node in nodes:
        while not _asks(node, auth, lambda session: _sees(session, nodes)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{node.address} does not see the whole cluster:\n{node.errors()}")
            time.sleep(0.3)


def connect(
    address: str, auth: bool = False, role: str = SUPERUSER, password: str = SUPERUSER, port: int = CQL_PORT
) -> Cluster:
    """A driver's cluster object for one node and nothing else, as this role if the node asks for one."""
    return Cluster(
        [address],
        port=port,
        protocol_version=4,
        auth_provider=PlainTextAuthProvider(role, password) if auth else None,
        schema_metadata_enabled=False,
        token_metadata_enabled=False,
        execution_profiles={
            EXEC_PROFILE_DEFAULT: ExecutionProfile(
                load_balancing_policy=WhiteListRoundRobinPolicy([address]), request_timeout=30
            )
        },
    )


def _asks(node: Node, auth: bool, question: Callable[[Session], bool]) -> bool:
    driver = connect(node.address, auth)
    try:
        return question(driver.connect())
    except NoHostAvailable:
        return False
    finally:
        driver.shutdown()


def _sees(session: Session, nodes: Sequence[Node]) -> bool:
    local = session.execute("SELECT schema_version FROM system.local").one()
    peers = list(session.execute("SELECT release_version, schema_version FROM system.peers_v2"))
    known = [peer for peer in peers if peer.schema_version]
    # Nodes of different versions never agree: their system tables differ.
    same = len({node.version for node in nodes}) > 1 or all(p.schema_version == local.schema_version for p in known)
    return len(known) == len(nodes) - 1 and same
