# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a scenario on a real ring, by the module in a process of its own for each run, forked as a worker of Ansible is."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cluster import Session
from cassandra.query import SimpleStatement
from module_run import ForkedModule
from on_node import columns_on, session_on
from partition import Partition, partitioned_ring

from embedded_cassandra import Cluster
from embedded_cassandra.ready import wait_for

from .history import KILL, PARTITION, PAUSE, Columns, History, NodeFault, Run, RunHistory, Scenario
from .wire import Wire, far, wire

KEYSPACE = "campaign"
# Short, so that faults outlast them; those of the runs after all faults are the module's own.
TIMES = {"connect_timeout": 2.0, "request_timeout": 4.0, "schema_agreement_timeout": 6.0, "lock_timeout": 8.0}


@dataclass(frozen=True)
class Stage:
    """A ring with what its faults need."""

    ring: Cluster
    partition: Partition
    wire: Wire


@contextlib.contextmanager
def stage(version: str, nodes: int) -> Iterator[Stage]:
    """A ring that serves any number of scenarios."""
    with (
        partitioned_ring(version, nodes, lambda address: {"broadcast_rpc_address": far(address)}) as (ring, partition),
        wire(ring) as proxies,
    ):
        replication = f"{{'class': 'SimpleStrategy', 'replication_factor': {nodes}}}"
        with session_on(ring.addresses[0]) as session:
            _execute(session, f"CREATE KEYSPACE {KEYSPACE} WITH replication = {replication}")
            _execute(session, f"CREATE TABLE {KEYSPACE}.stellarmap_schema_lock (name text PRIMARY KEY, owner text)")
        yield Stage(ring, partition, proxies)


def play(stage: Stage, scenario: Scenario) -> History:
    """What happened, up to one more run of each after all faults and yet another one that finds nothing to do."""
    history = History(scenario, [RunHistory(run) for run in scenario.runs])
    _make_table(stage, scenario)
    stage.wire.begin()
    fault = _Fault(stage, history)
    threads = []
    for place in sorted(range(len(scenario.runs)), key=lambda place: scenario.runs[place].begin):
        time.sleep(max(0.0, scenario.runs[place].begin - stage.wire.clock()))
        threads.append(_start(stage, history, place, fault))
    fault.see_to_its_end(threads)
    wait_for(stage.ring.nodes, False)
    _look_after(stage, history)
    return history


def _make_table(stage: Stage, scenario: Scenario) -> None:
    columns = ", ".join(f"{name} {type_}" for name, type_ in scenario.table.items())
    insert = f"INSERT INTO {_table(scenario)} (id, v, old) VALUES (1, 'here', 1)"
    # A session of its own each time: the faults of the scenario before have broken the connections of an older one.
    with session_on(stage.ring.addresses[0]) as session:
        _execute(session, f"CREATE TABLE {_table(scenario)} ({columns}, PRIMARY KEY (id))")
        wait_for(stage.ring.nodes, False)
        session.execute(SimpleStatement(insert, consistency_level=ConsistencyLevel.ALL), timeout=60)
        _execute(session, f"DELETE FROM {KEYSPACE}.stellarmap_schema_lock WHERE name = 'schema' IF EXISTS")


class _Fault:
    """The fault of a node while a scenario is played: it begins when its run comes to its phase, and lasts its time."""

    def __init__(self, stage: Stage, history: History) -> None:
        self._stage, self._history = stage, history
        self._begun = contextlib.ExitStack()

    def comes_to(self, run: int, phase: str) -> None:
        """Begin if this is the moment; the node is as drawn when this returns."""
        fault = self._history.scenario.fault
        if fault and (fault.run, fault.phase) == (run, phase):
            self._begun.enter_context(_strike(self._stage, fault))
            self._history.fault_began = self._stage.wire.clock()

    def see_to_its_end(self, runs: Sequence[threading.Thread]) -> None:
        """Wait for the runs, and end the fault in time: in this thread, since a node ends with the one that started it."""
        fault, history, clock = self._history.scenario.fault, self._history, self._stage.wire.clock
        while any(run.is_alive() for run in runs) and not (fault and clock() > history.fault_began + fault.seconds):
            time.sleep(0.02)
        if fault and history.fault_began < math.inf:
            time.sleep(max(0.0, history.fault_began + fault.seconds - clock()))
            self._begun.close()
            history.fault_ended = clock()
        for run in runs:
            run.join()


