# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of a change, by what was sent, what was answered, and what a node showed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import (
    ConnectionFailed,
    Failure,
    NodesUnreachable,
    OutcomeUnknown,
    StatementFailed,
    TableMissing,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._place import Place
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.agreement import Shown
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    Agreement,
    Cluster,
    Column,
    Node,
    Table,
    TableName,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.ensure import verify
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import Desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import make_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import (
    ColumnRequest,
    DataLossPolicy,
    Policy,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.result import _status
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.run import (
    ACCEPTED,
    DOUBTFUL,
    UNKNOWN,
    Sent,
    TableRun,
    begin_run,
    with_outcome,
)

NAME = TableName("shop", "orders")
A, B = Column("a", parse_type("int")), Column("b", parse_type("text"))
ALL = frozenset({"a", "b"})
ALTER = "ALTER TABLE shop.orders ADD (a int, b text)"


def begun() -> TableRun:
    desired = Desired(NAME, (A, B))
    return TableRun(desired, make_plan(desired, Table(NAME, ())))


def accepted(run: TableRun) -> None:
    run.note(run.plan.changes[0], ACCEPTED)


def accepted_and_shown(run: TableRun) -> None:
    run.note(run.plan.changes[0], ACCEPTED)
    run.settle(frozenset())


def shown_and_gone_again(run: TableRun) -> None:
    accepted_and_shown(run)
    run.settle(ALL)


def unknown(run: TableRun) -> None:
    run.note(run.plan.changes[0], UNKNOWN)


def unknown_and_shown(run: TableRun) -> None:
    run.note(run.plan.changes[0], UNKNOWN)
    run.settle(frozenset())


def doubtful(run: TableRun) -> None:
    run.note(run.plan.changes[0], DOUBTFUL)
    run.settle(ALL)


def doubtful_and_shown(run: TableRun) -> None:
    run.note(run.plan.changes[0], DOUBTFUL)
    run.settle(frozenset())


def doubtful_and_shown_late(run: TableRun) -> None:
    """It became visible in the pause before the next attempt, whose plan has nothing left to send."""
    doubtful(run)
    run.settle(frozenset())


def nothing(run: TableRun) -> None:
    """Nothing was sent."""


UNSEEN = f"{ALTER} was executed. No node has shown it yet."
SENT = f"{ALTER} was sent, and the outcome is not known."


@pytest.mark.parametrize(
    ("history", "status", "changed", "sentence"),
    [
        (nothing, "missing", False, "Nothing was executed."),
        (accepted, "unknown", True, UNSEEN),
        (accepted_and_shown, "added", True, f"{ALTER} was executed."),
        (shown_and_gone_again, "unknown", True, UNSEEN),
        (unknown, "unknown", True, SENT),
        (unknown_and_shown, "added", True, f"{ALTER} was executed."),
        (doubtful, "missing", False, f"{ALTER} was sent, and may still be made."),
        (doubtful_and_shown, "added", True, f"{ALTER} was executed."),
        (doubtful_and_shown_late, "added", True, f"{ALTER} was executed."),
    ],
)
def test_what_a_failure_says_of_the_change(
    history: Callable[[TableRun], None], status: str, changed: bool, sentence: str
) -> None:
    run = begun()
    history(run)
    assert ([_status(column, run, False) for column in (A, B)], run.changed) == ([status] * 2, changed)
    assert run.statements == ([ALTER] if changed else [])
    assert with_outcome(TableMissing("The table is gone."), [run]).message == f"The table is gone. {sentence}"


def test_the_words_of_a_server_end_where_ours_begin() -> None:
    message = with_outcome(StatementFailed("The server refused it: column a has an index"), [begun()]).message
    assert message == "The server refused it: column a has an index. Nothing was executed."


def test_a_connection_that_is_lost_is_called_the_same_whichever_node_it_was() -> None:
    run = begun()
    assert type(with_outcome(ConnectionFailed("No answer."), [run])) is ConnectionFailed
    run.note(run.plan.changes[0], ACCEPTED)
    found = with_outcome(ConnectionFailed("No answer.", attempts={"a": "refused"}), [run])
    assert (type(found), found.facts) == (NodesUnreachable, {"attempts": {"a": "refused"}})


@pytest.mark.parametrize("other", [False, True], ids=["alone", "after another table"])
def test_what_the_failure_says_itself_is_not_said_twice(other: bool) -> None:
    run, first = begun(), begun()
    run.note(run.plan.changes[0], UNKNOWN)
    accepted_and_shown(first)
    first.sent = [Sent(one.change._replace(cql="ALTER TABLE shop.first ADD (a int)"), one.answer) for one in first.sent]
    failure = OutcomeUnknown(f"{ALTER} was sent and its outcome is not known: no answer.")
    failure.statement = ALTER
    said = with_outcome(failure, [first, run] if other else [run]).message
    assert said.count(ALTER) == 1
    assert said.endswith("ALTER TABLE shop.first ADD (a int) was executed." if other else "no answer.")


def test_a_question_at_the_end_of_a_failure_stays_one() -> None:
    assert with_outcome(Failure("Did you mean orders?"), ()).message == "Did you mean orders? Nothing was executed."


def test_an_unchanged_table_is_verified_by_the_node_that_was_read() -> None:
    """Another table may have moved the run to another node since."""
    desired = Desired(NAME, (A, B))
    plan = make_plan(desired, Table(NAME, (A, B)))
    request = ColumnRequest(
        (desired,), Policy(agreement_timeout=1, ask_nodes_limit=32), DataLossPolicy(False, False, 0)
    )
    first, second = (Node(f"10.0.0.{one}", 9042, "dc1", f"h{one}", "5.0.9", "v") for one in (1, 2))
    run = begin_run(request, [plan], Cluster("c", first, (second,)))
    run.agreement = Agreement(Cluster("c", second, (first,)))
    verify(SimpleNamespace(), run, run.tables[0], SimpleNamespace())
    assert run.verified_by == (first.place,)


@pytest.mark.parametrize(
    ("host_id", "asked"),
    [("h3", ["h1", "h2", "h3"]), (None, ["h1", "h2"])],
    ids=["a node that joined", "one that does not tell its host_id any more"],
)
def test_each_node_is_asked_that_the_cluster_lists_in_the_end(host_id: str | None, asked: list[str]) -> None:
    desired = Desired(NAME, (A, B))
    request = ColumnRequest(
        (desired,), Policy(agreement_timeout=1, ask_nodes_limit=32), DataLossPolicy(False, False, 0)
    )
    first, second = (Node(f"10.0.0.{one}", 9042, "dc1", f"h{one}", "5.0.9", "v") for one in (1, 2))
    last = second._replace(host_id=host_id, address="10.0.0.3" if host_id else second.address)
    run = begin_run(request, [make_plan(desired, Table(NAME, ()))], Cluster("c", first, (second,)))
    run.asked, run.agreement = (first.place, second.place), Agreement(Cluster("c", first, (second, last)))
    run.tables[0].note(run.tables[0].plan.changes[0], ACCEPTED)
    table = Table(NAME, (A, B))

    class Nodes:
        def __init__(self) -> None:
            self.peers: dict[str, None] = {}

        def connect(self, places: Sequence[Place]) -> None:
            self.peers = {place.key: None for place in places if place != first.place}

        def run_on_peers(self, _question: Any, chosen: Sequence[str]) -> dict[str, Any]:
            return dict.fromkeys(chosen, ("v", table))

    verify(Nodes(), run, run.tables[0], Shown(first.place, table))  # type: ignore[arg-type]
    assert [place.key for place in run.verified_by] == asked
