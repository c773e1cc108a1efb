# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What real servers store as it is shown by C(cassandra_query_info), and found again by what is shown."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from cassandra.cluster import Session as DriverSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.connect import open_session
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.session import Session
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.settings import read_settings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query import select as select_module
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.request import read_request
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.select import run_query

from .conftest import RunModule, RunningNode

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("query_values")

UUID = "6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47"
TIMEUUID = "feb1d420-e76b-11f1-87a9-eb3919ef11c8"
COMPOSITE = "'org.apache.cassandra.db.marshal.CompositeType(org.apache.cassandra.db.marshal.Int32Type)'"

USER_TYPES = (
    "CREATE TYPE {k}.address (street text, zip int)",
    'CREATE TYPE {k}."Person" ("Name" text, homes list<frozen<address>>, born date)',
    'CREATE TYPE {k}.sizes ("Größe" int)',
)

# Type, literal, as it is shown.
VALUES = [
    ("ascii", "'a'", "a"),
    ("bigint", "-9223372036854775808", -(2**63)),
    ("blob", "0xCAFE", "0xcafe"),
    ("blob", "0x", "0x"),
    ("boolean", "true", True),
    ("date", "'2024-02-29'", "2024-02-29"),
    ("date", "'-5877641-06-23'", "-2147483648"),
    ("date", "4294967295", "2147483647"),
    ("decimal", "12.50", "12.50"),
    ("decimal", "1E+3", "1E+3"),
    # More digits than Python reads as a whole number.
    ("decimal", "9" * 300 + ".5", "9" * 300 + ".5"),
    ("double", "0.1", 0.1),
    ("double", "NaN", "NaN"),
    ("double", "-Infinity", "-Infinity"),
    ("duration", "1y2mo3d4h5m6s7ms8us9ns", "14mo3d14706007008009ns"),
    ("duration", "-2w", "-0mo14d0ns"),
    ("float", "0.1", 0.1),
    ("float", "Infinity", "Infinity"),
    ("inet", "'192.0.2.1'", "192.0.2.1"),
    ("inet", "'2001:db8::1'", "2001:db8::1"),
    ("int", "-7", -7),
    ("smallint", "7", 7),
    ("text", "'it''s ü 😀'", "it's ü 😀"),
    ("text", "''", ""),
    ("time", "'13:30:54.234000001'", "13:30:54.234000001"),
    ("timestamp", "'2024-02-29T13:30:54.234Z'", "2024-02-29T13:30:54.234Z"),
    ("timestamp", "253402300799999", "9999-12-31T23:59:59.999Z"),
    ("timeuuid", TIMEUUID, TIMEUUID),
    ("tinyint", "-128", -128),
    ("uuid", UUID, UUID),
    ("varint", "9" * 60, int("9" * 60)),
    ("varint", "1" + "0" * 5000, hex(10**5000)),
    ("int", "blobAsInt(0x)", None),
    ("int", "null", None),
    ("list<int>", "[3, 1, 3]", [3, 1, 3]),
    ("frozen<list<int>>", "[]", []),
    ("set<text>", "{'b', 'a'}", ["a", "b"]),
    ("frozen<set<double>>", "{1.5, -Infinity}", ["-Infinity", 1.5]),
    ("map<text, frozen<list<int>>>", "{'a': [1], 'b': []}", {"a": [1], "b": []}),
    ("map<timestamp, int>", "{0: 1}", {"1970-01-01T00:00:00.000Z": 1}),
    ("map<int, text>", "{2: 'b', -1: 'a'}", [{"key": -1, "value": "a"}, {"key": 2, "value": "b"}]),
    ("tuple<int, text, tuple<int>>", "(1, null, (2))", [1, None, [2]]),
    ("address", "{street: 'Rue'}", {"street": "Rue", "zip": None}),
    (
        'frozen<"Person">',
        "{\"Name\": 'Ada', homes: [{street: 'Rue', zip: 2}], born: '1815-12-10'}",
        {"Name": "Ada", "homes": [{"street": "Rue", "zip": 2}], "born": "1815-12-10"},
    ),
    ("set<frozen<address>>", "{{street: 'b'}, {street: 'a'}}", [{"street": s, "zip": None} for s in ("a", "b")]),
    (COMPOSITE, "0x00040000000700", [7]),
]
VECTORS = [
    ("vector<float, 3>", "[1, 0.1, -2]", [1.0, 0.1, -2.0]),
    ("vector<text, 2>", "['a', '']", ["a", ""]),
    ("vector<smallint, 2>", "[1, -1]", [1, -1]),
    ("vector<vector<int, 2>, 2>", "[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
]
# Types which no = can ask for, or the driver cannot write.
NOT_COMPARED = ("duration", "list<int>", "set<", "map<", "address", COMPOSITE, 'frozen<"Person">')
# Types which the server reads from JSON.
DEEPER = ("tuple<", "vector<vector<")
# Type, literal, and what the failure names: the driver has no value for it, and the server shows it by toJson().
UNREADABLE = [
    ("timestamp", "9223372036854775807", '"c" of type timestamp', '"+292278994-08-17 07:12:55.807Z"'),
    ("timestamp", "-9223372036854775808", '"c" of type timestamp', '"+292275056-05-16 16:47:04.192Z"'),
    ("decimal", "9" * 5000, '"c" of type decimal', "9" * 5000),
    (
        "map<timestamp, int>",
        "{16887424168939: 1}",
        "cannot read a map in the column c",
        '{"2505-02-21 07:09:28.939Z": 1}',
    ),
]
UNREADABLE_VECTORS = [
    ("vector<frozen<address>, 1>", "[{zip: 1}]", "cannot read", '[{"street": null, "zip": 1}]'),
    ("vector<frozen<sizes>, 1>", '[{"Größe": 7}]', "cannot read", '[{"\\"Größe\\"": 7}]'),
]


def values_of(node: RunningNode) -> list[tuple[str, str, Any]]:
    return VALUES + (VECTORS if node.major >= (5, 0) else [])


@pytest.fixture(scope="module")
def table(cql: DriverSession, node: RunningNode) -> Iterator[str]:
    """A table with one row, in which each value has a column; no test changes it."""
    keyspace = "test_values"
    cql.execute(
        f"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}",
        timeout=30,
    )
    for statement in USER_TYPES:
        cql.execute(statement.format(k=keyspace))
    values = values_of(node)
    columns = ", ".join(f"c{place} {cql_type}" for place, (cql_type, _literal, _shown) in enumerate(values))
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, {columns})")
    for place, (_type, literal, _shown) in enumerate(values):
        cql.execute(f"INSERT INTO {keyspace}.t (id, c{place}) VALUES (1, {literal})")
    yield f"{keyspace}.t"
    cql.execute(f"DROP KEYSPACE {keyspace}", timeout=30)


