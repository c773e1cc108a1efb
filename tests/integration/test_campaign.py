# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A planted misreport is found by the randomized fault tests, which C(make campaign) plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from campaign.check import check
from campaign.draw import NODES, TABLE
from campaign.history import Run, Scenario
from campaign.play import TIMES, play
from campaign.stage import Stage, stage

# They share what is made once for the file.
pytestmark = [pytest.mark.nightly, pytest.mark.xdist_group("campaign")]


@pytest.fixture(scope="module")
def ring(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with stage(request.config.getoption("--cassandra").split(",")[0], NODES) as running:
        yield running


def test_a_planted_lie_is_found(ring: Stage) -> None:
    history = play(ring, Scenario(1000, TABLE, (Run(0.0, 0, {"a": "int"}),)))
    assert check(history, TIMES) == []
    (run,) = history.runs
    assert run.result is not None
    run.result["statements"] = [run.sent[0].text.replace(" int", " text")]
    (found,) = check(history, TIMES)
    assert found.startswith("changed_is_true: changed, and sent [")
