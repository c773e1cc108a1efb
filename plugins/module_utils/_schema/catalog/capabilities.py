# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server can do and what it can tell, from what it offers; and the checks that it does not tell enough for; pure.

This is the only place that knows products: the flow asks for a capability and never for a product. A Cassandra-compatible
database is a function here: in what it differs; C(read_capabilities) recognizes it. What it lacks in its system tables needs
no word: C(reading) finds that out. Nor do lightweight transactions, which a server may have in one keyspace and not in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..._cql.index import KINDS, LEGACY
from ..._cql.system_table import SystemRead
from ..._cql.version import apache_version
from ..._errors import Failure
from ..._place import Place

MINIMUM_VERSION = (4, 0)


class Offer(NamedTuple):
    """What a server says of itself, in C(system.local) and in C(system.versions).

    C(own_version) is None if it was not read, or there is none.
    """

    cluster_name: str = ""
    release_version: str = ""
    own_version: str | None = None
    has_bundle: bool = False


class NotChecked(NamedTuple):
    """A check that could not be made, why, and of which nodes if it is about single ones; it forbids nothing."""

    check: str
    reason: str
    nodes: tuple[Place, ...] = ()


class Capabilities(NamedTuple):
    """What the flow may rely on; the defaults are those of Apache Cassandra.

    - C(product) is the name of the server, and C(release_version) its own version, if it is told.
    - C(vectors) and C(drops) are None if only the server knows whether it has vectors, and drops columns.
    - C(index_kinds) are the kinds of index that this collection makes there, or None if only the server knows.
    - C(alters_types) is false if its documentation does not say that user-defined types get fields.
    - C(log_suffix) ends the name of a table in which the server logs the changes of another.
    - C(status_table) tells how far a change is if the server answers before the change is made.
    - C(peers_are_nodes) if C(system.peers) lists nodes, C(peers_answer) if they can be asked one by one.
    - C(needs_majority) if a majority of the nodes decides on a change, which is safe while a minority is down.
    - C(has_epochs) if a schema version is a number that counts changes.
    - C(is_too_old) if it is too old for this collection.
    """

    product: str = "Cassandra"
    release_version: str | None = None
    vectors: bool | None = True
    drops: bool | None = True
    index_kinds: tuple[str, ...] | None = KINDS
    alters_types: bool = True
    log_suffix: str = ""
    status_table: str = ""
    peers_are_nodes: bool = True
    peers_answer: bool = True
    versions_are_comparable: bool = True
    needs_majority: bool = False
    has_epochs: bool = False
    is_too_old: bool = False
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def server(self) -> str:
        """The name of the server with its version, for a sentence."""
        return f"{self.product} {self.release_version or ''}".strip()


def _keyspaces() -> Capabilities:
    # AWS, Amazon Keyspaces Developer Guide: "System keyspaces", "Check table creation status", "Functional differences".
    return Capabilities(
        product="Amazon Keyspaces",
        vectors=None,
        # Its guide describes ALTER TABLE with ADD only.
        drops=None,
        # "DDL statements": CREATE TYPE and DROP TYPE, and no ALTER TYPE.
        alters_types=False,
        # "Functional differences": no indexes.
        index_kinds=(),
        status_table="system_schema_mcs.tables",
        peers_are_nodes=False,
        peers_answer=False,
        not_checked=(
            NotChecked("the table on each node", "Amazon Keyspaces has an endpoint and shows no nodes"),
            NotChecked("one release version on all nodes", "Amazon Keyspaces has an endpoint and shows no nodes"),
        ),
    )


def _scylladb(offer: Offer) -> Capabilities:
    # ScyllaDB's source: release_version is 3.0.8 always; db/virtual_tables.cc has system.versions, of the node itself.
    # ScyllaDB documentation, "Raft in ScyllaDB": a schema change needs a majority of the nodes.
    return Capabilities(
        product="ScyllaDB",
        release_version=offer.own_version,
        vectors=None,
        # ScyllaDB's source, cdc/log.cc: such a table is refused to everybody, and changes together with its base table.
        log_suffix="_scylla_cdc_log",
        # Its indexes are materialized views, and are built and shown otherwise.
        index_kinds=(),
        versions_are_comparable=False,
        needs_majority=True,
    )


