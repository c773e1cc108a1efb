# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import (
    Conflict,
    Failure,
    KeyspaceMissing,
    TableMissing,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    CLUSTERING,
    PARTITION_KEY,
    STATIC,
    Cluster,
    Column,
    Node,
    Table,
    TableName,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.definition import create_table_text
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import read_desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import (
    Plan,
    make_plan,
    require_no_conflicts,
    require_there,
)

TABLE = Table(
    TableName("shop", "orders"),
    (
        Column("note", parse_type("text")),
        Column("id", parse_type("uuid"), PARTITION_KEY, 0),
        Column("day", parse_type("date"), PARTITION_KEY, 1),
        Column("at", parse_type("timestamp"), CLUSTERING, 1, "desc"),
        Column("line", parse_type("int"), CLUSTERING, 0, "asc"),
        Column("tier", parse_type("text"), STATIC),
        Column("Odd", parse_type("int")),
    ),
)


def plan(*columns: dict[str, object]) -> Plan:
    return make_plan(read_desired({"keyspace": "shop", "table": "orders", "columns": list(columns)}), TABLE)


def test_nothing_to_do() -> None:
    done = plan({"note": "varchar"}, {"name": "tier", "type": "text", "static": True}, {'"Odd"': "int"})
    assert (done.changes, done.conflicts) == ((), ())
    assert done.predict(done.names) == TABLE


def test_one_statement_for_all_missing_columns_in_the_order_asked_for() -> None:
    done = plan(
        {"zeta": "list<int>"},
        {"note": "text"},
        {"name": "order", "type": "tuple<int>", "static": True},
        {'"A b"': "int"},
    )
    assert [change.cql for change in done.changes] == [
        'ALTER TABLE shop.orders ADD (zeta list<int>, "order" frozen<tuple<int>> static, "A b" int)'
    ]
    assert done.predict(done.names).column("order") == Column("order", parse_type("tuple<int>"), STATIC)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ({"note": "int"}, "column note is of type text, wanted is int"),
        ({"name": "note", "type": "text", "static": True}, "a regular column of type text, wanted is a static column"),
        ({"tier": "text"}, "column tier is a static column of type text, wanted is a regular column of type text"),
        ({"id": "uuid"}, "column id is part of the partition key of type uuid, wanted is a regular column"),
        ({"line": "int"}, "column line is a clustering column of type int, wanted is a regular column"),
        ({"odd": "int"}, 'the table has a column "Odd", and the name as given means odd'),
    ],
)
def test_conflicts(column: dict[str, object], reason: str) -> None:
    with pytest.raises(Conflict) as caught:
        require_no_conflicts([plan(column, {"fresh": "int"})])
    assert reason in caught.value.message


ID, HIDDEN = Column("id", parse_type("uuid"), PARTITION_KEY, 0), Column("value", parse_type("blob"))
STORED = (ID, Column("column1", parse_type("text"), CLUSTERING, 0), Column("note", parse_type("text"), STATIC))


@pytest.mark.parametrize(
    ("columns", "listed", "is_said"),
    [
        ((*STORED, HIDDEN), {"note": "text"}, True),
        ((*STORED, HIDDEN), {"id": "uuid"}, False),
        ((ID, *STORED[2:], HIDDEN), {"note": "text"}, False),
    ],
)
def test_where_static_columns_may_come_from(columns: tuple[Column, ...], listed: dict[str, str], is_said: bool) -> None:
    desired = read_desired({"keyspace": "shop", "table": "orders", "columns": [listed]})
    (conflict,) = make_plan(desired, Table(TABLE.name, columns)).conflicts
    assert ("DROP COMPACT STORAGE makes columns static" in conflict.reason) is is_said


def test_a_name_in_another_case_is_another_column() -> None:
    made = plan({'"Note"': "text"})
    assert (made.conflicts, made.names) == ((), {"Note"})


def test_all_conflicts_at_once() -> None:
    with pytest.raises(Conflict) as caught:
        require_no_conflicts([plan({"note": "int"}, {"id": "text"}, {"fresh": "int"}), plan({"zeta": "int"})])
    assert "column note" in caught.value.message
    assert "column id" in caught.value.message


NO_TABLE = TableMissing("There is no orders.", available=["order"])
WRONG = "shop.orders conflicts with what is listed: column note is of type text, wanted is int."


