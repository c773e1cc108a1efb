# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preflight: may this plan run here and now? Each answer of no is a named refusal, and nothing was executed then."""

from __future__ import annotations

from collections.abc import Sequence

from .._connection.nodes import NodeSessions
from .agreement import reach_agreement
from .approval import check_approved
from .data_loss import check_drops
from .observe import count_values, observe_context
from .policy import Policy, check_reachable, check_versions, nodes_to_ask
from .preconditions import TableContext, addition_warnings, check_additions, check_droppable, drop_warnings
from .request import ColumnRequest
from .result import TableRun, save_runs


def preflight(nodes: NodeSessions, request: ColumnRequest, runs: Sequence[TableRun]) -> None:
    """Require everything that a change needs; a run with nothing to do needs only that the nodes agree.

    Raises Refused or one of its kinds, or NotAgreed.
    """
    changing = [run for run in runs if run.plan.changes]
    contexts = {run.plan.table.name: _observe_context(nodes, run) for run in changing}
    for run in runs:
        run.context = contexts.get(run.plan.table.name)
    if request.approved:
        check_approved(request.approved.data, save_runs(runs, request.source), nodes.coordinator.is_managed)
    for run in changing:
        _check_table(nodes, run, contexts[run.plan.table.name])
        _check_data_loss(nodes, request, run)
    if changing:
        check_versions(runs[0].before, request.policy)
        _connect(nodes, request.policy, runs[0])
        check_reachable(nodes.unreachable, request.policy)
    # Connected peers are asked themselves: in a network partition the coordinator knows nothing of the other part.
    if nodes.peers or not runs[0].agreement.agreed:
        _connect(nodes, request.policy, runs[0])
        message = (
            "The cluster is not ready for a change, nothing was executed"
            if changing
            else "The node that was asked has nothing left to do, but other nodes may have"
        )
        reach_agreement(nodes, request.policy, runs, message)


def _observe_context(nodes: NodeSessions, run: TableRun) -> TableContext:
    version = str(run.before.local.release_version)
    name, drops = run.plan.table.name, bool(run.plan.drops)
    return nodes.run(lambda session: observe_context(session, name, version, drops))


def _check_table(nodes: NodeSessions, run: TableRun, context: TableContext) -> None:
    """Say now what the server would say to the plan; what is harmless but worth knowing becomes a warning."""
    table, additions, drops = run.plan.table, run.plan.additions, run.plan.drops
    if drops:
        check_droppable(table, drops, context)
    else:
        check_additions(table, additions, context)
    nodes.warn(addition_warnings(additions, context) + drop_warnings(drops))


def _check_data_loss(nodes: NodeSessions, request: ColumnRequest, run: TableRun) -> None:
    """Read what a drop would destroy, and refuse it if that is not allowed."""
    table, names, policy = run.plan.table.name, [column.name for column in run.plan.drops], request.data_loss
    if not names:
        return
    if policy.rows:
        run.values = nodes.run(lambda session: count_values(session, table, names, policy.rows))
    check_drops(table, run.values, names, policy)


def _connect(nodes: NodeSessions, policy: Policy, run: TableRun) -> None:
    port = nodes.coordinator.port
    peers = nodes_to_ask(run.before, policy, nodes.coordinator.is_managed)
    nodes.connect((node.address, node.port or port) for node in peers)
