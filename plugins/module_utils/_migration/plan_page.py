# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A saved plan as a page for the person who approves it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .markdown import block, bullets, document, grid, plain, span
from .report import Report, address_text, cluster_line, count_words

_NOTHING: Mapping[str, Any] = {}


def plan_as_markdown(plan: Mapping[str, Any], title: str = "migration", facts: Mapping[str, Any] = _NOTHING) -> str:
    """The page: what is to be executed, how it is reversed, what is lost, what was checked and what could not be.

    C(facts) is the report of the run that made the plan, with C(version) of the collection and the C(digest) of the file.
    """
    tables = plan["tables"]
    blocks = [
        f"# Plan: {plain(title)}",
        "Approve this page to let one run execute exactly the statements below. If anything that they depend on has changed "
        "by then, the run stops and lists every difference.",
        grid(("", ""), _facts(plan, facts)),
    ]
    for table in tables:
        blocks += _planned_table(table)
    unsafe = [table["change"]["unsafe"] for table in tables if table["change"] and table["change"]["unsafe"]]
    blocks += bullets("Data loss", unsafe or ["None."])
    blocks += bullets("Checked", plan.get("checked"))
    unchecked = facts.get("not_checked") or plan.get("not_checked") or []
    blocks += bullets("Could not be checked", [f"{one['check']}: {one['reason']}" for one in unchecked] or ["Nothing."])
    blocks += bullets("Warnings", plan.get("warnings") or ["None."])
    return document(blocks)


def plans_as_markdown(reports: Mapping[str, Report | None], folder: str) -> str:
    """One page for the plans of many clusters, each of which is a file of the folder."""
    rows = [(name, *_plan_row(report)) for name, report in reports.items()]
    blocks = [
        "# Plans to approve",
        f"Each host has a plan of its own in {span(folder)}, with a page of the same name. To apply all of them: "
        f"{span(f'ansible-playbook stellarmap.cassandra.fleet -e approved_plans={folder}')} with the same inventory.",
        grid(("Host", "Cluster", "Plan", "Fingerprint"), rows),
    ]
    for name, report in reports.items():
        statements = [text for table in (report or {}).get("tables") or [] for text in table.get("statements") or []]
        if statements:
            blocks += [f"## {plain(name)}", block("sql", [f"{statement};" for statement in statements])]
    return document(blocks)


def _plan_row(report: Report | None) -> tuple[str, str, str]:
    if not report or report["outcome"] == "failed":
        return "", str((report or {}).get("msg") or "not planned"), ""
    words = [f"{table['keyspace']}.{table['table']}: {count_words(table)}" for table in report.get("tables") or []]
    return cluster_line(report.get("cluster") or {}), "; ".join(words), str(report.get("fingerprint") or "")


def _facts(plan: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    cluster = plan["cluster"]
    yield from _given("Date", facts.get("finished_at"))
    yield from _given("Author", facts.get("user"))
    yield from _given("Collection", facts.get("version") and f"stellarmap.cassandra {facts['version']}")
    yield from _given("Migration file", facts.get("migration_file"))
    yield from _given("Its digest", facts.get("digest") or plan.get("source"))
    yield "Cluster", cluster["name"]
    yield "Cassandra", ", ".join(cluster["release_versions"])
    nodes = (facts.get("cluster") or {}).get("nodes")
    named = [f"{address_text(node)} ({node['host_id']})" for node in nodes] if isinstance(nodes, (list, tuple)) else []
    yield from _given("Nodes", ", ".join(named or cluster.get("host_ids") or []))
    yield "Fingerprint", span(plan["fingerprint"])


def _given(title: str, value: Any) -> Iterator[tuple[str, Any]]:
    if value:
        yield title, value


def _planned_table(table: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {span(table['keyspace'] + '.' + table['table'])}"
    change = table["change"]
    if not change:
        yield "Nothing is to be done."
        return
    yield f"{plain(change['comment'])}."
    if change["unsafe"]:
        yield f"**{plain(change['unsafe'])}**"
    yield block("sql", [f"{change['cql']};"])
    yield "The rollback:"
    yield block("sql", [f"{change['reverse']};"])