@pytest.mark.parametrize(
    ("plans", "when", "raised"),
    [
        ([plan({"note": "text"}), plan({"zeta": "int"})], "", None),
        ([plan({"note": "int"}), plan({"zeta": "int"})], "", Conflict(WRONG)),
        ([plan({"note": "int"})], "It was changed meanwhile.", Conflict(f"{WRONG} It was changed meanwhile.")),
        ([plan({"zeta": "int"}), Plan(TABLE, missing=NO_TABLE)], "", NO_TABLE),
        ([Plan(TABLE, missing=NO_TABLE)] * 2, "", NO_TABLE),
        (
            [
                plan({"note": "int"}),
                Plan(TABLE, missing=NO_TABLE),
                Plan(TABLE, missing=KeyspaceMissing("There is no old.")),
            ],
            "",
            TableMissing(f"There is no orders. There is no old. {WRONG}", available=["order"]),
        ),
    ],
)
def test_what_stands_in_the_way_is_said_at_once(plans: list[Plan], when: str, raised: Failure | None) -> None:
    try:
        require_no_conflicts(plans, when)
        found = None
    except Failure as failure:
        found = failure
    assert (type(found), getattr(found, "message", ""), getattr(found, "facts", {})) == (
        type(raised),
        getattr(raised, "message", ""),
        getattr(raised, "facts", {}),
    )


def test_what_is_not_there() -> None:
    require_there(plan({"zeta": "int"}))
    with pytest.raises(TableMissing) as caught:
        require_there(Plan(TABLE, missing=NO_TABLE))
    assert caught.value is NO_TABLE


def test_the_table_as_text() -> None:
    assert create_table_text(TABLE) == (
        "CREATE TABLE shop.orders (\n"
        "    id uuid,\n    day date,\n    line int,\n    at timestamp,\n"
        '    "Odd" int,\n    note text,\n    tier text static,\n'
        "    PRIMARY KEY ((id, day), line, at)\n"
        ") WITH CLUSTERING ORDER BY (line ASC, at DESC);\n"
    )


def node(address: str, schema: str | None, release: str | None = "5.0.9", host_id: str | None = "h") -> Node:
    return Node(
        address, 9042, "dc1", host_id, release, schema, lacks=() if host_id and release and schema else ("host_id",)
    )


@pytest.mark.parametrize(
    ("peers", "agreed", "releases", "ghosts"),
    [
        ((), True, ("5.0.9",), 0),
        ((node("b", "1"),), True, ("5.0.9",), 0),
        ((node("b", "2"),), False, ("5.0.9",), 0),
        ((node("b", "2"), node("c", "1")), False, ("5.0.9",), 0),
        ((node("b", "3", "4.1.10"),), True, ("4.1.10", "5.0.9"), 0),
        ((node("b", "1", "4.1.10"), node("c", "4", "4.1.10")), False, ("4.1.10", "5.0.9"), 0),
        ((node("b", "1", "4.1.10"),), True, ("4.1.10", "5.0.9"), 0),
        ((node("b", None), node("c", "2", None), node("d", "2", host_id=None)), True, ("5.0.9",), 3),
    ],
)
def test_the_cluster(peers: tuple[Node, ...], agreed: bool, releases: tuple[str, ...], ghosts: int) -> None:
    cluster = Cluster("c", node("a", "1"), peers)
    assert (not cluster.disagreeing) is agreed
    assert cluster.release_versions == releases
    assert len([one for one in cluster.peers if one.lacks]) == ghosts
    assert len(cluster.nodes) == 1 + len(peers) - ghosts


def test_the_reverse_of_an_addition_is_a_drop() -> None:
    change = plan({"zeta": "int"}, {'"A b"': "text"}).changes[0]
    assert change
    assert change.reverse == 'ALTER TABLE shop.orders DROP (zeta, "A b")'
    assert (change.comment, change.unsafe) == ('Add zeta, "A b" to shop.orders', "")


def test_an_unknown_table_lacks_every_column() -> None:
    desired = read_desired({"keyspace": "shop", "table": "orders", "columns": [{"note": "text"}]})
    change = make_plan(desired, Table(desired.table, ()), if_not_exists=True).changes[0]
    assert change
    assert change.cql == "ALTER TABLE shop.orders ADD IF NOT EXISTS (note text)"


def test_a_column_in_conflict_is_unsettled_and_not_changed() -> None:
    made = plan({"note": "int"}, {"fresh": "int"}, {"tier": "text"})
    assert made.names == {"fresh"}
    assert made.unsettled == {"note", "fresh", "tier"}
