# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run did, as text for a screen, a message or a ticket; pure.

The report is the plain data that the role C(migration) returns as C(migration_report).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import Any

from .._clean import clean, one_line
from .counts import AS_LISTED, count_line, count_words, plural, table_name

Report = Mapping[str, Any]

COMPLETE, UNCHANGED, DRY_RUN, WAITING, FAILED = "complete", "unchanged", "dry_run", "waiting", "failed"
_SIGNS = {"conflict": "!", "missing": "?", "unknown": "?", "building": "?"}


def summary(report: Report) -> str:
    """The outcome in one line that everybody knows."""
    title, outcome = one_line(report.get("title") or "migration"), report["outcome"]
    remaining = plural(len(report.get("remaining") or []), "thing")
    words = {
        COMPLETE: f"{title} is complete",
        UNCHANGED: f"{title} was complete already, nothing was changed",
        WAITING: f"{title} waits for you: {remaining} to do",
        DRY_RUN: "nothing was changed",
        FAILED: f"{title} failed",
    }[outcome]
    if report.get("mode") == "verify" and outcome == UNCHANGED:
        words = f"{title} is as listed"
    is_dry = outcome == DRY_RUN or bool(report.get("check_mode"))
    counts = count_line(report.get("tables") or [], str(report.get("mode")), is_dry)
    if outcome == FAILED and not any(table.get("statements") for table in report.get("tables") or []):
        counts = ""
    return f"{counts} {words[0].upper()}{words[1:]}{_seconds(report)}.".lstrip()


def headline(report: Report) -> str:
    """The outcome in one line, and what failed in a word."""
    step = next((step["name"] for step in report.get("steps") or [] if step["status"] == FAILED), "")
    return f"{summary(report)[:-1]}: {step.lower()}." if report["outcome"] == FAILED and step else summary(report)


def cluster_line(cluster: Mapping[str, Any]) -> str:
    """The cluster, by more than its name: many are called Test Cluster."""
    if not cluster:
        return ""
    versions = ", ".join(cluster.get("release_versions") or ["?"])
    # The node that was connected to comes first.
    connected = "".join(f", connected to {address_text(node)}" for node in (cluster.get("nodes") or [])[:1])
    return one_line(f"{cluster.get('name', 'unknown')} (Cassandra {versions}{connected})")


def address_text(node: Mapping[str, Any]) -> str:
    """The address of a node, with its port if it has another one than most have."""
    return one_line(node["address"] if node.get("port") == 9042 else f"{node['address']}:{node.get('port')}")


def verified_line(seen: Sequence[Mapping[str, Any]], cluster: Mapping[str, Any]) -> str:
    """Where the columns were seen as listed."""
    total = len(cluster.get("nodes") or seen)
    names = ", ".join(map(address_text, seen))
    if len(seen) >= total:
        where = f"Verified on {'the only node' if total == 1 else f'all {total} nodes'}: {names}"
        return where if cluster.get("schema_agreed", True) else f"{where}; the nodes do not hold one schema version"
    agree = f"; all {total} nodes hold one schema version" if cluster.get("schema_agreed") else ""
    return f"Read on {len(seen)} of {total} nodes: {names}{agree}"


def diff_text(results: Mapping[str, Any]) -> str:
    """The differences of a dry run, of tables and models: Ansible shows those of a task only if it changed something."""
    models = (results.get("hosts") or results.get("model_fields") or {}).get("results") or ()
    parts: list[str] = []
    for result in (results.get("columns") or {}, *models):
        diff, on = result.get("diff") or [], f"{result['host']}: " if "host" in result else ""
        parts += diff_lines(diff if isinstance(diff, (list, tuple)) else [diff], 3, on)
    return "\n".join(parts)


def diff_lines(diff: Sequence[Mapping[str, Any]], context: int = 9999, on: str = "") -> list[str]:
    """The differences, of the host C(on), with so many lines around each; as it stands with the whole of what is compared."""
    lines: list[str] = []
    for one in diff:
        before, after = (str(one[key]).splitlines() for key in ("before", "after"))
        headers = (on + one["before_header"], on + one["after_header"])
        lines += unified_diff(before, after, *headers, n=context, lineterm="")
    return list(map(clean, lines))


def as_text(report: Report) -> str:
    """The report for a screen or a message: what will happen or happened, where it was seen, and what remains."""
    return "\n".join(_lines(report))


def full_text(report: Report) -> str:
    """The text, and of a failure its sentence, which a screen shows after it."""
    text = str(report.get("text") or as_text(report))
    return f"{text}\n{report['msg']}" if report.get("failure") else text


