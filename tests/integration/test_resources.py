# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing is left behind by a run, whether it ends well or not: connections, threads, files, processes."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import Session
from module_run import ForkedModule

from .conftest import RunModule, RunningNode

ENDINGS: dict[str, dict[str, Any]] = {
    "changed": {"columns": [{"a": "int"}]},
    "ok": {"columns": [{"v": "text"}]},
    "conflict": {"columns": [{"v": "int"}]},
    "refused": {"columns": [{"a": "counter"}]},
    "no table": {"table": "nothing", "columns": [{"a": "int"}]},
    "no node": {"login_host": ["127.99.99.99"], "columns": [{"a": "int"}], "connect_timeout": 1},
}


def connections(cql: Session) -> int:
    """The clients which the server sees; the test's own session is among them."""
    return len(list(cql.execute("SELECT address, port FROM system_views.clients")))


@pytest.mark.parametrize("ending", ENDINGS, ids=str)
def test_nothing_is_left(cql: Session, keyspace: str, run_module: RunModule, tmp_path: Path, ending: str) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, v text)")
    given = {"keyspace": keyspace, "table": "t", **ENDINGS[ending]}
    run_module("cassandra_column", given, check=True)
    settle(cql)
    before = (connections(cql), threading.active_count(), len(os.listdir("/proc/self/fd")))
    for _run in range(5):
        run_module("cassandra_column", given)
    deadline = time.monotonic() + 10
    while (connections(cql), threading.active_count(), len(os.listdir("/proc/self/fd"))) > before:
        assert time.monotonic() < deadline, (before, [thread.name for thread in threading.enumerate()])
        time.sleep(0.05)


def settle(cql: Session) -> None:
    """Wait until the connections of what ran before are gone."""
    last, same = -1, 0
    while same < 5:
        now = connections(cql)
        last, same = now, same + 1 if now == last else 0
        time.sleep(0.1)


def test_a_process_opens_no_more_than_one_connection(node: RunningNode, cql: Session, keyspace: str) -> None:
    """As the server counts them, sampled while the module runs: the same for control and for requests."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, v text)")
    settle(cql)
    before, most = connections(cql), 0
    given = {"keyspace": keyspace, "table": "t", "columns": [{"a": "int"}], "login_host": [node.address]}
    run = ForkedModule(given)
    run.begin()
    while not run.has_ended:
        most = max(most, connections(cql))
    result = run.result()
    assert result is not None
    assert result["changed"] is True
    assert most - before == 1
