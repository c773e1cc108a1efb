# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the benchmark makes of its figures; the figures themselves are no matter of tests."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.contestants import Contestant
from benchmarks.process import Cost, run
from benchmarks.report import Chart, Finding, Row, page, picture
from benchmarks.rounds import compare, median, memory, ratio

ROWS = [Row("this collection: a task", 1.5, 1.25), Row("a & b", 0.5, 0.25)]


CHART = Chart("bars", "Bars & more", {row.name: row.first for row in ROWS})


def test_the_page_and_the_picture() -> None:
    findings = [
        Finding("first", 1.234, 1.5),
        Finding("memory", 47.5, None, " MiB"),
        Finding("slow", 2, 1.5, reason="it is late"),
        Finding("late", 2, 1.5),
    ]
    text = page(ROWS, findings, [CHART], ["2 cores."])
    assert "| this collection: a task | 1.50 | 1.25 |" in text
    assert "| first | 1.23 | at most 1.5 |  |" in text
    assert "| memory | 47.50 MiB |  |  |" in text
    assert "| slow | 2.00 | at most 1.5 | missed: it is late |" in text
    assert "| late | 2.00 | at most 1.5 | missed |" in text
    assert "![Bars & more](bars.svg)" in text
    shown = "".join(ElementTree.fromstring(picture(CHART)).itertext())  # noqa: S314
    assert shown.index("this collection: a task") < shown.index("a & b")


def test_ratios_are_those_within_a_round() -> None:
    ours, theirs = [Cost(2, 10), Cost(9, 20), Cost(4, 60)], [Cost(1, 0), Cost(3, 0), Cost(4, 0)]
    assert (ratio(ours, theirs), median(ours), memory(ours)) == (2, 4, 20)


def test_a_process_which_fails_is_no_measurement(tmp_path: Path) -> None:
    assert run(["true"], tmp_path, {}).seconds > 0
    with pytest.raises(RuntimeError, match="oh no"):
        run(["sh", "-c", "echo oh no; exit 3"], tmp_path, {})


class EmptyScene:
    """No server at all."""

    def keyspace(self) -> str:
        return "k"

    def drop(self, _keyspace: str) -> None:
        pass


def test_a_tool_that_cannot_be_installed_takes_no_part() -> None:
    def cannot(*_words: Any) -> list[str]:
        raise subprocess.CalledProcessError(1, ["pip"])

    tools = [Contestant("here", lambda *_words: ["true"], adds_nothing=True), Contestant("away", cannot)]
    first, again = compare(EmptyScene(), tools, 2)  # type: ignore[arg-type]
    assert ({name: len(costs) for name, costs in first.items()}, list(again)) == ({"here": 2}, ["here"])
