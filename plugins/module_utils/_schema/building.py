# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until each node has built the indexes that are asked for: the server makes one at once and fills it afterwards.

Each node builds for itself and is asked itself: in C(system_views.sai_column_indexes) whether it can query a storage-attached
index, in C(system."IndexInfo") whether it has built one of another kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from .._connection.nodes import NodeSessions
from .._connection.session import Session
from .._cql.identifier import quote
from .._cql.index import SAI, select_built, select_keyspace_indexes, select_storage_attached, select_tasks
from .._cql.statement import grant
from .._errors import NotVerified
from .agreement import Waiting
from .catalog.capabilities import NotChecked, Reading
from .catalog.model import TableName
from .catalog.reading import read_available
from .planning.plan import find_index
from .request import check_reachable, nodes_to_ask
from .run import ClusterRun, TableRun

_PAUSES = (0.05, 1.0)
# A node that neither builds an index nor can query it for so long has given up.
_GIVES_UP = 30.0
_CHECK = "whether each node has built the indexes"


class Asked(NamedTuple):
    """An index to wait for, and its table."""

    table: TableName
    name: str
    kind: str

    def __str__(self) -> str:
        return f"{quote(self.table.keyspace)}.{quote(self.name)}"


class Built(NamedTuple):
    """What a node says of the indexes: those that it cannot query yet, whether it builds one, and what it does not tell.

    C(gone) are those of C(missing) that are not in its schema any more.
    """

    key: str = ""
    missing: tuple[Asked, ...] = ()
    gone: tuple[Asked, ...] = ()
    is_building: bool = False
    refusals: tuple[str, ...] = ()


def await_built(nodes: NodeSessions, run: ClusterRun, check: bool) -> None:
    """Wait until each node can query the indexes that are asked for and are there; a dry run only notes which ones it cannot.

    Raises NotVerified after the time for it, or NodesUnreachable if a node gives no answer.
    """
    asked = [one for table in run.tables for one in _asked(table, check)]
    if not asked:
        return
    waiting, idle_since = Waiting(nodes, 0.0 if check else run.request.policy.index_build_timeout, _PAUSES), 0.0
    run.asked = nodes_to_ask(run.cluster, run.request.policy)
    while True:
        nodes.connect(run.asked)
        own, answers = nodes.run_everywhere(partial(_read, asked), partial(_read, asked))
        answers = {own.key: own, **answers}
        missing = {key: one for key, one in answers.items() if one.missing}
        idle_since = waiting.seconds if any(one.is_building for one in missing.values()) else idle_since
        gave_up = waiting.seconds - idle_since >= _GIVES_UP
        is_gone = any(one.gone for one in missing.values())
        if not missing or waiting.is_over or gave_up or is_gone:
            break
        waiting.says(f"for nodes to build indexes: {_listed(run, missing)}", partial(_progress, nodes, asked))
        waiting.pause()
    run.unreachable = nodes.unreachable
    _note(nodes, run, answers)
    nodes.warn(check_reachable(run.cluster, nodes.unreachable, run.request.policy))
    if is_gone and not check:
        raise _gone(run, {key: one._replace(missing=one.gone) for key, one in missing.items()})
    if missing and not check:
        raise _not_built(_listed(run, missing), gave_up, waiting.seconds)


def _asked(table: TableRun, check: bool) -> Iterator[Asked]:
    """The indexes of the table under the names that they have."""
    for wanted in table.desired.indexes:
        if not (check and wanted in table.plan.new_indexes):
            there = find_index(wanted, table.plan.table) or wanted
            yield Asked(table.desired.table, there.name, there.kind)


def _read(asked: Sequence[Asked], session: Session) -> Built:
    keyspaces = list(dict.fromkeys(one.table.keyspace for one in asked))
    attached = [name for name in keyspaces if any(one.kind == SAI for one in asked if one.table.keyspace == name)]
    statements = [
        *map(select_storage_attached, attached),
        *map(select_built, keyspaces),
        *map(select_keyspace_indexes, keyspaces),
    ]
    readings = dict(zip(statements, read_available(session, *statements)))
    gone = tuple(one for one in asked if _is_gone(one, readings[select_keyspace_indexes(one.table.keyspace)]))
    missing = list(gone)
    refusals, is_building = [], False
    for one in (one for one in asked if one not in gone):
        keyspace = one.table.keyspace
        own = readings.get(select_storage_attached(keyspace)) if one.kind == SAI else None
        # A fork of Cassandra may tell of such an index as of the others.
        reading = own if own and own.is_there else readings[select_built(keyspace)]
        if not reading.is_there:
            refusals.append((own or reading).reason)
            continue
        row = next((row for row in reading.rows if row["index_name"] == one.name), None)
        if row is None or row.get("is_queryable") is False:
            missing.append(one)
            # Of an index of another kind no node says that it has given up.
            is_building = is_building or reading is not own or bool(row and row["is_building"])
    return Built(session.host_id or "", tuple(missing), gone, is_building, tuple(dict.fromkeys(refusals)))


