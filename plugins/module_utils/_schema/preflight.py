# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preflight: may this plan run here and now? Each answer of no is a named refusal, and nothing was executed then."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from .._connection.nodes import NodeSessions
from .._errors import Failure
from .agreement import reach_agreement
from .approval import check_approved
from .context import count_values, observe_contexts
from .data_loss import check_drops
from .observe import observe_release_version
from .plan import Plan
from .policy import Policy, check_reachable, check_server, check_versions, nodes_to_ask
from .preconditions import TableContext, addition_warnings, check_additions, check_droppable, drop_warnings
from .request import ColumnRequest
from .result import TableRun, save_runs


def preflight(nodes: NodeSessions, request: ColumnRequest, runs: Sequence[TableRun]) -> None:
    """Require everything that a change needs; a run with nothing to do needs only that the nodes agree.

    Raises Refused or one of its kinds, or NotAgreed.
    """
    check_server(runs[0].before)
    changing = [run for run in runs if run.plan.changes]
    if changing:
        first = nodes.coordinator
        with ThreadPoolExecutor(1) as pool:
            # The peers are connected while the tables are checked: neither depends on the other.
            connected = pool.submit(_connect, nodes, request.policy, runs[0])
            _check_tables(nodes, request, runs)
            check_versions(runs[0].before, request.policy)
            connected.result()
        if nodes.coordinator.address != first.address and runs[0].before.capabilities.peers_answer:
            # One that was lost meanwhile is a node like the others: it may be away.
            lost = runs[0].before.local
            nodes.connect([(lost.address, lost.port or first.port)])
        _check_peers(nodes, request.policy, runs)
    else:
        _check_approval(nodes, request, runs)
    # Connected peers are asked themselves: in a network partition the coordinator knows nothing of the other part.
    if nodes.peers or not runs[0].agreement.agreed:
        _connect(nodes, request.policy, runs[0])
        message = (
            "The cluster is not ready for a change, nothing was executed"
            if changing
            else "The node that was asked has nothing left to do, but other nodes may have"
        )
        reach_agreement(nodes, request.policy, runs, message)


def _check_peers(nodes: NodeSessions, policy: Policy, runs: Sequence[TableRun]) -> None:
    if not runs[0].before.capabilities.versions_are_comparable:
        answers = nodes.run_on_peers(observe_release_version)
        versions = {address: answer for address, answer in answers.items() if not isinstance(answer, Failure)}
        for run in runs:
            run.before = run.before.with_release_versions(versions)
        check_versions(runs[0].before, policy)
    nodes.warn(check_reachable(runs[0].before, nodes.unreachable, policy))


def _check_tables(nodes: NodeSessions, request: ColumnRequest, runs: Sequence[TableRun]) -> None:
    changing = [run for run in runs if run.plan.changes]
    contexts = nodes.run(lambda session: observe_contexts(session, [run.plan for run in changing], runs[0].before))
    for run, context in zip(changing, contexts):
        run.context = context
    _check_approval(nodes, request, runs)
    for run, context in zip(changing, contexts):
        _check_table(nodes, run.plan, context)
        _check_data_loss(nodes, request, run)


def _check_approval(nodes: NodeSessions, request: ColumnRequest, runs: Sequence[TableRun]) -> None:
    if request.approved:
        check_approved(request.approved.data, save_runs(runs, request.source), runs[0].before.capabilities.peers_answer)


def _check_table(nodes: NodeSessions, plan: Plan, context: TableContext) -> None:
    """Say now what the server would say to the plan; what is harmless but worth knowing becomes a warning."""
    if plan.drops:
        check_droppable(plan.table, plan.drops, context)
    else:
        check_additions(plan.table, plan.additions, context)
    nodes.warn(addition_warnings(plan.additions, context) + drop_warnings(plan.drops, context))


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
    peers = nodes_to_ask(run.before, policy)
    nodes.connect((node.address, node.port or port) for node in peers)
