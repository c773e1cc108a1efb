# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_column): observe, plan, look before the leap, apply, agree, observe and plan again, result."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._connection.company import Company
from .._connection.session import Session
from .._errors import Failure, InvalidInput, NotAuthorized, NotVerified, OutcomeUnknown, StatementFailed
from .agreement import Agreement, await_agreement, require_agreement
from .desired import Desired, read_desired, read_tables
from .health import Policy, nodes_to_ask, require_answers, require_one_version
from .lock import Lock, LockPolicy, read_lock
from .loss import LossPolicy, require_loss_allowed
from .model import Cluster
from .observe import count_values, observe_cluster, observe_constraints, observe_table
from .plan import Plan, make_plan, require_no_conflicts
from .refusals import drop_notes, grant_sentence, notes, refuse_additions, refuse_drops, refuse_system_keyspace
from .result import Progress, report, report_all

# Each further try is a race which was lost, or an outcome which nobody knew.
_TRIES = 6
_BREATH = 0.5
# What Cassandra 6.0 says of a change which met another: InvalidRequest, and yet worth a try.
_CONTENTION = ("Could not perform commit after", "GivingUpException")

_TRIED = "The change was tried"
_APPLIED = "The change was applied"
_OPERATORS = (
    "An operator should look at 'nodetool describecluster', bring those nodes back or restart them one by one, and run "
    "this again: until the versions agree nobody should change the schema."
)


class Task(NamedTuple):
    """What one run of the module is asked to do, to one table or, with C(several), to those of a list."""

    tables: tuple[Desired, ...]
    several: bool
    policy: Policy
    loss: LossPolicy
    lock: LockPolicy | None = None


def read_task(params: Mapping[str, Any]) -> Task:
    """The task which the module's options describe; raises InvalidInput."""
    timeout = params["schema_agreement_timeout"]
    if not 0 <= timeout < float("inf"):
        raise InvalidInput(f"schema_agreement_timeout is a number of seconds from 0 on, got {timeout}.")
    policy = Policy(
        agreement_timeout=timeout,
        allow_mixed_versions=params["allow_mixed_versions"],
        allow_unreachable_nodes=params["allow_unreachable_nodes"],
        ask_nodes_limit=params["ask_nodes_limit"],
    )
    if params["rows_to_read"] < 0:
        raise InvalidInput(f"rows_to_read is a number of rows from 0 on, got {params['rows_to_read']}.")
    if params["only_if_empty"] and not params["rows_to_read"]:
        raise InvalidInput("only_if_empty has to read rows: set rows_to_read to more than 0.")
    loss = LossPolicy(params["allow_data_loss"], params["only_if_empty"], params["rows_to_read"])
    several = params["tables"] is not None
    tables = read_tables(params) if several else (read_desired(params),)
    return Task(tables, several, policy, loss, read_lock(params))


def ensure_columns(session: Session, task: Task, check: bool) -> dict[str, Any]:
    """The module's result; raises a Failure wherever the columns are not as desired on nodes which agree."""
    for desired in task.tables:
        refuse_system_keyspace(desired.table)
    with Company(session) as company:
        plans = _look_at_all(company, task)
        needed = any(plan.statements for plan in plans) and not any(plan.conflicts for plan in plans) and not check
        with Lock(company, task.lock if needed else None) as lock:
            if lock.is_asked_for:
                # Whoever had it before may have done the work.
                plans = _look_at_all(company, task)
            return _ensure(company, lock, task, plans, check)


def _ensure(company: Company, lock: Lock, task: Task, plans: Sequence[Plan], check: bool) -> dict[str, Any]:
    before = company.ask(observe_cluster)
    tables = [Progress(plan, before, Agreement(before)) for plan in plans]
    try:
        require_no_conflicts(plans)
        _prepare(company, task, tables)
        for desired, progress in zip(task.tables, tables):
            if not check or not progress.plan.statements:
                _converge(company, lock, task, desired, progress)
    except Failure as failure:
        failure.facts = {**_report(task, tables, predicted=False), **failure.facts}
        done = [str(progress.plan.before.name) for progress in tables if progress.applied and progress.verified_by]
        if done:
            failure.message += f" Done before that: {', '.join(done)}."
        raise
    return _report(task, tables, predicted=check)


def _report(task: Task, tables: Sequence[Progress], predicted: bool) -> dict[str, Any]:
    return report_all(tables, predicted) if task.several else report(tables[0], predicted)


def _look(company: Company, desired: Desired) -> Plan:
    return make_plan(desired, company.ask(lambda session: observe_table(session, desired.table)))


def _look_at_all(company: Company, task: Task) -> list[Plan]:
    return [_look(company, desired) for desired in task.tables]


def _prepare(company: Company, task: Task, tables: Sequence[Progress]) -> None:
    """Everything that must be right before a change; a run with nothing to do needs only that the nodes agree."""
    policy, before = task.policy, tables[0].before
    changing = [progress for progress in tables if progress.plan.changes]
    for progress in changing:
        _refuse_predictably(company, progress)
        _weigh_loss(company, task, progress)
    if changing:
        require_one_version(before, policy)
        _meet(company, policy, before)
        require_answers(company.silent, policy)
        message = "The cluster is not ready for a change, nothing was executed"
    else:
        message = "Nothing is left to do on the node which was asked, but perhaps not everywhere"
    # Nodes which were met are asked themselves: in a partition the lead knows nothing of the other part.
    if company.others or not tables[0].agreement.agreed:
        _meet(company, policy, before)
        _agree(company, policy, tables, message)


