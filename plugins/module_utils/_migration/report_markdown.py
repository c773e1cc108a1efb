# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as Markdown, for a change ticket or a merge request; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .markdown import block, bullets, document, grid, plain, span
from .report import Report, check_text, cluster_line, column_text, headline, verified_line

_FACTS = (
    ("ticket", "Ticket"),
    ("mode", "Mode"),
    ("outcome", "Outcome"),
    ("user", "By"),
    ("host", "From"),
    ("started_at", "Started"),
    ("finished_at", "Finished"),
    ("seconds", "Seconds"),
    ("fingerprint", "Plan"),
)


def as_markdown(report: Report) -> str:
    """The record: who, when, where, the CQL, the verification of each node, the steps, the outcome."""
    blocks = [f"# {plain(headline(report))}", _facts(report)]
    for table in report.get("tables") or []:
        blocks += _table(table)
    verified = verified_line(report.get("verified_by") or [], report.get("cluster") or {})
    blocks += [f"{plain(verified)}."] if verified else []
    blocks += bullets("Warnings", report.get("warnings"))
    blocks += _steps(report.get("steps") or [])
    blocks += _checks(report.get("checks") or [])
    blocks += bullets("What remains for you", report.get("remaining"))
    if report.get("failure"):
        blocks += [f"## What failed: {plain(report.get('failed_step') or '')}", block("text", [report["msg"]])]
    return document(blocks)


def _facts(report: Report) -> str:
    cluster = report.get("cluster") or {}
    rows = [(title, report[key]) for key, title in _FACTS if report.get(key) not in (None, "")]
    if cluster:
        rows.append(("Cluster", cluster_line(cluster)))
    return grid(("", ""), rows)


def _table(table: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {span(table['keyspace'] + '.' + table['table'])}"
    columns = table.get("columns") or []
    yield grid(
        ("Column", "Status"),
        [(span(column_text(column)), column["status"].replace("_", " ")) for column in columns],
    )
    if table.get("statements"):
        yield block("sql", [f"{statement};" for statement in table["statements"]])


def _steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if steps:
        yield "## Steps"
        rows = [(step["name"], step["status"], step.get("detail") or "") for step in steps]
        yield grid(("Step", "Status", "Detail"), rows)


def _checks(checks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if checks:
        yield "## Checks"
        rows = [(check["name"], check.get("kind") or "", check_text(check).partition(": ")[2]) for check in checks]
        yield grid(("Check", "Kind", "Result"), rows)
