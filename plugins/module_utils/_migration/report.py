# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a migration did, as text for a screen, a message or a ticket; pure.

The report is the plain data that the role C(migration) returns as C(migration_report).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Report = Mapping[str, Any]

COMPLETE, UNCHANGED, DRY_RUN, WAITING, FAILED = "complete", "unchanged", "dry_run", "waiting", "failed"

_SIGNS = {
    "added": "+",
    "would_add": "+",
    "dropped": "-",
    "would_drop": "-",
    "conflict": "!",
    "missing": "?",
    "unknown": "?",
    "present": "=",
    "absent": "=",
}
_WORDS = {
    "added": "added",
    "would_add": "would be added",
    "dropped": "dropped",
    "would_drop": "would be dropped",
    "conflict": "in conflict",
    "missing": "not added",
    "unknown": "sent, outcome unknown",
}


def headline(report: Report) -> str:
    """The outcome in a few words. The word complete stands only where nothing is left for anybody."""
    title, left = report.get("title") or "migration", report.get("left") or []
    instead = report.get("instead")
    words = {
        COMPLETE: f"{title} complete",
        UNCHANGED: f"{title}: {instead}, nothing is left to change"
        if instead
        else f"{title} complete, nothing was left to do",
        DRY_RUN: f"{title}: {instead or 'dry run'}, nothing was changed",
        WAITING: f"{title} waiting for you: {len(left)} thing{'s' * (len(left) != 1)} left to do",
        FAILED: f"{title}{': ' + instead if instead else ' failed'}: {(report.get('failure') or {}).get('step') or 'see below'}",
    }
    return words[report["outcome"]]


def subject(report: Report) -> str:
    """The outcome and the tables, for the subject of a message."""
    tables = ", ".join(f"{table['keyspace']}.{table['table']}" for table in report.get("tables") or [])
    return f"{headline(report)}: {tables}" if tables else headline(report)


def table_line(table: Mapping[str, Any], cluster: Mapping[str, Any]) -> str:
    """What became of a table, in a line."""
    statuses = [column["status"] for column in table["columns"]]
    counts = [f"{statuses.count(status)} {word}" for status, word in _WORDS.items() if status in statuses]
    gone = "no listed column is there" if set(statuses) == {"absent"} else ""
    what = ", ".join(counts) or gone or "all columns are as listed"
    return f"{table['keyspace']}.{table['table']} on {cluster.get('name', 'the cluster')}: {what}"


def verified_line(table: Mapping[str, Any], cluster: Mapping[str, Any]) -> str:
    """Where the columns were seen as listed; empty if nowhere."""
    if not table["verified_by"]:
        return ""
    versions = ", ".join(cluster.get("release_versions") or ["?"])
    agreed = "; all nodes hold one schema version" if cluster.get("schema_agreed") else ""
    return f"verified on {', '.join(table['verified_by'])} (Cassandra {versions}){agreed}"


def as_text(report: Report, failure: bool = True) -> str:
    """The report for a screen or a message: what will happen or happened, where it was seen, and what is left.

    Without C(failure) what failed is left out, where it is said right after this.
    """
    return "\n".join(_lines(report, failure))


def fleet_text(reports: Mapping[str, Report | None]) -> str:
    """A line for each cluster, and why it failed; C(reports) maps it to its report, or to None if it was not started."""
    width = max((len(name) for name in reports), default=0)
    return "\n".join(line for name, report in reports.items() for line in _cluster_lines(name.ljust(width), report))


def _cluster_lines(name: str, report: Report | None) -> Iterator[str]:
    """The outcome of a cluster, and why it failed."""
    yield f"{name}  {headline(report) + _seconds(report) if report else 'not started'}"
    reason = ((report or {}).get("failure") or {}).get("message")
    if reason:
        yield f"{' ' * len(name)}    {' '.join(str(reason).split())}"


def _lines(report: Report, with_failure: bool) -> Iterator[str]:
    for table in report.get("tables") or []:
        yield from _table_lines(table, report.get("cluster") or {})
    yield from _section("Warnings:", report.get("warnings") or [])
    steps = [step for step in report.get("steps") or [] if step["status"] != "skipped"]
    yield from _section("Steps:", [_step(step) for step in steps] if len(steps) > 1 else [])
    yield from _section("Checks:", [_check(check) for check in report.get("checks") or [] if not check.get("ok")])
    yield from _section("Seen in the data:", report.get("verification") or [])
    yield from _section("Left for you:", report.get("left") or [])
    failure = (report.get("failure") or {}) if with_failure else {}
    failed = [str(failure[key]) for key in ("message", "hint") if failure.get(key)]
    yield from _section("What failed:", failed)
    yield f"{headline(report)}{_seconds(report)}"


def _table_lines(table: Mapping[str, Any], cluster: Mapping[str, Any]) -> Iterator[str]:
    yield table_line(table, cluster)
    for column in table["columns"]:
        yield f"  {_SIGNS[column['status']]} {column_text(column)}"
    for statement in table["statements"]:
        yield f"  {statement};"
    found = (table.get("values") or {}).get("found")
    if found is not None:
        lost = ", ".join(f"{name} {count}" for name, count in found.items())
        more = "" if table["values"]["complete"] else ", and there are more rows"
        yield f"  values in {table['values']['rows_read']} rows read{more}: {lost}"
    if table["verified_by"]:
        yield f"  {verified_line(table, cluster)}"


def column_text(column: Mapping[str, Any]) -> str:
    """A column with its type, and what is wrong with it."""
    text = f"{column['name']} {column['type'] or ''}{' static' if column.get('static') else ''}".rstrip()
    found = column.get("found")
    return f"{text}: the table has {found['type']} ({found['kind'].replace('_', ' ')})" if found else text


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield title
        for line in lines:
            first, *rest = str(line).strip().split("\n")
            yield f"  {first}"
            yield from (f"    {one}" for one in rest)


def _step(step: Mapping[str, Any]) -> str:
    return f"{step['name']}: {step['status']}{', ' + step['detail'] if step.get('detail') else ''}"


def _check(check: Mapping[str, Any]) -> str:
    return f"{check['name']}: {'; '.join(check.get('findings') or ['would be made'])}"


def _seconds(report: Report) -> str:
    return f" ({report['seconds']:.1f} s)" if report.get("seconds") is not None else ""
