# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a run as plain data: views of the plan and of the cluster; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .._cql import statement as cql
from .capabilities import NotChecked
from .data_loss import Values
from .desired import ColumnToDrop, Desired
from .model import CLUSTERING, PARTITION_KEY, Agreement, Cluster, Column, Table
from .plan import Plan
from .preconditions import TableContext
from .request import ColumnRequest
from .saved_plan import PlannedTable, save_plan

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass
class TableRun:
    """What has happened to one table so far: filled by the flow, reported whether it ends well or not.

    C(statements) were executed. C(applied) are the names of the columns that they added or dropped. C(unknown) are those
    whose change was sent, got no answer and has not shown. For C(sent) an error came that says nothing about that. With
    C(approved) nothing but the plan may be executed.
    """

    desired: Desired
    plan: Plan
    before: Cluster
    agreement: Agreement
    statements: list[str] = field(default_factory=list)
    applied: set[str] = field(default_factory=set)
    unknown: frozenset[str] = frozenset()
    sent: frozenset[str] = frozenset()
    verified_by: list[str] = field(default_factory=list)
    values: Values | None = None
    context: TableContext | None = None
    approved: bool = False

    def note(self, plan: Plan, names: frozenset[str]) -> None:
        """These columns were added or dropped by this plan."""
        if names:
            self._executed(plan)
            self.applied |= names

    def note_unknown(self, plan: Plan) -> None:
        """The changes of this plan were sent, and no answer says what became of them."""
        self._executed(plan)
        self.unknown |= plan.names

    def note_sent(self, plan: Plan) -> None:
        """The changes of this plan were sent, and the server's error does not say whether they are made."""
        self.sent |= plan.names

    def settle(self, plan: Plan, unsettled: frozenset[str]) -> None:
        """What was sent and shows now is taken for ours, also if a later attempt, that of this plan, was refused."""
        self.note(plan, (self.unknown | self.sent) - unsettled)
        self.unknown &= unsettled
        self.sent &= unsettled

    def _executed(self, plan: Plan) -> None:
        self.statements += [change.cql for change in plan.changes if change.cql not in self.statements]


def report(
    runs: Sequence[TableRun],
    request: ColumnRequest,
    check: bool,
    warnings: Sequence[str] = (),
    answered: Sequence[str] = (),
) -> dict[str, Any]:
    """The result of a run, of one table or of a list; of a dry run as if everything planned had been done.

    C(answered) are the addresses of the nodes that answered.
    """
    tables = [_report_table(run, check) for run in runs]
    plan = save_runs(runs, request.source, {"warnings": warnings, "checked": _checked(runs[0], answered)})
    approved = request.approved.data if request.approved else plan
    facts = {
        "fingerprint": approved["fingerprint"],
        "not_checked": [one._asdict() for one in _not_checked(runs)],
        **({"plan": plan} if check else {}),
    }
    if not request.is_list:
        return {**tables[0], **facts}
    shared = ("cluster", "diff")
    return {
        "changed": any(table["changed"] for table in tables),
        "results": [{key: table[key] for key in table if key not in shared} for table in tables],
        "statements": [text for table in tables for text in table["statements"]],
        "diff": [table["diff"] for table in tables],
        "cluster": tables[-1]["cluster"],
        **facts,
    }