def _refuse_predictably(company: Company, progress: Progress) -> None:
    """Say now what the server would say to the plan; what is harmless but worth knowing becomes a warning."""
    table, additions, drops = progress.plan.before, progress.plan.additions, progress.plan.drops
    version = str(progress.before.local.release_version)
    constraints = company.ask(lambda session: observe_constraints(session, table.name, version, bool(drops)))
    if drops:
        refuse_drops(table, drops, constraints)
    else:
        refuse_additions(table, additions, constraints)
    company.lead.warnings += notes(additions, constraints) + drop_notes(drops)


def _weigh_loss(company: Company, task: Task, progress: Progress) -> None:
    """Say what a drop would destroy, and refuse it where that is not allowed."""
    table, names = progress.plan.before.name, [column.name for column in progress.plan.drops]
    if not names:
        return
    if task.loss.rows:
        progress.values = company.ask(lambda session: count_values(session, table, names, task.loss.rows))
    require_loss_allowed(table, progress.values, names, task.loss)


def _meet(company: Company, policy: Policy, before: Cluster) -> None:
    hosted = company.lead.settings.bundle is not None
    port = company.lead.port
    company.meet((node.address, node.port or port) for node in nodes_to_ask(before, policy, hosted))


def _agree(company: Company, policy: Policy, tables: Sequence[Progress], message: str) -> None:
    excused = company.silent if policy.allow_unreachable_nodes else {}
    agreement = await_agreement(company, policy.agreement_timeout, excused)
    for progress in tables:
        progress.agreement = agreement
    require_agreement(agreement, message, _OPERATORS)


def _converge(company: Company, lock: Lock, task: Task, desired: Desired, progress: Progress) -> None:
    """Apply until nothing is left to do; every way out has looked again, after the nodes agreed."""
    plan = progress.plan
    for _try in range(_TRIES):
        if not plan.statements:
            _verify_everywhere(company, desired, progress)
            return
        lock.require()
        refusal = _apply(company.lead, plan, progress)
        if isinstance(refusal, OutcomeUnknown):
            progress.note(plan, plan.changes & _find_out(company, desired, refusal).settled)
        what = _TRIED if refusal else _APPLIED
        _agree(company, task.policy, [progress], f"{what}, and the nodes do not agree")
        left = _look(company, desired)
        require_no_conflicts([left], f"{what}: somebody else changes the table as well.")
        if isinstance(refusal, OutcomeUnknown):
            progress.note(plan, plan.changes & left.settled)
        elif refusal and left.changes == plan.changes and not _is_contention(refusal):
            raise refusal
        elif not refusal and left.changes:
            raise NotVerified(
                f"{left.before.name} does not show what the server said it did: {', '.join(sorted(left.changes))}."
            )
        plan = left
    raise refusal or NotVerified(f"{plan.before.name} is being changed by others all the time.")


def _apply(session: Session, plan: Plan, progress: Progress) -> Failure | None:
    """Send the plan's statements; the refusal, if the server refused, is judged by what is seen next."""
    for statement in plan.statements:
        try:
            session.execute(statement)
        except NotAuthorized as refusal:
            sentence = grant_sentence(plan.before.name, session.settings.user)
            return NotAuthorized(f"{sentence} (the server: {refusal.message}).")
        except StatementFailed as refusal:
            return StatementFailed(f"The server refused {statement.text}: {refusal.message}")
        except OutcomeUnknown as unknown:
            return OutcomeUnknown(
                f"{statement.text} was sent and its outcome is not known: {unknown.message} Run this again: it looks first, "
                "and does only what is left to do."
            )
    progress.note(plan, plan.changes)
    return None


def _find_out(company: Company, desired: Desired, unknown: OutcomeUnknown) -> Plan:
    """What is left after a change whose answer was lost; raises OutcomeUnknown if no node can be asked about it."""
    time.sleep(_BREATH)
    try:
        return _look(company, desired)
    except Failure as silence:
        raise OutcomeUnknown(f"{unknown.message} No node could be asked about it: {silence.message}") from silence


def _is_contention(refusal: Failure) -> bool:
    if not any(words in refusal.message for words in _CONTENTION):
        return False
    time.sleep(_BREATH * (1 + random.random()))  # noqa: S311
    return True


def _verify_everywhere(company: Company, desired: Desired, progress: Progress) -> None:
    """Ask each node which was met itself: C(system_schema) is a local table; raises NotVerified."""
    others = company.ask_others(lambda one: observe_table(one, desired.table)) if progress.applied else {}
    for address, table in others.items():
        if isinstance(table, Failure):
            raise table
        left = make_plan(desired, table)
        require_no_conflicts([left], f"Node {address} has the table in another form although the nodes agree.")
        if left.changes:
            raise NotVerified(
                f"Node {address} does not show the change although the nodes agree: {', '.join(sorted(left.changes))}."
            )
    progress.verified_by = [progress.agreement.cluster.local.address, *others]
    if company.silent:
        company.lead.warnings.append(
            f"These nodes did not answer and get the change when they come back: {', '.join(company.silent)}."
        )
