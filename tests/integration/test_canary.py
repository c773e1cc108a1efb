# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guards of cassandra_canary on a real node: it inserts only where no row is and deletes only its own row."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cassandra.cluster import Session as Driver

from ansible_collections.stellarmap.cassandra.plugins.module_utils._canary.ensure import ensure_canary
from ansible_collections.stellarmap.cassandra.plugins.module_utils._canary.request import read_canary
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.connect import open_session
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.settings import read_settings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Refused

from .conftest import Result, RunModule, RunningNode, run_module_here

ROW = {"id": 1, "place": "canary", "source": "WEB", '"Weight"': 0.1, "tags": ["a"]}


class Orders:
    """A table of orders, what is in it, and the module with the canary's options."""

    def __init__(self, cql: Driver, keyspace: str, run_module: RunModule) -> None:
        self.name = f"{keyspace}.orders"
        self._cql = cql
        self._options = {"keyspace": keyspace, "table": "orders"}
        self._run_module = run_module

    def execute(self, text: str) -> list[Any]:
        return list(self._cql.execute(text.replace("orders", self.name)))

    def ids(self) -> list[int]:
        return [row.id for row in self.execute("SELECT id FROM orders")]

    def insert(self, check: bool = False, **changed: Any) -> Result:
        return self._run_module("cassandra_canary", {**self._options, "row": ROW, **changed}, check)

    def delete(self, write_time: int, check: bool = False, **changed: Any) -> Result:
        return self.insert(check, **{"state": "absent", "write_time": write_time, **changed})


@pytest.fixture
def orders(cql: Driver, keyspace: str, run_module: RunModule) -> Orders:
    cql.execute(
        f'CREATE TABLE {keyspace}.orders (id int, place text, source text, "Weight" double, tags list<text>, '
        "tried timestamp, owner text static, PRIMARY KEY (id, place))"
    )
    return Orders(cql, keyspace, run_module)


def test_inserted_and_deleted(orders: Orders) -> None:
    inserted = orders.insert()
    assert (inserted["failed"], inserted["changed"], inserted["inserted"]) == (False, True, True), inserted
    (row,) = orders.execute(
        'SELECT id, source, "Weight", tags, ttl(source) AS ttl, writetime(source) AS at FROM orders'
    )
    assert (row.source, row.Weight, row.tags, row.at) == ("WEB", 0.1, ["a"], inserted["write_time"])
    assert 290 < row.ttl <= 300
    would = orders.delete(inserted["write_time"], check=True)
    assert (would["changed"], orders.ids()) == (True, [1])
    assert [orders.delete(inserted["write_time"])["changed"] for _again in range(2)] == [True, False]
    assert orders.ids() == []


def test_two_at_once_and_one_is_told_that_it_inserted(orders: Orders, node: RunningNode, keyspace: str) -> None:
    canary = read_canary(
        {
            "keyspace": keyspace,
            "table": "orders",
            "row": ROW,
            "ttl": 60,
            "state": "present",
            "write_time": None,
            "wait": 0,
        }
    )
    defaults = {name: option.get("default") for name, option in connection_options().items()}
    settings = read_settings({**defaults, "login_host": [node.address]})
    barrier = threading.Barrier(2)

    def insert() -> bool:
        with open_session(settings) as session:
            barrier.wait()
            try:
                return bool(ensure_canary(session, canary, False)["inserted"])
            except Refused as refusal:
                assert "is a row under the canary's key" in refusal.message
                return False

    for _run in range(20):
        with ThreadPoolExecutor(2) as pool:
            results = [one.result() for one in [pool.submit(insert), pool.submit(insert)]]
        assert sorted(results) == [False, True]
        orders.execute("TRUNCATE orders")


@pytest.mark.parametrize("check", [True, False])
def test_a_row_that_is_there_is_left_alone(orders: Orders, check: bool) -> None:
    orders.execute("INSERT INTO orders (id, place, source) VALUES (1, 'canary', 'PHONE')")
    refused = orders.insert(check)
    assert (refused["failure"], "It has no time to live" in refused["msg"]) == ("refused", True), refused
    (row,) = orders.execute("SELECT source FROM orders")
    assert row.source == "PHONE"


def test_an_earlier_canary_is_named_with_the_time_it_has_left(orders: Orders) -> None:
    orders.insert(ttl=60)
    refused = orders.insert()
    assert "within 60 seconds" in refused["msg"] or "within 59 seconds" in refused["msg"], refused
    assert "Run this again then" in refused["msg"]


