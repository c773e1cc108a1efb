# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apply: one C(ALTER TABLE) per table. A lost answer or a lost race decides nothing: the table is observed again."""

from __future__ import annotations

import random
import time
from typing import NamedTuple

from .._connection.nodes import NodeSessions
from .._cql.statement import Statement
from .._errors import Conflict, Failure, NotAuthorized, NotVerified, OutcomeUnknown, PlanChanged, StatementFailed
from .agreement import Shown, reach_agreement
from .change import Change
from .completion import await_idle, await_shown, read_status
from .desired import Desired
from .lock import Lock
from .observe import observe_plan
from .plan import Plan, make_plan, require_no_conflicts
from .policy import Policy
from .preconditions import grant_sentence, refused_role
from .refusals import Meaning, explain_refusal, find_meaning, is_worth_another
from .result import TableRun

# Each further attempt follows a race that was lost, or an outcome that nobody knew.
_ATTEMPTS = 6
_PAUSE = 0.5


class Refusal(NamedTuple):
    """Why a change was not taken, as a failure for a person and in the server's own words, and what these mean."""

    failure: Failure
    words: str
    meaning: Meaning | None = None


def apply(nodes: NodeSessions, lock: Lock, policy: Policy, run: TableRun) -> Shown:
    """Change the table until a new plan is empty, on nodes that agree; what these then show of it.

    C(run) says what was executed, also on a failure.

    Raises Conflict, Locked, NotAgreed, NotAuthorized, NotVerified, OutcomeUnknown or StatementFailed.
    """
    plan, attempt, shown = _begin(nodes, policy, run), 0, Shown()
    deadline = time.monotonic() + policy.agreement_timeout
    while plan.changes:
        attempt += 1
        lock.require_held()
        refusal = _send(nodes, plan, run)
        if refusal and isinstance(refusal.failure, OutcomeUnknown):
            _find_out(nodes, plan, run, refusal)
        action = "The change was tried" if refusal else "The change was applied"
        shown = reach_agreement(nodes, policy, [run], f"{action}, and the nodes do not agree", run.desired.table)
        left = _make_plan(nodes, run.desired, shown)
        run.settle(plan, left.unsettled)
        if not refusal and (left.changes or run.before.capabilities.status_table):
            left = await_shown(nodes, run, policy.agreement_timeout)
        require_no_conflicts([left], f"{action}: somebody else changes the table as well.")
        if not refusal and left.changes:
            raise _not_shown(nodes, run, left, policy.agreement_timeout)
        if refusal:
            _judge(nodes, refusal, plan, left, run, attempt, deadline)
        _require_checked(run, left)
        plan = left
    return shown


def _make_plan(nodes: NodeSessions, desired: Desired, shown: Shown) -> Plan:
    """What is left to do, by the table that came together with the versions.

    If that is anything, the table is read again: it may have been read before the versions agreed.
    """
    if shown.table:
        plan = make_plan(desired, shown.table)
        if not plan.unsettled:
            return plan
    return observe_plan(nodes, desired)


def _begin(nodes: NodeSessions, policy: Policy, run: TableRun) -> Plan:
    """The plan to begin with: where a change of the table may be under way, what is left once it is made."""
    if run.plan.changes and run.before.capabilities.status_table:
        plan = await_idle(nodes, run, policy.agreement_timeout)
        if not plan.conflicts:
            _require_checked(run, plan)
        run.plan = plan
        require_no_conflicts([plan], "Nothing was executed on this table.")
    return run.plan


def _require_checked(run: TableRun, left: Plan) -> None:
    """Raises Conflict or PlanChanged where somebody else made another change necessary than the one that was checked."""
    more, statements = left.names - run.plan.names, "; ".join(change.cql for change in left.changes)
    if more:
        raise Conflict(
            f"Somebody else changes {left.table.name} as well: {statements} is needed now, and {', '.join(sorted(more))} was "
            "not checked. It was not executed. Run this again: it checks all of it first."
        )
    if run.approved and left.changes and left.changes != run.plan.changes:
        difference = (
            f"{left.table.name}: somebody else changed it since the plan was checked, and it needs {statements} now"
        )
        raise PlanChanged(
            f"The approved plan does not hold any more: {difference}. That was not executed. Make a new plan and have it "
            "approved.",
            differences=[difference],
        )


