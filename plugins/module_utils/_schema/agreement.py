# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until all nodes hold one schema version. Each node is asked itself, and together with that for what is wanted of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from .._connection.nodes import NodeSessions
from .._errors import NotAgreed
from .._place import Place
from .model import Agreement, Cluster, Node, Table, TableName
from .observe import observe, observe_version
from .policy import may_ignore
from .run import ClusterRun
from .waiting import Waiting

# The first read comes at once; a change on one node or in one rack is agreed within milliseconds.
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5

_WHAT_TO_DO = (
    "Run 'nodetool describecluster', then start the nodes that differ or restart them one by one, and run this again. "
    "Until the versions agree, nobody should change the schema."
)


class Shown(NamedTuple):
    """A table as the nodes showed it together with the schema versions: the one that coordinates, and each peer by its key."""

    place: Place | None = None
    table: Table | None = None
    peers: Mapping[str, Table | None] = MappingProxyType({})


def reach_agreement(nodes: NodeSessions, run: ClusterRun, message: str, name: TableName | None = None) -> Shown:
    """Wait for agreement and note it in the run; what the nodes then show of the table of this name.

    Raises NotAgreed, with the schema version of each node, if there is none.
    """
    agreement, shown = _await_agreement(nodes, run, name)
    run.agreement = agreement
    if not agreement.agreed:
        raise NotAgreed(
            f"{message}: after {agreement.seconds:.1f} s the nodes hold different schema versions "
            f"({_versions(agreement)}). {_WHAT_TO_DO}"
        )
    return shown


def _await_agreement(nodes: NodeSessions, run: ClusterRun, name: TableName | None) -> tuple[Agreement, Shown]:
    """The agreement, or the state after the time for it without it: read C(agreed); and the table of that name."""
    start, pause, timeout = time.monotonic(), _FIRST_PAUSE, run.request.policy.agreement_timeout
    waiting = Waiting(nodes)
    while True:
        # A coordinator that was replaced is a node like the others: it is to be asked too.
        nodes.connect(run.asked)
        cluster, shown = _read(nodes, name)
        found = Agreement(cluster, time.monotonic() - start, _ignored(nodes, run))
        if found.agreed or found.seconds >= timeout:
            return found, shown
        run.note_wait()
        waiting.says(f"for one schema version on all nodes: {_versions(found)}")
        time.sleep(min(pause, timeout - found.seconds))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _read(nodes: NodeSessions, name: TableName | None) -> tuple[Cluster, Shown]:
    """The cluster as the coordinator sees it, with what the connected peers say of themselves."""
    names = [name] if name else []
    (cluster, tables), answers = nodes.run_everywhere(
        lambda session: observe(session, names), lambda session: observe_version(session, name)
    )
    versions = {key: version for key, (version, _table) in answers.items()}
    shown = {key: table for key, (_version, table) in answers.items()}
    return cluster.with_versions(versions), Shown(cluster.local.place, tables[0] if tables else None, shown)


def _ignored(nodes: NodeSessions, run: ClusterRun) -> frozenset[str]:
    """The nodes that do not answer and need not agree: once nodes are asked, whether that is allowed is another check."""
    is_allowed = run.request.policy.allow_unreachable_nodes or may_ignore(run.cluster, nodes.unreachable)
    return frozenset(nodes.unreachable if run.changing or is_allowed else ())


def _versions(agreement: Agreement) -> str:
    cluster = agreement.cluster
    return "; ".join(_describe(node, cluster) for node in (cluster.local, *agreement.missing))


def _describe(node: Node, cluster: Cluster) -> str:
    version = node.schema_version
    if cluster.capabilities.has_epochs and version:
        # The catalog is a log, and a version of it is the number of its last entry.
        version = f"epoch {int(version.replace('-', ''), 16)}"
    return f"{cluster.label(node.place)} {node.release_version or cluster.local.release_version}: {version}"