def save_runs(
    runs: Sequence[TableRun], source: str, notes: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """The plan of these runs as it was first made, to be approved."""
    tables = [PlannedTable(run.desired, run.plan, run.context) for run in runs]
    return save_plan(runs[0].before, tables, source, notes)


def _checked(run: TableRun, answered: Sequence[str]) -> list[str]:
    """What was found in order, for the reader of a plan."""
    versions, disagreeing = run.before.release_versions, run.agreement.missing
    return [
        f"Release versions of the nodes: {', '.join(versions)}.",
        f"Nodes that answer: {', '.join(address.removesuffix(':9042') for address in answered)}.",
        *([] if disagreeing else [f"Nodes that hold one schema version: all ({len(run.before.nodes)})."]),
        *(["The server is not known to have a reason to refuse the statements."] if run.context else []),
    ]


def _not_checked(runs: Sequence[TableRun]) -> list[NotChecked]:
    """The checks of the cluster and of its tables that could not be made, each once."""
    found = [*runs[0].before.not_checked, *(one for run in runs if run.context for one in run.context.not_checked)]
    return list({one.check: one for one in found}.values())


def _report_table(run: TableRun, predicted: bool) -> dict[str, Any]:
    plan = run.plan
    # A change that was sent is likely to be made.
    applied = plan.names if predicted else run.unknown | run.applied
    listed: list[Column | ColumnToDrop] = [*run.desired.columns, *run.desired.drops]
    values = {"values": run.values.as_result()} if run.values else {}
    return {
        "changed": bool(applied),
        "keyspace": plan.table.name.keyspace,
        "table": plan.table.name.name,
        "columns": [_report_column(one, run, applied, predicted) for one in listed],
        "changes": [change.as_json() for change in plan.changes],
        "statements": [change.cql for change in plan.changes] if predicted else list(run.statements),
        "verified_by": list(run.verified_by),
        "diff": diff_result(plan.table, plan.predict(applied), run.context.attributes if run.context else {}),
        "cluster": cluster_result(run.before, run.agreement),
        **values,
    }


def diff_result(before: Table, after: Table, attributes: Mapping[str, str] = _NONE) -> dict[str, str]:
    """Both states as CREATE TABLE text, for C(--diff), with the masks and constraints of the columns."""
    return {
        "before_header": f"{before.name} (before)",
        "after_header": f"{after.name} (after)",
        "before": create_table_text(before, attributes),
        "after": create_table_text(after, attributes),
    }


def cluster_result(before: Cluster, agreement: Agreement) -> dict[str, Any]:
    """The cluster's facts, with the schema version before and after, and who disagrees."""
    after = agreement.cluster
    return {
        "name": after.name,
        "release_versions": list(after.release_versions),
        "nodes": len(after.nodes),
        "schema_version_before": before.local.schema_version,
        "schema_version_after": after.local.schema_version,
        "schema_agreed": not after.disagreeing,
        "agreement_seconds": round(agreement.seconds, 3),
        "disagreeing_nodes": [
            {
                "address": node.address,
                "release_version": node.release_version,
                "schema_version": node.schema_version,
            }
            for node in after.disagreeing
        ],
    }


def create_table_text(table: Table, attributes: Mapping[str, str] = _NONE) -> str:
    """The table's columns and primary key as CREATE TABLE text, without its options."""
    return cql.create_table(
        table.name.keyspace,
        table.name.name,
        [
            cql.column_definition(column.name, column.type, column.static, attributes.get(column.name, ""))
            for column in table.in_order()
        ],
        [column.name for column in table.key(PARTITION_KEY)],
        [(column.name, column.clustering_order) for column in table.key(CLUSTERING)],
    )


def column_facts(column: Column) -> dict[str, Any]:
    """One column as it is."""
    return {"name": column.name, "type": str(column.type), "static": column.static, "kind": column.kind}


def _report_column(
    one: Column | ColumnToDrop, run: TableRun, applied: frozenset[str], predicted: bool
) -> dict[str, Any]:
    plan = run.plan
    wanted = one if isinstance(one, Column) else None
    conflict = next((conflict for conflict in plan.conflicts if conflict.name == one.name), None)
    column = wanted or (conflict.found if conflict else plan.table.column(one.name))
    facts = column_facts(column) if column else {"type": None, "static": None, "kind": None}
    result = {**facts, "name": one.name, "status": _status(one, run, applied, predicted)}
    if conflict:
        result["status"] = "conflict"
        result["found"] = column_facts(conflict.found)
        result["wanted"] = column_facts(wanted) if wanted else None
    return result


def _status(one: Column | ColumnToDrop, run: TableRun, applied: frozenset[str], predicted: bool) -> str:
    if one.name in run.unknown - run.applied:
        return "unknown"
    untouched, pending, done, would = (
        ("present", "missing", "added", "would_add")
        if isinstance(one, Column)
        else ("absent", "present", "dropped", "would_drop")
    )
    if one.name in applied:
        return would if predicted else done
    # What somebody else did meanwhile was planned, and is not to do any more.
    return pending if one.name in run.plan.names and not run.verified_by else untouched