def _send(nodes: NodeSessions, plan: Plan, run: TableRun) -> Refusal | None:
    """Execute the changes of the plan; a refusal is not raised, since what is observed next decides what it means."""
    session = nodes.coordinator
    for change in plan.changes:
        try:
            session.execute(Statement(change.cql))
        except (NotAuthorized, StatementFailed, OutcomeUnknown) as failure:
            meaning = find_meaning(failure.message, bool(run.before.capabilities.status_table))
            explained = _explain(failure, change, plan, session.settings.user)
            return Refusal(explained, failure.message, meaning)
    run.note(plan, plan.names)
    return None


def _explain(failure: Failure, change: Change, plan: Plan, user: str | None) -> Failure:
    if isinstance(failure, NotAuthorized):
        role = refused_role(failure.message) or user
        return NotAuthorized(f"{grant_sentence(plan.table.name, role)} (the server: {failure.message}).")
    if isinstance(failure, StatementFailed):
        return StatementFailed(f"The server refused {change.cql}: {failure.message}")
    return OutcomeUnknown(
        f"{change.cql} was sent and its outcome is not known: {failure.message} Run this again: it reads the table first "
        "and does only what is left to do."
    )


def _find_out(nodes: NodeSessions, plan: Plan, run: TableRun, refusal: Refusal) -> None:
    """Note what became of a change whose answer was lost; raises OutcomeUnknown if no node can be asked about it."""
    time.sleep(_PAUSE)
    try:
        left = observe_plan(nodes, run.desired)
    except Failure as failure:
        run.note_unknown(plan)
        raise OutcomeUnknown(
            f"{refusal.failure.message} No node could be asked about it: {failure.message}"
        ) from failure
    # It may still come: a later attempt that is refused says nothing about this one.
    if refusal.meaning:
        run.note_sent(plan)
    else:
        run.note_unknown(plan)
    run.settle(plan, left.unsettled)


def _judge(
    nodes: NodeSessions, refusal: Refusal, plan: Plan, left: Plan, run: TableRun, attempt: int, deadline: float
) -> None:
    """Decide by what is observed now: raise the refusal, or return for another attempt."""
    nothing_done, is_unknown = left.names == plan.names, isinstance(refusal.failure, OutcomeUnknown)
    # An error of the server whose words are known is a refusal too, once the table shows that nothing was done.
    if nothing_done and (refusal.meaning or not is_unknown):
        _wait_for_another(nodes, refusal, plan, run, attempt, deadline)
    elif left.changes and (attempt >= _ATTEMPTS or time.monotonic() >= deadline):
        raise _not_taken(refusal, left, attempt) if is_unknown else refusal.failure


def _wait_for_another(
    nodes: NodeSessions, refusal: Refusal, plan: Plan, run: TableRun, attempt: int, deadline: float
) -> None:
    """Wait until the change is worth another attempt; raises the refusal if it is not."""
    left, meaning, words = deadline - time.monotonic(), refusal.meaning, refusal.words
    if left <= 0 or not is_worth_another(meaning, words, attempt, nodes.unreachable):
        if not meaning:
            raise refusal.failure
        statements = "; ".join(change.cql for change in plan.changes)
        raise StatementFailed(
            f"The server did not take {statements}. {explain_refusal(meaning, words, nodes.unreachable)}"
        )
    time.sleep(min(left, _PAUSE * attempt * (1 + random.random())))  # noqa: S311
    if run.before.capabilities.status_table:
        await_idle(nodes, run, left)


def _not_taken(refusal: Refusal, left: Plan, attempts: int) -> NotVerified:
    """Without an answer, and yet the nodes can be asked: they say that they do not have it."""
    statements, names = "; ".join(change.cql for change in left.changes), ", ".join(sorted(left.names))
    return NotVerified(
        f"{statements} was sent {attempts} times, and no answer came ({refusal.words.rstrip('.')}). The nodes answer other "
        f"questions, and do not show it: {names}. It may show later: run this again, which reads the table first, or raise "
        "request_timeout."
    )


def _not_shown(nodes: NodeSessions, run: TableRun, left: Plan, seconds: float) -> NotVerified:
    status = read_status(nodes, run)
    return NotVerified(
        f"The server accepted the change of {left.table.name} and does not show it after {seconds:g} s"
        f"{f' (status {status})' if status else ''}: {', '.join(sorted(left.names))}. It may show later: run this again, "
        "which reads the table first, or raise schema_agreement_timeout."
    )
