# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a run as plain data: views of the plan and of the cluster; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._clean import clean
from .._cql.index import Index
from .._place import Place
from .catalog.capabilities import NotChecked
from .catalog.model import Cluster, Column
from .definition import definitions
from .planning.desired import ColumnToDrop
from .planning.plan import find_index
from .planning.saved_plan import PlannedTable, save_plan
from .request import not_asked, unreachable_nodes
from .run import ClusterRun, TableRun


def report(run: ClusterRun, check: bool = False) -> dict[str, Any]:
    """The result of a run; of a dry run as if everything planned had been done."""
    tables = [_report_table(table, check) for table in run.tables]
    diff = [definitions(table, check) for table in run.tables]
    changed = [one for one in diff if one["before"] != one["after"]]
    plan = save_run(run, {**_notes(run), "described": changed})
    approved = run.request.approved.data if run.request.approved else plan
    return {
        "changed": any(table["changed"] for table in tables),
        "tables": tables,
        "statements": [text for table in tables for text in table["statements"]],
        "diff": diff,
        "verified_by": list(map(place_facts, run.verified_by)),
        "cluster": cluster_result(run.agreement.cluster),
        "not_checked": [
            {**clean(one._asdict()), "nodes": list(map(place_facts, one.nodes))} for one in _not_checked(run)
        ],
        "fingerprint": approved["fingerprint"],
        **({"plan": plan} if check else {}),
    }


def save_run(run: ClusterRun, notes: Mapping[str, Sequence[Any]] | None = None) -> dict[str, Any]:
    """The plan of this run as it was first made, to be approved."""
    tables = [PlannedTable(table.desired, table.plan, table.context) for table in run.tables]
    return save_plan(run.cluster, tables, run.request.source, notes)


def place_facts(place: Place) -> dict[str, Any]:
    """A node as it stands in a result."""
    return dict(place._asdict())


def _notes(run: ClusterRun) -> dict[str, Sequence[str]]:
    """What to know before the plan is approved, and what was found in order."""
    answered = [run.agreement.cluster.local.place, *(place for place in run.asked if place.key not in run.unreachable)]
    names = dict.fromkeys(map(run.cluster.label, answered))
    checked = [
        f"Release versions of the nodes: {', '.join(run.cluster.release_versions)}.",
        f"Nodes that answer: {', '.join(names)}.",
        *([f"Nodes that hold one schema version: all ({len(run.cluster.nodes)})."] if run.agreement.agreed else []),
    ]
    if any(table.context for table in run.tables):
        checked.append("The server is not known to have a reason to refuse the statements.")
    return {"warnings": run.warnings, "checked": checked}


def _not_checked(run: ClusterRun) -> list[NotChecked]:
    """The checks of the cluster and of its tables that could not be made, each once."""
    found = [
        *run.cluster.not_checked,
        *(one for table in run.tables if table.context for one in table.context.not_checked),
        *run.not_checked,
    ]
    if run.changing or any(table.desired.indexes for table in run.tables):
        found += not_asked(run.cluster, run.request.policy)
        found += unreachable_nodes(run.unreachable)
    return list({one.check: one for one in found}.values())


def _report_table(run: TableRun, predicted: bool) -> dict[str, Any]:
    planned = [change.cql for change in run.plan.changes]
    return {
        "keyspace": run.plan.table.name.keyspace,
        "table": run.plan.table.name.name,
        "kind": run.plan.table.name.kind,
        "changed": bool(planned) if predicted else run.changed,
        "columns": [_report_column(one, run, predicted) for one in run.desired.listed],
        "statements": planned if predicted else run.statements,
        **({"values": run.values._asdict()} if run.values else {}),
    }


def cluster_result(cluster: Cluster) -> dict[str, Any]:
    """The cluster as last read: its nodes, and those whose schema version differs."""
    return {
        "name": cluster.name,
        "release_versions": list(cluster.release_versions),
        "nodes": [place_facts(node.place) for node in cluster.nodes],
        "schema_agreed": not cluster.disagreeing,
        "disagreeing_nodes": [place_facts(node.place) for node in cluster.disagreeing],
    }


def column_facts(column: Column) -> dict[str, Any]:
    """One column as it is."""
    return {"name": column.name, "type": str(column.type), "kind": column.kind}


def _report_column(one: Column | ColumnToDrop, run: TableRun, predicted: bool) -> dict[str, Any]:
    plan = run.plan
    wanted = one if isinstance(one, Column) else None
    conflict = next((each for each in plan.conflicts if each.name == one.name), None)
    if conflict and isinstance(conflict.found, Column):
        facts = {"found": column_facts(conflict.found), "status": "conflict"}
        column: Column | None = wanted or conflict.found
    else:
        facts, column = {"status": _status(one, run, predicted)}, plan.table.column(one.name) or wanted
    result = {**(column_facts(column) if column else {"type": None, "kind": None}), "name": one.name, **facts}
    indexes = [index for index in (*run.desired.indexes, *run.desired.unwanted) if index.column == one.name]
    return {**result, **({"index": _report_index(indexes[0], run, predicted)} if indexes else {})}


def _report_index(index: Index, run: TableRun, predicted: bool) -> dict[str, Any]:
    """The index that is asked for with a column, under the name that it has; and what is in its place."""
    is_wanted = index in run.desired.indexes
    found = find_index(index, run.plan.table) if is_wanted else None
    words = _MADE if is_wanted else _DROPPED
    status = _word(index.key, words, run, predicted)
    if any(one.name == index.column for one in run.plan.conflicts):
        # Nothing is planned for it.
        is_there = found or any(one.name == index.name for one in run.plan.table.indexes)
        status = words[0 if bool(is_there) == is_wanted else 1]
    if status in ("present", "created") and (found or index).name in run.unbuilt:
        status = "missing" if (found or index).name in run.gone else "building"
    conflict = next((one for one in run.plan.conflicts if one.name == index.key), None)
    if conflict and isinstance(conflict.found, Index):
        return {**_index_facts(index), "status": "conflict", "found": _index_facts(conflict.found)}
    return {**_index_facts(found or index), "status": status}


def _index_facts(index: Index) -> dict[str, Any]:
    return {"name": index.name, "kind": index.kind, "target": index.target, "options": dict(index.options)}


# What a name is called that is as listed, that is not yet, that became so, and that would become so.
_ADDED = ("present", "missing", "added", "would_add")
_MADE = ("present", "missing", "created", "would_create")
_DROPPED = ("absent", "present", "dropped", "would_drop")


def _status(one: Column | ColumnToDrop, run: TableRun, predicted: bool) -> str:
    if isinstance(one, ColumnToDrop) and one.stays and run.plan.table.column(one.name):
        return "present"
    return _word(one.name, _ADDED if isinstance(one, Column) else _DROPPED, run, predicted)


def _word(name: str, words: tuple[str, str, str, str], run: TableRun, predicted: bool) -> str:
    untouched, pending, done, would = words
    if predicted:
        return would if name in run.plan.names else untouched
    if name in run.unseen:
        return "unknown"
    if name in run.applied:
        return done
    # What another user did meanwhile was planned, and is not to do any more.
    return pending if name in run.plan.names and not run.verified_by else untouched
