# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all campaigns saw so far: docs/fault_tests.json, and the page docs/fault_tests.md that is made of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .coverage import Cell, table

_HEAD = """\
<!--
SPDX-FileCopyrightText: The stellarmap.cassandra contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->
# Randomized fault tests

`make campaign` writes this page. Each seed draws one to four runs of the module and their faults, on a ring of three real nodes:
runs that add columns with indexes, add fields to a type, or drop columns, with and without a lock, by an approved plan or by a
rollback, in check mode. Connections break, stay open without an answer, carry other bytes, or bring any error code of the
protocol. Addresses lead to another node. Another user changes the table, makes an index, or writes rows, between two requests of
a run.
Afterwards, a checker compares what each run reported with what each node shows. `tests/support/campaign/check.py` has its rules.

A number says how often the fault struck while a run was in that phase.
What a rule found was mended, and its seed played again; it is counted as it was. Seed 23 on 4.1 found a
fault of the module. Seed 402 on 5.0 found one of the checker: another user took the name first, and it took the conflict that
was reported for a misreport.
"""


@dataclass(frozen=True)
class Record:
    """The campaigns on one version of Cassandra; C(violations) is the number of seeds that broke a rule.

    C(next) is the first seed that none of them had in its reach.
    """

    next: int = 1
    seeds: int = 0
    violations: int = 0
    counts: Counter[Cell] = field(default_factory=Counter)


def read_record(folder: Path) -> dict[str, Record]:
    """The record by version; empty if there is none."""
    path = folder / "fault_tests.json"
    if not path.exists():
        return {}
    return {
        version: Record(one["next"], one["seeds"], one["violations"], Counter({(f, p): n for f, p, n in one["counts"]}))
        for version, one in json.loads(path.read_text()).items()
    }


def add_to_record(folder: Path, version: str, more: Record) -> None:
    """Add what a campaign on this version saw. The record is read only now: several campaigns may run at once."""
    record = read_record(folder)
    known = record.get(version, Record())
    grown = Record(
        max(known.next, more.next),
        known.seeds + more.seeds,
        known.violations + more.violations,
        known.counts + more.counts,
    )
    _write_record(folder, {**record, version: grown})


def _write_record(folder: Path, record: Mapping[str, Record]) -> None:
    data = {
        version: {
            "next": one.next,
            "seeds": one.seeds,
            "violations": one.violations,
            "counts": [[*cell, number] for cell, number in sorted(one.counts.items())],
        }
        for version, one in record.items()
    }
    (folder / "fault_tests.json").write_text(json.dumps(data, indent=1) + "\n")
    parts = [_HEAD]
    for version, one in sorted(record.items()):
        parts.append(f"\n## Cassandra {version}\n\n{one.seeds} seeds, {one.violations} of them broke a rule.\n")
        parts.append(f"\n{table(one.counts)}\n")
    (folder / "fault_tests.md").write_text("".join(parts))
