# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a change that was accepted shows: some servers answer before they make it.

Such a service has a status for each table, which may lag behind its answer in either direction: what counts is what the table
shows. A server that says nothing of the kind gets the same time.
"""

from __future__ import annotations

import time

from .._connection.nodes import NodeSessions
from .._cql import statement as cql
from .observe import observe_plan
from .plan import Plan, require_there
from .reading import read_available
from .run import ClusterRun, TableRun
from .waiting import Waiting

ACTIVE = "ACTIVE"
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


def await_idle(nodes: NodeSessions, run: ClusterRun, table: TableRun, timeout: float) -> Plan:
    """What is left to do in the table once no change of it is under way, or after C(timeout) seconds."""
    return _await(nodes, run, table, timeout, shown=False)[0]


def await_shown(nodes: NodeSessions, run: ClusterRun, table: TableRun) -> Plan:
    """What the table does not show of what is desired after the time for it: nothing in the best case."""
    timeout = run.request.policy.agreement_timeout
    left, status = _await(nodes, run, table, timeout, shown=True)
    if not left.change and status not in (None, ACTIVE):
        nodes.warn([f"{table.desired.table} shows the change, and after {timeout:g} s its status still is {status}."])
    return left


def read_status(nodes: NodeSessions, run: ClusterRun, table: TableRun) -> str | None:
    """The status of the table; None if the server has none."""
    (keyspace, name), status_table = table.desired.table, run.cluster.capabilities.status_table
    if not status_table:
        return None
    statement = cql.select_table_status(status_table, keyspace, name)
    (reading,) = nodes.run(lambda session: read_available(session, statement))
    return next((row["status"] for row in reading.rows), None)


def _await(
    nodes: NodeSessions, run: ClusterRun, table: TableRun, timeout: float, shown: bool
) -> tuple[Plan, str | None]:
    deadline, pause, waiting = time.monotonic() + timeout, _FIRST_PAUSE, Waiting(nodes)
    while True:
        status = read_status(nodes, run, table)
        left = observe_plan(nodes, table.desired)
        require_there(left)
        is_over = status in (None, ACTIVE) and not (shown and left.change)
        if is_over or left.conflicts or time.monotonic() >= deadline:
            return left, status
        run.note_wait()
        waiting.says(
            f"for {table.desired.table}, of which a change is under way{f' (status {status})' if status else ''}"
        )
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 2, _LONGEST_PAUSE)
