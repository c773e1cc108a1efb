# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify: each connected node must show the table as desired itself, since C(system_schema) is local to a node."""

from __future__ import annotations

from collections.abc import Mapping

from .._connection.nodes import NodeSessions
from .._errors import Failure, NotVerified
from .model import Table
from .observe import observe_table
from .plan import make_plan, require_no_conflicts
from .result import TableRun


def verify(nodes: NodeSessions, run: TableRun, shown: Mapping[str, Table | None]) -> None:
    """Note in C(run) that nodes show what is desired; raises NotVerified or Conflict if one does not.

    C(shown) is what the peers showed together with the versions that agree: only those are asked again that showed another
    form. Where nothing was changed, the coordinator has shown it already, and the peers are not asked.
    """
    tables = _ask_peers(nodes, run, shown) if run.applied else {}
    for address, table in tables.items():
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


def _ask_peers(nodes: NodeSessions, run: TableRun, shown: Mapping[str, Table | None]) -> dict[str, Table]:
    """The table as each connected peer has it."""
    done = {address: table for address, table in shown.items() if table and not make_plan(run.desired, table).unsettled}
    late = [address for address in nodes.peers if address not in done]
    answers = nodes.run_on_peers(lambda session: observe_table(session, run.desired.table), late)
    tables = {}
    for address in nodes.peers:
        answer = done.get(address) or answers[address]
        if isinstance(answer, Failure):
            raise answer
        tables[address] = answer
    return tables
