# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same report as Markdown, for a change ticket or a merge request; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .report import Report, column_text, headline, verified_line

_FACTS = (
    ("ticket", "Ticket"),
    ("outcome", "Outcome"),
    ("who", "By"),
    ("where", "From"),
    ("started", "Started"),
    ("finished", "Finished"),
    ("seconds", "Seconds"),
    ("fingerprint", "Plan"),
)


def as_markdown(report: Report) -> str:
    """The record: who, when, where, the CQL, the verification of each node, the steps, the outcome."""
    blocks = [f"# {_cell(headline(report))}", *_facts(report)]
    for table in report.get("tables") or []:
        blocks += _table(table, report.get("cluster") or {})
    blocks += _list("Warnings", report.get("warnings"))
    blocks += _steps(report.get("steps") or [])
    blocks += _checks(report.get("checks") or [])
    blocks += _list("Seen in the data", report.get("verification"))
    blocks += _list("Left for you", report.get("left"))
    failure = report.get("failure") or {}
    if failure.get("message"):
        blocks += [
            f"## What failed: {_cell(failure.get('step') or '')}",
            _code("text", [failure["message"]]),
            failure["hint"],
        ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def plan_as_markdown(plan: Mapping[str, Any], title: str = "migration") -> str:
    """A saved plan for the person who approves it: each statement, the way back, and what it depends on."""
    cluster = plan["cluster"]
    blocks = [
        f"# Plan: {_cell(title)}",
        _rows(
            ("", ""),
            [
                ("Cluster", cluster["name"]),
                ("Cassandra", ", ".join(cluster["release_versions"])),
                ("Fingerprint", f"`{plan['fingerprint']}`"),
            ],
        ),
    ]
    for table in plan["tables"]:
        blocks += _planned_table(table)
    blocks += _list("Warnings", plan.get("warnings"))
    blocks += _list("Checked", plan.get("checked"))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _planned_table(table: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {_code_span(table['keyspace'] + '.' + table['table'])}"
    if not table["changes"]:
        yield "Nothing is left to do."
    for change in table["changes"]:
        yield _cell(change["comment"]) + "."
        if change["unsafe"]:
            yield f"**{_cell(change['unsafe'])}**"
        yield _code("sql", [f"{change['cql']};"])
        yield "The way back:"
        yield _code("sql", [f"{change['reverse']};"])


def _facts(report: Report) -> Iterator[str]:
    cluster = report.get("cluster") or {}
    rows = [(title, report[key]) for key, title in _FACTS if report.get(key) not in (None, "")]
    if cluster:
        rows.append(("Cluster", f"{cluster.get('name')}, Cassandra {', '.join(cluster.get('release_versions') or [])}"))
        versions = [cluster.get(f"schema_version_{when}") for when in ("before", "after")]
        rows += [(f"Schema version {when}", version) for when, version in zip(("before", "after"), versions) if version]
    yield _rows(("", ""), rows)


def _table(table: Mapping[str, Any], cluster: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {_code_span(table['keyspace'] + '.' + table['table'])}"
    yield _rows(
        ("Column", "Status"),
        [(_code_span(column_text(column)), column["status"].replace("_", " ")) for column in table["columns"]],
    )
    if table["statements"]:
        yield _code("sql", [f"{statement};" for statement in table["statements"]])
    verified = verified_line(table, cluster)
    if verified:
        yield f"{verified[0].upper()}{_cell(verified[1:])}."


def _steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if steps:
        yield "## Steps"
        yield _rows(
            ("Step", "Status", "Detail"), [(step["name"], step["status"], step.get("detail") or "") for step in steps]
        )


def _checks(checks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if checks:
        yield "## Checks"
        results = [
            "would be made" if "ok" not in check else "ok" if check["ok"] else "; ".join(check.get("findings") or [])
            for check in checks
        ]
        yield _rows(("Check", "Result"), [(check["name"], result) for check, result in zip(checks, results)])


def _list(title: str, sentences: Sequence[str] | None) -> Iterator[str]:
    if sentences:
        yield f"## {title}"
        yield "\n".join(f"- {_cell(sentence)}" for sentence in sentences)


def _rows(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    """Text on one line, where a bar divides nothing."""
    return re.sub(r"\s*[\r\n]+\s*", " ", str(value)).replace("|", "\\|")


def _code_span(text: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{text}{fence}" if len(fence) == 1 else f"{fence} {text} {fence}"


def _code(language: str, lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"
