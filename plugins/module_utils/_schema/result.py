# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a module as plain data: views of the plan and of the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .._cql import statement as cql
from .agreement import Agreement
from .loss import Values
from .model import CLUSTERING, PARTITION_KEY, Cluster, Column, Table
from .plan import ADD, CONFLICT, DROP, Plan, Step


@dataclass
class Progress:
    """What has happened so far in one run: filled by the flow, reported whether it ends well or not."""

    plan: Plan
    before: Cluster
    agreement: Agreement
    statements: list[str] = field(default_factory=list)
    applied: set[str] = field(default_factory=set)
    verified_by: list[str] = field(default_factory=list)
    values: Values | None = None

    def note(self, plan: Plan, names: frozenset[str]) -> None:
        """These columns were added or dropped by the plan's statement."""
        if names:
            texts = [statement.text for statement in plan.statements]
            self.statements += [text for text in texts if text not in self.statements]
            self.applied |= names


def report_all(tables: Sequence[Progress], predicted: bool) -> dict[str, Any]:
    """The result of a run over several tables."""
    reports = [report(progress, predicted) for progress in tables]
    facts = ("keyspace", "table", "columns", "changed", "verified_by", "values")
    return {
        "changed": any(one["changed"] for one in reports),
        "results": [{key: one[key] for key in facts if key in one} for one in reports],
        "statements": [text for one in reports for text in one["statements"]],
        "diff": [one["diff"] for one in reports],
        "cluster": reports[-1]["cluster"],
    }


def report(progress: Progress, predicted: bool) -> dict[str, Any]:
    """The result of a run; C(predicted): of one which did nothing, as if it had done all that is planned."""
    plan = progress.plan
    applied = plan.changes if predicted else frozenset(progress.applied)
    statements = [statement.text for statement in plan.statements] if predicted else progress.statements
    lost = {"values": progress.values.as_result()} if progress.values else {}
    return {
        "changed": bool(applied),
        "keyspace": plan.before.name.keyspace,
        "table": plan.before.name.name,
        "columns": [_column_result(step, _status(step, applied, predicted)) for step in plan.steps],
        "statements": list(statements),
        "verified_by": list(progress.verified_by),
        "diff": diff_result(plan.before, plan.predict(applied)),
        "cluster": cluster_result(progress.before, progress.agreement),
        **lost,
    }


def diff_result(before: Table, after: Table) -> dict[str, str]:
    """Both states as CREATE TABLE text, for C(--diff)."""
    return {
        "before_header": f"{before.name} (before)",
        "after_header": f"{after.name} (after)",
        "before": create_table_text(before),
        "after": create_table_text(after),
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


def create_table_text(table: Table) -> str:
    """The table's columns and primary key as CREATE TABLE text, without its options."""
    return cql.create_table(
        table.name.keyspace,
        table.name.name,
        [cql.column_definition(column.name, column.type, column.static) for column in table.in_order()],
        [column.name for column in table.key(PARTITION_KEY)],
        [(column.name, column.clustering_order) for column in table.key(CLUSTERING)],
    )


def column_facts(column: Column) -> dict[str, Any]:
    """One column as it is."""
    return {"name": column.name, "type": str(column.type), "static": column.static, "kind": column.kind}


def _status(step: Step, applied: frozenset[str], predicted: bool) -> str:
    if step.action == CONFLICT:
        return "conflict"
    if step.name in applied:
        done = {ADD: ("added", "would_add"), DROP: ("dropped", "would_drop")}
        return done[step.action][predicted]
    return {ADD: "missing", DROP: "present"}.get(step.action, step.action)


def _column_result(step: Step, status: str) -> dict[str, Any]:
    column = step.wanted or step.found
    facts = column_facts(column) if column else {"type": None, "static": None, "kind": None}
    result = {**facts, "name": step.name, "status": status}
    if step.action == CONFLICT and step.found:
        result["found"] = column_facts(step.found)
        result["wanted"] = column_facts(step.wanted) if step.wanted else None
    return result
