# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make campaign SEEDS=100): plays that many seeds, adds what it saw to docs/fault_tests.json, fails at a misreport."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from .check import check
from .coverage import cells
from .draw import NODES, draw
from .history import History
from .play import TIMES, play
from .record import Record, add_to_record, read_record
from .stage import stage

_DOCS = Path(__file__).resolve().parents[3] / "docs"


def main() -> int:
    options = _options()
    known = read_record(_DOCS).get(options.cassandra, Record())
    first = options.first or known.next
    seeds = [options.seed] if options.seed is not None else range(first, first + options.seeds)
    failed = []
    with stage(options.cassandra, NODES) as ring:
        for seed in seeds:
            history = play(ring, draw(seed))
            found = check(history, TIMES)
            print(f"seed {seed}: {', '.join(_outcome(history))}", flush=True)
            if found:
                failed.append(seed)
                lines = "\n".join(found)
                print(f"{history}\nSeed {seed} breaks these rules (again: python -m campaign --seed {seed}):\n{lines}")
            if options.record:
                seen = Record(seed + 1, 1, int(bool(found)), Counter(cells(history)))
                add_to_record(_DOCS, options.cassandra, seen)
    print(f"Cassandra {options.cassandra}: {len(seeds)} seeds, {len(failed)} with a violation {failed or ''}")
    return int(bool(failed))


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
