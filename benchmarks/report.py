# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, as a page with a table and a picture; pure but for writing the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

# REUSE-IgnoreStart
_LICENCE = """<!--
SPDX-FileCopyrightText: The stellarmap.cassandra contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->"""
# REUSE-IgnoreEnd
_WIDTH, _BAR, _NAMES = 940, 22, 460


class Row(NamedTuple):
    """One tool: the medians of its first run and its second, in seconds."""

    name: str
    first: float
    again: float


class Finding(NamedTuple):
    """A figure with what it is to be, at most, and why it may not be; the goal is None where there is none."""

    what: str
    value: float
    goal: float | None
    unit: str = ""
    reason: str = ""


class Chart(NamedTuple):
    """Some figures beside one another: the bars by name, in the order in which they are drawn."""

    name: str
    title: str
    bars: Mapping[str, float]
    unit: str = ""


def page(rows: Sequence[Row], findings: Sequence[Finding], charts: Sequence[Chart], facts: Sequence[str]) -> str:
    """The page as Markdown."""
    lines = [
        _LICENCE,
        "# How fast it is",
        "",
        "Written by `make benchmark`, which measures everything in one run on one machine, in turns. Times differ from machine",
        "to machine and from hour to hour: compare within the table. No test asserts a time.",
        "",
        *[f"- {fact}" for fact in facts],
        "",
        *[f"![{chart.title}]({chart.name}.svg)\n" for chart in charts],
        "| whole process, median in seconds | first run | second run |",
        "| --- | --- | --- |",
        *[f"| {row.name} | {row.first:.2f} | {row.again:.2f} |" for row in rows],
        "",
        "The first run adds three columns to the table with 18 columns. At the second one they are there.",
        "",
        "| | measured | aim | |",
        "| --- | --- | --- | --- |",
        *map(finding_row, findings),
        "",
    ]
    return "\n".join(lines)


def finding_row(finding: Finding) -> str:
    """One row of the table of findings."""
    return f"| {finding.what} | {finding.value:.2f}{finding.unit} | {_goal(finding)} | {_verdict(finding)} |"


def _goal(finding: Finding) -> str:
    return "" if finding.goal is None else f"at most {finding.goal:g}{finding.unit}"


def _verdict(finding: Finding) -> str:
    if finding.goal is None or finding.value <= finding.goal:
        return ""
    return f"missed{': ' if finding.reason else ''}{finding.reason}"


def picture(chart: Chart) -> str:
    """The chart as bars, in SVG."""
    longest = max(chart.bars.values())
    height = _BAR * (len(chart.bars) + 1) + 10
    parts = [
        _LICENCE,
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="8" y="16" font-weight="bold">{escape(chart.title)}</text>',
    ]
    for number, (name, value) in enumerate(chart.bars.items(), start=1):
        top, width = number * _BAR + 4, (_WIDTH - _NAMES - 60) * value / longest
        color = "#3b6fb6" if name.startswith("this collection") else "#b9c4d0"
        parts += [
            f'<text x="8" y="{top + 14}">{escape(name)}</text>',
            f'<rect x="{_NAMES}" y="{top + 2}" width="{width:.1f}" height="{_BAR - 7}" fill="{color}"/>',
            f'<text x="{_NAMES + width + 6:.1f}" y="{top + 14}">{value:.2f}{chart.unit}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def write(
    folder: Path, rows: Sequence[Row], findings: Sequence[Finding], charts: Sequence[Chart], facts: Sequence[str]
) -> None:
    """Write the page and its pictures into a folder."""
    (folder / "benchmarks.md").write_text(page(rows, findings, charts, facts), encoding="utf-8")
    for chart in charts:
        (folder / f"{chart.name}.svg").write_text(picture(chart), encoding="utf-8")
