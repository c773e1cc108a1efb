# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole flow on nodes that answer as they are told: what became of a change, and what is said of it.

The tests of tests/integration ask the same of real nodes, where most of these moments are hard to meet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection import nodes
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.session import Names, Rows, Session
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.settings import Settings, read_settings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import Statement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import (
    ConnectionFailed,
    Failure,
    NotAuthorized,
    OutcomeUnknown,
    StatementFailed,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._place import Place
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema import agreement, apply
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.ensure import ensure_columns
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import read_desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.saved_plan import read_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import (
    ColumnRequest,
    DataLossPolicy,
    LockPolicy,
    Policy,
)

SETTINGS = read_settings({name: option.get("default") for name, option in connection_options().items()})
ALTER = "ALTER TABLE shop.orders ADD (a int, b text)"
BOTH = {"a": "int", "b": "text"}
Columns = dict[str, str]


class Moment(NamedTuple):
    """What becomes of one change: what is raised, which nodes get which columns by it, and which answer no more."""

    raises: Failure | None = None
    columns: Mapping[str, str] = BOTH
    nodes: Collection[int] = range(3)
    loses: Collection[int] = ()


class Ring:
    """Nodes with a table each; C(moments) say what becomes of each change that is sent, the last one for ever.

    C(meanwhile) is called as the lock is taken, and C(asked) keeps what was sent.
    """

    def __init__(self, *moments: Moment) -> None:
        self.tables: list[Columns] = [{"id": "int"} for _number in range(3)]
        self.moments = [*moments]
        self.asked: list[str] = []
        self.silent: set[int] = set()
        self.meanwhile: Callable[[], Any] = lambda: None

    def changed(self, text: str) -> None:
        self.asked.append(text)
        moment = self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]
        for table in (self.tables[number] for number in moment.nodes):
            table.update(moment.columns)
        self.silent |= set(moment.loses)
        if moment.raises:
            raise moment.raises


class Node(Session):
    """The session with one node of the ring."""

    def __init__(self, ring: Ring, number: int = 0) -> None:
        self._ring, self._number = ring, number
        self.settings, self.address, self.port = SETTINGS, f"10.0.0.{number + 1}:9042", 9042
        self.host_id, self.tell = None, None
        self.warnings, self.partial, self.absent = [], set(), {}

    @property
    def meets(self) -> tuple[str, int]:
        return self.address.partition(":")[0], self.port

    def __exit__(self, *_exc: object) -> None:
        """Nothing is open."""

    def connect_peers(self, places: Collection[Place]) -> dict[str, Session]:
        return {place.key: Node(self._ring, int(place.key[1:]) - 1).meant(place) for place in places}

    def execute(self, statement: Statement) -> None:
        self._ring.changed(statement.text)

    def answers(self, *statements: Statement, timeout: float | None = None) -> list[Rows | Failure]:
        if self._number in self._ring.silent:
            raise ConnectionFailed(f"{self.address} gave no answer.")
        return [self._answer(one) for one in statements]

    def _answer(self, statement: Statement) -> Rows:
        table, names = statement.source
        if not table:
            self._ring.asked.append(statement.text.split()[0])
            if statement.text.startswith("INSERT"):
                self._ring.meanwhile()
            return Rows([{"[applied]": True}])
        rows: list[dict[str, Any]] = []
        if table == "system.local":
            rows = [self._row(self._number, names)]
        elif table == "system.peers_v2":
            others = (number for number in range(len(self._ring.tables)) if number != self._number)
            rows = [self._row(number, names) for number in others]
        elif table == "system_schema.columns":
            rows = [_column(*one) for one in self._ring.tables[self._number].items()]
        return Rows([Names(names), *rows])

    @staticmethod
    def _row(number: int, names: Collection[str]) -> dict[str, Any]:
        address = f"10.0.0.{number + 1}"
        facts = {"cluster_name": "c", "data_center": "dc1", "host_id": f"h{number + 1}", "release_version": "5.0.9"}
        facts |= {"schema_version": "v", "native_port": 9042}  # type: ignore[dict-item]
        return {**dict.fromkeys(names, address), **{name: facts[name] for name in names if name in facts}}