def _is_gone(asked: Asked, reading: Reading) -> bool:
    """Whether the schema has no such index of the table any more: what cannot be read says nothing about it."""
    tables = [row["table_name"] for row in reading.rows if row["index_name"] == asked.name]
    return reading.is_there and not any(name in (None, asked.table.name) for name in tables)


def _progress(nodes: NodeSessions, asked: Sequence[Asked]) -> str:
    """How far the nodes are, as far as they tell; the tasks of a node build the parts of all its indexes."""
    keyspaces, tables = {one.table.keyspace for one in asked}, {one.table.name for one in asked}
    own, answers = nodes.run_everywhere(partial(_tasks, keyspaces, tables), partial(_tasks, keyspaces, tables))
    done, total = (sum(part) for part in zip(own, *answers.values()))
    return f"{100 * done // total} % of what is being built is done." if total else ""


def _tasks(keyspaces: set[str], tables: set[str], session: Session) -> tuple[int, int]:
    """What the tasks of a node that build indexes have done, and what they have to do in all."""
    readings = read_available(session, *map(select_tasks, sorted(keyspaces)))
    rows = [row for reading in readings for row in reading.rows if row["table_name"] in tables]
    builds = [row for row in rows if "index" in str(row["kind"]).lower()]
    return sum(row["progress"] or 0 for row in builds), sum(row["total"] or 0 for row in builds)


def _listed(run: ClusterRun, missing: Mapping[str, Built]) -> str:
    """The indexes that are not built, each with its nodes."""
    # A node may have joined, or have left, since the cluster was first read.
    nodes = (*run.agreement.cluster.nodes, *run.cluster.nodes)
    labels = {node.key: run.cluster.label(node.place) for node in nodes}
    places: dict[Asked, list[str]] = {}
    for key, one in missing.items():
        for asked in one.missing:
            places.setdefault(asked, []).append(labels.get(key, run.cluster.local.address))
    return "; ".join(f"{asked} on {', '.join(names)}" for asked, names in places.items())


def _note(nodes: NodeSessions, run: ClusterRun, answers: Mapping[str, Built]) -> None:
    """Keep which indexes cannot be queried, and what the nodes do not tell."""
    missing = {asked for one in answers.values() for asked in one.missing}
    for table in run.tables:
        table.unbuilt = frozenset(one.name for one in missing if one.table == table.desired.table)
        table.gone = frozenset(
            one.name for built in answers.values() for one in built.gone if one.table == table.desired.table
        )
        if table.gone:
            table.verified_by = ()
    refusals = sorted({refusal for one in answers.values() for refusal in one.refusals})
    if refusals:
        run.not_checked = (*run.not_checked, NotChecked(_CHECK, "; ".join(refusals)))
        user = nodes.coordinator.settings.user
        role = quote(user) if user else "<role>"
        nodes.warn(
            [
                "The server does not show this role whether an index is built: until it is, a query that uses it fails. A "
                f"superuser can allow it with {grant('SELECT', 'keyspace', 'system_views', role)} and "
                f"{grant('SELECT', 'keyspace', 'system', role)}."
            ]
        )


def _gone(run: ClusterRun, missing: Mapping[str, Built]) -> NotVerified:
    return NotVerified(
        f"These indexes are not there any more: {_listed(run, missing)}. Another user dropped them, or their table. Run this "
        "again when nobody else changes the schema: it reads the table first."
    )


def _not_built(listed: str, gave_up: bool, seconds: float) -> NotVerified:
    if gave_up:
        return NotVerified(
            f"These nodes neither build these indexes nor can query them: {listed}. Read why in the nodes' logs, and run "
            "'nodetool rebuild_index <keyspace> <table> <index>' on each of them, then run this again."
        )
    return NotVerified(
        f"After {seconds:.0f} s these nodes have not built these indexes: {listed}. They go on building. Run this again: it "
        "waits for the rest. Or raise index_build_timeout."
    )
