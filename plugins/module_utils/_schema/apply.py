# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apply: one C(ALTER TABLE) per table. A lost answer or a lost race decides nothing: the table is observed again."""

from __future__ import annotations

import random
import time

from .._connection.nodes import NodeSessions
from .._connection.session import Session
from .._cql.statement import Statement
from .._errors import Failure, NotAuthorized, NotVerified, OutcomeUnknown, StatementFailed
from .agreement import Shown, reach_agreement
from .change import Change
from .desired import Desired
from .lock import Lock
from .observe import observe_plan
from .plan import Plan, make_plan, require_no_conflicts
from .policy import Policy
from .preconditions import grant_sentence
from .result import TableRun

# Each further attempt follows a race that was lost, or an outcome that nobody knew.
_ATTEMPTS = 6
_PAUSE = 0.5
# What Cassandra 6.0 says of a change that met another: InvalidRequest, and yet worth another attempt.
_CONTENTION = ("Could not perform commit after", "GivingUpException")


def apply(nodes: NodeSessions, lock: Lock, policy: Policy, run: TableRun) -> Shown:
    """Change the table until a new plan is empty, on nodes that agree; what these then show of it.

    C(run) says what was executed, also on a failure.

    Raises Conflict, Locked, NotAgreed, NotAuthorized, NotVerified, OutcomeUnknown or StatementFailed.
    """
    plan, refusal, shown = run.plan, None, Shown()
    for _attempt in range(_ATTEMPTS):
        if not plan.changes:
            return shown
        lock.require_held()
        refusal = _send(nodes.coordinator, plan, run)
        if isinstance(refusal, OutcomeUnknown):
            run.note(plan, plan.names - _find_out(nodes, run, refusal).unsettled)
        action = "The change was tried" if refusal else "The change was applied"
        shown = reach_agreement(nodes, policy, [run], f"{action}, and the nodes do not agree", run.desired.table)
        left = _make_plan(nodes, run.desired, shown)
        require_no_conflicts([left], f"{action}: somebody else changes the table as well.")
        _judge(refusal, plan, left, run)
        plan = left
    raise refusal or NotVerified(f"{plan.table.name} is being changed by others all the time.")


def _make_plan(nodes: NodeSessions, desired: Desired, shown: Shown) -> Plan:
    """What is left to do, by the table that came together with the versions.

    If that is anything, the table is read again: it may have been read before the versions agreed.
    """
    if shown.table:
        plan = make_plan(desired, shown.table)
        if not plan.unsettled:
            return plan
    return observe_plan(nodes, desired)


def _send(session: Session, plan: Plan, run: TableRun) -> Failure | None:
    """Execute the changes of the plan; a refusal is not raised, since what is observed next decides what it means."""
    for change in plan.changes:
        try:
            session.execute(Statement(change.cql))
        except (NotAuthorized, StatementFailed, OutcomeUnknown) as failure:
            return _explain(failure, change, plan, session.settings.user)
    run.note(plan, plan.names)
    return None


def _explain(failure: Failure, change: Change, plan: Plan, user: str | None) -> Failure:
    if isinstance(failure, NotAuthorized):
        return NotAuthorized(f"{grant_sentence(plan.table.name, user)} (the server: {failure.message}).")
    if isinstance(failure, StatementFailed):
        return StatementFailed(f"The server refused {change.cql}: {failure.message}")
    return OutcomeUnknown(
        f"{change.cql} was sent and its outcome is not known: {failure.message} Run this again: it reads the table first "
        "and does only what is left to do."
    )


def _find_out(nodes: NodeSessions, run: TableRun, unknown: OutcomeUnknown) -> Plan:
    """What is left after a change whose answer was lost; raises OutcomeUnknown if no node can be asked about it."""
    time.sleep(_PAUSE)
    try:
        return observe_plan(nodes, run.desired)
    except Failure as failure:
        raise OutcomeUnknown(f"{unknown.message} No node could be asked about it: {failure.message}") from failure


def _judge(refusal: Failure | None, plan: Plan, left: Plan, run: TableRun) -> None:
    """Decide by what is observed now: raise the refusal, or NotVerified, or return for another attempt."""
    if isinstance(refusal, OutcomeUnknown):
        run.note(plan, plan.names - left.unsettled)
    elif refusal and left.names == plan.names:
        if not any(words in refusal.message for words in _CONTENTION):
            raise refusal
        time.sleep(_PAUSE * (1 + random.random()))  # noqa: S311
    elif not refusal and left.changes:
        raise NotVerified(
            f"The server accepted the change of {left.table.name} and does not show it: {', '.join(sorted(left.names))}."
        )
