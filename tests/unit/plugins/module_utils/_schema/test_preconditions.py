# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type, stored_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Refused
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    CLUSTERING,
    PARTITION_KEY,
    REGULAR,
    STATIC,
    Column,
    Table,
    TableName,
    is_system_keyspace,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.additions import (
    addition_warnings,
    check_additions,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.change import additions, drop
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import Plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.preconditions import (
    Dropped,
    TableContext,
    drop_warnings,
)

NAME = TableName("shop", "orders")
ID = Column("id", parse_type("int"), PARTITION_KEY, 0)
PLAIN = Table(NAME, (ID, Column("v", parse_type("int"))))
CLUSTERED = Table(NAME, (ID, Column("c", parse_type("int"), CLUSTERING, 0, "asc")))
COUNTERS = Table(NAME, (ID, Column("hits", parse_type("counter"))))
CQL = frozenset({"compound"})


def adding(*columns: Column, table: Table = PLAIN) -> Plan:
    return Plan(table, tuple(additions(table, columns)))


def refusal(column: Column | str, table: Table = PLAIN, **constraints: Any) -> str | None:
    if isinstance(column, str):
        column = Column("new", parse_type(column))
    try:
        check_additions(adding(column, table=table), TableContext(**{"flags": CQL, **constraints}))
    except Refused as refused:
        return refused.message
    return None


def was(text: str, kind: str = REGULAR) -> dict[str, Dropped]:
    return {"new": Dropped(stored_type(text), kind, "2026-01-02 03:04:05 UTC")}


@pytest.mark.parametrize(
    ("column", "table", "constraints", "part"),
    [
        ("int", PLAIN, {"view_of": "base"}, "change its base table shop.base"),
        (
            "int",
            PLAIN,
            {"log_of": "base", "server": "ScyllaDB 2025.1"},
            "ScyllaDB 2025.1 logs in it the changes of shop.base",
        ),
        (
            "int",
            Table(NAME, (ID,), ("column1", "new")),
            {"flags": frozenset()},
            "column new is there and hidden from clients",
        ),
        ("int", PLAIN, {"flags": frozenset()}, "COMPACT STORAGE"),
        ("int", PLAIN, {"flags": frozenset({"dense"})}, "COMPACT STORAGE"),
        ("int", PLAIN, {"flags": frozenset({"super", "compound"})}, "COMPACT STORAGE"),
        ("int", PLAIN, {"may_alter": False, "user": "Web"}, 'GRANT ALTER ON TABLE shop.orders TO "Web"'),
        ("int", PLAIN, {"settings": {"alter_table_enabled": "false"}}, "alter_table_enabled"),
        (
            "int",
            PLAIN,
            {"settings": {"columns_per_table_fail_threshold": "2"}},
            "allows 2 columns, the table would have 3",
        ),
        (
            "list<vector<float, 2>>",
            PLAIN,
            {"settings": {"vector_type_enabled": "false"}},
            "vector_type_enabled forbids",
        ),
        (
            "tuple<vector<float, 5>>",
            PLAIN,
            {"settings": {"vector_dimensions_fail_threshold": "4"}},
            "allows vectors of 4 dimensions, not of 5",
        ),
        ("vector<vector<float, 5>, 3>", PLAIN, {"settings": {"vector_dimensions_fail_threshold": "4"}}, None),
        ("int", COUNTERS, {}, "takes counters only"),
        ("counter", PLAIN, {}, "only a table made with counters"),
        (Column("new", parse_type("int"), STATIC), PLAIN, {}, "at least one clustering column"),
        ("vector<float, 2>", PLAIN, {"server": "Cassandra 4.1.10", "vectors": False}, "Cassandra 4.1.10 has none"),
        ("list<vector<float, 2>>", PLAIN, {"vectors": False}, "has none"),
        ("adr", PLAIN, {"user_types": {"addr": ()}}, "it has: addr"),
        ("adr", PLAIN, {"user_types": {}}, "it has: none"),
        (
            "txt",
            PLAIN,
            {"user_types": {}},
            "txt is neither a native type nor a user-defined type of keyspace shop (it has: ",
        ),
        ("txt", PLAIN, {"user_types": {}}, "; did you mean text?"),
        ("datetime", PLAIN, {"user_types": {}}, "; write timestamp"),
        ("int64", PLAIN, {"user_types": {"int46": ()}}, "did you mean int46?"),
        ("serial", PLAIN, {"user_types": {}}, "Cassandra has none that counts rows"),
        ("json", PLAIN, {"user_types": {}}, "; write text"),
        ("adr", PLAIN, {"user_types": {"addr": ()}}, "; did you mean addr?"),
        ('"adr"', PLAIN, {"user_types": {"Addr": ()}}, "; did you mean '\"Addr\"'?)"),
        ("count_er", PLAIN, {"user_types": {"center": ()}}, "(it has: center; did you mean center?)"),
        ("countr", PLAIN, {"user_types": {}}, "(it has: none)."),
        ("list<frozen<adr>>", PLAIN, {"user_types": {}}, "neither a native type nor"),
        ("nest", PLAIN, {"user_types": {"nest": (parse_type("list<int>"),)}}, "use frozen<nest>"),
        ("text", PLAIN, {"dropped": was("int")}, "as int and cannot come back as text"),
        ("timeuuid", PLAIN, {"dropped": was("uuid")}, "cannot come back as timeuuid"),
        ("blob", PLAIN, {"dropped": was("int")}, "cannot come back as blob"),
        ("list<blob>", PLAIN, {"dropped": was("list<text>")}, "cannot come back"),
        ("counter", COUNTERS, {"dropped": was("counter")}, "a counter cannot come back"),
        ("frozen<addr>", PLAIN, {"dropped": was("frozen<tuple<int>>"), "user_types": {"addr": ()}}, "cannot come back"),
        (
            Column("new", parse_type("int"), STATIC),
            CLUSTERED,
            {"dropped": was("int")},
            "as regular and cannot come back as static",
        ),
        ("int", CLUSTERED, {"dropped": was("int", STATIC)}, "as static and cannot come back as regular"),
        ("int", PLAIN, {}, None),
        ("int", PLAIN, {"flags": None}, None),
        ("int", PLAIN, {"may_alter": True}, None),
        ("int", PLAIN, {"may_alter": None, "user": "web"}, None),
        ("int", PLAIN, {"settings": {"alter_table_enabled": "true", "columns_per_table_fail_threshold": "3"}}, None),
        ("int", PLAIN, {"settings": {"columns_per_table_fail_threshold": "-1"}}, None),
        ("int", PLAIN, {"settings": {"alter_table_enabled": "false"}, "is_superuser": True}, None),
        ("int", PLAIN, {"settings": {"alter_table_enabled": "false"}, "is_superuser": None}, None),
        ("int", PLAIN, {"settings": {"columns_per_table_fail_threshold": "many"}}, None),
        ("counter", COUNTERS, {}, None),
        (Column("new", parse_type("int"), STATIC), CLUSTERED, {}, None),
        ("vector<float, 2>", PLAIN, {"vectors": True}, None),
        ("vector<float, 2>", PLAIN, {"vectors": None}, None),
        ("adr", PLAIN, {"user_types": None}, None),
        ("addr", PLAIN, {"user_types": {"addr": (parse_type("int"), parse_type("frozen<list<int>>"))}}, None),
        ("frozen<nest>", PLAIN, {"user_types": {"nest": (parse_type("list<int>"),)}}, None),
        ("int", PLAIN, {"dropped": was("int")}, None),
        ("bigint", PLAIN, {"dropped": was("timestamp")}, None),
        ("text", PLAIN, {"dropped": was("ascii")}, None),
        ("blob", PLAIN, {"dropped": was("frozen<tuple<int>>")}, None),
        ("tuple<int>", PLAIN, {"dropped": was("frozen<tuple<int>>")}, None),
    ],
)
def test_what_the_server_would_say(column: Any, table: Table, constraints: dict[str, Any], part: str | None) -> None:
    said = refusal(column, table, **constraints)
    assert said is None if part is None else part in str(said)


def test_a_view_is_refused_for_being_one_and_nothing_else() -> None:
    said = refusal(Column("new", parse_type("counter"), STATIC), view_of="base", may_alter=False)
    assert said is not None
    assert said.count(";") == 0


def test_all_reasons_at_once() -> None:
    two = adding(Column("a", parse_type("counter")), Column("b", parse_type("int"), STATIC))
    with pytest.raises(Refused) as caught:
        check_additions(two, TableContext())
    assert "column a is a counter" in caught.value.message
    assert "column b is static" in caught.value.message


@pytest.mark.parametrize(
    ("keyspace", "refused"),
    [
        ("system", True),
        ("system_auth", True),
        ("system_schema", True),
        ("system_views", True),
        ("system_cluster_metadata", True),
        ("system_of_ours", False),
        ("systems", False),
    ],
)
def test_cassandras_own_keyspaces(keyspace: str, refused: bool) -> None:
    assert is_system_keyspace(keyspace) is refused


def test_what_is_worth_knowing() -> None:
    column = Column("new", parse_type("int"))
    assert addition_warnings(adding(column), TableContext()) == []
    assert "stays gone" in addition_warnings(adding(column), TableContext(dropped=was("int")))[0]
    to_come = TableContext(dropped={"new": Dropped(stored_type("int"), REGULAR, "999999999999999 ms after 1970", True)})
    assert "until then each value that is written to new is lost" in addition_warnings(adding(column), to_come)[1]
    views = TableContext(wildcard_views=("by_day",))
    assert "by_day" in addition_warnings(adding(column), views)[0]
    assert addition_warnings(adding(Column("new", parse_type("int"), STATIC)), views) == []
    captured = TableContext(cdc=True)
    for warnings in (
        addition_warnings(adding(column), captured),
        drop_warnings(Plan(PLAIN, (drop(PLAIN, [column]),)), captured),
    ):
        assert "Change data capture is on (cdc)" in warnings[-1]
    assert addition_warnings(Plan(PLAIN), captured) == drop_warnings(Plan(PLAIN), captured) == []
