# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify: each connected node must show the table as desired itself, since C(system_schema) is local to a node."""

from __future__ import annotations

from .._connection.nodes import NodeSessions
from .._errors import Failure, NotVerified
from .observe import observe_table
from .plan import make_plan, require_no_conflicts
from .result import TableRun


def verify(nodes: NodeSessions, run: TableRun) -> None:
    """Note in C(run) which nodes show what is desired; raises NotVerified or Conflict if one does not.

    Where nothing was changed, the coordinator has shown it already, and the peers are not asked.
    """
    tables = nodes.run_on_peers(lambda session: observe_table(session, run.desired.table)) if run.applied else {}
    for address, table in tables.items():
        if isinstance(table, Failure):
            raise table
        left = make_plan(run.desired, table)
        require_no_conflicts([left], f"Node {address} has the table in another form although the nodes agree.")
        if left.changes:
            raise NotVerified(
                f"Node {address} does not show the change although the nodes agree: {', '.join(sorted(left.names))}."
            )
    run.verified_by = [run.agreement.cluster.local.address, *tables]
    if nodes.unreachable:
        nodes.warn(
            [f"These nodes did not answer; they receive the change when they return: {', '.join(nodes.unreachable)}."]
        )