def test_an_earlier_canary_is_waited_for(orders: Orders) -> None:
    """Until it expires or somebody deletes it. A row of the application is refused at once, whatever the wait."""
    first = orders.insert(ttl=5)
    second = orders.insert(wait=60)
    assert (second["failed"], second["inserted"]) == (False, True), second
    assert second["write_time"] > first["write_time"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(orders.insert, True, wait=200)
        assert orders.delete(second["write_time"])["changed"]
        assert waiting.result()["failed"] is False
    orders.execute("INSERT INTO orders (id, place, source) VALUES (1, 'canary', 'PHONE')")
    started = time.monotonic()
    refused = orders.insert(wait=3600)
    assert "choose a key that nobody uses" in refused["msg"]
    assert time.monotonic() - started < 60


def test_a_row_of_somebody_else_is_not_deleted(orders: Orders) -> None:
    """The same values, with and without a time to live, but not written by this canary."""
    write_time = orders.insert()["write_time"]
    for using in ("", " USING TTL 200"):
        orders.execute("TRUNCATE orders")
        orders.execute(
            "INSERT INTO orders (id, place, source, \"Weight\", tags) VALUES (1, 'canary', 'WEB', 0.1, ['a'])" + using
        )
        refused = orders.delete(write_time)
        assert (refused["failure"], "left alone" in refused["msg"]) == ("refused", True), refused
        assert orders.ids() == [1]


@pytest.mark.parametrize(
    "update", ["SET tried = '2026-01-01'", "SET source = 'PHONE'", "SET source = 'PHONE', tried = '2026-01-01'"]
)
def test_what_the_application_added_goes_with_the_canary(orders: Orders, update: str) -> None:
    """One column that is still the canary's own is enough to recognize the row; nothing without a TTL stays behind."""
    write_time = orders.insert()["write_time"]
    orders.execute(f"UPDATE orders {update} WHERE id = 1 AND place = 'canary'")
    assert orders.delete(write_time)["changed"]
    assert orders.ids() == []


def test_a_row_that_the_application_has_taken_over_is_left_alone(orders: Orders) -> None:
    write_time = orders.insert()["write_time"]
    orders.execute("UPDATE orders SET source = 'WEB', \"Weight\" = 2 WHERE id = 1 AND place = 'canary'")
    refused = orders.delete(write_time)
    assert (refused["failure"], "left alone" in refused["msg"]) == ("refused", True), refused
    assert orders.ids() == [1]


def test_a_canary_that_has_expired_is_no_change(orders: Orders) -> None:
    # Long enough for a busy machine to read the row after it was inserted.
    write_time = orders.insert(ttl=5)["write_time"]
    threading.Event().wait(6.2)
    deleted = orders.delete(write_time)
    assert (deleted["failed"], deleted["changed"]) == (False, False), deleted


def test_only_its_row_of_a_partition(orders: Orders) -> None:
    orders.execute("INSERT INTO orders (id, place, owner) VALUES (1, 'shop', 'ann')")
    write_time = orders.insert()["write_time"]
    assert orders.delete(write_time)["changed"]
    assert [tuple(row) for row in orders.execute("SELECT id, place, owner FROM orders")] == [(1, "shop", "ann")]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"id": 1, "source": "WEB"}, "needs a value for every key column; missing: place"),
        ({"id": 1, "place": None, "source": "WEB"}, "missing: place"),
        ({"id": 1, "ID": 2, "place": "x", "source": "WEB"}, "column id is given twice, in two spellings"),
        ({**ROW, "sourze": "x"}, "has no column sourze; nearest: source"),
        ({**ROW, "owner": "x"}, "owner is a static column"),
        ({"id": 1, "place": "canary"}, "needs a value in a regular column"),
        ({"id": 1, "place": "canary", "tags": ["a"]}, "needs a value in a regular column"),
        ({**ROW, '"Weight"': "much"}, "expires within 300 seconds"),
    ],
)
def test_rows_that_are_refused(orders: Orders, row: dict[str, Any], sentence: str) -> None:
    refused = orders.insert(row=row)
    assert (refused["failed"], sentence in refused["msg"]) == (True, True), refused
    assert orders.ids() == []


TABLES = {
    "numbers": ("CREATE TABLE {0}.numbers (id int PRIMARY KEY, n counter)", "that is no collection and no counter"),
    "by_n": ("CREATE TABLE {0}.names (id int PRIMARY KEY, n int, v int)", "materialized view"),
    "keys": ("CREATE TABLE {0}.keys (id int PRIMARY KEY)", "needs a value in a regular column"),
}


@pytest.mark.parametrize("table", TABLES)
def test_tables_that_are_refused(cql: Driver, keyspace: str, run_module: RunModule, table: str) -> None:
    create, sentence = TABLES[table]
    cql.execute(create.format(keyspace))
    if table == "by_n":
        cql.execute(
            f"CREATE MATERIALIZED VIEW {keyspace}.by_n AS SELECT * FROM {keyspace}.names "
            "WHERE n IS NOT NULL AND id IS NOT NULL PRIMARY KEY (n, id)"
        )
    row = {"numbers": {"id": 1, "n": 1}, "by_n": {"id": 1, "n": 1, "v": 1}, "keys": {"id": 1}}[table]
    refused = run_module("cassandra_canary", {"keyspace": keyspace, "table": table, "row": row})
    assert (refused["failed"], sentence in refused["msg"].lower()) == (True, True), refused


@pytest.mark.parametrize("keyspace", ["system_auth", "SYSTEM_AUTH", "system"])
def test_system_keyspaces_are_refused_before_a_connection_is_opened(keyspace: str) -> None:
    options = {"login_host": ["127.0.0.1"], "login_port": 1, "keyspace": keyspace, "table": "roles"}
    refused = run_module_here("cassandra_canary", {**options, "row": {"role": "canary", "can_login": True}})
    assert (refused["failure"], "belongs to Cassandra itself" in refused["msg"]) == ("invalid_input", True), refused


def test_absent_needs_the_write_time(orders: Orders) -> None:
    refused = orders.insert(state="absent")
    assert (refused["failed"], "write_time" in refused["msg"]) == (True, True), refused
