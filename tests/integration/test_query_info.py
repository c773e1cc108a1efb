# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(cassandra_query_info) against real servers: pages, parameters, refusals, and its examples as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, Session
from cassandra.policies import RoundRobinPolicy
from wire_reader import wire_reader

from ansible_collections.stellarmap.cassandra.plugins.module_utils._query import select
from embedded_cassandra import cluster

from .conftest import Result, RunModule, RunningNode, run_module_here

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("query_info")

NAME = "cassandra_query_info"
KEYSPACE = "test_queries"
CREATE_KEYSPACE = "CREATE KEYSPACE {} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"
ROWS = 25
INJECTION = "x'; DROP TABLE t; --"


@pytest.fixture(scope="module")
def table(cql: Session) -> Iterator[str]:
    """A table with 25 rows in two partitions, which no test changes."""
    cql.execute(CREATE_KEYSPACE.format(KEYSPACE), timeout=30)
    cql.execute(f"CREATE TABLE {KEYSPACE}.t (p int, c int, v text, d timestamp, PRIMARY KEY (p, c))", timeout=30)
    for number in range(ROWS):
        cql.execute(f"INSERT INTO {KEYSPACE}.t (p, c, v) VALUES ({number % 2}, {number}, 'v{number}')")
    yield f"{KEYSPACE}.t"
    cql.execute(f"DROP KEYSPACE {KEYSPACE}", timeout=30)


@pytest.fixture
def query(run_module: RunModule) -> Any:
    """Runs the module with a query and its parameters."""

    def run(text: str, parameters: Any = None, check: bool = False, **options: Any) -> Result:
        given = {"query": text, **({} if parameters is None else {"parameters": parameters}), **options}
        return run_module(NAME, given, check)

    return run


@pytest.mark.parametrize("page", [1, 4, 5, 25, 1000])
@pytest.mark.parametrize("max_rows", [1, 4, 5, 24, 25, 26, 1000])
def test_rows_end_where_they_are_wanted_to(
    query: Any, table: str, monkeypatch: pytest.MonkeyPatch, max_rows: int, page: int
) -> None:
    monkeypatch.setattr(select, "_PAGE", page)
    result = query(f"SELECT p, c, v FROM {table}", max_rows=max_rows)
    assert result["changed"] is False
    assert result["row_count"] == len(result["rows"]) == min(max_rows, ROWS)
    assert result["truncated"] is (max_rows < ROWS)
    assert len({row["c"] for row in result["rows"]}) == result["row_count"]
    assert result["columns"] == [
        {"name": "p", "type": "int"},
        {"name": "c", "type": "int"},
        {"name": "v", "type": "text"},
    ]


def test_nothing_found(query: Any, table: str) -> None:
    result = query(f"SELECT v FROM {table} WHERE p = 7")
    assert (result["rows"], result["row_count"], result["truncated"]) == ([], 0, False)
    assert result["columns"] == [{"name": "v", "type": "text"}]


def test_check_mode_reads_too(query: Any, table: str) -> None:
    text = f"SELECT * FROM {table} WHERE p = 1"
    assert query(text, check=True) == query(text)
    assert query(text, check=True)["row_count"] == ROWS // 2


def test_counting_is_not_limited_by_the_rows_wanted(query: Any, table: str) -> None:
    result = query(f"SELECT count(*) FROM {table}", max_rows=1)
    assert (result["rows"], result["truncated"]) == ([{"count": ROWS}], False)
    assert "Aggregation query used without partition key" in str(result["warnings"])
    groups = query(f"SELECT p, count(*) AS n FROM {table} GROUP BY p", max_rows=1)
    assert (groups["row_count"], groups["truncated"]) == (1, True)


@pytest.mark.parametrize(
    ("where", "parameters", "found"),
    [
        ("p = ? AND c IN ?", [1, [3, 5, 6]], [3, 5]),
        ("p = ? AND c > ? LIMIT ?", ["0", 10, 2], [12, 14]),
        ("p = :p AND (c) >= (:c) LIMIT :n", {"p": 0, "c": 20, "n": 2}, [20, 22]),
        ("p IN (:p, :q) AND c = :p ALLOW FILTERING", {"p": 1, "q": 0}, [1]),
        ('p = :"P" AND c < :MAX', {'"P"': 0, "max": 4}, [0, 2]),
        ("token(p) = token(?) AND v = ? ALLOW FILTERING", [0, "v8"], [8]),
        ("v = ? ALLOW FILTERING -- the only one", ["v8"], [8]),
    ],
)
def test_parameters(query: Any, table: str, where: str, parameters: Any, found: list[int]) -> None:
    result = query(f"SELECT c FROM {table} WHERE {where}", parameters)
    assert [row["c"] for row in result["rows"]] == found, result