def _astra(offer: Offer) -> Capabilities:
    return _cassandra(offer)._replace(
        product="Astra DB",
        release_version=None,
        vectors=None,
        index_kinds=None,
        peers_answer=False,
        not_checked=(NotChecked("the table on each node", "Astra DB hides its nodes behind its proxy"),),
    )


def _cassandra(offer: Offer) -> Capabilities:
    version = apache_version(offer.release_version)
    if version is None:
        # DSE and forks count otherwise: 4.0.0.6816.
        return Capabilities(release_version=offer.release_version, vectors=None, index_kinds=None)
    return Capabilities(
        release_version=offer.release_version,
        vectors=version >= (5, 0),
        index_kinds=KINDS if version >= (5, 0) else (LEGACY,),
        has_epochs=version >= (6, 0),
        is_too_old=version < MINIMUM_VERSION,
    )


def read_capabilities(offer: Offer) -> Capabilities:
    """What the server that makes this offer can do."""
    if offer.has_bundle:
        # Only Astra DB hands bundles out, and it shows no other mark that its versions have in common.
        return _astra(offer)
    if offer.cluster_name == "Amazon Keyspaces":
        # uk.sky.cqlmigrate and AWS's own tools recognize the service by this name.
        return _keyspaces()
    return _cassandra(offer) if offer.own_version is None else _scylladb(offer)


class Reading(NamedTuple):
    """The rows with every column that was asked for: None stands for one of the columns that the server C(lacks).

    C(refusal) is why there is nothing to read, if so.
    """

    source: SystemRead
    rows: list[Mapping[str, Any]]
    lacks: frozenset[str] = frozenset()
    refusal: Failure | None = None

    @property
    def is_there(self) -> bool:
        return self.refusal is None

    @property
    def reason(self) -> str:
        """Why there is nothing to read, for a sentence; empty if there is."""
        return f"{self.source.table} cannot be read here (the server: {self.refusal.message})" if self.refusal else ""


MAY_ALTER = "whether the role may ALTER the table"
IS_SUPERUSER = "whether the role is a superuser, for whom no guardrail holds"

# The key of a reading; the column that a check needs, or none for the table as a whole; the check.
_CHECKS = (
    ("local", "schema_version", "one schema version on all nodes"),
    ("local", "release_version", "one release version on all nodes"),
    ("peers", "", "whether all nodes are there and agree"),
    ("peers", "schema_version", "one schema version on all nodes"),
    ("peers", "release_version", "one release version on all nodes"),
    ("flags", "", "whether the table uses COMPACT STORAGE"),
    ("flags", "flags", "whether the table uses COMPACT STORAGE"),
    ("flags", "id", "whether the table was dropped and made again since a plan was approved"),
    ("flags", "cdc", "whether the changes of the table are captured (cdc)"),
    ("views", "", "materialized views of the table"),
    ("views", "include_all_columns", "whether materialized views get new columns too"),
    ("dropped", "", "whether a column of the same name was dropped before"),
    ("dropped", "type", "the type of a column of the same name that was dropped before"),
    ("dropped", "kind", "whether a column of the same name that was dropped before was static"),
    ("dropped", "dropped_time", "when a column of the same name was dropped"),
    ("types", "", "whether the user-defined types exist"),
    ("uses", "", "whether a table has the user-defined type in its partition key"),
    ("types", "field_types", "whether the user-defined types have collections inside"),
    ("indexes", "", "the indexes of the table"),
    ("indexes", "options", "the indexes of the table"),
    ("settings", "", "the guardrails of the cluster"),
    ("described", "", "the table in the server's own words, for the diff"),
    ("permissions", "", MAY_ALTER),
    ("roles", "", IS_SUPERUSER),
)


def not_checked(readings: Mapping[str, Reading]) -> tuple[NotChecked, ...]:
    """What could not be checked because these readings lack it, each with its reason."""
    found: dict[str, NotChecked] = {}
    for key, column, check in _CHECKS:
        if key in readings:
            reading, reason = readings[key], "" if column else readings[key].reason
            if reading.is_there and column in reading.lacks:
                reason = f"{reading.source.table} has no column {column} here"
            if reason:
                found.setdefault(check, NotChecked(check, reason))
    return tuple(found.values())
