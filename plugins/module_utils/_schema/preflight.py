# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preflight: may this plan run here and now? Each answer of no is a named refusal, and nothing is sent then."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from .._connection.addresses import join
from .._connection.nodes import NodeSessions
from .._connection.session import Session
from .._errors import Conflict, PlanChanged
from .._place import Place
from .agreement import reach_agreement
from .catalog.cluster import observe_cluster
from .catalog.model import Cluster
from .context import count_values, observe_contexts
from .observe import observe_plans
from .planning.additions import addition_warnings, check_additions
from .planning.approval import check_approved
from .planning.index_rules import check_indexes
from .planning.plan import Plan, require_no_conflicts
from .planning.preconditions import check_drops, drop_warnings
from .request import check_data_loss, check_reachable, check_server, check_versions, nodes_to_ask
from .result import save_run
from .run import ClusterRun, TableRun

# A ring may come to agree in the middle of each round of checks; in the end one has to count.
_ROUNDS = 3


def preflight(nodes: NodeSessions, run: ClusterRun, tables: Sequence[TableRun]) -> None:
    """Require everything that a change of these tables needs; without a change only that the nodes agree.

    Raises Refused or one of its kinds, or NotAgreed.
    """
    check_server(run.cluster)
    nodes.warn(address_warnings(run.cluster, nodes.coordinator))
    changing = [table for table in tables if table.plan.changes]
    for table in changing:
        table.is_checked = True
    if changing:
        run.asked = nodes_to_ask(run.cluster, run.request.policy)
        with ThreadPoolExecutor(1) as pool:
            # The peers are connected while the tables are checked: neither depends on the other.
            connected = pool.submit(nodes.connect, run.asked)
            _check_tables(nodes, run, changing)
            check_versions(run.cluster, run.request.policy)
            connected.result()
        _check_nodes(nodes, run)
    else:
        _check_approval(run)
    # Connected peers are asked themselves: in a network partition the coordinator knows nothing of the other part.
    if nodes.peers or not run.agreement.agreed:
        if not changing:
            run.asked = nodes_to_ask(run.cluster, run.request.policy)
        message = (
            "The cluster is not ready for a change"
            if changing
            else "The node that was asked has nothing left to do, but other nodes may have"
        )
        reach_agreement(nodes, run, message)
    if changing:
        nodes.warn(check_reachable(run.cluster, nodes.unreachable, run.request.policy))


def check_again(nodes: NodeSessions, run: ClusterRun, table: TableRun) -> tuple[Plan, Place]:
    """What is left to do in the table now by which node, checked as before the first statement; what that raised is raised here.

    Also raises Conflict or PlanChanged if another user made another change necessary than the one that was checked.
    """
    for _round in range(_ROUNDS):
        (plan,), cluster = observe_plans(nodes, [table.desired])
        require_no_conflicts([plan])
        table.settle(plan.unsettled)
        require_same(table, plan, run.request.approved is not None)
        again = replace(table, plan=plan)
        others = [again if one is table else one for one in run.tables]
        current = replace(run, cluster=cluster, tables=others)
        preflight(nodes, current, [again])
        run.agreement, table.context, table.values = current.agreement, again.context, again.values
        if again.is_checked:
            break
    table.is_checked = True
    return plan, cluster.local.place


def require_same(table: TableRun, left: Plan, is_approved: bool) -> None:
    """Raises Conflict or PlanChanged if another user made another change necessary than the one that was checked."""
    more, statement = left.names - table.plan.names, left.changes[0].cql if left.changes else ""
    if more:
        raise Conflict(
            f"Another user changes {left.table.name} as well: {statement} is needed now, and {', '.join(sorted(more))} was "
            "not checked. It was not executed. Run this again: it checks all of it first."
        )
    if is_approved and not set(left.changes) <= set(table.plan.changes):
        raise PlanChanged(
            f"The approved plan does not hold any more: {left.table.name}: another user changed it since the plan was "
            f"checked, and it needs {statement} now. That was not executed. Make a new plan and have it approved."
        )


def address_warnings(cluster: Cluster, session: Session) -> list[str]:
    """That the map has entries for addresses that no node advertises, with those that nodes do."""
    address_map = session.settings.address_map
    if not address_map.entries:
        return []
    # The answering node does not tell its port, and may have been reached at another one.
    advertised = [(cluster.local.address, None), *((peer.address, peer.port) for peer in cluster.peers)]
    # Up to Cassandra 4.0 it does not tell which address it advertises either (CASSANDRA-11181).
    unused = address_map.unused([*advertised, session.meets])
    if not unused:
        return []
    return [
        f"login_address_map has an entry for {', '.join(unused)}, which no node advertises. "
        f"The nodes advertise {', '.join(join(*one) for one in advertised)}."
    ]


def _check_nodes(nodes: NodeSessions, run: ClusterRun) -> None:
    if not run.cluster.capabilities.versions_are_comparable:
        versions = nodes.run_on_peers(lambda session: observe_cluster(session).local.release_version)
        run.cluster = run.cluster.with_answers("release_version", versions)
        check_versions(run.cluster, run.request.policy)
    # A coordinator that was lost meanwhile is a node like the others: it may be away.
    nodes.connect(run.asked)
    check_reachable(run.cluster, nodes.unreachable, run.request.policy)


def _check_tables(nodes: NodeSessions, run: ClusterRun, tables: Sequence[TableRun]) -> None:
    contexts = nodes.run(lambda session: observe_contexts(session, [table.plan for table in tables], run.cluster))
    for table, context in zip(tables, contexts):
        table.context, table.before = context, table.before or context.described
    _check_approval(run)
    for table, context in zip(tables, contexts):
        # Say now what the server would say to the plan; what is harmless but worth knowing becomes a warning.
        check_drops(table.plan, context)
        check_additions(table.plan, context)
        check_indexes(table.plan, context)
        nodes.warn([*addition_warnings(table.plan, context), *drop_warnings(table.plan, context)])
        _check_data_loss(nodes, run, table)


def _check_approval(run: ClusterRun) -> None:
    if run.request.approved:
        check_approved(run.request.approved.data, save_run(run), run.cluster.capabilities.peers_answer)


def _check_data_loss(nodes: NodeSessions, run: ClusterRun, table: TableRun) -> None:
    """Read what a drop would destroy, and refuse it if that is not allowed."""
    name, names, policy = table.plan.table.name, [column.name for column in table.plan.drops], run.request.data_loss
    if not names:
        return
    if policy.rows:
        table.values = nodes.run(lambda session: count_values(session, name, names, policy.rows))
    check_data_loss(name, table.values, names, policy)
