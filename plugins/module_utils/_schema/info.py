# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_schema_info): what there is, read for the scope that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from .._connection.session import Session
from .._cql import statement as cql
from .._cql.column_text import read_text
from .._cql.identifier import parse_name, quote
from .._errors import InvalidInput
from .catalog.cluster import observe_cluster
from .catalog.model import Cluster, Node, Table, TableName
from .catalog.reading import read_available
from .definition import create_table_text
from .observe import keyspace_missing, observe_table, observe_tables, read_keyspaces
from .result import column_facts

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Scope(NamedTuple):
    """What to describe beyond the cluster: nothing, a keyspace, or one table of it."""

    keyspace: str | None
    table: str | None


def read_scope(params: Mapping[str, Any]) -> Scope:
    """The scope that the module's options describe; raises InvalidInput."""
    keyspace, table = params["keyspace"], params["table"]
    if table is not None and keyspace is None:
        raise InvalidInput("A table needs its keyspace: give 'keyspace' too.")
    return Scope(
        None if keyspace is None else parse_name(keyspace, "keyspace"),
        None if table is None else parse_name(table, "table"),
    )


def describe_schema(session: Session, scope: Scope, _check: bool) -> dict[str, Any]:
    """The module's result; raises KeyspaceMissing or TableMissing with what there is instead."""
    rows = read_keyspaces(session)
    names = [row["keyspace_name"] for row in rows]
    result: dict[str, Any] = {
        "changed": False,
        "cluster": cluster_facts(observe_cluster(session)),
        "keyspaces": [_keyspace_facts(row) for row in rows],
    }
    if scope.keyspace is None:
        return result
    if scope.keyspace not in names:
        raise keyspace_missing(scope.keyspace, names)
    if scope.table is None:
        result["tables"] = observe_tables(session, scope.keyspace)
    else:
        result["table"] = _table_facts(session, observe_table(session, TableName(scope.keyspace, scope.table)))
    return result


def cluster_facts(cluster: Cluster) -> dict[str, Any]:
    """The cluster and each of its nodes."""
    return {
        "name": cluster.name,
        "release_versions": list(cluster.release_versions),
        "schema_agreed": not cluster.disagreeing,
        "nodes": [_node_facts(node) for node in cluster.nodes],
    }


def _node_facts(node: Node) -> dict[str, Any]:
    return {key: value for key, value in node._asdict().items() if key != "lacks"}


def _keyspace_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": row["keyspace_name"],
        "replication": dict(row["replication"] or {}),
        "durable_writes": row["durable_writes"],
    }


def _table_facts(session: Session, table: Table) -> dict[str, Any]:
    added = _added_at(session, table.name)
    return {
        "keyspace": table.name.keyspace,
        "name": table.name.name,
        "columns": [
            {
                **column_facts(column),
                "cql_name": quote(column.name),
                "position": column.position,
                "clustering_order": column.clustering_order,
                "added_at": added.get(column.name),
            }
            for column in table.in_order()
        ],
        "create_statement": _create_statement(session, table),
    }


def _added_at(session: Session, name: TableName) -> dict[str, str | None]:
    """When each column was added that is younger than the table's key, as ISO 8601; nothing if the server keeps no times.

    Cassandra 6.0 writes its schema tables again when a node starts. Then all columns are as old as the key, and nothing is
    known.
    """
    (reading,) = read_available(session, cql.select_column_times(name.keyspace, name.name))
    rows = [row for row in reading.rows if row["written"] is not None]
    # Virtual tables have no such rows.
    made = max((row["written"] for row in rows if row["kind"] == "partition_key"), default=0)
    return {row["column_name"]: _iso(row["written"]) for row in rows if row["written"] > made}


def _iso(microseconds: int) -> str | None:
    """Years that Python does not have are left out: nobody wrote a schema then, but any number can stand there."""
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="milliseconds")
    except OverflowError:
        return None


def _create_statement(session: Session, table: Table) -> str:
    """The server's own text with all options; Cassandra 3.11 has no DESCRIBE, so there it is ours, without them."""
    (reading,) = read_available(session, cql.describe(*table.name))
    text = read_text(reading.rows)
    return f"{text}\n" if text else create_table_text(table)
