# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make benchmark): two nodes, one of them with other tables; everybody in turns; a page and a picture in docs/."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from embedded_cassandra import cluster

from . import application, distance, growth
from .contestants import (
    DRIVER,
    EMPTY_ONE,
    EMPTY_TEN,
    FLOOR,
    MIGRATE,
    OURS,
    OURS_AS_MODULE,
    OURS_TEN,
    OURS_TEN_AS_MODULE,
    PEERS,
    Contestant,
    community,
)
from .environment import REPOSITORY
from .report import Chart, Finding, Row, finding_row, write
from .rounds import Costs, compare, median, memory, ratio
from .scene import Scene

_NODES = 1000
_TABLES = 20
_READS = "each table is checked before and read again afterwards, which takes half as long as the change itself"
_FORKS = "Ansible forks for each of five tasks of a cluster, and two cores serve ten forks and the server"
_NOISE = "the server's own time for a change differs by more than that from run to run"
_SHORTER = "the same time of the server weighs more in the module's run, which is shorter than the bare driver's"


def main() -> None:
    options = _options()
    if options.only:
        _application(options)
    else:
        _everything(options)


def _application(options: argparse.Namespace) -> None:
    """Only this part, on the screen: the page needs all of them."""
    with cluster() as one, Scene(one.addresses[0]) as quiet:
        for finding in application.measure(quiet, options.rounds):
            print(finding_row(finding))


