# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until all nodes hold one schema version, and until a change that was accepted shows.

Each node is asked itself, together with what is wanted of it. Some services answer before they make a change, and have a status
for each table, which may lag behind in either direction: what counts is what the table shows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from .._connection.nodes import NodeSessions
from .._cql import statement as cql
from .._cql.column_text import read_text
from .._errors import NotAgreed
from .._place import Place
from .catalog.model import Agreement, Cluster, Node, Table
from .catalog.reading import read_available
from .observe import observe, observe_plan, observe_version
from .planning.desired import Desired
from .planning.plan import Plan, require_there
from .request import may_ignore
from .run import ClusterRun, TableRun

_EVERY = 5.0


class Waiting:
    """One wait of so many seconds; it is told in each turn for what, and passes that on every few seconds.

    C(pauses) are the first pause between two turns and the longest.
    """

    def __init__(self, nodes: NodeSessions, timeout: float, pauses: tuple[float, float]) -> None:
        self._nodes, self._timeout = nodes, timeout
        self._pause, self._longest_pause = pauses
        self._start = time.monotonic()
        self._next = self._start + _EVERY

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._start

    @property
    def is_over(self) -> bool:
        """Whether the time for it is over."""
        return self.seconds >= self._timeout

    def pause(self, stretched: float = 1.0) -> None:
        """Wait for the next turn, each time twice as long, and not beyond the end."""
        time.sleep(min(self._pause * stretched, max(0.0, self._timeout - self.seconds)))
        self._pause = min(self._pause * 2, self._longest_pause)

    def says(self, what: str, more: Callable[[], str] = str) -> None:
        """Pass on what is waited for, if it is time; C(more) is asked only then."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY
            self._nodes.tell(f"After {self.seconds:.0f} s still waiting {what}. {more()}".rstrip())


# The first read comes at once; a change on one node or in one rack is agreed within milliseconds.
_PAUSES = (0.01, 0.5)

_WHAT_TO_DO = (
    "Run 'nodetool describecluster', then start the nodes that differ or restart them one by one, and run this again. "
    "Until the versions agree, nobody should change the schema."
)


class Shown(NamedTuple):
    """A table as the nodes showed it together with the schema versions: the one that coordinates, and each peer by its key.

    C(described) is the coordinator's own text, if it was asked for it.
    """

    place: Place | None = None
    table: Table | None = None
    peers: Mapping[str, Table | None] = MappingProxyType({})
    described: str = ""


def reach_agreement(
    nodes: NodeSessions, run: ClusterRun, message: str, desired: Desired | None = None, describes: bool = False
) -> Shown:
    """Wait for agreement and note it in the run; what the nodes then show of the table that this is about.

    C(describes) also asks for the text of that table. Raises NotAgreed, with the schema version of each node, if there is none.
    """
    agreement, shown = _await_agreement(nodes, run, desired, describes)
    run.agreement = agreement
    if not agreement.agreed:
        raise NotAgreed(
            f"{message}: after {agreement.seconds:.1f} s the nodes hold different schema versions "
            f"({_versions(agreement)}). {_WHAT_TO_DO}"
        )
    return shown


def _await_agreement(
    nodes: NodeSessions, run: ClusterRun, desired: Desired | None, describes: bool
) -> tuple[Agreement, Shown]:
    """The agreement, or the state after the time for it without it: read C(agreed); and that table."""
    waiting, described = Waiting(nodes, run.request.policy.agreement_timeout, _PAUSES), ""
    while True:
        # A coordinator that was replaced is a node like the others: it is to be asked too.
        nodes.connect(run.asked)
        cluster, shown = _read(nodes, desired, describes)
        # One text is enough: the node that coordinates has the change before the others.
        described, describes = described or shown.described, False
        found = Agreement(cluster, waiting.seconds, _ignored(nodes, run))
        if found.agreed or waiting.is_over:
            return found, shown._replace(described=described)
        run.note_wait()
        waiting.says(f"for one schema version on all nodes: {_versions(found)}")
        waiting.pause()


def _read(nodes: NodeSessions, desired: Desired | None, describes: bool) -> tuple[Cluster, Shown]:
    """The cluster as the coordinator sees it, with what the connected peers say of themselves."""
    asked = [desired] if desired else []
    texts = [cql.describe(*one.table) for one in asked if describes]
    (cluster, tables, described), answers = nodes.run_everywhere(
        lambda session: observe(session, asked, texts), lambda session: observe_version(session, desired)
    )
    versions = {key: version for key, (version, _table) in answers.items()}
    shown = {key: table for key, (_version, table) in answers.items()}
    table = next((one for one in tables if one.columns), None)
    text = "".join(read_text(reading.rows) for reading in described)
    return cluster.with_answers("schema_version", versions), Shown(cluster.local.place, table, shown, text)


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


ACTIVE = "ACTIVE"
# A service takes longer than a ring.
_STATUS_PAUSES = (0.05, 1.0)


def await_shown(nodes: NodeSessions, run: ClusterRun, table: TableRun, names: frozenset[str]) -> Plan:
    """What is left to do after the time for these names to show: none of them in the best case."""
    timeout = run.request.policy.agreement_timeout
    left, status = await_idle(nodes, run, table, timeout, names)
    if not names & left.names and status not in (None, ACTIVE):
        nodes.warn([f"{table.desired.table} shows the change, and after {timeout:g} s its status still is {status}."])
    return left


def read_status(nodes: NodeSessions, run: ClusterRun, table: TableRun) -> str | None:
    """The status of the table; None if the server has none."""
    (keyspace, name, _kind), status_table = table.desired.table, run.cluster.capabilities.status_table
    if not status_table or table.desired.table.is_type:
        return None
    statement = cql.select_table_status(status_table, keyspace, name)
    (reading,) = nodes.run(lambda session: read_available(session, statement))
    return next((row["status"] for row in reading.rows), None)


def await_idle(
    nodes: NodeSessions, run: ClusterRun, table: TableRun, timeout: float, names: frozenset[str] = frozenset()
) -> tuple[Plan, str | None]:
    """What is left to do in the table, and its status, once no change is under way and these names show, or after C(timeout)."""
    waiting = Waiting(nodes, timeout, _STATUS_PAUSES)
    while True:
        status = read_status(nodes, run, table)
        left = observe_plan(nodes, table.desired)
        require_there(left)
        is_over = status in (None, ACTIVE) and not names & left.names
        if is_over or left.conflicts or waiting.is_over:
            return left, status
        run.note_wait()
        waiting.says(
            f"for {table.desired.table}, of which a change is under way{f' (status {status})' if status else ''}"
        )
        waiting.pause()
