# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_column) on one screen: plan, preflight, apply, verify, result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._connection.nodes import NodeSessions
from .._connection.session import Session
from .._errors import Failure
from .apply import apply
from .lock import Lock
from .model import Agreement, Cluster
from .observe import observe_plans
from .plan import Plan, require_no_conflicts
from .preconditions import check_keyspace
from .preflight import preflight
from .request import ColumnRequest
from .result import TableRun, report
from .verify import verify


def ensure_columns(session: Session, request: ColumnRequest, check: bool) -> dict[str, Any]:
    """The module's result; raises a Failure unless the columns are as desired, on nodes that agree."""
    for desired in request.tables:
        check_keyspace(desired.table)
    with NodeSessions(session) as nodes:
        plans, cluster = observe_plans(nodes, request.tables)
        with Lock(nodes, request.lock if _may_change(plans, check) else None) as lock:
            if lock.is_held:
                # Whoever held the lock before may have done the work.
                plans, cluster = observe_plans(nodes, request.tables)
            return _ensure(nodes, lock, request, plans, cluster, check)


def _ensure(
    nodes: NodeSessions, lock: Lock, request: ColumnRequest, plans: Sequence[Plan], before: Cluster, check: bool
) -> dict[str, Any]:
    approved = request.approved is not None
    runs = [
        TableRun(desired, plan, before, Agreement(before), approved=approved)
        for desired, plan in zip(request.tables, plans)
    ]
    try:
        require_no_conflicts(plans)
        preflight(nodes, request, runs)
        for run in runs:
            if not (check and run.plan.changes):
                shown = apply(nodes, lock, request.policy, run)
                verify(nodes, run, shown.peers)
    except Failure as failure:
        failure.facts = {**report(runs, request, check=False), **failure.facts}
        done = [str(run.plan.table.name) for run in runs if run.applied and run.verified_by]
        if done:
            failure.message += f" Done before that: {', '.join(done)}."
        raise
    coordinator = nodes.coordinator
    return report(runs, request, check, coordinator.warnings, [coordinator.address, *nodes.peers])


def _may_change(plans: Sequence[Plan], check: bool) -> bool:
    return (
        not check and any(plan.changes for plan in plans) and not any(plan.conflicts or plan.missing for plan in plans)
    )
