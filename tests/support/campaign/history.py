# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is planned and what was seen, as plain values. Times are seconds since the scenario began; a table maps names to types."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Columns = Mapping[str, str]

# In the order in which a run passes them.
PHASES = ("reading", "before ALTER", "in flight", "before agreement", "verifying", "index in flight")
# What stands in a table's mapping besides its columns: the index on a column, and the field of the type in its keyspace.
INDEX_ON, FIELD = "index on ", "field "
# The faults of a node; those of a connection are those of fault_proxy, and a run that is killed.
PAUSE, KILL, PARTITION = "a node pauses", "a node is killed, and comes back", "a partition, which heals"
KILL_RUN = "the run is killed"
# Of all connections of a run, with every node and for good.
CUT_OFF, BLACK_HOLE = "nobody is reached any more", "nobody answers any more"
# What another user does in the middle of a run.
ADDS, ADDS_THE_SAME, ADDS_ANOTHER, DROPS = "adds", "adds the same", "adds with another type", "drops"
RETYPES, REMAKES_TABLE, REMAKES_KEYSPACE = (
    "drops and adds with another type",
    "recreates the table",
    "recreates the keyspace",
)
TRUNCATES, WRITES, INDEXES = "truncates", "writes", "makes an index"
# Where the addresses of the nodes lead a run.
SHARED, MISROUTED = "all addresses lead to one node", "an address leads to another node"


@dataclass(frozen=True)
class WireFault:
    """A fault of the connections of one run, in a phase of it; C(name) is that of a Fault, or one of the words above.

    C(code) is that of the server's error.
    """

    name: str
    phase: str
    code: int = 0


@dataclass(frozen=True)
class Meddling:
    """What another user does when the run comes to C(phase), before the request that begins it reaches the node."""

    name: str
    phase: str


@dataclass(frozen=True)
class NodeFault:
    """A fault of the node at this place of the ring, from the moment in which the run at that place comes to C(phase)."""

    name: str
    node: int
    run: int
    phase: str
    seconds: float


@dataclass(frozen=True)
class Run:
    """One run of the module: C(columns) to add with their types, or the names of those to drop."""

    begin: float
    lead: int
    columns: Columns
    drop: bool = False
    lock: bool = False
    check: bool = False
    allow_unreachable: bool = False
    fault: WireFault | None = None
    only_if_empty: bool = False
    # By a plan that was approved before, which for a drop is the reverse of the plan that added the column.
    approved: bool = False
    routes: str = ""


@dataclass(frozen=True)
class Scenario:
    """What a seed says."""

    seed: int
    table: Columns
    runs: tuple[Run, ...]
    fault: NodeFault | None = None
    meddling: Meddling | None = None


@dataclass(frozen=True)
class Sent:
    """What was sent through the node at this place; C(lost) if a fault ended its way before the node."""

    time: float
    node: int
    text: str
    lost: bool = False


@dataclass
class RunHistory:
    """A run as it went. C(result) is what the module printed, None if it was killed; C(struck) whether its fault struck.

    C(shown) is what the nodes showed that C(verified_by) names, asked as soon as the result was there. C(sent) are its changes,
    C(reads) what it read of the table, C(approved) the statements of its plan.
    """

    run: Run
    began: float = 0.0
    ended: float = 0.0
    result: dict[str, Any] | None = None
    sent: list[Sent] = field(default_factory=list)
    reads: list[Sent] = field(default_factory=list)
    approved: list[str] = field(default_factory=list)
    passed: dict[str, float] = field(default_factory=dict)
    struck: bool = False
    shown: list[Columns] = field(default_factory=list)


@dataclass
class History:
    """All that happened. C(healed) is the table on each node when all faults were over, C(after) after one more run of each.

    C(fault_began) stays without end where the run never came to the phase. C(again) are the results of these runs, C(idle)
    those of yet another one, C(meddled) what another user did, C(hosts) the ids of the nodes in their order, C(rows) the number
    of rows that each node read, C(holders) who then held the lock with the seconds it had left, C(versions) the schema
    versions of the nodes.
    """

    scenario: Scenario
    runs: list[RunHistory] = field(default_factory=list)
    fault_began: float = math.inf
    fault_ended: float = math.inf
    healed: list[Columns] = field(default_factory=list)
    after: list[Columns] = field(default_factory=list)
    again: list[dict[str, Any]] = field(default_factory=list)
    idle: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    meddled: list[Sent] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    holders: list[tuple[str, int | None]] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return json.dumps(asdict(self), indent=1, default=str)
