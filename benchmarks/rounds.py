# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rounds in which all take their turn, so that what disturbs the machine disturbs all of them; and what they come to."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .contestants import Contestant
from .process import Cost, run
from .scene import THREE, Scene

Costs = dict[str, list[Cost]]


def compare(scene: Scene, contestants: Sequence[Contestant], rounds: int) -> tuple[Costs, Costs]:
    """The costs of each one's first run, and of its second; raises RuntimeError if one did not add the columns.

    A tool that cannot be installed takes no part.
    """
    # In the first round caches are cold and environments are installed.
    present = [one for one in contestants if _takes_part(scene, one)]
    first: Costs = {one.name: [] for one in present}
    again: Costs = {one.name: [] for one in present}
    for number in range(1, rounds + 1):
        for one in present:
            costs = _turn(scene, one)
            first[one.name].append(costs[0])
            again[one.name].append(costs[1])
        print(f"round {number} of {rounds}", flush=True)
    return first, again


def _takes_part(scene: Scene, one: Contestant) -> bool:
    try:
        _turn(scene, one)
    except subprocess.CalledProcessError as error:
        print(f"{one.name} is left out: {error}", flush=True)
        return False
    return True


def _turn(scene: Scene, one: Contestant) -> tuple[Cost, Cost]:
    keyspace = scene.keyspace()
    with tempfile.TemporaryDirectory() as folder:
        command = one.project(Path(folder), scene, keyspace)
        first = run(command, Path(folder), one.environment)
        if not one.adds_nothing and not THREE.keys() <= scene.types(keyspace).keys():
            raise RuntimeError(f"{one.name} said that it was done, and did not add the columns.")
        command = (one.rerun or one.project)(Path(folder), scene, keyspace)
        again = run(command, Path(folder), one.environment)
    scene.drop(keyspace)
    return first, again


def alternate(turns: Mapping[str, Callable[[], Cost]], rounds: int) -> Costs:
    """The costs of these turns, one after the other in every round."""
    costs: Costs = {name: [] for name in turns}
    for number in range(rounds + 1):
        for name, turn in turns.items():
            cost = turn()
            if number:
                costs[name].append(cost)
    return costs


def median(costs: Sequence[Cost]) -> float:
    """The median time in seconds."""
    return statistics.median(cost.seconds for cost in costs)


def memory(costs: Sequence[Cost]) -> float:
    """The median memory in MiB."""
    return statistics.median(cost.mebibytes for cost in costs)


def ratio(costs: Sequence[Cost], others: Sequence[Cost]) -> float:
    """The median of the ratios within each round, which says more than the ratio of the medians where the machine is noisy."""
    return statistics.median(one.seconds / other.seconds for one, other in zip(costs, others))
