# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenario of a seed; pure: the same seed is the same scenario, for ever."""

from __future__ import annotations

import random

from fault_proxy import Fault

from . import history as words
from .history import Columns, Meddling, NodeFault, Run, Scenario, WireFault

NODES = 3
TABLE = {"id": "int", "v": "text", "old": "text", f"{words.FIELD}first": "int"}
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
_ERRORS = (Fault.ERROR_INSTEAD.name, Fault.ERROR_AFTERWARDS.name)
_WIRE_FAULTS = (*(fault.name for fault in Fault), words.KILL_RUN, words.CUT_OFF, words.BLACK_HOLE, *_ERRORS * 3)
# Of native_protocol_v5.spec, section 9. Those from 0x2000 on refuse a request: a server that sends one has done nothing.
_CODES = (0, 0xA, 0x1000, 0x1001, 0x1002, 0x1003, 0x1100, 0x1200, 0x1300, 0x1500, 0x1600, 0x1700)
_REFUSALS = (0x2000, 0x2100, 0x2200, 0x2300, 0x2400)
_BY_ANOTHER_USER = (words.ADDS, words.REMAKES_TABLE, words.REMAKES_KEYSPACE, words.TRUNCATES, words.DROPS)
# A node that is killed takes as long to come back as everything else together.
_NODE_FAULTS = (words.PAUSE,) * 4 + (words.PARTITION,) * 4 + (words.KILL,)


def draw(seed: int) -> Scenario:
    """What happens under this seed."""
    chance = random.Random(seed)
    lock = chance.random() < 0.4
    number = chance.choice((1, 1, 1, 2, 2, 3, 4))
    if number == 1:
        run = _run(chance, 0, True)
        return Scenario(seed, TABLE, (run,), meddling=_meddling(chance, run) if chance.random() < 0.7 else None)
    runs = tuple(_run(chance, place, lock) for place in range(number))
    return Scenario(seed, TABLE, runs, _node_fault(chance, len(runs)) if chance.random() < 0.5 else None)


def _meddling(chance: random.Random, run: Run) -> Meddling:
    more = (
        (words.RETYPES, words.INDEXES, words.WRITES, words.WRITES)
        if run.drop
        else (words.ADDS_THE_SAME, words.ADDS_ANOTHER)
    )
    name = chance.choice(_BY_ANOTHER_USER + more)
    # A value written while nodes drop its column can make Cassandra's own reads of the row fail.
    return Meddling(name, chance.choice(words.PHASES[:3] if name == words.WRITES else words.PHASES[:-1]))


def _run(chance: random.Random, number: int, lock: bool) -> Run:
    # One column with two types, or added and dropped at once, breaks Cassandra itself up to 5.0: that is what the lock is for.
    drop = chance.random() < 0.4 and lock
    columns = {"old": TABLE["old"]} if drop else _with_more(chance, lock, _columns(chance, number, lock))
    return Run(
        begin=round(chance.choice((0.0, 0.0, chance.uniform(0, 0.5))), 2),
        lead=chance.randrange(NODES),
        columns=columns,
        drop=drop,
        lock=lock,
        check=chance.random() < 0.15,
        allow_unreachable=chance.random() < 0.4,
        fault=_wire_fault(chance, columns) if chance.random() < 0.6 else None,
        only_if_empty=drop and chance.random() < 0.5,
        approved=chance.random() < 0.3,
        routes=chance.choice((words.SHARED, words.MISROUTED)) if chance.random() < 0.15 else "",
    )


def _wire_fault(chance: random.Random, columns: Columns) -> WireFault:
    name = chance.choice(_WIRE_FAULTS)
    # The last phase is that of an index.
    phase = chance.choice(words.PHASES if any(one.startswith(words.INDEX_ON) for one in columns) else words.PHASES[:-1])
    codes = {_ERRORS[0]: _CODES + _REFUSALS, _ERRORS[1]: _CODES}.get(name, (0,))
    return WireFault(name, phase, chance.choice(codes))


def _columns(chance: random.Random, number: int, lock: bool) -> Columns:
    kind = chance.choice(("same", "other", "conflicting") if lock else ("same", "other"))
    if kind == "same":
        return {"a": "int", "b": "map<text, int>"}
    if kind == "other":
        return {f"c{number}_{place}": chance.choice(_TYPES) for place in range(chance.randint(1, 3))}
    return {"a": chance.choice(("int", "text"))}


def _with_more(chance: random.Random, lock: bool, columns: Columns) -> Columns:
    """With an index, and with a field; a type is one row of Cassandra's, of which two changes at once leave one."""
    first, type_ = next(iter(columns.items()))
    index = {f"{words.INDEX_ON}{first}": "there"} if type_ in ("int", "text", "uuid") and chance.random() < 0.4 else {}
    field = {f"{words.FIELD}{first}": "int"} if lock and chance.random() < 0.3 else {}
    return {**columns, **index, **field}


def _node_fault(chance: random.Random, runs: int) -> NodeFault:
    return NodeFault(
        chance.choice(_NODE_FAULTS),
        chance.randrange(NODES),
        chance.randrange(runs),
        chance.choice(words.PHASES[:-1]),
        round(chance.uniform(0.3, 5), 2),
    )
