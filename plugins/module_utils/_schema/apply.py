# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apply: one change after the other. A lost answer or a lost race decides nothing: all is checked again before more is sent."""

from __future__ import annotations

import random
import time
from typing import NamedTuple

from .._connection.nodes import NodeSessions
from .._connection.refusals import Meaning, explain_refusal, find_meaning, is_worth_another
from .._cql.system_table import Statement
from .._errors import Failure, NotAuthorized, NotVerified, OutcomeUnknown, StatementFailed, sentence
from .agreement import Shown, await_idle, await_shown, reach_agreement, read_status
from .catalog.model import TableName
from .lock import Lock
from .observe import observe_plan, observe_plans
from .planning.change import Change
from .planning.plan import Plan, make_plan, require_no_conflicts, require_there
from .planning.preconditions import grant_sentence, refused_role
from .preflight import check_again, require_same
from .request import check_reachable
from .run import ACCEPTED, DOUBTFUL, UNKNOWN, ClusterRun, TableRun

# Each further attempt follows a race that was lost, or an outcome that nobody knew.
_ATTEMPTS = 6
_PAUSE = 0.5


class Refusal(NamedTuple):
    """Why a change was not taken, as a failure for a person and in the server's own words, and what these mean."""

    failure: Failure
    words: str
    meaning: Meaning | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether the change may be made all the same."""
        return isinstance(self.failure, OutcomeUnknown)


class Attempt(NamedTuple):
    """One of the times that a change is sent, the first of C(plan): which time it is, and until when there may be more."""

    run: ClusterRun
    table: TableRun
    plan: Plan
    number: int
    deadline: float

    @property
    def change(self) -> Change:
        return self.plan.changes[0]

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    @property
    def is_last(self) -> bool:
        return self.number >= _ATTEMPTS or self.seconds_left <= 0

    def left_of(self, plan: Plan) -> frozenset[str]:
        """What this plan still has to do of the change."""
        return self.change.names & plan.names

    def next(self, plan: Plan) -> Attempt:
        """The attempt for the first change of this plan, which has time of its own unless it is the same change again."""
        if self.change.names & plan.changes[0].names:
            return self._replace(plan=plan, number=self.number + 1)
        return _first(self.run, self.table, plan)._replace(number=1)


def _first(run: ClusterRun, table: TableRun, plan: Plan) -> Attempt:
    """Before the first attempt."""
    return Attempt(run, table, plan, 0, time.monotonic() + run.request.policy.agreement_timeout)


def apply(nodes: NodeSessions, lock: Lock, run: ClusterRun, table: TableRun) -> Shown:
    """Change the table until a new plan is empty, on nodes that agree; what these then show of it.

    C(table) says what was executed, also on a failure.

    Raises Conflict, Locked, NotAgreed, NotAuthorized, NotVerified, OutcomeUnknown, Refused or StatementFailed.
    """
    plan, shown = _begin(nodes, run, table), Shown()
    attempt = _first(run, table, plan)
    while plan.changes:
        if not table.is_checked:
            plan, place = check_again(nodes, run, table)
            shown = Shown(place, plan.table)
        if plan.changes:
            lock.require_held()
            attempt = attempt.next(plan)
            refusal = _send(nodes, attempt)
            plan, shown = _look(nodes, attempt, refusal)
            if refusal:
                _judge(nodes, attempt, refusal, plan)
            # What comes next was checked before this one, and others did not wait.
            table.is_checked = False
    return shown


def _begin(nodes: NodeSessions, run: ClusterRun, table: TableRun) -> Plan:
    """The plan to begin with: if a change of the table may be under way, what is left once it is made."""
    if table.plan.changes and run.cluster.capabilities.status_table:
        plan, _status = await_idle(nodes, run, table, run.request.policy.agreement_timeout)
        if not plan.conflicts:
            require_same(table, plan, run.request.approved is not None)
        table.plan = plan
        require_no_conflicts([plan])
    return table.plan


def _send(nodes: NodeSessions, attempt: Attempt) -> Refusal | None:
    """Execute the change; a refusal is not raised, since what is observed next decides what it means."""
    session, table, change = nodes.coordinator, attempt.table, attempt.change
    try:
        session.execute(Statement(change.cql))
    except (NotAuthorized, StatementFailed, OutcomeUnknown) as failure:
        meaning = find_meaning(failure.message, bool(attempt.run.cluster.capabilities.status_table))
        if meaning and meaning.may_come:
            table.note(change, DOUBTFUL)
        return Refusal(
            _explain(failure, change, table.plan.table.name, session.settings.user), failure.message, meaning
        )
    except Exception:
        # An error of our own, somewhere between sending and the answer.
        table.note(change, UNKNOWN)
        raise
    table.note(change, ACCEPTED)
    return None


def _explain(failure: Failure, change: Change, table: TableName, user: str | None) -> Failure:
    if isinstance(failure, NotAuthorized):
        role = refused_role(failure.message) or user
        return NotAuthorized(f"{grant_sentence(table, role)} (the server: {failure.message}).")
    if isinstance(failure, StatementFailed):
        return StatementFailed(f"The server refused {change.cql}: {failure.message}")
    unknown = OutcomeUnknown(
        f"{change.cql} was sent and its outcome is not known: {sentence(failure.message)} Run this again: it reads the "
        "table first and does only what is left to do."
    )
    unknown.statement = change.cql
    return unknown


def _look(nodes: NodeSessions, attempt: Attempt, refusal: Refusal | None) -> tuple[Plan, Shown]:
    """What is left to do after an attempt, on nodes that agree; raises NotVerified if an accepted change does not show."""
    run, table = attempt.run, attempt.table
    if refusal and refusal.is_unknown:
        _find_out(nodes, attempt, refusal)
    action = "The change was tried" if refusal else "The change was applied"
    is_last = len(attempt.plan.changes) == 1
    shown = reach_agreement(nodes, run, f"{action}, and the nodes do not agree", table.desired, describes=is_last)
    left = make_plan(table.desired, shown.table) if shown.table else None
    later = attempt.plan.names - attempt.change.names
    if left is None or left.unsettled - later:
        # It may have been read before the versions agreed.
        (left,), cluster = observe_plans(nodes, [table.desired])
        require_there(left)
        shown = shown._replace(place=cluster.local.place, table=left.table)
    table.settle(left.unsettled)
    if not refusal and (attempt.left_of(left) or run.cluster.capabilities.status_table):
        left = await_shown(nodes, run, table, attempt.change.names)
        shown = shown._replace(table=left.table)
        table.settle(left.unsettled)
    require_no_conflicts([left], f"{action}: another user changes the table as well.")
    if not refusal and attempt.left_of(left):
        raise _not_shown(attempt, left, read_status(nodes, run, table))
    return left, shown


def _find_out(nodes: NodeSessions, attempt: Attempt, refusal: Refusal) -> None:
    """Note what became of a change without a clear answer; raises OutcomeUnknown if no node can be asked about it."""
    table, change = attempt.table, attempt.change
    time.sleep(_PAUSE)
    try:
        left = observe_plan(nodes, table.desired)
    except Failure as failure:
        table.note(change, UNKNOWN)
        refusal.failure.message += f" No node could be asked about it: {failure.message}"
        raise refusal.failure from failure
    # It may still come: a later attempt that is refused says nothing about this one.
    table.note(change, DOUBTFUL if refusal.meaning else UNKNOWN)
    if not left.missing:
        table.settle(left.unsettled)


def _judge(nodes: NodeSessions, attempt: Attempt, refusal: Refusal, left: Plan) -> None:
    """Decide by what is left to do now: raise the refusal, or return for another attempt."""
    names = attempt.left_of(left)
    nothing_done = names == attempt.change.names
    # An error of the server whose words are known is a refusal too, once the table shows that nothing was done.
    if nothing_done and (refusal.meaning or not refusal.is_unknown):
        _wait_for_another(nodes, attempt, refusal)
    elif names and attempt.is_last:
        # A node that is away explains more than an answer that did not come.
        check_reachable(attempt.run.cluster, nodes.unreachable, attempt.run.request.policy)
        raise _not_taken(refusal, left, attempt) if refusal.is_unknown else refusal.failure


def _wait_for_another(nodes: NodeSessions, attempt: Attempt, refusal: Refusal) -> None:
    """Wait until the change is worth another attempt; raises the refusal if it is not."""
    left, meaning = attempt.seconds_left, refusal.meaning
    if left <= 0 or not is_worth_another(meaning, attempt.number):
        if not meaning:
            raise refusal.failure
        raise StatementFailed(
            f"The server did not take {attempt.change.cql}. {explain_refusal(meaning, refusal.words)}"
        )
    time.sleep(min(left, _PAUSE * attempt.number * (1 + random.random())))  # noqa: S311
    if attempt.run.cluster.capabilities.status_table:
        await_idle(nodes, attempt.run, attempt.table, left)


def _not_shown(attempt: Attempt, left: Plan, status: str | None) -> NotVerified:
    seconds, names = attempt.run.request.policy.agreement_timeout, ", ".join(sorted(attempt.left_of(left)))
    return NotVerified(
        f"The server accepted the change of {left.table.name} and does not show it after {seconds:g} s"
        f"{f' (status {status})' if status else ''}: {names}. It may show later: run this again, "
        "which reads the table first, or raise schema_agreement_timeout."
    )


def _not_taken(refusal: Refusal, left: Plan, attempt: Attempt) -> NotVerified:
    """Without a clear answer, and yet the nodes can be asked: they say that they do not have it."""
    names, number = ", ".join(sorted(attempt.left_of(left))), attempt.number
    return NotVerified(
        f"{left.changes[0].cql} was sent {'once' if number == 1 else f'{number} times'}, without a clear answer "
        f"({refusal.words.rstrip('.')}). "
        f"The nodes answer other questions, and do not show it: {names}. It may show later: run this again, which reads the "
        "table first, or raise request_timeout."
    )
