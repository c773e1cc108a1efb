# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run of a fleet as one page that opens without a network: clusters by steps, in colors and words; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from .._clean import clean
from .report import COMPLETE, DRY_RUN, FAILED, UNCHANGED, WAITING, Report, as_text, diff_lines, headline

_NOT_STARTED = "not_started"
_WORDS = {
    COMPLETE: "complete",
    UNCHANGED: "nothing to do",
    DRY_RUN: "dry run",
    WAITING: "waiting for you",
    FAILED: "failed",
    _NOT_STARTED: "not started",
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .4rem .7rem; text-align: left; vertical-align: top; }
.mark { border-radius: .3rem; padding: .1rem .5rem; white-space: nowrap; color: #000; }
.mark { background: #ddd; } .complete, .done, .passed { background: #9fdfb0; } .unchanged { background: #cfe8d5; }
.dry_run, .would_be_done { background: #bcd7f5; } .waiting { background: #ffe08a; } .failed { background: #f5a9a9; }
.wide { overflow-x: auto; } .why { border-left: .3rem solid #f5a9a9; padding-left: .7rem; }
details { margin-top: .7rem; } pre { white-space: pre-wrap; } summary { cursor: pointer; }
"""


def fleet_page(reports: Mapping[str, Report | None], title: str = "migration", finished: str = "") -> str:
    """The page; C(reports) maps each cluster to its report, or to None if it was not started."""
    reports = clean(reports)
    named = (step["name"] for report in reports.values() if report for step in report.get("steps") or [])
    steps = list(dict.fromkeys(named))
    outcomes = [report["outcome"] if report else _NOT_STARTED for report in reports.values()]
    summary = ", ".join(f"{outcomes.count(key)} {word}" for key, word in _WORDS.items() if key in outcomes)
    when = f" Finished {finished}." if finished else ""
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f"<h1>{escape(title)}</h1>\n<p>{len(reports)} clusters: {escape(summary)}.{escape(when)}</p>",
        f'<div class="wide"><table>\n<thead>{_cells("th", ["Cluster", "Outcome", *steps, "Seconds"])}</thead>\n<tbody>',
        *(_row(name, report, steps) for name, report in reports.items()),
        "</tbody>\n</table></div>",
        *(_details(name, report) for name, report in reports.items() if report),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _row(name: str, report: Report | None, steps: Sequence[str]) -> str:
    if not report:
        empty = "<td></td>" * (len(steps) + 1)
        return f"<tr><td>{escape(name)}</td><td>{_mark(_NOT_STARTED, _WORDS[_NOT_STARTED])}</td>{empty}</tr>"
    by_name = {step["name"]: step["status"] for step in report.get("steps") or []}
    marks = [_mark(by_name[step], by_name[step]) if step in by_name else "" for step in steps]
    seconds = "" if report.get("seconds") is None else f"{report['seconds']:.1f}"
    cells = [escape(name), _mark(report["outcome"], _WORDS[report["outcome"]]), *marks, seconds]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _details(name: str, report: Report) -> str:
    """What one cluster says, folded unless you have to read it."""
    is_open = " open" if report["outcome"] in (FAILED, WAITING) else ""
    why = f'<p class="why">{escape(report["msg"])}</p>' if report["outcome"] == FAILED else ""
    summary, text = escape(f"{name}: {headline(report)}"), escape(report.get("text") or as_text(report))
    schema = escape("\n".join(diff_lines(report.get("described") or [])))
    more = f"<details><summary>The schema before and after</summary><pre>{schema}</pre></details>" if schema else ""
    return f"<details{is_open}><summary>{summary}</summary>{why}<pre>{text}</pre>{more}</details>"


def _mark(name: str, word: str) -> str:
    return f'<span class="mark {name.replace(" ", "_")}">{escape(word)}</span>'


def _cells(tag: str, texts: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(text)}</{tag}>' for text in texts)}</tr>"
