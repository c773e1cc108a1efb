# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_column) on one screen: plan, preflight, apply, verify, await, result.

Each node that was to be asked must show the table as desired itself, since C(system_schema) is local to a node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._connection.nodes import NodeSessions
from .._connection.session import Session
from .._errors import Failure, NodesUnreachable, NotVerified
from .._place import Place
from .agreement import Shown
from .apply import apply
from .building import await_built
from .catalog.model import Table, is_system_keyspace
from .lock import Lock
from .observe import observe_plans, observe_version
from .planning.plan import make_plan, require_no_conflicts
from .planning.preconditions import own_keyspace
from .preflight import preflight
from .request import ColumnRequest, may_ignore, nodes_to_ask
from .result import report
from .run import ClusterRun, TableRun, begin_run, outcome_sentence, with_outcome


def ensure_columns(session: Session, request: ColumnRequest, check: bool) -> dict[str, Any]:
    """The module's result; raises a Failure unless the columns are as desired, on nodes that agree."""
    try:
        for desired in request.tables:
            if is_system_keyspace(desired.table.keyspace):
                raise own_keyspace(desired.table.keyspace)
        with NodeSessions(session) as nodes:
            run = begin_run(request, *observe_plans(nodes, request.tables))
            with Lock(nodes, request.lock if _may_change(run, check) else None) as lock:
                if lock.is_held:
                    # Another run that held the lock before may have done the work.
                    run = begin_run(request, *observe_plans(nodes, request.tables))
                return _ensure(nodes, lock, run, check)
    except Failure as failure:
        if "tables" in failure.facts:
            raise
        raise with_outcome(failure, ()) from failure


def _ensure(nodes: NodeSessions, lock: Lock, run: ClusterRun, check: bool) -> dict[str, Any]:
    run.unreachable, run.warnings = nodes.unreachable, nodes.coordinator.warnings
    try:
        require_no_conflicts(run.plans)
        preflight(nodes, run, run.tables)
        for table in run.tables:
            if not (check and table.plan.changes):
                verify(nodes, run, table, apply(nodes, lock, run, table))
        await_built(nodes, run, check)
    except Failure as failure:
        told = with_outcome(failure, run.tables)
        told.facts = {**report(run), **told.facts}
        raise told from failure
    except Exception as error:
        # An error of our own keeps its traceback, and says what became of the change too.
        error.facts, error.outcome = report(run), outcome_sentence(run.tables)  # type: ignore[attr-defined]
        raise
    return report(run, check)


def _may_change(run: ClusterRun, check: bool) -> bool:
    return not check and bool(run.changing) and not any(plan.conflicts or plan.missing for plan in run.plans)


def verify(nodes: NodeSessions, run: ClusterRun, table: TableRun, shown: Shown) -> None:
    """Note in the run which nodes show what is desired; raises NotVerified, Conflict or NodesUnreachable if one does not.

    C(shown) is what the nodes showed together with the versions that agree: only those are asked again that showed another
    form. If nothing was changed, the node that was first read from has shown it already, and no other is asked.
    """
    if not table.changed:
        table.verified_by = (run.cluster.local.place,)
        return
    table.described = shown.described
    label = run.cluster.label
    places = {place.key: place for place in run.asked}
    if shown.place:
        places.setdefault(shown.place.key, shown.place)
    run.asked = (*run.asked, *_joined(run, places))
    places.update((place.key, place) for place in run.asked)
    # The one that coordinated may be one of those that were lost.
    nodes.connect(run.asked)
    tables = _tables(nodes, table, shown)
    for key, found in tables.items():
        if not found:
            raise NotVerified(
                f"Node {label(places[key])} does not have {table.plan.table.name} although the nodes agree."
            )
        left = make_plan(table.desired, found)
        require_no_conflicts(
            [left], f"Node {label(places[key])} has the table in another form although the nodes agree."
        )
        if left.changes:
            raise NotVerified(
                f"Node {label(places[key])} does not show the change although the nodes agree: {', '.join(sorted(left.names))}."
            )
    table.verified_by = tuple(places[key] for key in tables)
    _require_all(nodes, run, table, [place for place in run.asked if place.key not in tables])


def _joined(run: ClusterRun, known: Mapping[str, Place]) -> Iterator[Place]:
    """The nodes that the cluster lists by now and did not before; one without a host_id is told apart by its address alone."""
    for place in nodes_to_ask(run.agreement.cluster, run.request.policy):
        same = (one for one in known.values() if one[1:] == place[1:])
        if place.key not in known and all(one.host_id and place.host_id for one in same):
            yield place


def _require_all(nodes: NodeSessions, run: ClusterRun, table: TableRun, missing: list[Place]) -> None:
    if not missing:
        return
    names = ", ".join(map(run.cluster.label, missing))
    reasons = "; ".join(nodes.unreachable[place.key].describe() for place in missing if place.key in nodes.unreachable)
    if not run.request.policy.allow_unreachable_nodes and not may_ignore(run.cluster, nodes.unreachable):
        verified, table.verified_by = table.verified_by, ()
        raise NodesUnreachable(
            f"These nodes show the change of {table.plan.table.name}: {', '.join(map(run.cluster.label, verified))}. "
            f"These give no answer any more, so nobody knows whether they have it: {names} ({reasons}). Run this again when "
            "they answer: it finds out and does only what is left to do."
        )
    nodes.warn([f"These nodes did not answer; they receive the change when they return: {names}."])


def _tables(nodes: NodeSessions, run: TableRun, shown: Shown) -> dict[str, Table | None]:
    """The table as the coordinator and each connected peer have it, by their keys."""
    tables: dict[str, Table | None] = {shown.place.key: shown.table} if shown.place else {}
    for key, table in shown.peers.items():
        if table and not make_plan(run.desired, table).unsettled:
            tables.setdefault(key, table)
    late = [key for key in nodes.peers if key not in tables]
    answers = nodes.run_on_peers(lambda session: observe_version(session, run.desired), late)
    for key, (_version, table) in answers.items():
        tables[key] = table
    return tables
