# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make benchmark): two nodes, one of them with other tables; everybody in turns; a page and a picture in docs/."""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

from embedded_cassandra import cluster

from . import growth
from .contestants import (
    DRIVER,
    EMPTY_ONE,
    EMPTY_TEN,
    FLOOR,
    FLOOR_INSTALLED,
    MIGRATE,
    OURS,
    PEERS,
    Contestant,
    community,
)
from .environment import REPOSITORY
from .report import Finding, Row, write
from .rounds import Costs, compare, median, memory, ratio
from .scene import Scene

_NODES = 1000


def main() -> None:
    options = _options()
    with (
        cluster() as one,
        cluster(heap="2g") as other,
        Scene(one.addresses[0]) as quiet,
        Scene(other.addresses[0]) as crowded,
    ):
        crowded.crowd(options.tables)
        everybody = [
            OURS,
            MIGRATE,
            FLOOR,
            FLOOR_INSTALLED,
            EMPTY_ONE,
            EMPTY_TEN,
            DRIVER,
            *PEERS,
            *community(options.community),
        ]
        first, again = compare(quiet, everybody, options.rounds)
        first_crowded, again_crowded = compare(crowded, [OURS, *PEERS], max(3, options.rounds // 2))
        findings = [
            *_against_the_floor(first, again),
            *_whole_play(first, again),
            *_growth(quiet, crowded, options.rounds, options.tables),
        ]
    rows = [Row(one.name, median(first[one.name]), median(again[one.name])) for one in everybody]
    beside = f" beside {options.tables:,} other tables"
    rows += [
        Row(one.name + beside, median(first_crowded[one.name]), median(again_crowded[one.name]))
        for one in (OURS, *PEERS)
    ]
    facts = [
        f"Python {platform.python_version()}, {os.cpu_count()} cores, Cassandra {one.nodes[0].version}, {options.rounds} rounds.",
        "Not here: cassandra-migrate, whose pinned driver does not build on Python 3.11.",
    ]
    write(options.folder, rows, findings, facts)
    print(f"Written: {options.folder / 'benchmarks.md'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tables", type=int, default=1000, help="other tables on the second node")
    parser.add_argument("--community", type=Path, help="an ansible_collections folder which holds community.cassandra")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "docs")
    return parser.parse_args()


def _against_the_floor(first: Costs, again: Costs) -> list[Finding]:
    def against(floor: Contestant, costs: Costs) -> float:
        return ratio(costs[OURS.name], costs[floor.name])

    return [
        Finding(
            "first run of the task, against an empty module which only sends the ALTER", against(FLOOR, first), 1.15
        ),
        Finding("second run of the task, against an empty module which only reads once", against(FLOOR, again), 1.1),
    ]


def _whole_play(first: Costs, again: Costs) -> list[Finding]:
    def against(costs: Costs) -> float:
        own = median(costs[OURS.name]) - median(costs[EMPTY_ONE.name])
        return median(costs[MIGRATE.name]) / (median(costs[EMPTY_TEN.name]) + own)

    what = "run of migrate.yml, against an empty play of as many tasks plus the module"
    return [Finding(f"first {what}", against(first), 1.5), Finding(f"second {what}", against(again), 1.5)]


def _growth(quiet: Scene, crowded: Scene, rounds: int, tables: int) -> list[Finding]:
    first, again = growth.beside(quiet, crowded, rounds)
    columns = growth.by_columns(quiet, (1, 10, 200), rounds)
    several = growth.by_tables(quiet, (1, 20), max(3, rounds // 2))
    small, large = growth.fleet(quiet, (10, 50), max(2, rounds // 4)).values()
    rerun, rerun_large, dry, dry_large = growth.by_nodes(rounds, _NODES).values()
    beside = f"beside {tables:,} other tables, against none"
    return [
        Finding(f"first run of the module {beside}", ratio(first["module, crowded"], first["module"]), 1.05),
        Finding(
            f"the same of the bare driver {beside}", ratio(first["bare driver, crowded"], first["bare driver"]), None
        ),
        Finding(f"second run of the module {beside}", ratio(again["module, crowded"], again["module"]), 1.05),
        Finding("10 columns against 1", ratio(columns["10"], columns["1"]), None),
        Finding("200 columns against 1", ratio(columns["200"], columns["1"]), 1.5),
        Finding("20 tables in one run against 1", ratio(several["20"], several["1"]), 5),
        Finding(f"second run on a simulated ring of {_NODES:,} nodes against 1", ratio(rerun_large, rerun), 1.3),
        Finding(f"dry run on a simulated ring of {_NODES:,} nodes against 1", ratio(dry_large, dry), 1.3),
        Finding("fleet.yml over 50 clusters, per cluster, against over 10", ratio(large, small) / 5, None),
        Finding("fleet.yml over 50 clusters with 10 forks, per cluster", median(large) / 50, None, " s"),
        Finding("memory of the module against the bare driver", _memory(first), 1.2),
        Finding("memory of the module", memory(first["module"]), None, " MiB"),
    ]


def _memory(costs: Costs) -> float:
    return memory(costs["module"]) / memory(costs["bare driver"])


if __name__ == "__main__":
    main()
