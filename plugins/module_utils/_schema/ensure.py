# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_column) on one screen: plan, preflight, apply, verify, result."""

from __future__ import annotations

from typing import Any

from .._connection.nodes import NodeSessions
from .._connection.session import Session
from .._errors import Failure
from .apply import apply
from .lock import Lock
from .observe import observe_plans
from .plan import require_no_conflicts
from .preconditions import check_keyspace
from .preflight import preflight
from .request import ColumnRequest
from .result import report
from .run import ClusterRun, begin_run, outcome_sentence, with_outcome
from .verify import verify


def ensure_columns(session: Session, request: ColumnRequest, check: bool) -> dict[str, Any]:
    """The module's result; raises a Failure unless the columns are as desired, on nodes that agree."""
    try:
        for desired in request.tables:
            check_keyspace(desired.table)
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
            if not (check and table.plan.change):
                verify(nodes, run, table, apply(nodes, lock, run, table))
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
