# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A few seeds of the campaign; C(make campaign) plays more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from campaign.__main__ import run_seeds
from campaign.check import check
from campaign.coverage import Cell
from campaign.draw import NODES, TABLE
from campaign.history import Run, Scenario
from campaign.play import TIMES, Stage, play, stage

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("campaign")


@pytest.fixture(scope="module")
def ring(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with stage(request.config.getoption("--cassandra").split(",")[0], NODES) as running:
        yield running


def test_twenty_seeds_without_a_lie(ring: Stage) -> None:
    counts: Counter[Cell] = Counter()
    assert run_seeds(ring, range(1, 21), counts) == []
    assert len(counts) > 10, "too few faults struck"


def test_a_planted_lie_is_found(ring: Stage) -> None:
    history = play(ring, Scenario(1000, TABLE, (Run(0.0, 0, {"a": "int"}),)))
    assert check(history, TIMES) == []
    (run,) = history.runs
    assert run.result is not None
    run.result["statements"] = [run.sent[0].text.replace(" int", " text")]
    (found,) = check(history, TIMES)
    assert found.startswith("changed_is_true: changed, and sent [")