def _column(name: str, cql_type: str) -> dict[str, Any]:
    kind, position = ("partition_key", 0) if name == "id" else ("regular", -1)
    facts = {"column_name": name, "type": cql_type, "kind": kind, "position": position}
    return {**facts, "clustering_order": "none"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only where something waits, and no node is reached that is not of the ring."""
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda seconds: now.append(now.pop() + seconds))

    def unreachable(settings: Settings) -> Session:
        raise ConnectionFailed(f"{settings.contact_points} gave no answer.")

    for module in (agreement, apply, nodes):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(nodes, "open_session", unreachable)


def request(columns: Mapping[str, str] = BOTH, **more: Any) -> ColumnRequest:
    listed = [{name: cql_type} for name, cql_type in columns.items()]
    desired = read_desired({"keyspace": "shop", "table": "orders", "columns": listed})
    allowed = more.pop("allow_unreachable_nodes", False)
    policy = Policy(60, 32, allow_unreachable_nodes=allowed)
    return ColumnRequest((desired,), policy, DataLossPolicy(False, False, 0), **more)


def ensured(ring: Ring, check: bool = False, **more: Any) -> dict[str, Any]:
    """What the module says: its result, or that of a failure."""
    try:
        return {"failure": "", "msg": "", **ensure_columns(Node(ring), request(**more), check)}
    except Failure as failure:
        return {**failure.facts, "failure": failure.kind, "msg": failure.message}


def statuses(result: Mapping[str, Any]) -> set[str]:
    return {column["status"] for column in result["tables"][0]["columns"]}


LOST = OutcomeUnknown("10.0.0.1 gave no answer in time (request_timeout).")
REFUSED = StatementFailed("Type is unsupported.")
MAY_COME = StatementFailed("GivingUpException: no answer of TCM_COMMIT_REQ")
OTHER_TYPE = {"a": "text", "b": "text"}


@pytest.mark.parametrize(
    ("moments", "failure", "changed", "status", "sent", "words"),
    [
        ([Moment()], "", True, "added", 1, ""),
        ([Moment(LOST)], "", True, "added", 1, ""),
        ([Moment(LOST, {}), Moment()], "", True, "added", 2, ""),
        ([Moment(LOST, {})], "not_verified", True, "unknown", None, "sent, and the outcome is not known."),
        ([Moment(REFUSED, {})], "statement_failed", False, "missing", 1, "Nothing was executed."),
        ([Moment(REFUSED, OTHER_TYPE)], "conflict", False, None, 1, "Nothing was executed."),
        # Another user has made the same change meanwhile.
        ([Moment(REFUSED)], "", False, "present", 1, ""),
        ([Moment(NotAuthorized("User bob has no ALTER permission"), {})], "not_authorized", False, "missing", 1, ""),
        ([Moment(MAY_COME, {})], "statement_failed", False, "missing", 2, "was sent, and may still be made."),
        ([Moment(MAY_COME, {}), Moment(REFUSED)], "", True, "added", 2, ""),
        ([Moment(None, {})], "not_verified", True, "unknown", 1, "executed. No node has shown it yet."),
        ([Moment(None, {"a": "int"})], "not_verified", True, None, 1, "was executed."),
    ],
    ids=lambda value: "",
)
def test_what_became_of_a_change(
    moments: list[Moment], failure: str, changed: bool, status: str | None, sent: int | None, words: str
) -> None:
    ring = Ring(*moments)
    result = ensured(ring)
    assert (result["failure"], result["changed"], words in result["msg"]) == (failure, changed, True), result
    assert status is None or statuses(result) == {status}
    assert len(ring.asked) == sent if sent else len(ring.asked) > 1
    assert set(ring.asked) == {ALTER}


@pytest.mark.parametrize("late", [1, 2])
@pytest.mark.parametrize(
    ("shows", "failure", "words"),
    [
        ({"id": "int"}, "not_verified", "does not show the change although the nodes agree: a, b."),
        ({"id": "int", "a": "int"}, "not_verified", "does not show the change although the nodes agree: b."),
        ({"id": "int", **OTHER_TYPE}, "conflict", "has the table in another form although the nodes agree."),
        ({}, "not_verified", "does not have shop.orders although the nodes agree."),
    ],
    ids=["nothing of it", "a part of it", "another type", "no table"],
)
def test_each_node_shows_it_or_it_is_no_success(late: int, shows: Columns, failure: str, words: str) -> None:
    ring = Ring(Moment(nodes={0, 1, 2} - {late}))
    ring.tables[late] = dict(shows)
    result = ensured(ring)
    assert (result["failure"], result["changed"], result["verified_by"]) == (failure, True, []), result
    assert f"Node 10.0.0.{late + 1} {words}" in result["msg"]
    assert result["msg"].endswith("was executed.")


@pytest.mark.parametrize("allowed", [False, True])
def test_a_node_that_is_lost_after_the_change(allowed: bool) -> None:
    ring = Ring(Moment(loses={2}))
    result = ensured(ring, allow_unreachable_nodes=allowed)
    assert (result["failure"], result["changed"]) == ("" if allowed else "nodes_unreachable", True), result
    assert "10.0.0.3" in result["msg"] or allowed
    assert [node["address"] for node in result["verified_by"]] == (["10.0.0.1", "10.0.0.2"] if allowed else [])


def test_a_dry_run_sends_nothing() -> None:
    ring = Ring()
    result = ensured(ring, check=True)
    assert (result["failure"], result["changed"], statuses(result), ring.asked) == ("", True, {"would_add"}, [])


def test_who_waited_for_the_lock_reads_again_what_is_left_to_do() -> None:
    """The run that held it before may have done the work; and it is given back, whatever becomes of the change."""
    ring = Ring(Moment())
    ring.meanwhile = lambda: [table.update(BOTH) for table in ring.tables]
    result = ensured(ring, lock=LockPolicy("ops", 0.0))
    assert (result["failure"], result["changed"], ring.asked) == ("", False, ["INSERT", "DELETE"])
    ring = Ring(Moment(REFUSED, {}))
    assert ensured(ring, lock=LockPolicy("ops", 0.0))["failure"] == "statement_failed"
    # It is asked for once more just before the statement.
    assert ring.asked == ["INSERT", "UPDATE", ALTER, "DELETE"]


def test_an_approved_plan_is_held_to_between_two_attempts() -> None:
    """Another user adds one of its columns before the second one, so that the approved statement is not the one to send."""
    ring = Ring(Moment(LOST, {"a": "int"}), Moment())
    plan = read_plan(ensured(Ring(), check=True)["plan"])
    result = ensured(ring, approved=plan)
    assert (result["failure"], ring.asked) == ("plan_changed", [ALTER]), result
    assert "it needs ALTER TABLE shop.orders ADD (b text) now" in result["msg"]
