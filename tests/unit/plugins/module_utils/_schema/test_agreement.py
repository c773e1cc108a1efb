# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read while nodes come to agree; tests/integration/test_ring_faults.py has real ones."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import NotAgreed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema import agreement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.agreement import Shown, reach_agreement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import Cluster, Node
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import (
    ColumnRequest,
    DataLossPolicy,
    Policy,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.run import ClusterRun, begin_run

FIRST, SECOND = (Node(f"10.0.0.{one}", 9042, "dc1", f"h{one}", "5.0.9", "v2") for one in (1, 2))
LATE = SECOND._replace(schema_version="v1")
NODES: Any = SimpleNamespace(connect=lambda places: None, unreachable={}, tell=lambda line: None)


def begun(timeout: float) -> ClusterRun:
    policy = Policy(agreement_timeout=timeout, ask_nodes_limit=32)
    return begin_run(ColumnRequest((), policy, DataLossPolicy(False, False, 0)), [], Cluster("c", FIRST, (SECOND,)))


@pytest.mark.parametrize("describes", [True, False])
def test_the_table_is_described_once_however_long_the_nodes_disagree(
    monkeypatch: pytest.MonkeyPatch, describes: bool
) -> None:
    peers, asked = [LATE, LATE, SECOND], []

    def read(_nodes: Any, _desired: Any, is_asked: bool) -> tuple[Cluster, Shown]:
        asked.append(is_asked)
        text = "CREATE TABLE ..." if is_asked else ""
        return Cluster("c", FIRST, (peers.pop(0),)), Shown(FIRST.place, described=text)

    monkeypatch.setattr(agreement, "_read", read)
    run = begun(30.0)
    shown = reach_agreement(NODES, run, "The change was applied", describes=describes)
    assert (asked, peers, run.agreement.agreed) == ([describes, False, False], [], True)
    assert shown.described == ("CREATE TABLE ..." if describes else "")


def test_nodes_that_never_agree_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "_read", lambda *_asked: (Cluster("c", FIRST, (LATE,)), Shown()))
    run = begun(0.0)
    with pytest.raises(NotAgreed, match=r"The change was applied: .*10\.0\.0\.1 5\.0\.9: v2; 10\.0\.0\.2 5\.0\.9: v1"):
        reach_agreement(NODES, run, "The change was applied")
    assert run.agreement.missing == (LATE,)