def test_a_parameter_is_never_a_part_of_the_query(query: Any, cql: Session, keyspace: str) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (v text PRIMARY KEY)")
    cql.execute(f"INSERT INTO {keyspace}.t (v) VALUES (%s)", [INJECTION])
    for _time in range(2):
        assert query("SELECT v FROM t WHERE v = :v", {"v": INJECTION}, keyspace=keyspace)["rows"] == [{"v": INJECTION}]


@pytest.mark.parametrize("protocol_version", [3, 4, 5])
def test_a_keyspace_for_names_without_one(query: Any, table: str, protocol_version: int) -> None:
    options = {"keyspace": KEYSPACE.upper(), "protocol_version": protocol_version}
    result = query("SELECT v FROM T WHERE p = ? AND c = ?", [1, 3], **options)
    assert result.get("rows") == [{"v": "v3"}], result
    assert query("SELECT key FROM system.local", **options)["rows"] == [{"key": "local"}]


def test_a_type_without_a_keyspace_is_one_of_the_table(query: Any, cql: Session, keyspace: str) -> None:
    cql.execute(f"CREATE TYPE {keyspace}.place (street text)", timeout=30)
    cql.execute(f"CREATE TABLE {keyspace}.t (p frozen<{keyspace}.place> PRIMARY KEY)", timeout=30)
    cql.execute(f"INSERT INTO {keyspace}.t (p) VALUES ({{street: 'a'}})")
    found = query("SELECT p FROM t WHERE p = (frozen<place>) {street: 'a'}", keyspace=keyspace)
    assert found.get("rows") == [{"p": {"street": "a"}}], found


def test_no_keyspace_is_chosen_for_the_session(query: Any, table: str, node: RunningNode) -> None:
    """Servers warn of a query prepared after USE, once a minute, which ends a connection of version 3 of the protocol."""
    with wire_reader((node.address, node.port)) as wire:
        found = query("SELECT v FROM t WHERE p = 7", keyspace=KEYSPACE, login_host=[wire.address], login_port=wire.port)
    assert (found["rows"], wire.texts("USE ")) == ([], [])


