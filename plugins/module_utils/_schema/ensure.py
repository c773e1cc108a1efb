# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_column): observe, plan, apply, agree, observe and plan again, result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._connection.session import Session
from .._errors import Failure, InvalidInput, NotAuthorized, NotVerified, StatementFailed
from .agreement import Agreement, await_agreement, not_agreed
from .desired import Desired, read_desired
from .observe import observe_cluster, observe_constraints, observe_table
from .plan import Plan, make_plan
from .refusals import grant_sentence, notes, refuse_additions, refuse_system_keyspace
from .result import Progress, report

# Each further try is a lost race: somebody else added one of the columns between our look and our statement.
_TRIES = 5


@dataclass(frozen=True)
class Task:
    """What one run of the module is asked to do; the time-out is in seconds."""

    desired: Desired
    agreement_timeout: float


def read_task(params: Mapping[str, Any]) -> Task:
    """The task which the module's options describe; raises InvalidInput."""
    timeout = params["schema_agreement_timeout"]
    if not 0 <= timeout < float("inf"):
        raise InvalidInput(f"schema_agreement_timeout is a number of seconds from 0 on, got {timeout}.")
    return Task(read_desired(params), timeout)


def ensure_columns(session: Session, task: Task, check: bool) -> dict[str, Any]:
    """The module's result; raises a Failure wherever the columns are not as desired on nodes which agree."""
    refuse_system_keyspace(task.desired.table)
    plan = _look(session, task.desired)
    before = observe_cluster(session)
    progress = Progress(plan, before, Agreement(before, 0.0))
    try:
        plan.require_no_conflict()
        if plan.additions:
            _refuse_predictably(session, progress)
        _require_agreement(session, task, progress, "The cluster is not ready for a change, nothing was executed")
        if not check:
            _converge(session, task, progress)
    except Failure as failure:
        failure.facts = {**report(progress, check), **failure.facts}
        raise
    return {**report(progress, check), "failed": False}


def _look(session: Session, desired: Desired) -> Plan:
    return make_plan(desired, observe_table(session, desired.table))


def _refuse_predictably(session: Session, progress: Progress) -> None:
    """Say now what the server would say to the plan; what is harmless but worth knowing becomes a warning."""
    table, additions = progress.plan.before, progress.plan.additions
    constraints = observe_constraints(session, table.name, str(progress.before.local.release_version))
    refuse_additions(table, additions, constraints)
    session.warnings += notes(additions, constraints)


def _converge(session: Session, task: Task, progress: Progress) -> None:
    """Apply until nothing is left to do; every way out has looked again, after the nodes agreed."""
    plan = progress.plan
    for _try in range(_TRIES):
        if not plan.statements:
            return
        refusal = _apply(session, plan, progress)
        progress.agreement = await_agreement(session, task.agreement_timeout)
        _require_agreement(session, task, progress, "The change was applied but has not reached every node")
        left = _look(session, task.desired).require_no_conflict()
        if refusal and left.additions == plan.additions:
            raise refusal
        if not refusal and left.additions:
            raise NotVerified(f"{left.before.name} does not show all columns after they were added: {left.additions}.")
        plan = left
    raise NotVerified(f"{plan.before.name} is being changed by others all the time: gave up after {_TRIES} tries.")


def _apply(session: Session, plan: Plan, progress: Progress) -> Failure | None:
    """Send the plan's statements; the refusal, if the server refused, is judged by what is seen next."""
    for statement in plan.statements:
        try:
            session.execute(statement)
        except NotAuthorized as refusal:
            return NotAuthorized(f"{grant_sentence(plan.before.name, session.user)} (the server: {refusal.message}).")
        except StatementFailed as refusal:
            return StatementFailed(f"The server refused {statement.text}: {refusal.message}")
        progress.statements.append(statement.text)
    progress.applied.update(column.name for column in plan.additions)
    return None


def _require_agreement(session: Session, task: Task, progress: Progress, message: str) -> None:
    if not progress.agreement.agreed:
        progress.agreement = await_agreement(session, task.agreement_timeout)
    if not progress.agreement.agreed:
        raise not_agreed(message, progress.agreement)
