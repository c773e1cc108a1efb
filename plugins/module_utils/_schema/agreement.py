# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until all nodes hold one schema version."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable

from .._connection.nodes import NodeSessions
from .._errors import ConnectionFailed, Failure, NotAgreed
from .model import Agreement, Cluster, Node
from .observe import observe_cluster, observe_version
from .policy import Policy, may_ignore
from .result import TableRun

# The first read comes at once; a change on one node or in one rack is agreed within milliseconds.
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5

_WAY_OUT = (
    "Run 'nodetool describecluster', then start the nodes that differ or restart them one by one, and run this again. "
    "Until the versions agree, nobody should change the schema."
)


def await_agreement(nodes: NodeSessions, timeout: float, ignored: Collection[str] = ()) -> Agreement:
    """The agreement, or the state after C(timeout) seconds without it: read C(agreed)."""
    start, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        found = Agreement(_read_versions(nodes), time.monotonic() - start, frozenset(ignored))
        if found.agreed or found.seconds >= timeout:
            return found
        time.sleep(min(pause, timeout - found.seconds))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _read_versions(nodes: NodeSessions) -> Cluster:
    """The cluster as the coordinator sees it, with what the connected peers say of themselves."""
    cluster = nodes.run(observe_cluster)
    versions = {}
    for address, version in nodes.run_on_peers(observe_version).items():
        # A peer lost meanwhile counts with what the coordinator knows of it.
        if isinstance(version, ConnectionFailed):
            continue
        if isinstance(version, Failure):
            raise version
        versions[address] = version
    return cluster.with_versions(versions)


def reach_agreement(nodes: NodeSessions, policy: Policy, runs: Iterable[TableRun], message: str) -> None:
    """Wait for agreement and note it in the runs; raises NotAgreed, with the schema version of each node, if there is none."""
    runs = list(runs)
    agreement = await_agreement(nodes, policy.agreement_timeout, _ignored(nodes, policy, runs[0].before))
    for run in runs:
        run.agreement = agreement
    if not agreement.agreed:
        versions = "; ".join(
            _describe(node, agreement.cluster) for node in (agreement.cluster.local, *agreement.missing)
        )
        raise NotAgreed(
            f"{message}: after {agreement.seconds:.1f} s the nodes hold different schema versions ({versions}). {_WAY_OUT}"
        )


def _ignored(nodes: NodeSessions, policy: Policy, cluster: Cluster) -> Collection[str]:
    """The nodes that do not answer and need not agree."""
    return nodes.unreachable if policy.allow_unreachable_nodes or may_ignore(cluster, nodes.unreachable) else ()


def _describe(node: Node, cluster: Cluster) -> str:
    version = node.schema_version
    if cluster.capabilities.has_epochs and version:
        # The catalogue is a log, and a version of it is the number of its last entry.
        version = f"epoch {int(version.replace('-', ''), 16)}"
    return f"{node.address} {node.release_version or cluster.local.release_version}: {version}"