@pytest.mark.parametrize(
    "level", ["ONE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "SERIAL", "LOCAL_SERIAL", "LOCAL_ONE"]
)
def test_consistency_levels_of_one_replica(query: Any, table: str, level: str) -> None:
    assert query(f"SELECT v FROM {table} WHERE p = 1 AND c = 1", consistency=level)["rows"] == [{"v": "v1"}]


@pytest.mark.parametrize("level", ["TWO", "THREE"])
def test_too_few_replicas_are_an_answer(query: Any, table: str, level: str) -> None:
    result = query(f"SELECT v FROM {table} WHERE p = 1", consistency=level)
    assert result["failure"] == "statement_failed"
    assert f"Cannot achieve consistency level {level}" in result["msg"]


@pytest.mark.parametrize(
    "text", ["INSERT INTO {} (p, c) VALUES (7, 7)", "DROP TABLE {}", "SELECT v FROM {}; DROP TABLE {}"]
)
def test_nothing_is_written(query: Any, cql: Session, table: str, text: str) -> None:
    result = query(text.format(table, table))
    assert result["failure"] == "invalid_input"
    assert "must be one SELECT" in result["msg"]
    assert cql.execute(f"SELECT count(*) FROM {table}").one()[0] == ROWS


@pytest.mark.parametrize(
    ("text", "parameters", "kind", "part"),
    [
        ("SELECT nope FROM {t}", None, "statement_failed", "nope"),
        ("SELECT v FROM {t} WHERE v = 'x'", None, "statement_failed", "ALLOW FILTERING"),
        ("SELECT v FRM {t}", None, "statement_failed", "FRM"),
        ("SELECT v FROM {t} WHERE p = ?", [None], "statement_failed", "null value"),
        ("SELECT v FROM {t}x", None, "table_missing", "Table tx does not exist in keyspace"),
        ("SELECT v FROM {t}x WHERE p = ?", [1], "table_missing", "the keyspace has: t."),
        ("SELECT v FROM nope.t", None, "keyspace_missing", "Keyspace nope does not exist"),
        ("SELECT v FROM system_views.nope", None, "statement_failed", "nope"),
        ("SELECT v FROM {t} WHERE p = ?", ["x"], "invalid_input", "Parameter 1 (p) must be of the type int"),
        ("SELECT v FROM {t} WHERE p = :p AND c IN :c", {"p": 1, "c": [1, "x"]}, "invalid_input", "Parameter c must be"),
        (
            "SELECT v FROM {t} WHERE d = ? ALLOW FILTERING",
            ["soon"],
            "invalid_input",
            "type timestamp, in quotes, such as '2024-02-29T13:30:54.234Z', not 'soon'",
        ),
        ("SELECT v FROM {t} WHERE p = ?", [2**31], "invalid_input", 'for column "p"'),
        ("SELECT v FROM {t} WHERE p = ?", None, "invalid_input", "the markers p, and 'parameters' gives 0 values"),
        ("SELECT c, v AS c FROM {t}", None, "invalid_input", "two columns called c"),
    ],
)
def test_refusals(query: Any, table: str, text: str, parameters: Any, kind: str, part: str) -> None:
    result = query(text.format(t=table), parameters)
    assert result["failed"] is True
    assert result["failure"] == kind, result
    assert part in result["msg"]
    if kind != "invalid_input":
        assert result["statement"] == text.format(t=table)


def test_a_keyspace_which_does_not_exist(query: Any, table: str) -> None:
    result = query("SELECT v FROM t", keyspace=f"{KEYSPACE}x")
    assert result["failure"] == "keyspace_missing"
    assert result["available"][0] == KEYSPACE


@pytest.fixture(scope="module")
def authenticated(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a node with a table and a role which may read nothing but another one."""
    version = request.config.getoption("--cassandra").split(",")[0]
    # Its name in Cassandra 4.0 is another one.
    functions = "enable_user_defined_functions" if version.startswith("4.0") else "user_defined_functions_enabled"
    with cluster(version, auth=True, settings={functions: True}) as running:
        driver = Cluster(
            running.addresses,
            auth_provider=PlainTextAuthProvider("cassandra", "cassandra"),
            execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile(RoundRobinPolicy(), request_timeout=30)},
        )
        session = driver.connect()
        for statement in (
            CREATE_KEYSPACE.format("shop"),
            'CREATE TABLE shop."MyOrders" (id int PRIMARY KEY)',
            "CREATE TABLE shop.items (id int PRIMARY KEY)",
            "CREATE FUNCTION shop.twice (i int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return i * 2;'",
            "CREATE ROLE \"Reader\" WITH LOGIN = true AND PASSWORD = 'reader'",
            'GRANT SELECT ON shop.items TO "Reader"',
        ):
            session.execute(statement)
        yield running.addresses[0]
        driver.shutdown()


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("SELECT id FROM shop.items", None, ""),
        ('SELECT id FROM shop."MyOrders"', "not_authorized", 'GRANT SELECT ON TABLE shop."MyOrders" TO "Reader".'),
        (
            "SELECT shop.twice(id) FROM shop.items",
            "not_authorized",
            "has no EXECUTE permission on <function shop.twice(int)>",
        ),
        ("SELECT id FROM shop.item", "table_missing", "the keyspace has: items"),
        ("SELECT id FROM shops.items", "keyspace_missing", "this cluster has: shop,"),
        ("SELECT nope FROM shop.items", "statement_failed", "nope"),
    ],
)
def test_what_a_role_may_not_read(authenticated: str, text: str, kind: str | None, part: str) -> None:
    login = {"login_host": [authenticated], "login_user": "Reader", "login_password": "reader"}
    result = run_module_here(NAME, {**login, "query": text})
    assert result.get("failure") == kind, result
    assert part in result.get("msg", "")
