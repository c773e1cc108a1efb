# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify: each node that was to be asked must show the table as desired itself, since C(system_schema) is local to a node."""

from __future__ import annotations

from .._connection.nodes import NodeSessions
from .._errors import NodesUnreachable, NotVerified
from .._place import Place
from .agreement import Shown
from .model import Table
from .observe import observe_version
from .plan import make_plan, require_no_conflicts
from .policy import may_ignore
from .run import ClusterRun, TableRun


def verify(nodes: NodeSessions, run: ClusterRun, table: TableRun, shown: Shown) -> None:
    """Note in the run which nodes show what is desired; raises NotVerified, Conflict or NodesUnreachable if one does not.

    C(shown) is what the nodes showed together with the versions that agree: only those are asked again that showed another
    form. If nothing was changed, the coordinator has shown it already, and the peers are not asked.
    """
    if not table.changed:
        table.verified_by = (run.agreement.cluster.local.place,)
        return
    label = run.cluster.label
    places = {place.key: place for place in run.asked}
    if shown.place:
        places.setdefault(shown.place.key, shown.place)
    tables = _tables(nodes, table, shown)
    for key, found in tables.items():
        if not found:
            raise NotVerified(
                f"Node {label(places[key])} does not have {table.plan.table.name} although the nodes agree."
            )
        left = make_plan(table.desired, found)
        require_no_conflicts(
            [left], f"Node {label(places[key])} has the table in another form although the nodes agree."
        )
        if left.change:
            raise NotVerified(
                f"Node {label(places[key])} does not show the change although the nodes agree: {', '.join(sorted(left.names))}."
            )
    table.verified_by = tuple(places[key] for key in tables)
    _require_all(nodes, run, table, [place for place in run.asked if place.key not in tables])


def _require_all(nodes: NodeSessions, run: ClusterRun, table: TableRun, missing: list[Place]) -> None:
    if not missing:
        return
    names = ", ".join(map(run.cluster.label, missing))
    reasons = "; ".join(nodes.unreachable[place.key].describe() for place in missing if place.key in nodes.unreachable)
    if not run.request.policy.allow_unreachable_nodes and not may_ignore(run.cluster, nodes.unreachable):
        verified, table.verified_by = table.verified_by, ()
        raise NodesUnreachable(
            f"These nodes show the change of {table.plan.table.name}: {', '.join(map(run.cluster.label, verified))}. "
            f"These give no answer any more, so nobody knows whether they have it: {names} ({reasons}). Run this again when "
            "they answer: it finds out and does only what is left to do."
        )
    nodes.warn([f"These nodes did not answer; they receive the change when they return: {names}."])


def _tables(nodes: NodeSessions, run: TableRun, shown: Shown) -> dict[str, Table | None]:
    """The table as the coordinator and each connected peer have it, by their keys."""
    tables: dict[str, Table | None] = {shown.place.key: shown.table} if shown.place else {}
    for key, table in shown.peers.items():
        if table and not make_plan(run.desired, table).unsettled:
            tables.setdefault(key, table)
    late = [key for key in nodes.peers if key not in tables]
    answers = nodes.run_on_peers(lambda session: observe_version(session, run.desired.table), late)
    for key, (_version, table) in answers.items():
        tables[key] = table
    return tables
