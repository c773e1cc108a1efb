# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenario of a seed; pure: the same seed is the same scenario, for ever."""

from __future__ import annotations

import random

from fault_proxy import Fault

from .history import (
    BLACK_HOLE,
    CUT_OFF,
    KILL,
    KILL_RUN,
    PARTITION,
    PAUSE,
    PHASES,
    Columns,
    NodeFault,
    Run,
    Scenario,
    WireFault,
)

NODES = 3
TABLE = {"id": "int", "v": "text", "old": "int"}
# As the server itself writes them.
_TYPES = (
    "int",
    "text",
    "timestamp",
    "list<int>",
    "map<text, frozen<list<int>>>",
    "decimal",
    "uuid",
    "frozen<tuple<int, text>>",
)
_WIRE_FAULTS = (*(fault.name for fault in Fault), KILL_RUN, CUT_OFF, BLACK_HOLE)
# A node that is killed takes as long to come back as everything else together.
_NODE_FAULTS = (PAUSE,) * 4 + (PARTITION,) * 4 + (KILL,)


def draw(seed: int) -> Scenario:
    """What happens under this seed."""
    chance = random.Random(seed)
    lock = chance.random() < 0.4
    runs = tuple(_run(chance, number, lock) for number in range(chance.choice((1, 1, 2, 2, 3, 4))))
    return Scenario(seed, TABLE, runs, _node_fault(chance, len(runs)) if chance.random() < 0.5 else None)


def _run(chance: random.Random, number: int, lock: bool) -> Run:
    # One column with two types, or added and dropped at once, breaks Cassandra itself up to 5.0: that is what the lock is for.
    drop = chance.random() < 0.2 and lock
    columns = {"old": TABLE["old"]} if drop else _columns(chance, number, lock)
    return Run(
        begin=round(chance.choice((0.0, 0.0, chance.uniform(0, 0.5))), 2),
        lead=chance.randrange(NODES),
        columns=columns,
        drop=drop,
        lock=lock,
        check=chance.random() < 0.15,
        allow_unreachable=chance.random() < 0.4,
        fault=WireFault(chance.choice(_WIRE_FAULTS), chance.choice(PHASES)) if chance.random() < 0.6 else None,
    )


def _columns(chance: random.Random, number: int, lock: bool) -> Columns:
    kind = chance.choice(("same", "other", "conflicting") if lock else ("same", "other"))
    if kind == "same":
        return {"a": "int", "b": "map<text, int>"}
    if kind == "other":
        return {f"c{number}_{place}": chance.choice(_TYPES) for place in range(chance.randint(1, 3))}
    return {"a": chance.choice(("int", "text"))}


def _node_fault(chance: random.Random, runs: int) -> NodeFault:
    return NodeFault(
        chance.choice(_NODE_FAULTS),
        chance.randrange(NODES),
        chance.randrange(runs),
        chance.choice(PHASES),
        round(chance.uniform(0.3, 5), 2),
    )
