# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster that is a long way off: the round trips that follow one another, and the requests on the wire."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from delay_proxy import Distance, delay_proxy
from wire_reader import wire_reader

from embedded_cassandra import cluster

from .growth import BARE, module
from .process import run
from .scene import LISTED, TABLE, Scene, alter

SECONDS = 0.2
_PORT = 9042


class Trips(NamedTuple):
    """The round trips of a first run and of the run after it."""

    first: int
    again: int


def one_node(scene: Scene) -> Mapping[str, Trips]:
    """The round trips of the module and of the bare driver to one node."""

    def behind(turn: Callable[[str], object]) -> int:
        distance = Distance(SECONDS)
        with delay_proxy((scene.host, _PORT), distance) as port:
            turn(f"127.0.0.1:{port}")
        return distance.round_trips

    keyspace = scene.keyspace()
    ours = Trips(*(behind(lambda address: module(_task(address, keyspace))) for _run in ("first", "again")))
    scene.drop(keyspace)
    keyspace = scene.keyspace()
    read = f"SELECT column_name FROM system_schema.columns WHERE keyspace_name = '{keyspace}'"
    change = [read, alter(keyspace), read]
    bare = Trips(behind(lambda address: _bare(address, *change)), behind(lambda address: _bare(address, read, read)))
    scene.drop(keyspace)
    return {"module": ours, "bare driver": bare}


def requests(scene: Scene) -> Trips:
    """The requests that the module sends in a first run, and in the run after it."""
    keyspace, numbers = scene.keyspace(), []
    for _run in ("first", "again"):
        with wire_reader((scene.host, _PORT)) as wire:
            module(_task(f"127.0.0.1:{wire.port}", keyspace))
        numbers.append(len(wire.requests))
    scene.drop(keyspace)
    return Trips(*numbers)


def ring_of_three() -> Trips:
    """The round trips of the module to a ring, each of whose nodes is as far away."""
    with _far_ring() as (host, address, distance), Scene(host) as scene:
        keyspace, numbers = scene.keyspace(), []
        for _run in ("first", "again"):
            distance.round_trips = 0
            module(_task(address, keyspace))
            numbers.append(distance.round_trips)
    return Trips(*numbers)


@contextlib.contextmanager
def _far_ring() -> Iterator[tuple[str, str, Distance]]:
    """A node of the ring, the address by which it is far away, and the distance."""
    distance = Distance(SECONDS)
    with contextlib.ExitStack() as stack:
        ring = stack.enter_context(cluster(nodes=3, each=lambda one: {"broadcast_rpc_address": _far(one)}))
        for address in ring.addresses:
            stack.enter_context(delay_proxy((address, _PORT), distance, _far(address), _PORT))
        yield ring.addresses[0], _far(ring.addresses[0]), distance


def _far(address: str) -> str:
    prefix, _dot, last = address.rpartition(".")
    return f"{prefix}.{int(last) + 100}"


def _task(address: str, keyspace: str) -> dict[str, Any]:
    return {"login_host": [address], "keyspace": keyspace, "table": TABLE, "columns": LISTED}


def _bare(address: str, *statements: str) -> object:
    return run([sys.executable, BARE, address, *statements], Path.cwd(), {})