@pytest.mark.parametrize("protocol_version", [5, 4, 3])
def test_every_type_is_shown(table: str, node: RunningNode, run_module: RunModule, protocol_version: int) -> None:
    result = run_module(
        "cassandra_query_info", {"query": f"SELECT * FROM {table}", "protocol_version": protocol_version}
    )
    (row,) = result["rows"]
    shown = {f"c{place}": value for place, (_type, _literal, value) in enumerate(values_of(node))}
    # As text, so that 1 is neither 1.0 nor true.
    assert {name: repr(value) for name, value in row.items() if name != "id"} == {
        name: repr(value) for name, value in shown.items()
    }
    json.dumps(result, allow_nan=False)
    types = {column["name"]: column["type"] for column in result["columns"]}
    assert types["c0"] == "ascii"
    assert set(types) == set(row)


def test_every_value_is_found_by_what_is_shown(table: str, node: RunningNode, run_module: RunModule) -> None:
    found = {}
    values = {f"c{place}": value for place, value in enumerate(values_of(node))}
    wanted = {name: v for name, v in values.items() if not v[0].startswith(NOT_COMPARED) and v[2] is not None}
    for name, (cql_type, _literal, shown) in wanted.items():
        is_deeper = cql_type.startswith(DEEPER)
        query = f"SELECT id FROM {table} WHERE {name} = {'fromJson(:value)' if is_deeper else ':value'} ALLOW FILTERING"
        value = json.dumps(shown) if is_deeper else shown
        result = run_module("cassandra_query_info", {"query": query, "parameters": {"value": value}})
        found[name] = result.get("rows", result.get("msg"))
    assert found == {name: [{"id": 1}] for name in wanted}


