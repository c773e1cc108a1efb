# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record and the plan to approve as Markdown, in which no text is ever markup; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._clean import clean, one_line
from .._schema.planning.change import OF_INDEX
from .counts import count_words, table_name
from .report import Report, address_text, cluster_line, diff_lines, full_text, headline

_NOTHING: Mapping[str, Any] = {}
_RECORD = {
    "ticket": "Ticket",
    "mode": "Mode",
    "outcome": "Outcome",
    "user": "By",
    "host": "From",
    "started_at": "Started",
    "finished_at": "Finished",
    "seconds": "Seconds",
    "fingerprint": "Plan",
}


def as_markdown(report: Report) -> str:
    """The record for a change ticket: who, when, from where, and the text of the report."""
    rows = [(title, report[key]) for key, title in _RECORD.items() if report.get(key) not in (None, "")]
    rows += [("Cluster", cluster_line(report["cluster"]))] if report.get("cluster") else []
    head = [f"# {plain(headline(report))}", grid(("", ""), rows), block("text", [full_text(report)])]
    return document([*head, *_described(report)])


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
    unsafe = [change["unsafe"] for table in tables for change in table["changes"] if change["unsafe"]]
    blocks += bullets("Data loss", unsafe or ["None."])
    blocks += bullets("Checked", plan.get("checked"))
    unchecked = facts.get("not_checked") or plan.get("not_checked") or []
    blocks += bullets("Could not be checked", [f"{one['check']}: {one['reason']}" for one in unchecked] or ["Nothing."])
    blocks += bullets("Warnings", plan.get("warnings") or ["None."])
    return document([*blocks, *_described(plan)])


def _described(data: Mapping[str, Any]) -> Iterator[str]:
    """The tables before and after, with what changes marked; nothing if nothing does."""
    if data.get("described"):
        yield "## The schema before and after"
        yield block("diff", diff_lines(data["described"]))


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
    words = [f"{table_name(table)}: {count_words(table)}" for table in report.get("tables") or []]
    return cluster_line(report.get("cluster") or {}), "; ".join(words), str(report.get("fingerprint") or "")


def _facts(plan: Mapping[str, Any], facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    cluster = plan["cluster"]
    nodes = (facts.get("cluster") or {}).get("nodes") or []
    named = [f"{address_text(node)} ({node['host_id']})" for node in nodes] or cluster.get("host_ids") or []
    rows = {
        "Date": facts.get("finished_at"),
        "Author": facts.get("user"),
        "Collection": facts.get("version") and f"stellarmap.cassandra {facts['version']}",
        "Migration file": facts.get("migration_file"),
        "Its digest": facts.get("digest") or plan.get("source"),
        "Cluster": cluster["name"],
        "Cassandra": ", ".join(cluster["release_versions"]),
        "Nodes": ", ".join(named),
        "Fingerprint": span(plan["fingerprint"]),
    }
    return [(title, value) for title, value in rows.items() if value]


def _planned_table(table: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {span(table_name(table))}"
    changes = table["changes"]
    if not changes:
        yield "Nothing is to be done."
        return
    for change in changes:
        of_index = f" {OF_INDEX[bool(change['drops'])]}" if change.get("of_index") else ""
        yield f"{plain(change['comment'])}.{of_index}"
        if change["unsafe"]:
            yield f"**{plain(change['unsafe'])}**"
        yield block("sql", [f"{change['cql']};"])
    back = [f"{change['reverse']};" for change in reversed(changes) if change["reverse"]]
    if back:
        yield "The rollback:"
        yield block("sql", back)
    else:
        yield "There is no rollback: Cassandra cannot drop a field of a user-defined type."


class Code(str):
    """A text that is a span of code already."""


def document(blocks: Iterable[str]) -> str:
    """The blocks, an empty line between them."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def bullets(title: str, sentences: Sequence[Any] | None) -> Iterator[str]:
    """A heading and a list; nothing if there is nothing to list."""
    if sentences:
        yield f"## {title}"
        yield "\n".join(f"- {plain(sentence)}" for sentence in sentences)


def grid(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table."""
    lines = [list(map(_cell, line)) for line in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain(value: Any) -> str:
    """Text on one line that is no markup: neither of a table nor of Markdown or HTML."""
    return re.sub(r"([\\`*\[\]<>|])", r"\\\1", one_line(value))


def span(text: Any) -> Code:
    """The text as code within a line."""
    shown = one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return Code(f"{fence}{shown}{fence}" if len(fence) == 1 else f"{fence} {shown} {fence}")


def block(language: str, lines: Iterable[Any]) -> str:
    """The lines as a block of code."""
    text = "\n".join(clean(str(line)) for line in lines)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _cell(value: Any) -> str:
    return value.replace("|", "\\|") if isinstance(value, Code) else plain(value)