def _start(stage: Stage, history: History, place: int, fault: _Fault) -> threading.Thread:
    run = history.runs[place]
    module = _module(stage, history.scenario, run.run, **TIMES)
    stage.wire.watch(module.pid, run, module.kill, functools.partial(fault.comes_to, place))
    run.began = stage.wire.clock()
    module.begin()
    thread = threading.Thread(target=_follow, args=(stage, history.scenario, run, module))
    thread.start()
    return thread


def _follow(stage: Stage, scenario: Scenario, history: RunHistory, module: ForkedModule) -> None:
    history.result = module.result()
    history.ended = stage.wire.clock()
    if history.result and history.result.get("changed") and not history.result["failed"] and not history.run.check:
        by_address = {far(address): address for address in stage.ring.addresses}
        asked = [by_address[node["address"]] for node in history.result["verified_by"]]
        # A node that is away again by now says nothing.
        with contextlib.suppress(Exception):
            history.shown = _on(asked, scenario)


def _module(stage: Stage, scenario: Scenario, run: Run, **times: float) -> ForkedModule:
    keyspace, _dot, table = _table(scenario).partition(".")
    columns = [{"name": name} if run.drop else {name: type_} for name, type_ in run.columns.items()]
    params = {
        "login_host": [far(stage.ring.addresses[run.lead])],
        "keyspace": keyspace,
        "table": table,
        "columns": columns,
        "state": "absent" if run.drop else "present",
        "allow_data_loss": run.drop,
        "allow_unreachable_nodes": run.allow_unreachable,
        "_ansible_check_mode": run.check,
        **({"lock_keyspace": KEYSPACE} if run.lock else {}),
        **times,
    }
    return ForkedModule(params)


@contextlib.contextmanager
def _strike(stage: Stage, fault: NodeFault) -> Iterator[None]:
    node = stage.ring.nodes[fault.node]
    if fault.name == PARTITION:
        with stage.partition.without(node):
            yield
        return
    begin, end = {
        PAUSE: (node.pause, node.resume),
        KILL: (node.kill, lambda: node.start().wait()),
    }[fault.name]
    begin()
    try:
        yield
    finally:
        end()


def _look_after(stage: Stage, history: History) -> None:
    scenario, addresses = history.scenario, stage.ring.addresses
    history.healed = _on(addresses, scenario)
    wanted = {(run.drop, *run.columns.items()): run for run in scenario.runs if not run.check}
    history.again = [_to_its_end(_module(stage, scenario, run)) for run in wanted.values()]
    history.idle = [_to_its_end(_module(stage, scenario, run)) for run in wanted.values()]
    history.after = _on(addresses, scenario)
    # A node that was cut off when the lock was given back learns of it only by such a read.
    holders = SimpleStatement(
        f"SELECT owner, TTL(owner) AS seconds_left FROM {KEYSPACE}.stellarmap_schema_lock",
        consistency_level=ConsistencyLevel.ALL,
    )
    with session_on(addresses[0]) as session:
        history.holders = [(row.owner, row.seconds_left) for row in session.execute(holders, timeout=60)]
    for address in addresses:
        with session_on(address) as session:
            # Of all: a node that was killed may lack what its commit log had not yet synced, and takes it from the others.
            read = SimpleStatement(f"SELECT * FROM {_table(scenario)}", consistency_level=ConsistencyLevel.ALL)
            history.rows.append(len(list(session.execute(read, timeout=60))))
            history.versions.append(str(session.execute("SELECT schema_version FROM system.local").one()[0]))


def _to_its_end(module: ForkedModule) -> dict[str, Any]:
    module.begin()
    result = module.result()
    if result is None:
        raise AssertionError("the module ended without a result")
    return result


def _on(addresses: Sequence[str], scenario: Scenario) -> list[Columns]:
    """The table as each of these nodes has it."""
    keyspace, _dot, table = _table(scenario).partition(".")
    return [columns_on(address, keyspace, table) for address in addresses]


def _table(scenario: Scenario) -> str:
    return f"{KEYSPACE}.t{scenario.seed}"


def _execute(session: Session, statement: str) -> None:
    session.execute(statement, timeout=60)
