# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run asks of the server, read from the wire: few requests, one connection, the same number for any schema."""

from __future__ import annotations

from collections import Counter

import pytest
from cassandra.cluster import Session
from wire_reader import Wire, wire_reader

from .conftest import RunModule, RunningNode

pytestmark = pytest.mark.promise

COLUMNS = [{"name": f"c{number}", "type": "text"} for number in range(3)]


@pytest.fixture
def table(cql: Session, keyspace: str) -> str:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, v text)")
    return keyspace


def run(node: RunningNode, run_module: RunModule, task: dict[str, object], protocol: int | None = None) -> Wire:
    with wire_reader((node.address, node.port)) as wire:
        connection: dict[str, object] = {"login_host": [wire.address], "login_port": wire.port}
        if protocol:
            connection["protocol_version"] = protocol
        result = run_module("cassandra_column", {**connection, **task})
        assert not result["failed"], result["msg"]
    return wire


def statements(wire: Wire) -> int:
    """The requests which a user would call requests: without the handshakes of the connections."""
    return sum(opcode in ("QUERY", "PREPARE", "EXECUTE", "BATCH") for opcode, _text in wire.requests)


@pytest.mark.proxied
@pytest.mark.parametrize("protocol", [None, 4])
def test_requests_of_a_first_run_and_of_a_rerun(
    node: RunningNode, table: str, run_module: RunModule, protocol: int | None
) -> None:
    task = {"keyspace": table, "table": "t", "columns": COLUMNS}
    first = run(node, run_module, task, protocol)
    assert first.connections == 1
    assert len(first.texts("ALTER TABLE")) == 1
    assert len(first.requests) <= 17, Counter(text[:60] for _opcode, text in first.requests)

    again = run(node, run_module, task, protocol)
    assert again.connections == 1
    assert len(again.requests) <= 7, Counter(text[:60] for _opcode, text in again.requests)
    # The server describes the table before and after, and both times together with what is read anyway.
    assert (len(first.texts("DESCRIBE TABLE")), again.texts("DESCRIBE")) == (2, [])
    assert not [opcode for opcode, _text in (*first.requests, *again.requests) if opcode == "PREPARE"]
    for word in ("ALTER", "CREATE", "DROP", "INSERT", "UPDATE", "DELETE", " IF "):
        assert again.texts(word) == []


def test_the_number_of_columns_and_tables_does_not_matter(
    node: RunningNode, cql: Session, table: str, run_module: RunModule
) -> None:
    one = run(node, run_module, {"keyspace": table, "table": "t", "columns": COLUMNS[:1]})
    cql.execute(f"CREATE TABLE {table}.u (id int PRIMARY KEY, v text)")
    for number in range(20):
        cql.execute(f"CREATE TABLE {table}.other{number} (id int PRIMARY KEY)")
    many = [{"name": f"c{number}", "type": "map<text, frozen<list<int>>>"} for number in range(200)]
    all_of_them = run(node, run_module, {"keyspace": table, "table": "u", "columns": many})
    assert statements(all_of_them) == statements(one)
    assert all_of_them.connections == one.connections
    assert not any("other" in text for _opcode, text in all_of_them.requests)


@pytest.mark.proxied
def test_a_dry_run_sends_reads_only(node: RunningNode, table: str, run_module: RunModule) -> None:
    with wire_reader((node.address, node.port)) as wire:
        connection = {"login_host": [wire.address], "login_port": wire.port}
        task = {"keyspace": table, "table": "t", "columns": COLUMNS, **connection}
        assert run_module("cassandra_column", task, check=True)["changed"]
    asked = [text for opcode, text in wire.requests if opcode in ("QUERY", "PREPARE")]
    assert asked
    reads = ("SELECT", "DESCRIBE", "LIST")
    assert [text for text in asked if not any(word in text for word in reads)] == []
