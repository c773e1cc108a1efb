# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until all nodes hold one schema version."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from .._connection.nodes import NodeSessions
from .._errors import ConnectionFailed, Failure, NotAgreed
from .model import Agreement, Cluster, Node, Table, TableName
from .observe import observe, observe_version
from .policy import Policy, may_ignore
from .result import TableRun

# The first read comes at once; a change on one node or in one rack is agreed within milliseconds.
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5

_WAY_OUT = (
    "Run 'nodetool describecluster', then start the nodes that differ or restart them one by one, and run this again. "
    "Until the versions agree, nobody should change the schema."
)


class Shown(NamedTuple):
    """A table as the nodes showed it together with the schema versions: the coordinator, and each peer by address."""

    table: Table | None = None
    peers: Mapping[str, Table | None] = MappingProxyType({})


def await_agreement(
    nodes: NodeSessions, timeout: float, ignored: Collection[str] = (), name: TableName | None = None
) -> tuple[Agreement, Shown]:
    """The agreement, or the state after C(timeout) seconds without it: read C(agreed); and the table of that name."""
    start, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        cluster, shown = _read(nodes, name)
        found = Agreement(cluster, time.monotonic() - start, frozenset(ignored))
        if found.agreed or found.seconds >= timeout:
            return found, shown
        time.sleep(min(pause, timeout - found.seconds))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _read(nodes: NodeSessions, name: TableName | None) -> tuple[Cluster, Shown]:
    """The cluster as the coordinator sees it, with what the connected peers say of themselves."""
    names = [name] if name else []
    (cluster, tables), answers = nodes.run_everywhere(
        lambda session: observe(session, names), lambda session: observe_version(session, name)
    )
    versions, of_peers = {}, {}
    for address, answer in answers.items():
        # A peer lost meanwhile counts with what the coordinator knows of it.
        if isinstance(answer, ConnectionFailed):
            continue
        if isinstance(answer, Failure):
            raise answer
        versions[address], of_peers[address] = answer
    return cluster.with_versions(versions), Shown(tables[0] if tables else None, of_peers)


def reach_agreement(
    nodes: NodeSessions, policy: Policy, runs: Iterable[TableRun], message: str, name: TableName | None = None
) -> Shown:
    """Wait for agreement and note it in the runs; what the nodes then show of the table of this name.

    Raises NotAgreed, with the schema version of each node, if there is none.
    """
    runs = list(runs)
    ignored = _ignored(nodes, policy, runs[0].before)
    agreement, shown = await_agreement(nodes, policy.agreement_timeout, ignored, name)
    for run in runs:
        run.agreement = agreement
    if not agreement.agreed:
        versions = "; ".join(
            _describe(node, agreement.cluster) for node in (agreement.cluster.local, *agreement.missing)
        )
        raise NotAgreed(
            f"{message}: after {agreement.seconds:.1f} s the nodes hold different schema versions ({versions}). {_WAY_OUT}"
        )
    return shown


def _ignored(nodes: NodeSessions, policy: Policy, cluster: Cluster) -> Collection[str]:
    """The nodes that do not answer and need not agree."""
    return nodes.unreachable if policy.allow_unreachable_nodes or may_ignore(cluster, nodes.unreachable) else ()


def _describe(node: Node, cluster: Cluster) -> str:
    version = node.schema_version
    if cluster.capabilities.has_epochs and version:
        # The catalog is a log, and a version of it is the number of its last entry.
        version = f"epoch {int(version.replace('-', ''), 16)}"
    return f"{node.address} {node.release_version or cluster.local.release_version}: {version}"
