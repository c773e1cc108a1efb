# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run of a fleet as one page that opens without a network: clusters by steps, in colors and words; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from .._clean import clean
from .fleet import count_outcomes
from .report import FAILED, WAITING, Report, as_text, diff_lines, headline

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
    when = f" Finished {finished}." if finished else ""
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f"<h1>{escape(title)}</h1>\n<p>{len(reports)} clusters: {count_outcomes(reports)}.{escape(when)}</p>",
        '<div class="wide"><table>\n<thead>',
        _cells("th", ["Cluster", "Outcome", *map(escape, steps), "Seconds"]),
        "</thead>\n<tbody>",
        *(_row(name, report or {"outcome": "not_started"}, steps) for name, report in reports.items()),
        "</tbody>\n</table></div>",
        *(_details(name, report) for name, report in reports.items() if report),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _row(name: str, report: Report, steps: Sequence[str]) -> str:
    by_name = {step["name"]: step["status"] for step in report.get("steps") or []}
    marks = [_mark(status) for status in (report["outcome"], *(by_name.get(step, "") for step in steps))]
    seconds = "" if report.get("seconds") is None else f"{report['seconds']:.1f}"
    return _cells("td", [escape(name), *marks, seconds])


def _details(name: str, report: Report) -> str:
    """What one cluster says, folded unless you have to read it."""
    is_open = " open" if report["outcome"] in (FAILED, WAITING) else ""
    why = f'<p class="why">{escape(report["msg"])}</p>' if report["outcome"] == FAILED else ""
    summary, text = escape(f"{name}: {headline(report)}"), escape(report.get("text") or as_text(report))
    schema = escape("\n".join(diff_lines(report.get("described") or [])))
    more = f"<details><summary>The schema before and after</summary><pre>{schema}</pre></details>" if schema else ""
    return f"<details{is_open}><summary>{summary}</summary>{why}<pre>{text}</pre>{more}</details>"


def _mark(status: str) -> str:
    """An outcome or the status of a step, in its color."""
    name, words = status.replace(" ", "_"), status.replace("_", " ")
    return f'<span class="mark {name}">{escape(words)}</span>' if status else ""


def _cells(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"