def _everything(options: argparse.Namespace) -> None:
    with (
        cluster() as one,
        cluster(heap="4g") as other,
        Scene(one.addresses[0]) as quiet,
        Scene(other.addresses[0]) as crowded,
    ):
        number = crowded.crowd(options.tables)
        everybody = [
            OURS,
            OURS_AS_MODULE,
            OURS_TEN,
            OURS_TEN_AS_MODULE,
            MIGRATE,
            FLOOR,
            EMPTY_ONE,
            EMPTY_TEN,
            DRIVER,
            *PEERS,
            *community(options.community),
        ]
        first, again = compare(quiet, everybody, options.rounds)
        first_crowded, again_crowded = compare(crowded, [OURS, *PEERS], max(2, options.rounds // 2))
        trips, requests = distance.one_node(quiet), distance.requests(quiet)
        findings = [*_plays(again), *application.measure(quiet, options.rounds)]
        findings += [*_wire(trips["module"], requests), *_growth(quiet, options.rounds)]
        beside = {}
        for many in filter(None, (number, options.many)):
            found = crowded.crowd(many, options.limit)
            beside[found] = growth.beside(quiet, crowded, options.rounds)
    ring = distance.ring_of_three()
    findings += _crowd(beside)
    findings.append(
        Finding("round trips more of a first run on a ring of three", ring.first - trips["module"].first, 3)
    )
    rows = [Row(name, median(first[name]), median(again[name])) for name in first]
    others = f" beside {number:,} other tables"
    rows += [Row(name + others, median(first_crowded[name]), median(again_crowded[name])) for name in first_crowded]
    facts = [
        f"Python {platform.python_version()}, {os.cpu_count()} cores, Cassandra {one.nodes[0].version}, {options.rounds} rounds.",
        "Not here: cassandra-migrate, whose pinned driver does not build on Python 3.11.",
        "A round trip is one that had to wait for the answer of another; over the delayed connection each takes 0.2 s.",
    ]
    write(options.folder, rows, findings, _charts(rows, trips, ring, beside), facts)
    print(f"Written: {options.folder / 'benchmarks.md'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", choices=["application"], help="measure only this, and show it on the screen")
    parser.add_argument("--rounds", type=int, default=3, help="how often each takes its turn after the first one")
    parser.add_argument("--tables", type=int, default=500, help="other tables on the second node")
    parser.add_argument(
        "--many", type=int, default=0, help="other tables for a second look at their number, such as 10000"
    )
    parser.add_argument(
        "--limit", type=float, default=480, help="seconds to make them in; what there is then is measured"
    )
    parser.add_argument("--community", type=Path, help="an ansible_collections folder which holds community.cassandra")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "docs")
    return parser.parse_args()


def _plays(again: Costs) -> list[Finding]:
    """Reruns against a play with one empty task, round by round."""

    def against(one: Contestant) -> float:
        return ratio(again[one.name], again[EMPTY_ONE.name])

    floor = f"ten empty tasks take {against(EMPTY_TEN):.2f} of it already"
    return [
        Finding(
            "second run of one task, against an empty play", against(OURS), 1.25, reason="the import of the driver"
        ),
        Finding("the same as a module in a process of its own", against(OURS_AS_MODULE), None),
        Finding("second run of ten tasks, against an empty play", against(OURS_TEN), 2, reason=floor),
        Finding("the same as modules", against(OURS_TEN_AS_MODULE), None),
        Finding("second run of migrate.yml, against an empty play", against(MIGRATE), 1.6, reason="four tasks"),
    ]


def _wire(trips: distance.Trips, requests: distance.Trips) -> list[Finding]:
    return [
        Finding("round trips of a first run", trips.first, 12),
        Finding("round trips of a second run", trips.again, 8),
        Finding("requests of a first run", requests.first, 18),
        Finding("requests of a second run", requests.again, 9),
    ]


def _growth(quiet: Scene, rounds: int) -> list[Finding]:
    columns = growth.by_columns(quiet, (1, 10, 200), rounds)
    several = growth.by_tables(quiet, _TABLES, rounds)
    small, large = growth.fleet(quiet, (10, 50), max(1, rounds // 2)).values()
    rerun, rerun_large, dry, dry_large = growth.by_nodes(rounds, _NODES).values()
    bare = ratio(several["module"], several["bare driver"])
    return [
        Finding("10 columns against 1", ratio(columns["10"], columns["1"]), None),
        Finding("200 columns against 1", ratio(columns["200"], columns["1"]), 1.5),
        Finding(
            f"{_TABLES} tables in one run against the bare driver's {_TABLES} statements", bare, 1.1, reason=_READS
        ),
        Finding(f"{_TABLES} tables in one run against 1", ratio(several["module"], several["one"]), None),
        Finding(f"second run on a simulated ring of {_NODES:,} nodes against 1", ratio(rerun_large, rerun), 1.3),
        Finding(f"dry run on a simulated ring of {_NODES:,} nodes against 1", ratio(dry_large, dry), 1.3),
        Finding("fleet.yml over 50 clusters, per cluster, against over 10", ratio(large, small) / 5, None),
        Finding(
            "fleet.yml over 50 clusters with 10 forks, per cluster",
            median(large) / 50,
            0.15,
            " s",
            _FORKS,
        ),
    ]


def _crowd(beside: Mapping[int, Costs]) -> list[Finding]:
    findings = []
    for number, costs in beside.items():
        bare = ratio(costs["bare driver, crowded"], costs["bare driver"])
        ours = ratio(costs["module, crowded"], costs["module"]) / bare
        again = ratio(costs["rerun, crowded"], costs["rerun"])
        what = f"beside {number:,} other tables, against none"
        findings += [
            Finding(f"first run of the bare driver {what}", bare, None),
            Finding(f"first run of the module {what}, against the bare driver's", ours, 1.02, reason=_SHORTER),
            Finding(
                f"first run of the module, against that of the bare driver, both beside {number:,} other tables",
                ratio(costs["module, crowded"], costs["bare driver, crowded"]),
                1.02,
                reason=_NOISE,
            ),
            Finding(f"second run of the module {what}", again, 1.05, reason=_NOISE),
        ]
    costs = next(iter(beside.values()))
    share = memory(costs["module"]) / memory(costs["bare driver"])
    return [
        *findings,
        Finding("memory of the module against the bare driver", share, 1.2),
        Finding("memory of the module", memory(costs["module"]), None, " MiB"),
    ]


def _charts(
    rows: Sequence[Row], trips: Mapping[str, distance.Trips], ring: distance.Trips, beside: Mapping[int, Costs]
) -> list[Chart]:
    first = {row.name: row.first for row in sorted(rows, key=lambda one: one.first) if "ten" not in row.name}
    ours = [EMPTY_ONE.name, OURS.name, OURS_AS_MODULE.name, EMPTY_TEN.name, OURS_TEN.name, OURS_TEN_AS_MODULE.name]
    again = {row.name: row.again for row in rows}
    module, bare = trips["module"], trips["bare driver"]
    far = {
        "a bare driver: read, ALTER, read": bare.first,
        "this collection: first run": module.first,
        "this collection: first run, ring of three": ring.first,
        "a bare driver: read, read": bare.again,
        "this collection: second run": module.again,
        "this collection: second run, ring of three": ring.again,
    }
    crowd = {
        f"{name} beside {number:,} other tables": median(costs[key])
        for number, costs in beside.items()
        for name, key in (("a bare driver", "bare driver, crowded"), ("this collection", "module, crowded"))
    }
    return [
        Chart("benchmarks", "First run: three columns added, seconds (median)", first),
        Chart("benchmarks-modes", "Second run: nothing to do, seconds (median)", {name: again[name] for name in ours}),
        Chart("benchmarks-distance", "A cluster far away: round trips that wait for one another", far),
        Chart("benchmarks-tables", "First run on a server with many other tables, seconds (median)", crowd),
    ]


if __name__ == "__main__":
    main()
