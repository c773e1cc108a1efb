# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run as one value: what is known of the cluster once, and what has happened to each of its tables; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .._errors import ConnectionFailed, Failure, NodesUnreachable, OutcomeUnknown, sentence
from .._place import Lost, Place
from .catalog.capabilities import NotChecked
from .catalog.model import Agreement, Cluster
from .planning.change import Change
from .planning.desired import Desired
from .planning.plan import Plan
from .planning.preconditions import TableContext
from .request import ColumnRequest, Values

# What a server says of a change: that it took it, nothing, or an error that does not tell whether it is made.
ACCEPTED, UNKNOWN, DOUBTFUL = "accepted", "unknown", "doubtful"


class Sent(NamedTuple):
    """A change that was sent, and the C(answer) to that."""

    change: Change
    answer: str


@dataclass
class TableRun:
    """What has happened to one table so far.

    C(plan) is what is to be done, as it was first checked; C(is_checked) until a statement is sent or a wait begins, since
    others may have changed something then. C(sent) are the changes in their order; C(applied) are the columns of these that a
    node showed as desired when it was last asked. C(unbuilt) are the indexes that a node cannot query yet, C(gone) those of
    them that its schema has no more. C(before) and C(described) are the server's own texts, before the first change and after
    the last one, and empty if there is none.
    """

    desired: Desired
    plan: Plan
    context: TableContext | None = None
    values: Values | None = None
    is_checked: bool = False
    sent: list[Sent] = field(default_factory=list)
    applied: frozenset[str] = frozenset()
    verified_by: tuple[Place, ...] = ()
    unbuilt: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    before: str = ""
    described: str = ""

    @property
    def statements(self) -> list[str]:
        """The statements that were executed, or may be: a doubtful one only if a node shows it."""
        sent = (one.change for one in self.sent if one.answer != DOUBTFUL or one.change.names & self.applied)
        return list(dict.fromkeys(change.cql for change in sent))

    @property
    def unseen(self) -> frozenset[str]:
        """The columns whose change was sent and no node shows: it is likely to be made, or is made already."""
        return self.names_sent(ACCEPTED, UNKNOWN) - self.applied

    @property
    def changed(self) -> bool:
        return bool(self.applied | self.unseen)

    def names_sent(self, *answers: str) -> frozenset[str]:
        """The columns whose change got one of these answers."""
        return frozenset(name for one in self.sent if one.answer in answers for name in one.change.names)

    def note(self, change: Change, answer: str) -> None:
        """This change was sent."""
        self.sent.append(Sent(change, answer))

    def settle(self, unsettled: frozenset[str]) -> None:
        """A node was asked: what was sent and shows is taken for ours, even if the last attempt was refused."""
        self.applied = self.names_sent(ACCEPTED, UNKNOWN, DOUBTFUL) - unsettled


@dataclass
class ClusterRun:
    """What is known of the cluster, as first read and as last read, and its tables.

    C(asked) are the nodes that must show a change, C(unreachable) those of them that give no answer; C(warnings) are those of
    the run so far, C(not_checked) what it could not find out.
    """

    request: ColumnRequest
    cluster: Cluster
    tables: list[TableRun]
    agreement: Agreement
    asked: tuple[Place, ...] = ()
    unreachable: Mapping[str, Lost] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def plans(self) -> list[Plan]:
        return [table.plan for table in self.tables]

    @property
    def changing(self) -> list[TableRun]:
        """The tables that have something left to do, by their plans."""
        return [table for table in self.tables if table.plan.changes]

    @property
    def verified_by(self) -> tuple[Place, ...]:
        """The nodes that showed all tables as desired; of tables that were changed each node was asked."""
        changed = [table for table in self.tables if table.changed] or self.tables
        if not all(table.verified_by for table in self.tables):
            return ()
        common = set.intersection(*({place.key for place in table.verified_by} for table in changed))
        return tuple(place for place in changed[0].verified_by if place.key in common)

    def note_wait(self) -> None:
        """Time has passed: what was checked has to be checked again before anything is sent."""
        for table in self.tables:
            table.is_checked = False


def begin_run(request: ColumnRequest, plans: Iterable[Plan], cluster: Cluster) -> ClusterRun:
    """A run of which nothing has happened yet."""
    tables = [TableRun(desired, plan) for desired, plan in zip(request.tables, plans)]
    return ClusterRun(request, cluster, tables, Agreement(cluster))


def with_outcome(failure: Failure, tables: Sequence[TableRun]) -> Failure:
    """The failure with what became of the change in its message: what was executed, what was sent, or that nothing was."""
    if type(failure) is ConnectionFailed and any(table.names_sent(ACCEPTED) for table in tables):
        # The same fault gives the same answer, whichever node it strikes.
        failure = NodesUnreachable(failure.message, **failure.facts)
    outcome = outcome_sentence(tables, failure.statement if isinstance(failure, OutcomeUnknown) else "")
    if outcome:
        # The words of a server, which may be the last ones, are no sentence.
        failure.message = f"{sentence(failure.message)} {outcome}"
    return failure


def outcome_sentence(tables: Sequence[TableRun], told: str = "") -> str:
    """What became of the statements of a run; that C(told) has an unknown outcome is known already."""
    executed, unknown, doubtful, is_unseen = [], [], [], False
    for table in tables:
        accepted = table.names_sent(ACCEPTED) | table.applied
        for cql, names in {one.change.cql: one.change.names for one in table.sent}.items():
            if cql not in table.statements:
                doubtful.append(cql)
            elif names <= accepted:
                executed.append(cql)
                is_unseen = is_unseen or not names & table.applied
            elif cql != told:
                unknown.append(cql)
    sentences = []
    if executed:
        sentences.append(f"{_listed(executed)} executed.")
    if is_unseen:
        sentences.append("No node has shown it yet.")
    if unknown:
        sentences.append(f"{_listed(unknown)} sent, and the outcome is not known.")
    if doubtful:
        sentences.append(f"{_listed(doubtful)} sent, and may still be made.")
    return " ".join(sentences) or ("" if told else "Nothing was executed.")


def _listed(statements: Sequence[str]) -> str:
    return f"{'; '.join(statements)} {'was' if len(statements) == 1 else 'were'}"
