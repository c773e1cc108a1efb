# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The application keeps running: reads and writes before, during and after a migration, and every cell as it was."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from cassandra.cluster import Cluster, Session

from .conftest import RunModule, RunningNode

ROWS = 2000


@dataclass
class Load:
    """Threads which go on until they are stopped; what they did and what went wrong."""

    done: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, name: str, work: Callable[[int], None]) -> None:
        self.done[name] = 0

        def run() -> None:
            while not self.over.is_set():
                try:
                    work(self.done[name])
                    self.done[name] += 1
                except Exception as error:
                    self.failures.append(f"{name}: {error!r}")
                    return

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def stop(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(30)

    def wait_for_more(self, count: int) -> None:
        """Return when every thread has done so much more."""
        before = dict(self.done)
        deadline = time.monotonic() + 60
        while any(self.done[name] < before[name] + count for name in before) and not self.failures:
            assert time.monotonic() < deadline, self.done
            time.sleep(0.01)


def checksum(session: Session, keyspace: str) -> str:
    """Of all cells which were there before, with the times when they were written."""
    rows = session.execute(f"SELECT id, v, m, writetime(v) AS w FROM {keyspace}.t WHERE late = false ALLOW FILTERING")
    return hashlib.sha256(repr(sorted((row.id, row.v, sorted(row.m), row.w) for row in rows)).encode()).hexdigest()


@pytest.mark.parametrize("protocol", [4, 5])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_no_request_fails_and_no_cell_changes(
    node: RunningNode, cql: Session, keyspace: str, run_module: RunModule, protocol: int, state: str
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, v text, m set<int>, late boolean, gone int)")
    insert = cql.prepare(f"INSERT INTO {keyspace}.t (id, v, m, late) VALUES (?, ?, ?, false)")
    for future in [cql.execute_async(insert, (one, f"value {one}", {one, -one})) for one in range(ROWS)]:
        future.result()
    before = checksum(cql, keyspace)
    driver = Cluster([node.address], protocol_version=protocol)
    application = driver.connect(keyspace)
    load = Load()
    everything = application.prepare("SELECT * FROM t WHERE id = ?")
    some = application.prepare("SELECT v, m FROM t WHERE id = ?")
    late = application.prepare("INSERT INTO t (id, v, m, late) VALUES (?, ?, ?, true)")

    def read_everything(number: int) -> None:
        row = application.execute(everything, (number % ROWS,)).one()
        assert (row.id, row.v, row.late) == (number % ROWS, f"value {number % ROWS}", False)

    def read_some(number: int) -> None:
        assert tuple(application.execute(some, (number % ROWS,)).one()) == (
            f"value {number % ROWS}",
            {number % ROWS, -(number % ROWS)},
        )

    def read_unprepared(number: int) -> None:
        row = application.execute(f"SELECT * FROM t WHERE id = {number % ROWS}").one()
        assert row.v == f"value {number % ROWS}"

    def write(number: int) -> None:
        application.execute(late, (ROWS + number, "late", {number}))

    try:
        for name, work in (("*", read_everything), ("some", read_some), ("plain", read_unprepared), ("write", write)):
            load.start(name, work)
        load.wait_for_more(200)
        columns = [{"name": "gone"}] if state == "absent" else [{"a": "text"}, {"b": "map<text, int>"}, {"aa": "int"}]
        task = {"keyspace": keyspace, "table": "t", "columns": columns, "state": state, "allow_data_loss": True}
        result = run_module("cassandra_column", task)
        load.wait_for_more(200)
    finally:
        load.stop()
        driver.shutdown()
    assert load.failures == []
    assert (result["failed"], result["changed"]) == (False, True)
    assert checksum(cql, keyspace) == before
    count = cql.execute(f"SELECT count(*) FROM {keyspace}.t", timeout=30).one()[0]
    assert count == ROWS + load.done["write"]
