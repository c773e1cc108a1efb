# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, as a page with a table and a picture; pure but for writing the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

# REUSE-IgnoreStart
_LICENCE = """<!--
SPDX-FileCopyrightText: The stellarmap.cassandra contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->"""
# REUSE-IgnoreEnd
_WIDTH, _BAR, _NAMES = 860, 22, 380


class Row(NamedTuple):
    """One tool: the medians of its first run and its second, in seconds."""

    name: str
    first: float
    again: float


class Finding(NamedTuple):
    """A ratio with what it is to be, at most; the goal is None where there is none."""

    what: str
    value: float
    goal: float | None
    unit: str = ""


def page(rows: Sequence[Row], findings: Sequence[Finding], facts: Sequence[str]) -> str:
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
        "![The times of the first runs](benchmarks.svg)",
        "",
        "| whole process, median in seconds | first run | second run |",
        "| --- | --- | --- |",
        *[f"| {row.name} | {row.first:.2f} | {row.again:.2f} |" for row in rows],
        "",
        "The first run adds three columns to the table with 18 columns. At the second one they are there.",
        "",
        "| | measured | goal |",
        "| --- | --- | --- |",
        *[f"| {finding.what} | {finding.value:.2f}{finding.unit} | {_goal(finding)} |" for finding in findings],
        "",
    ]
    return "\n".join(lines)


def _goal(finding: Finding) -> str:
    return "" if finding.goal is None else f"at most {finding.goal:g}{finding.unit}"


def picture(rows: Sequence[Row]) -> str:
    """The first runs as bars, in SVG."""
    longest = max(row.first for row in rows)
    height = _BAR * (len(rows) + 1) + 10
    parts = [
        _LICENCE,
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="8" y="16" font-weight="bold">First run: three columns added, seconds (median)</text>',
    ]
    for number, row in enumerate(sorted(rows, key=lambda one: one.first), start=1):
        top, width = number * _BAR + 4, (_WIDTH - _NAMES - 60) * row.first / longest
        colour = "#3b6fb6" if row.name.startswith("this collection") else "#b9c4d0"
        parts += [
            f'<text x="8" y="{top + 14}">{escape(row.name)}</text>',
            f'<rect x="{_NAMES}" y="{top + 2}" width="{width:.1f}" height="{_BAR - 7}" fill="{colour}"/>',
            f'<text x="{_NAMES + width + 6:.1f}" y="{top + 14}">{row.first:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def write(folder: Path, rows: Sequence[Row], findings: Sequence[Finding], facts: Sequence[str]) -> None:
    """Write both files into a folder."""
    (folder / "benchmarks.md").write_text(page(rows, findings, facts), encoding="utf-8")
    (folder / "benchmarks.svg").write_text(picture(rows), encoding="utf-8")