def _lines(report: Report) -> Iterator[str]:
    cluster, failed = report.get("cluster") or {}, report["outcome"] == FAILED
    tables = report.get("tables") or []
    if cluster:
        yield f"Cluster {cluster_line(cluster)}"
    for table in tables:
        yield from _table_lines(table, str(report.get("mode")), failed)
    if report.get("verified_by"):
        yield verified_line(report["verified_by"], cluster)
    yield from _section("Warnings:", report.get("warnings") or [])
    yield from _section("Not reversible:", report.get("not_reversible") or [])
    steps = report.get("steps") or []
    yield from _section("Steps:", [_step(step) for step in steps] if len(steps) > 1 else [])
    checks = [one for one in report.get("checks") or [] if one["status"] != "passed" or one.get("reason")]
    yield from _section("Checks:", [check_text(one) for one in checks])
    unsent = [one for one in report.get("notifications") or [] if one["status"] == FAILED]
    yield from _section("Notifications that were not sent:", [f"{one['name']}: {one['detail']}" for one in unsent])
    yield from _section("What remains for you:", report.get("remaining") or [])
    if not failed:
        yield summary(report)
        yield from _next(report)


def _next(report: Report) -> Iterator[str]:
    """The next command."""
    mode, file = report.get("mode"), report.get("migration_file") or "FILE"
    if mode == "plan" and report.get("plan_file"):
        plan = report["plan_file"]
        written = "would be written" if report.get("check_mode") else "is written"
        yield f"The plan {written} to {plan}. Next, with its approval:"
        yield f"  ansible-playbook stellarmap.cassandra.migrate -e migration_file={file} -e approved_plan={plan}"
    elif report["outcome"] == DRY_RUN:
        confirm = f", and with -e rollback_confirm={report['confirmation']}" if report.get("confirmation") else ""
        yield f"Next: run the same command without --check{confirm}."
    elif report["outcome"] == WAITING:
        yield "Next: do what remains, then run the same command again."


def check_text(check: Mapping[str, Any]) -> str:
    """A check of the application in a line."""
    words = {"pending": "will be made after the change", "not_yet": "not yet", "skipped": "skipped"}
    parts = (check.get("host"), check["name"], words.get(check["status"], check["status"]), check.get("reason"))
    return one_line(": ".join(str(one) for one in parts if one))


def _table_lines(table: Mapping[str, Any], mode: str, failed: bool = False) -> Iterator[str]:
    words = count_words(table, mode)
    # What is still there although it is to be dropped has the same status as what is there because it is listed.
    unclear = failed and words.endswith(AS_LISTED) and not table.get("changed")
    yield one_line(f"{table_name(table)}: {'not changed' if unclear else words}")
    for column in table.get("columns") or []:
        # A statement names the columns that it changes.
        if column["status"] in _SIGNS or (mode == "verify" and column["status"].startswith("would")):
            yield f"  {_SIGNS.get(column['status'], '?')} {column_text(column, str(table.get('kind', 'table')))}"
        index = column.get("index") or {}
        if index.get("status") in _SIGNS or (mode == "verify" and str(index.get("status")).startswith("would")):
            yield f"  {_SIGNS.get(index['status'], '?')} {_index_text(index)}"
    for statement in (table.get("statements") or []) if mode != "verify" else []:
        yield f"  {one_line(statement)};"
    yield from _loss(table.get("values") or {})


def _loss(values: Mapping[str, Any]) -> Iterator[str]:
    """What a drop destroys."""
    if values.get("found") is not None:
        lost = one_line(", ".join(f"{name} {count}" for name, count in values["found"].items()))
        more = "" if values["complete"] else ", and there are more rows"
        yield f"  values in {values['rows_read']} rows read{more}: {lost}"


def column_text(column: Mapping[str, Any], kind: str = "table") -> str:
    """A column with its type, and what is wrong with it."""
    text = f"{column['name']} {column['type'] or ''}{' static' if column.get('kind') == 'static' else ''}".rstrip()
    found = column.get("found")
    return one_line(f"{text}: the {kind} has {found['type']} ({found['kind'].replace('_', ' ')})" if found else text)


def _index_text(index: Mapping[str, Any]) -> str:
    """An index with what it is on, and what is in its place."""
    found = index.get("found")
    there = f": the table has {found['name']}, {found['kind']} on {found['target']}" if found else ""
    return one_line(f"index {index['name']}, {index['kind']} on {index['target']}{there}")


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield title
        for line in lines:
            first, *rest = str(line).strip().split("\n")
            yield f"  {first}"
            yield from (f"    {one}" for one in rest)


def _step(step: Mapping[str, Any]) -> str:
    """A step with its details, one of which is in the same line."""
    details = str(step.get("detail") or "").split("\n")
    inline = f", {details[0]}" if len(details) == 1 and details[0] else ""
    return "\n".join([one_line(f"{step['name']}: {step['status']}{inline}"), *(details if len(details) > 1 else [])])


def _seconds(report: Report) -> str:
    return f" ({report['seconds']:.1f} s)" if report.get("seconds") is not None else ""
