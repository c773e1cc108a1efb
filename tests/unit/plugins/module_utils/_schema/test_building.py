# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a run waits for indexes, by what the nodes say of them; tests/integration/test_indexes.py asks real nodes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import NotVerified, StatementFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema import agreement, building
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.building import await_built
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.capabilities import Reading
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import Cluster, Node, Table
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import read_desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import make_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import (
    ColumnRequest,
    DataLossPolicy,
    Policy,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.result import report
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.run import ClusterRun, begin_run

NODE = Node("10.0.0.1", 9042, "dc1", "h1", "5.0.9", "v")
BUILT = {"is_building": False, "is_queryable": True}
BUILDS = {"is_building": True, "is_queryable": False}
GAVE_UP = {"is_building": False, "is_queryable": False}
# Another user drops the index, or the table and makes it again: the node shows nothing of it, or an index of another table.
GONE: dict[str, str] = {}
OF_ANOTHER_TABLE = {**BUILT, "table_name": "u"}
REFUSED = "no permission"
# What the node builds at the moment, and how far it is.
TASK = {"table_name": "t", "kind": "INDEX_BUILD", "progress": 3, "total": 4}


class Answers:
    """What the only node says, one answer after the other and the last one for ever; a text is a refusal."""

    host_id = "h1"

    def __init__(self, *answers: Any) -> None:
        self.unreachable: dict[str, Any] = {}
        self.answers = list(answers)
        self.told: list[str] = []
        self.coordinator = SimpleNamespace(settings=SimpleNamespace(user="ann"))
        self.absent: dict[Any, Any] = {}
        self.partial: set[Any] = set()
        self.asked = 0

    def connect(self, places: Any) -> None:
        assert [place.key for place in places] == ["h1"]

    def run_everywhere(self, question: Any, _of_peers: Any) -> Any:
        self.asked += 1
        # How far it is, is asked in between.
        if question.func is not building._tasks:
            self.now = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return question(self), {}

    def warn(self, warnings: list[str]) -> None:
        self.told += warnings

    def tell(self, line: str) -> None:
        self.told.append(line)

    def __call__(self, _session: Any, *statements: Any) -> list[Any]:
        refusal = StatementFailed(self.now) if isinstance(self.now, str) else None
        row = {"index_name": "t_a_idx", **TASK, **self.now} if self.now and not refusal else None
        return [Reading(one.source, [row] if row else [], refusal=refusal) for one in statements]


def begun(there: bool = True) -> ClusterRun:
    asked = read_desired({"keyspace": "k", "table": "t", "columns": [{"name": "a", "type": "int", "index": True}]})
    indexes = asked.indexes if there else ()
    plan = make_plan(asked, Table(asked.table, asked.columns, indexes=indexes))
    policy = Policy(agreement_timeout=1, ask_nodes_limit=32, index_build_timeout=300)
    request = ColumnRequest((asked,), policy, DataLossPolicy(False, False, 0))
    return begin_run(request, [plan], Cluster("c", NODE, ()))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only where something waits."""
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda seconds: now.append(now.pop() + seconds))
    monkeypatch.setattr(agreement, "time", clock)


def awaited(monkeypatch: pytest.MonkeyPatch, *answers: Any, check: bool = False, there: bool = True) -> Any:
    nodes, run = Answers(*answers), begun(there)
    monkeypatch.setattr(building, "read_available", nodes)
    await_built(nodes, run, check)  # type: ignore[arg-type]
    return nodes, run


def test_it_asks_until_the_node_can_query_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes, run = awaited(monkeypatch, GAVE_UP, *[BUILDS] * 20, BUILT)
    assert (run.tables[0].unbuilt, run.not_checked, len(nodes.answers)) == (frozenset(), (), 1)
    assert nodes.told[0] == (
        "After 6 s still waiting for nodes to build indexes: k.t_a_idx on 10.0.0.1. 75 % of what is being built is done."
    )


def test_a_node_that_gave_up_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotVerified, match=r"10\.0\.0\.1.* run 'nodetool rebuild_index <keyspace> <table> <index>'"):
        awaited(monkeypatch, BUILDS, GAVE_UP)


@pytest.mark.parametrize("now", [GONE, OF_ANOTHER_TABLE])
def test_an_index_that_is_dropped_meanwhile_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, now: Any) -> None:
    nodes, run = Answers(BUILDS, now), begun()
    run.tables[0].verified_by = (NODE.place,)
    monkeypatch.setattr(building, "read_available", nodes)
    with pytest.raises(NotVerified, match=r"not there any more: k\.t_a_idx on 10\.0\.0\.1\. Another user dropped them"):
        await_built(nodes, run, False)  # type: ignore[arg-type]
    (column,) = report(run)["tables"][0]["columns"]
    assert (nodes.asked, run.verified_by, column["index"]["status"]) == (2, (), "missing")


def test_a_dry_run_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes, run = awaited(monkeypatch, BUILDS, check=True)
    assert (nodes.asked, run.tables[0].unbuilt) == (1, frozenset({"t_a_idx"}))
    nodes, run = awaited(monkeypatch, BUILDS, check=True, there=False)
    assert (nodes.asked, run.tables[0].unbuilt) == (0, frozenset())


def test_what_a_node_does_not_show_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes, run = awaited(monkeypatch, REFUSED)
    assert "GRANT SELECT ON KEYSPACE system_views TO ann" in nodes.told[0]
    (one,) = run.not_checked
    assert "system_views.sai_column_indexes cannot be read here (the server: no permission)" in one.reason
