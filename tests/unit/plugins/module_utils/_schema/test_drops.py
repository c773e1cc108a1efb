# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import Statement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import (
    Conflict,
    DataLoss,
    InvalidInput,
    Refused,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import Column, Table, TableName
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.context import count_values
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.change import drop
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import read_desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import (
    Plan,
    make_plan,
    require_no_conflicts,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.preconditions import (
    TableContext,
    check_drops,
    drop_warnings,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import (
    DataLossPolicy,
    Values,
    check_data_loss,
)

TABLE = Table(
    TableName("shop", "orders"),
    (
        Column("id", parse_type("uuid"), "partition_key", 0),
        Column("line", parse_type("int"), "clustering", 0),
        Column("part", parse_type("int"), "clustering", 1),
        Column("note", parse_type("text")),
        Column("tier", parse_type("text"), "static"),
        Column("Odd", parse_type("int")),
    ),
)


def plan(*columns: Any) -> Plan:
    return make_plan(
        read_desired({"keyspace": "shop", "table": "orders", "columns": columns, "state": "absent"}), TABLE
    )


def dropping(*columns: Column) -> Plan:
    return Plan(TABLE, (drop(TABLE, columns),))


def test_one_statement_for_all_which_are_there() -> None:
    made = plan({"name": "note"}, {"name": "gone"}, {"tier": "text"}, {"name": '"Odd"', "type": "int", "static": False})
    (change,) = made.changes
    assert change.cql == 'ALTER TABLE shop.orders DROP (note, tier, "Odd")'
    # A pair is a name and a type; static was not said.
    assert made.names == {"note", "tier", "Odd"}
    assert made.conflicts == ()
    assert change.reverse == 'ALTER TABLE shop.orders ADD (note text, tier text static, "Odd" int)'
    assert change.unsafe == 'It destroys what was written to note, tier, "Odd".'
    assert [column.name for column in made.predict(made.names).columns] == ["id", "line", "part"]
    assert [column.name for column in made.predict(frozenset({"note"})).columns] == [
        "id",
        "line",
        "part",
        "tier",
        "Odd",
    ]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ({"name": "id"}, "column id is part of the partition key of type uuid, the primary key cannot be changed"),
        ({"name": "line"}, "the primary key cannot be changed"),
        ({"name": "part"}, "the primary key cannot be changed"),
        ({"name": "note", "type": "int"}, "and not as listed, it may be another one"),
        ({"name": "note", "static": True}, "and not as listed, it may be another one"),
        ({"name": "tier", "static": False}, "and not as listed, it may be another one"),
        ({"name": "odd"}, "write it in double quotes"),
    ],
)
def test_what_is_not_dropped(column: dict[str, Any], reason: str) -> None:
    made = plan(column)
    assert made.changes == ()
    assert len(made.conflicts) == 1
    with pytest.raises(Conflict) as caught:
        require_no_conflicts([made])
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ([{"type": "int"}], "columns[1]: name is missing. If the column is called type, write {name: type}."),
        ([{"name": "type"}, {"name": 7}], "columns[2]: the name 7 is not text"),
        ([{"name": "a"}, {"name": "A"}], "Column a is listed 2 times."),
        ([{"name": "a", "kind": "x"}], "unknown key 'kind'"),
        ([{"name": "a", "static": "perhaps"}], "static is true or false"),
        ([{"name": "a", "type": "lizt<int>"}], "is not a CQL type"),
    ],
)
def test_bad_lists(columns: list[Any], part: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan(*columns)
    assert part in caught.value.message


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        (
            {"views": ("by_note", "By")},
            'it has materialized views, and with these no column can be dropped: drop by_note, "By" first',
        ),
        ({"view_of": "base"}, "it is a materialized view, change its base table shop.base"),
        ({"indexes": {"by_note": "note"}}, "column note has an index, drop by_note first"),
        ({"indexes": {"i": "values(note)"}}, "column note has an index, drop i first"),
        ({"may_alter": False, "user": "Bob"}, 'role "Bob" may not ALTER shop.orders'),
        ({"flags": frozenset({"dense"})}, "it uses COMPACT STORAGE"),
        ({"settings": {"alter_table_enabled": "false"}}, "the guardrail alter_table_enabled forbids"),
        ({"indexes": {"i": "line"}}, None),
        ({"flags": frozenset({"compound"}), "may_alter": True}, None),
        ({"settings": {"alter_table_enabled": "false"}, "is_superuser": True}, None),
    ],
)
def test_what_the_server_would_refuse(constraints: dict[str, Any], reason: str | None) -> None:
    message = None
    try:
        check_drops(plan({"name": "note"}), TableContext(**constraints))
    except Refused as refused:
        message = refused.message
    if reason is None:
        assert message is None
    else:
        assert str(message).startswith(f"The columns cannot be dropped from shop.orders: {reason}")