# Types which the server writes in JSON as we do.
SAME_AS_SERVER = ("ascii", "blob", "text", "time", "timeuuid", "uuid", "boolean")


def test_the_server_itself_shows_the_same(table: str, node: RunningNode, run_module: RunModule) -> None:
    values = values_of(node)
    chosen = [f"c{place}" for place, (cql_type, *_rest) in enumerate(values) if cql_type in SAME_AS_SERVER]
    query = f"SELECT {', '.join(f'{name}, toJson({name}) AS {name}_json' for name in chosen)} FROM {table}"
    (row,) = run_module("cassandra_query_info", {"query": query})["rows"]
    for name in chosen:
        assert row[name] == json.loads(row[f"{name}_json"]), name


def test_what_the_driver_cannot_read_is_an_error_that_says_how_to_read_it(
    table: str, cql: DriverSession, node: RunningNode, run_module: RunModule
) -> None:
    keyspace = table.partition(".")[0]
    rows = UNREADABLE + (UNREADABLE_VECTORS if node.major >= (5, 0) else [])
    for place, (cql_type, literal, named, as_json) in enumerate(rows):
        cql.execute(f"CREATE TABLE {keyspace}.u{place} (id int PRIMARY KEY, c {cql_type})", timeout=30)
        cql.execute(f"INSERT INTO {keyspace}.u{place} (id, c) VALUES (1, {literal})")
        result = run_module("cassandra_query_info", {"query": f"SELECT c FROM {keyspace}.u{place}"})
        assert (result["failure"], "select toJson(...)" in result["msg"]) == ("statement_failed", True)
        assert named in result["msg"]
        result = run_module("cassandra_query_info", {"query": f"SELECT toJson(c) AS j FROM {keyspace}.u{place}"})
        assert result["rows"] == [{"j": as_json}]


