# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of a table and its cluster, as values; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..._cql.cql_type import CqlType
from ..._cql.identifier import quote
from ..._cql.index import Index
from ..._place import Place
from .capabilities import Capabilities, NotChecked

REGULAR = "regular"
STATIC = "static"
PARTITION_KEY = "partition_key"
CLUSTERING = "clustering"
FIELD = "field"

TABLE, TYPE = "table", "type"

_SYSTEM_KEYSPACES = frozenset(
    """
    system system_accord system_auth system_cluster_metadata system_distributed system_distributed_everywhere
    system_metrics system_multiregion_info system_replicated_keys system_schema system_schema_mcs system_traces
    system_views system_virtual_schema
    """.split()
)


def is_system_keyspace(keyspace: str) -> bool:
    """Whether the keyspace belongs to the server itself (Cassandra 3.11 to 6.0, ScyllaDB, Amazon Keyspaces)."""
    return keyspace in _SYSTEM_KEYSPACES


class TableName(NamedTuple):
    """A table's keyspace and name, as the server stores them; or those of a user-defined type, whose columns are its fields."""

    keyspace: str
    name: str
    kind: str = TABLE

    def __str__(self) -> str:
        name = f"{quote(self.keyspace)}.{quote(self.name)}"
        return f"type {name}" if self.is_type else name

    @property
    def is_type(self) -> bool:
        return self.kind == TYPE

    @property
    def part(self) -> str:
        """What it is made of, in a word."""
        return "field" if self.is_type else "column"


class Column(NamedTuple):
    """A column as C(system_schema.columns) describes it; C(position) counts within the key, -1 outside of it."""

    name: str
    type: CqlType
    kind: str = REGULAR
    position: int = -1
    clustering_order: str = "none"

    @property
    def static(self) -> bool:
        return self.kind == STATIC

    @property
    def part(self) -> str:
        """What it is, in a word."""
        return FIELD if self.kind == FIELD else "column"

    def describe(self) -> str:
        """The column's kind and type in words."""
        words = {PARTITION_KEY: "part of the partition key", CLUSTERING: "a clustering column", FIELD: "a field"}
        return f"{words.get(self.kind, f'a {self.kind} column')} of type {self.type}"


class Table(NamedTuple):
    """A table with its columns in no particular order; C(hidden) are the names that COMPACT STORAGE keeps for itself.

    C(indexes) are read only if the task asks for any.
    """

    name: TableName
    columns: tuple[Column, ...]
    hidden: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that stored name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    def key(self, kind: str) -> tuple[Column, ...]:
        """The key columns of that kind in their order."""
        return tuple(sorted((c for c in self.columns if c.kind == kind), key=lambda column: column.position))

    def in_order(self) -> tuple[Column, ...]:
        """All columns as the server prints them: the key, then the others by name. Fields have an order of their own."""
        if self.name.is_type:
            return self.columns
        others = sorted((c for c in self.columns if c.position < 0), key=lambda column: column.name)
        return (*self.key(PARTITION_KEY), *self.key(CLUSTERING), *others)


class Node(NamedTuple):
    """A node as the one that answers knows it; what is None there is unknown to it.

    C(lacks) names what its row does not hold although the server has such a column. A peer that lacks any of it is mostly a row
    that outlived a decommissioned node: it counts as no node, and is named.
    """

    address: str
    port: int
    datacenter: str | None
    host_id: str | None
    release_version: str | None
    schema_version: str | None
    lacks: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Which node it is, and where clients meet it."""
        return Place(self.host_id, self.address, self.port)

    @property
    def key(self) -> str:
        """What tells it apart from the others."""
        return self.place.key


class Cluster(NamedTuple):
    """The cluster as one node sees it: that node, its peers, what such a server can do, and what could not be checked."""

    name: str
    local: Node
    peers: tuple[Node, ...]
    capabilities: Capabilities = Capabilities()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes that count: all but peers whose row is not whole."""
        return (self.local, *(peer for peer in self.peers if not peer.lacks))

    def with_answers(self, fact: str, answers: Mapping[str, Any]) -> Cluster:
        """The same with this fact of the peers as those with these keys said it of themselves."""
        told = (peer._replace(**{fact: answers[peer.key]}) if peer.key in answers else peer for peer in self.peers)
        return self._replace(peers=tuple(told))

    def label(self, place: Place) -> str:
        """What people call a node: its address, with the port or the host_id where that is another node's too."""
        others = [node for node in self.nodes if node.address == place.address and node.key != place.key]
        if not others:
            return place.address
        if all(node.port != place.port for node in others):
            return f"{place.address}:{place.port}"
        return f"{place.address}:{place.port} ({place.key})"

    @property
    def release_versions(self) -> tuple[str, ...]:
        """The different release versions, sorted."""
        return tuple(sorted({node.release_version for node in self.nodes if node.release_version}))

    @property
    def disagreeing(self) -> tuple[Node, ...]:
        """The nodes whose schema version is not that of the first node of their release version.

        Nodes of different release versions never agree, since their system tables differ; so only equals are compared.
        A node that did not tell its release version is taken for one of the first node's.
        """
        first: dict[str | None, str | None] = {}
        found = []
        for node in self.nodes:
            release = node.release_version or self.local.release_version
            if first.setdefault(release, node.schema_version) != node.schema_version:
                found.append(node)
        return tuple(found)


class Agreement(NamedTuple):
    """The cluster as last read, and how long the module waited for agreement, in seconds.

    C(ignored) holds the keys of nodes that are known to be down and need not agree.
    """

    cluster: Cluster
    seconds: float = 0.0
    ignored: frozenset[str] = frozenset()

    @property
    def missing(self) -> tuple[Node, ...]:
        """The nodes that must agree and do not."""
        return tuple(node for node in self.cluster.disagreeing if node.key not in self.ignored)

    @property
    def agreed(self) -> bool:
        return not self.missing
