# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a scenario on a real ring, by the module in a process of its own for each run, forked as a worker of Ansible is."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cassandra import ConsistencyLevel, InvalidRequest
from cassandra.protocol import ConfigurationException
from cassandra.query import SimpleStatement
from module_run import ForkedModule
from on_node import session_on

from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.reverse import (
    requested_tables,
    reverse_plan,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.saved_plan import read_plan
from embedded_cassandra.ready import wait_for

from .draw import NODES
from .history import FIELD, INDEX_ON, History, Run, RunHistory, Scenario, Sent
from .meddle import meddling_cql
from .stage import (
    KEYSPACE,
    Stage,
    count,
    create_keyspace,
    create_table,
    execute,
    free_the_lock,
    shown_on,
    strike,
    table_of,
)
from .wire import far

# Short, so that faults outlast them; those of the runs after all faults are the module's own.
TIMES = {
    "connect_timeout": 2.0,
    "request_timeout": 4.0,
    "schema_agreement_timeout": 6.0,
    "lock_timeout": 8.0,
    "index_build_timeout": 10.0,
}


def play(stage: Stage, scenario: Scenario) -> History:
    """What happened, up to one more run of each after all faults and yet another one that finds nothing to do."""
    history = History(scenario, [RunHistory(run) for run in scenario.runs], hosts=list(stage.hosts))
    plans = _make_table(stage, scenario)
    for run, plan in zip(history.runs, plans):
        run.approved = [one["cql"] for table in (plan or {}).get("tables", []) for one in table["changes"]]
    stage.wire.begin()
    fault = _Fault(stage, history)
    threads = []
    for place in sorted(range(len(scenario.runs)), key=lambda place: scenario.runs[place].begin):
        time.sleep(max(0.0, scenario.runs[place].begin - stage.wire.clock()))
        threads.append(_start(stage, history, place, fault, plans[place]))
    fault.see_to_its_end(threads)
    wait_for(stage.ring.nodes, False)
    _look_after(stage, history)
    return history


Plan = dict[str, Any]


def _make_table(stage: Stage, scenario: Scenario) -> list[Plan | None]:
    """The table with a row, and the approved plans of the runs."""
    insert = f"INSERT INTO {table_of(scenario)} (id, v, old) VALUES (1, 'here', 'there')"
    if any(run.only_if_empty for run in scenario.runs):
        insert = f"INSERT INTO {table_of(scenario)} (id, v) VALUES (1, 'here')"
    # A session of its own each time: the faults of the scenario before have broken the connections of an older one.
    with session_on(stage.ring.addresses[0]) as session:
        for statement in create_keyspace(scenario):
            execute(session, statement)
        execute(session, create_table(scenario))
        wait_for(stage.ring.nodes, False)
        rollback: Plan = {}
        if any(run.approved and run.drop for run in scenario.runs):
            execute(session, f"ALTER TABLE {table_of(scenario)} DROP old")
            adds = Run(0.0, 0, {"old": scenario.table["old"]})
            rollback = reverse_plan(read_plan(_planned(stage, scenario, adds)))
            _to_its_end(_module(stage, scenario, adds))
        session.execute(SimpleStatement(insert, consistency_level=ConsistencyLevel.ALL), timeout=60)
    return [
        (rollback if run.drop else _planned(stage, scenario, run)) if run.approved else None for run in scenario.runs
    ]


def _planned(stage: Stage, scenario: Scenario, run: Run) -> Plan:
    plan: Plan = _to_its_end(_module(stage, scenario, replace(run, check=True)))["plan"]
    return plan


def _meddle(stage: Stage, history: History) -> None:
    """What another user does now, through a node of the ring; what the server refuses was not done."""
    scenario, name = history.scenario, table_of(history.scenario)
    for text in meddling_cql(scenario, name, create_keyspace(scenario), create_table(scenario)):
        node = (scenario.runs[0].lead + 1) % NODES
        with (
            session_on(stage.ring.addresses[node]) as session,
            contextlib.suppress(InvalidRequest, ConfigurationException),
        ):
            session.execute(SimpleStatement(text, consistency_level=ConsistencyLevel.ALL), timeout=60)
            history.meddled.append(Sent(stage.wire.clock(), node, text))


class _Fault:
    """The fault of a node while a scenario is played: it begins when its run comes to its phase, and lasts its time."""

    def __init__(self, stage: Stage, history: History) -> None:
        self._stage, self._history = stage, history
        self._begun = contextlib.ExitStack()

    def comes_to(self, run: int, phase: str) -> None:
        """Begin if this is the moment; the node is as drawn when this returns."""
        fault, meddling = self._history.scenario.fault, self._history.scenario.meddling
        if meddling and meddling.phase == phase:
            _meddle(self._stage, self._history)
        if fault and (fault.run, fault.phase) == (run, phase):
            self._begun.enter_context(strike(self._stage, fault))
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


def _start(stage: Stage, history: History, place: int, fault: _Fault, plan: Plan | None) -> threading.Thread:
    run = history.runs[place]
    more = {**TIMES, **({"approved_plan": plan} if plan else {})}
    if run.run.fault and run.run.fault.name.startswith("ERROR"):
        # What the wire itself answers, it writes in this version.
        more["protocol_version"] = 4
    module = _module(stage, history.scenario, run.run, **more)
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
        by_id = dict(zip(stage.hosts, stage.ring.addresses))
        asked = [by_id[node["host_id"]] for node in history.result["verified_by"]]
        # A node that is away again by now says nothing.
        with contextlib.suppress(Exception):
            history.shown = shown_on(asked, scenario)


def _module(stage: Stage, scenario: Scenario, run: Run, **more: Any) -> ForkedModule:
    keyspace, _dot, table = table_of(scenario).partition(".")
    asked = {"keyspace": keyspace, "tables": _tables(stage, run, table)}
    if "approved_plan" in more:
        asked = {"tables": requested_tables(more["approved_plan"])}
    params = {
        "login_host": [far(stage.ring.addresses[run.lead])],
        **asked,
        "allow_data_loss": run.drop,
        "only_if_empty": run.only_if_empty,
        "allow_unreachable_nodes": run.allow_unreachable,
        "_ansible_check_mode": run.check,
        **({"lock_keyspace": KEYSPACE} if run.lock else {}),
        **more,
    }
    return ForkedModule(params)


def _tables(stage: Stage, run: Run, table: str) -> list[dict[str, Any]]:
    """What the run asks for, as the option of the module."""
    kind = "sai" if stage.has_sai else "legacy"
    columns: list[dict[str, Any]] = [
        {
            "name": name,
            **({} if run.drop else {"type": type_}),
            **({"index": {"kind": kind}} if f"{INDEX_ON}{name}" in run.columns else {}),
        }
        for name, type_ in run.columns.items()
        if not name.startswith((INDEX_ON, FIELD))
    ]
    fields = [{name.removeprefix(FIELD): type_} for name, type_ in run.columns.items() if name.startswith(FIELD)]
    return [
        *([{"type": "u", "fields": fields}] if fields else []),
        {"table": table, "columns": columns, "state": "absent" if run.drop else "present"},
    ]


def _look_after(stage: Stage, history: History) -> None:
    scenario, addresses = history.scenario, stage.ring.addresses
    history.healed = shown_on(addresses, scenario)
    history.holders = free_the_lock(addresses[0])
    wanted = {(run.drop, *run.columns.items()): run for run in scenario.runs if not run.check}
    history.again = [_to_its_end(_module(stage, scenario, run)) for run in wanted.values()]
    history.idle = [_to_its_end(_module(stage, scenario, run)) for run in wanted.values()]
    history.after = shown_on(addresses, scenario)
    for address in addresses:
        with session_on(address) as session:
            # Of all: a node that was killed may lack what its commit log had not yet synced, and takes it from the others.
            read = SimpleStatement(f"SELECT * FROM {table_of(scenario)}", consistency_level=ConsistencyLevel.ALL)
            history.rows.append(count(session, read))
            history.versions.append(str(session.execute("SELECT schema_version FROM system.local").one()[0]))


def _to_its_end(module: ForkedModule) -> dict[str, Any]:
    module.begin()
    result = module.result()
    if result is None:
        raise AssertionError("the module ended without a result")
    return result