def test_a_quoted_index_and_a_type_which_cannot_be_dropped() -> None:
    with pytest.raises(Refused, match='column "Odd" has an index, drop by_odd first'):
        check_drops(plan({"name": '"Odd"'}), TableContext(indexes={"by_odd": 'keys("Odd")'}))
    place = Column("place", parse_type("address"))
    with pytest.raises(Refused, match="not frozen, which Cassandra cannot drop"):
        check_drops(dropping(place), TableContext())


@pytest.mark.parametrize(
    ("cql_type", "kind", "part"),
    [
        # Measured on Cassandra 4.0.19 and 5.0.9.
        ("text", "regular", "only as what they were, and without their values: c (text or blob)."),
        ("text", "static", ": c (static, text or blob)."),
        ("uuid", "regular", ": c (uuid)."),
        ("timestamp", "regular", ": c (timestamp or bigint)."),
        ("list<text>", "regular", ": c (list<text>)."),
        ("tuple<int, int>", "regular", ": c (frozen<tuple<int, int>> or blob)."),
        ("vector<addr, 2>", "regular", ": c (vector<addr, 2>)."),
        ("counter", "regular", "cannot be added again: c (counter)."),
        ("frozen<addr>", "regular", "cannot be added again: c (frozen<addr>)."),
        ("map<text, frozen<addr>>", "regular", "cannot be added again: c (map<text, frozen<addr>>)."),
    ],
)
def test_as_what_a_column_can_come_back(cql_type: str, kind: str, part: str) -> None:
    (warning,) = drop_warnings(dropping(Column("c", parse_type(cql_type), kind)), TableContext())
    assert part in warning


def test_a_compact_table_takes_no_column_back() -> None:
    (warning,) = drop_warnings(dropping(Column("c", parse_type("blob"))), TableContext(flags=frozenset()))
    assert warning == "Once they are dropped, these columns cannot be added again: c (blob)."
    assert drop_warnings(Plan(TABLE), TableContext()) == []


SOME, NONE, PERHAPS = Values({"note": 2}, 5, True), Values({"note": 0}, 5, True), Values({"note": 0}, 5, False)


@pytest.mark.parametrize(
    ("values", "policy", "part"),
    [
        (
            SOME,
            DataLossPolicy(False, False, 5),
            "permanently (values found in all 5 rows: note 2). Set allow_data_loss",
        ),
        (
            None,
            DataLossPolicy(False, False, 5),
            "Dropping note from shop.orders destroys their data permanently. Set allow_data_loss",
        ),
        (PERHAPS, DataLossPolicy(False, False, 5), "(values found in the first 5 rows, and there are more: none)"),
        (SOME, DataLossPolicy(True, True, 5), "Columns note of shop.orders are not empty (values found"),
        (
            PERHAPS,
            DataLossPolicy(True, True, 5),
            "It is not known whether columns note of shop.orders are empty (values found",
        ),
        (SOME, DataLossPolicy(True, False, 5), None),
        (NONE, DataLossPolicy(True, True, 5), None),
        (PERHAPS, DataLossPolicy(True, False, 5), None),
        (None, DataLossPolicy(True, False, 5), None),
    ],
)
def test_what_is_lost_has_to_be_allowed(values: Values | None, policy: DataLossPolicy, part: str | None) -> None:
    message = None
    try:
        check_data_loss(TABLE.name, values, ["note"], policy)
    except DataLoss as lost:
        message = lost.message
    if part is None:
        assert message is None
    else:
        assert part in str(message)


@pytest.mark.parametrize(("there", "rows", "complete"), [(0, 0, True), (2, 2, True), (3, 3, True), (4, 3, False)])
def test_how_many_values_a_drop_destroys(there: int, rows: int, complete: bool) -> None:
    """One row more than the limit is read: as many rows as the limit are all there are."""

    def read_pages(statement: Statement) -> list[dict[str, Any]]:
        assert statement.text.endswith("LIMIT 4")
        return [{"note": "x", "v": None}] * there

    values = count_values(SimpleNamespace(read_pages=read_pages), TableName("shop", "orders"), ["note", "v"], 3)  # type: ignore[arg-type]
    assert values == Values({"note": rows, "v": 0}, rows, complete)