@pytest.mark.parametrize("protocol_version", [5, 4, 3])
def test_a_column_that_is_added_between_two_pages(
    cql: DriverSession, keyspace: str, node: RunningNode, monkeypatch: pytest.MonkeyPatch, protocol_version: int
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.p (id int, c int, z int, PRIMARY KEY (id, c))")
    for number in range(4):
        cql.execute(f"INSERT INTO {keyspace}.p (id, c, z) VALUES (1, {number}, 7)")

    def read_page_then_add(*given: Any) -> Any:
        page = read_page(*given)
        cql.execute(f"ALTER TABLE {keyspace}.p ADD a{uuid.uuid4().hex} text")
        return page

    read_page = select_module._read_page
    monkeypatch.setattr(select_module, "_read_page", read_page_then_add)
    monkeypatch.setattr(select_module, "_PAGE", 2)
    options = {name: option.get("default") for name, option in connection_options().items()}
    options.update(login_host=[node.address], protocol_version=protocol_version)
    with open_session(read_settings(options)) as session:
        rows = select(session, f"SELECT * FROM {keyspace}.p")
    assert [(row["c"], row["z"]) for row in rows] == [(0, 7), (1, 7), (2, 7), (3, 7)]


def test_counters_static_columns_and_functions(cql: DriverSession, keyspace: str, run_module: RunModule) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.counts (id int PRIMARY KEY, hits counter)")
    cql.execute(f"UPDATE {keyspace}.counts SET hits = hits + 5 WHERE id = 1")
    assert run_module("cassandra_query_info", {"query": f"SELECT hits FROM {keyspace}.counts"})["rows"] == [{"hits": 5}]
    cql.execute(f'CREATE TABLE {keyspace}.s (id int, c int, "S" text static, v int, PRIMARY KEY (id, c))')
    cql.execute(f"INSERT INTO {keyspace}.s (id, \"S\") VALUES (1, 'x')")
    cql.execute(f"INSERT INTO {keyspace}.s (id, c, v) VALUES (1, 2, 3) USING TIMESTAMP 1700000000000000")
    query = f'SELECT c, "S", v AS value, writetime(v), cast(c AS text) FROM {keyspace}.s'
    result = run_module("cassandra_query_info", {"query": query})
    assert result["rows"] == [{"c": 2, "S": "x", "value": 3, "writetime(v)": 1700000000000000, "cast(c as text)": "2"}]
    assert [column["name"] for column in result["columns"]][:3] == ["c", "S", "value"]
    as_json = run_module("cassandra_query_info", {"query": f"SELECT JSON v FROM {keyspace}.s"})
    assert as_json["rows"] == [{"[json]": '{"v": 3}'}]


ORDERED = {
    "ascii": st.text(st.characters(codec="ascii"), max_size=3),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "blob": st.binary(max_size=3).map(lambda data: f"0x{data.hex()}"),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "decimal": st.decimals(-1000, 1000, places=2).map(str),
    # The driver has one of 0.0 and -0.0 in a set.
    "double": st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0),
    "float": st.floats(allow_nan=False, allow_infinity=False, width=32, allow_subnormal=False).map(lambda n: n + 0.0),
    "int": st.integers(-(2**31), 2**31 - 1),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=3),
    "time": st.times().map(lambda time: time.isoformat("microseconds")),
    # The driver does not find some keys of a map that are later.
    "timestamp": st.datetimes(datetime(1970, 1, 1), datetime(2242, 1, 1)).map(
        lambda t: f"{t.isoformat(timespec='milliseconds')}Z"
    ),
    "tinyint": st.integers(-128, 127),
    "varint": st.integers(-(2**70), 2**70),
}


@pytest.fixture(scope="module")
def session(node: RunningNode) -> Iterator[Session]:
    """A session of the code under test."""
    options = {name: option.get("default") for name, option in connection_options().items()}
    with open_session(read_settings({**options, "login_host": [node.address]})) as opened:
        yield opened


def select(session: Session, query: str, *parameters: Any) -> list[dict[str, Any]]:
    options = {"keyspace": None, "consistency": "ONE", "max_rows": 10, "expect": None}
    request = read_request({"query": query, "parameters": list(parameters), **options})
    rows: list[dict[str, Any]] = run_query(session, request, False)["rows"]
    return rows


@pytest.mark.parametrize("name", ORDERED)
def test_a_set_as_a_key_is_found_in_any_order(name: str, cql: DriverSession, session: Session, keyspace: str) -> None:
    """The key is written as JSON, so the server itself puts the elements in order; we ask with them in another order."""
    cql.execute(f"CREATE TABLE {keyspace}.t (k frozen<set<{name}>> PRIMARY KEY, n int)")
    insert = cql.prepare(f"INSERT INTO {keyspace}.t JSON ?")

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(ORDERED[name], min_size=1, max_size=6, unique_by=str), st.randoms(use_true_random=False))
    def check(values: list[Any], random: Any) -> None:
        cql.execute(insert, [json.dumps({"k": values, "n": len(values)})])
        random.shuffle(values)
        (row,) = select(session, f"SELECT k, n FROM {keyspace}.t WHERE k = ?", values)
        assert row["n"] == len(values)
        # What is shown finds it too.
        assert select(session, f"SELECT k, n FROM {keyspace}.t WHERE k = ?", row["k"]) == [row]

    check()
