# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ring on which scenarios are played: what they begin with, the faults of its nodes, and what each node shows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cassandra import ConsistencyLevel, RequestExecutionException
from cassandra.cluster import Session
from cassandra.query import SimpleStatement
from on_node import columns_on, session_on
from partition import Partition, partitioned_ring

from embedded_cassandra import Cluster

from .draw import NODES
from .history import FIELD, INDEX_ON, KILL, PARTITION, PAUSE, Columns, NodeFault, Scenario
from .wire import Wire, far, wire

KEYSPACE = "campaign"


@dataclass(frozen=True)
class Stage:
    """A ring with what its faults need."""

    ring: Cluster
    partition: Partition
    wire: Wire
    hosts: tuple[str, ...] = ()
    has_sai: bool = True


@contextlib.contextmanager
def stage(version: str, nodes: int) -> Iterator[Stage]:
    """A ring that serves any number of scenarios."""
    with (
        partitioned_ring(version, nodes, lambda address: {"broadcast_rpc_address": far(address)}) as (ring, partition),
        wire(ring) as proxies,
    ):
        with session_on(ring.addresses[0]) as session:
            execute(session, _create_keyspace(KEYSPACE))
            execute(session, f"CREATE TABLE {KEYSPACE}.stellarmap_schema_lock (name text PRIMARY KEY, owner text)")
        yield Stage(ring, partition, proxies, tuple(map(_host_id, ring.addresses)), not version.startswith("4."))


def _host_id(address: str) -> str:
    with session_on(address) as session:
        return str(session.execute("SELECT host_id FROM system.local").one()[0])


def table_of(scenario: Scenario) -> str:
    return f"c{scenario.seed}.t"


def _create_keyspace(name: str) -> str:
    return f"CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': {NODES}}}"


def create_keyspace(scenario: Scenario) -> list[str]:
    name, first = table_of(scenario).partition(".")[0], f"{FIELD}first"
    return [_create_keyspace(name), f"CREATE TYPE {name}.u (first {scenario.table[first]})"]


def create_table(scenario: Scenario) -> str:
    columns = ", ".join(f"{name} {type_}" for name, type_ in scenario.table.items() if not name.startswith(FIELD))
    return f"CREATE TABLE {table_of(scenario)} ({columns}, PRIMARY KEY (id))"


def execute(session: Session, statement: str) -> None:
    session.execute(statement, timeout=60)


@contextlib.contextmanager
def strike(stage: Stage, fault: NodeFault) -> Iterator[None]:
    node = stage.ring.nodes[fault.node]
    if fault.name == PARTITION:
        with stage.partition.without(node):
            yield
        return
    begin, end = {
        PAUSE: (node.pause, node.resume),
        KILL: (node.kill, lambda: node.start().wait()),
    }[fault.name]
    begin()
    try:
        yield
    finally:
        end()


def shown_on(addresses: Sequence[str], scenario: Scenario) -> list[Columns]:
    """The table as each of these nodes has it, with its indexes and the fields of the type."""
    keyspace, _dot, table = table_of(scenario).partition(".")
    return [{**columns_on(address, keyspace, table), **_more_on(address, keyspace)} for address in addresses]


def _more_on(address: str, keyspace: str) -> Columns:
    with session_on(address) as session:
        indexes = session.execute("SELECT options FROM system_schema.indexes WHERE keyspace_name = %s", (keyspace,))
        found = {f"{INDEX_ON}{row.options['target']}": "there" for row in indexes}
        query = "SELECT field_names, field_types FROM system_schema.types WHERE keyspace_name = %s"
        for row in session.execute(query, (keyspace,)):
            found |= {f"{FIELD}{name}": type_ for name, type_ in zip(row.field_names, row.field_types)}
    return found


def count(session: Session, read: SimpleStatement) -> int:
    """The rows; -1 if they cannot be read."""
    try:
        return len(list(session.execute(read, timeout=60)))
    except RequestExecutionException:
        return -1


def _read_when_all_answer(session: Session, read: SimpleStatement) -> list[Any]:
    """The rows; on a busy machine a node that was paused or killed answers its neighbors late."""
    for _attempt in range(10):
        with contextlib.suppress(RequestExecutionException):
            return list(session.execute(read, timeout=60))
    return list(session.execute(read, timeout=60))


def free_the_lock(address: str) -> list[tuple[str, int | None]]:
    """Who held it, with the seconds left: that it is free once they are over takes a minute, which others have waited for."""
    # A node that was cut off when the lock was given back learns of it only by such a read.
    holders = SimpleStatement(
        f"SELECT owner, TTL(owner) AS seconds_left FROM {KEYSPACE}.stellarmap_schema_lock",
        consistency_level=ConsistencyLevel.ALL,
    )
    with session_on(address) as session:
        held = [(row.owner, row.seconds_left) for row in _read_when_all_answer(session, holders)]
        execute(session, f"DELETE FROM {KEYSPACE}.stellarmap_schema_lock WHERE name = 'schema' IF EXISTS")
    return held
