# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""cassandra_schema_info on a real node."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

import pytest
from cassandra.cluster import Session

from .conftest import RunModule, RunningNode

pytestmark = pytest.mark.promise


def test_the_cluster_and_its_keyspaces(node: RunningNode, keyspace: str, run_module: RunModule) -> None:
    result = run_module("cassandra_schema_info", {})
    cluster = result["cluster"]
    assert (result["changed"], cluster["name"], cluster["schema_agreed"]) == (False, "embedded", True)
    assert cluster["release_versions"] == [node.version]
    (one,) = cluster["nodes"]
    assert (one["address"], one["port"], one["datacenter"]) == (node.address, node.port, "datacenter1")
    assert uuid.UUID(one["schema_version"])
    mine = next(each for each in result["keyspaces"] if each["name"] == keyspace)
    assert (mine["durable_writes"], mine["replication"]["replication_factor"]) == (True, "1")
    assert "tables" not in result


def test_the_tables_of_a_keyspace(cql: Session, keyspace: str, run_module: RunModule) -> None:
    assert run_module("cassandra_schema_info", {"keyspace": keyspace})["tables"] == []
    cql.execute(f'CREATE TABLE {keyspace}."B" (id int PRIMARY KEY)')
    cql.execute(f"CREATE TABLE {keyspace}.a (id int PRIMARY KEY)")
    assert run_module("cassandra_schema_info", {"keyspace": keyspace.upper()})["tables"] == ["B", "a"]


def test_one_table(cql: Session, keyspace: str, run_module: RunModule) -> None:
    cql.execute(
        f'CREATE TABLE {keyspace}.t (id int, at timestamp, n int, "Odd" text, s int static, l list<int>, '
        "PRIMARY KEY (id, at, n)) WITH CLUSTERING ORDER BY (at DESC, n ASC) AND comment = 'ours'"
    )
    cql.execute(f'CREATE INDEX by_odd ON {keyspace}.t ("Odd")')
    table = run_module("cassandra_schema_info", {"keyspace": keyspace, "table": "t"})["table"]
    assert [(c["name"], c["kind"], c["position"], c["clustering_order"]) for c in table["columns"]] == [
        ("id", "partition_key", 0, "none"),
        ("at", "clustering", 0, "desc"),
        ("n", "clustering", 1, "asc"),
        ("Odd", "regular", -1, "none"),
        ("l", "regular", -1, "none"),
        ("s", "static", -1, "none"),
    ]
    odd, many = table["columns"][3:5]
    assert (odd["cql_name"], odd["type"], many["type"]) == ('"Odd"', "text", "list<int>")
    assert f"CREATE TABLE {keyspace}.t (" in table["create_statement"]
    assert "comment = 'ours'" in table["create_statement"]
    assert "CREATE INDEX by_odd" in table["create_statement"]


def test_when_a_column_was_added(cql: Session, keyspace: str, run_module: RunModule) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, old text)")
    before = datetime.now(timezone.utc)
    cql.execute(f"ALTER TABLE {keyspace}.t ADD new int")
    columns = run_module("cassandra_schema_info", {"keyspace": keyspace, "table": "t"})["table"]["columns"]
    (added,) = [column["added_at"] for column in columns if column["added_at"]]
    # The node's clock is the test's; its times are cut to milliseconds.
    assert timedelta(milliseconds=-2) <= datetime.fromisoformat(added) - before < timedelta(minutes=1)
    assert [column["name"] for column in columns if column["added_at"]] == ["new"]


def test_what_is_missing(keyspace: str, run_module: RunModule) -> None:
    no_keyspace = run_module("cassandra_schema_info", {"keyspace": keyspace + "x"})
    assert (no_keyspace["failure"], no_keyspace["available"][0]) == ("keyspace_missing", keyspace)
    no_table = run_module("cassandra_schema_info", {"keyspace": keyspace, "table": "t"})
    assert (no_table["failure"], no_table["available"]) == ("table_missing", [])
    no_name = run_module("cassandra_schema_info", {"table": "t"})
    assert (no_name["failure"], "give 'keyspace' too" in no_name["msg"]) == ("invalid_input", True)
    assert "Did you mean" in no_keyspace["msg"]


def test_names_that_lost_their_quotes(cql: Session, keyspace: str, run_module: RunModule) -> None:
    cql.execute(f'CREATE TABLE {keyspace}."Orders" (id int PRIMARY KEY)')
    missing = run_module("cassandra_schema_info", {"keyspace": keyspace, "table": "Orders"})
    assert missing["msg"].endswith("""Did you mean '"Orders"'?"""), missing["msg"]


def test_virtual_tables(run_module: RunModule) -> None:
    keyspaces = run_module("cassandra_schema_info", {})["keyspaces"]
    assert {"name": "system_views", "replication": {}, "durable_writes": None} in keyspaces
    assert "settings" in run_module("cassandra_schema_info", {"keyspace": "system_views"})["tables"]
    table = run_module("cassandra_schema_info", {"keyspace": "system_views", "table": "settings"})["table"]
    assert [(one["name"], one["kind"]) for one in table["columns"]] == [("name", "partition_key"), ("value", "regular")]
    assert "VIRTUAL TABLE system_views.settings" in table["create_statement"]
