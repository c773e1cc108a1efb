# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make campaign SEEDS=100): plays that many seeds, adds what it saw to docs/fault_tests.json, fails at a misreport."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .check import check
from .coverage import Cell, cells
from .draw import NODES, draw
from .history import History
from .play import TIMES, Stage, play, stage
from .record import Record, add_to_record, read_record

_DOCS = Path(__file__).resolve().parents[3] / "docs"


def main() -> int:
    options = _options()
    known = read_record(_DOCS).get(options.cassandra, Record())
    first = options.first or known.next
    seeds = [options.seed] if options.seed is not None else range(first, first + options.seeds)
    counts: Counter[Cell] = Counter()
    with stage(options.cassandra, NODES) as ring:
        failed = run_seeds(ring, seeds, counts)
    if options.record:
        add_to_record(_DOCS, options.cassandra, Record(seeds[-1] + 1, len(seeds), len(failed), counts))
    print(f"Cassandra {options.cassandra}: {len(seeds)} seeds, {len(failed)} with a violation {failed or ''}")
    return int(bool(failed))


def run_seeds(ring: Stage, seeds: Iterable[int], counts: Counter[Cell]) -> list[int]:
    """The seeds that broke a rule, with their histories on the screen; C(counts) grows by the faults that struck."""
    failed = []
    for seed in seeds:
        history = play(ring, draw(seed))
        counts.update(cells(history))
        found = check(history, TIMES)
        print(f"seed {seed}: {', '.join(_outcome(history))}", flush=True)
        if found:
            failed.append(seed)
            lines = "\n".join(found)
            print(f"{history}\nSeed {seed} breaks these rules (again: python -m campaign --seed {seed}):\n{lines}")
    return failed


def _outcome(history: History) -> list[str]:
    results = (run.result for run in history.runs)
    return [
        "killed" if not one else one.get("failure") or ("changed" if one.get("changed") else "ok") for one in results
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="campaign", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument(
        "--first", type=int, default=0, help="the first of them; by default those after the ones on record"
    )
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--cassandra", default="5.0", help="the version of the ring")
    parser.add_argument(
        "--record", action="store_true", help="add the counts to docs/fault_tests.json and docs/fault_tests.md"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
