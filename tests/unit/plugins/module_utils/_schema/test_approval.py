# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan made on Monday, and each way in which Tuesday can be otherwise."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type, stored_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure, InvalidInput, PlanChanged
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    CLUSTERING,
    PARTITION_KEY,
    REGULAR,
    STATIC,
    Cluster,
    Column,
    Node,
    Table,
    TableName,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.approval import check_approved
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.cql_file import plan_file
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import (
    ColumnToDrop,
    Desired,
    read_tables,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import make_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.preconditions import (
    Dropped,
    TableContext,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.reverse import (
    requested_tables,
    reverse_plan,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.saved_plan import (
    PlannedTable,
    load_plan,
    read_plan,
    save_plan,
    sealed,
)

Data = dict[str, Any]


def node(number: int, version: str = "5.0.9") -> Node:
    return Node(f"10.0.0.{number}", 9042, "dc1", f"host-{number}", version, "schema-1")


def cluster(name: str = "Production", *nodes: Node) -> Cluster:
    first, *others = nodes or (node(1), node(2), node(3))
    return Cluster(name, first, tuple(others))


ORDERS, CUSTOMERS = TableName("shop", "orders"), TableName("shop", "Customers")
KEY = (
    Column("id", parse_type("uuid"), PARTITION_KEY, 0),
    Column("day", parse_type("date"), CLUSTERING, 0, "asc"),
)
OLD = Column("old", parse_type("int"))
BASE = Table(ORDERS, (*KEY, OLD))
SOURCE = Column("source", parse_type("text"))
PLACE = Column("place", stored_type("address"))
TYPES = {"address": (parse_type("text"),), "other": (parse_type("int"),)}
CONTEXT = TableContext(
    table_id="table-1",
    flags=frozenset({"compound"}),
    cdc=False,
    user_types=TYPES,
    settings={"alter_table_enabled": "true"},
    dropped={"source": Dropped(parse_type("text"), REGULAR, "2026-01-02 03:04:05 UTC")},
)
REQUEST = Desired(ORDERS, (SOURCE, PLACE))


def plan(
    table: Table = BASE, context: TableContext = CONTEXT, request: Desired = REQUEST, where: Cluster | None = None
) -> Data:
    return save_plan(where or cluster(), [PlannedTable(request, make_plan(request, table), context)], "file-1")


def tampered(change: Callable[[Data], Any], data: Data) -> Data:
    """The plan after somebody edited it and made its fingerprint fit again."""
    copy: Data = json.loads(json.dumps(data))
    change(copy)
    return sealed(copy)


def replaced(old: Column, new: Column) -> Table:
    return Table(ORDERS, tuple(new if column == old else column for column in BASE.columns))


MONDAY = plan()


def difference(current: Data, approved: Data = MONDAY, peers_are_known: bool = True) -> str:
    """What is said to be otherwise, or nothing."""
    try:
        check_approved(read_plan(json.loads(json.dumps(approved))).data, current, peers_are_known)
    except PlanChanged as changed:
        assert changed.message.startswith("The approved plan does not hold any more: ")
        return changed.message.partition(": ")[2].partition(". Make a new plan")[0]
    return ""


@pytest.mark.parametrize(
    ("current", "part"),
    [
        (plan(where=cluster("Staging")), "the plan is for the cluster Production, and this is Staging"),
        (plan(where=cluster("Production", node(7), node(8))), "another cluster of the name Production"),
        (plan(where=cluster("Production", node(1, "5.0.10"))), "made on Cassandra 5.0.9, and now the nodes run 5.0.10"),
        (plan(where=cluster("Production", node(1), node(2, "4.1.10"))), "now the nodes run 4.1.10, 5.0.9"),
        (
            plan(Table(ORDERS, (*BASE.columns, Column("x", parse_type("int"))))),
            "column x, a regular column of type int, was added",
        ),
        (plan(Table(ORDERS, (*BASE.columns, SOURCE))), "column source, a regular column of type text, was added"),
        (plan(Table(ORDERS, KEY)), "column old, a regular column of type int, is not there"),
        (
            plan(replaced(OLD, OLD._replace(type=parse_type("bigint")))),
            "column old was a regular column of type int and is a regular column of type bigint",
        ),
        (plan(replaced(OLD, OLD._replace(kind=STATIC))), "and is a static column of type int"),
        (plan(replaced(KEY[1], KEY[1]._replace(clustering_order="desc"))), "in order asc and is a clustering column"),
        (plan(replaced(KEY[1], KEY[1]._replace(kind=PARTITION_KEY, position=1))), "is part of the partition key"),
        (plan(context=CONTEXT._replace(table_id="table-2")), "the table's id was table-1 and is table-2"),
        (plan(context=CONTEXT._replace(flags=frozenset())), "the table's flags was compound and is none"),
        (plan(context=CONTEXT._replace(cdc=True)), "change data capture was off and is on"),
        (
            plan(context=CONTEXT._replace(views=("by_day",), wildcard_views=("by_day",))),
            "the materialized views of all columns was none and is by_day",
        ),
        (plan(context=CONTEXT._replace(indexes={"i": "old"})), "the indexes was none and is i = old"),
        (plan(context=CONTEXT._replace(settings={"alter_table_enabled": "false"})), "is alter_table_enabled = false"),
        (plan(context=CONTEXT._replace(dropped={})), "the dropped column source was regular text"),
        (
            plan(context=CONTEXT._replace(dropped={**CONTEXT.dropped, "place": CONTEXT.dropped["source"]})),
            "the dropped column place was none and is regular text",
        ),
        (
            plan(context=CONTEXT._replace(user_types={**TYPES, "address": (parse_type("text"), parse_type("int"))})),
            "the user-defined type address was text and is text, int",
        ),
        (
            plan(request=Desired(ORDERS, (SOURCE,))),
            "asked for is source text (present), and planned is source text, place",
        ),
        (
            plan(request=Desired(ORDERS, (SOURCE._replace(type=parse_type("ascii")), PLACE))),
            "asked for is source ascii, place address (present)",
        ),
        (plan(request=Desired(ORDERS, (), (ColumnToDrop("old"),))), "asked for is old (absent)"),
        (
            plan(request=Desired(ORDERS, (SOURCE._replace(kind="static"), PLACE))),
            "and planned is source text, place address (present), but static differs",
        ),
        (
            plan(Table(CUSTOMERS, BASE.columns), request=Desired(CUSTOMERS, (SOURCE,))),
            "shop.orders is in the plan and is not asked",
        ),
        (sealed({**MONDAY, "source": "file-2"}), "the migration file was edited"),
    ],
)
def test_each_difference_has_a_name(current: Data, part: str) -> None:
    assert part in difference(current)


@pytest.mark.parametrize(
    "current",
    [
        plan(),
        # What was written to another column, a type that the plan does not use, a node that came: nothing of the plan's.
        plan(context=CONTEXT._replace(user_types={**TYPES, "other": ()})),
        plan(where=cluster("Production", node(1), node(2), node(3), node(4))),
        plan(where=cluster("Production", node(3), node(4), node(5))),
        plan(context=CONTEXT._replace(user="other", may_alter=True, is_superuser=True)),
        # Done already.
        plan(Table(ORDERS, (*BASE.columns, SOURCE, PLACE)), context=CONTEXT._replace(table_id="table-2")),
    ],
)
def test_what_is_no_difference(current: Data) -> None:
    assert difference(current) == ""


def test_a_service_that_hides_its_nodes_may_show_others() -> None:
    assert difference(plan(where=cluster("Production", node(7), node(8))), peers_are_known=False) == ""


@pytest.mark.parametrize(
    ("edit", "part"),
    [
        (
            lambda data: data["tables"][0]["changes"][0].update(cql="DROP TABLE shop.orders"),
            "the approved statement is DROP TABLE",
        ),
        (
            lambda data: data["tables"][0]["changes"][0].update(reverse="ALTER TABLE shop.orders DROP (old)"),
            "the approved statement",
        ),
        (lambda data: data["tables"][0].update(changes=[]), "the approved statement is none"),
        (lambda data: data["tables"].clear(), "asked for and is not in the plan"),
        (lambda data: data["cluster"].update(name="Staging"), "the plan is for the cluster Staging"),
        (lambda data: data["tables"][0]["before"].pop(), "was added"),
        (lambda data: data.update(source=""), "the migration file was edited"),
    ],
)
def test_a_plan_that_was_tampered_with_is_refused(edit: Callable[[Data], Any], part: str) -> None:
    copy: Data = json.loads(json.dumps(MONDAY))
    edit(copy)
    with pytest.raises(InvalidInput, match="edited after it was made"):
        read_plan(copy)
    assert part in difference(MONDAY, approved=tampered(edit, MONDAY))


def test_a_plan_in_which_ansible_hid_a_secret_is_told_from_an_edited_one() -> None:
    censored = json.loads(json.dumps(MONDAY).replace("orders", "********"))
    with pytest.raises(InvalidInput, match="the same text as a password"):
        read_plan(censored)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"format": 1},
        {"format": 2},
        {"format": 2, "fingerprint": "x"},
        sealed({"format": 2}),
        sealed({"format": 2, "tables": 3}),
        sealed({"format": 2, "tables": [{"changes": [{"cql": "x"}]}]}),
        sealed({"format": 2, "tables": [{"changes": 3}]}),
    ],
)
def test_what_is_no_plan_is_said_in_a_sentence(data: Data) -> None:
    with pytest.raises(InvalidInput, match=r"approved_plan .*Make the plan again"):
        read_plan(data)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where anything stands in the data."""
    yield path
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from places(data[key], (*path, key))


def edited(path: tuple[Any, ...], value: Any) -> Any:
    """The plan with this value in that place, and a fingerprint that fits."""
    if not path:
        return value
    copy: Data = json.loads(json.dumps(MONDAY))
    inner: Any = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy if path == ("fingerprint",) else sealed(copy)


@pytest.mark.parametrize("value", [None, 7, True, "x", 'a"b', "", [], [None], {}, {"x": 1}, 1e400], ids=repr)
def test_whatever_a_person_changes_is_answered_in_a_sentence(value: Any) -> None:
    for path in places(MONDAY):
        data = edited(path, value)
        with contextlib.suppress(Failure):
            saved = read_plan(data)
            read_tables({"keyspace": None, "state": "present", "tables": requested_tables(saved.data)})
            plan_file(data)
            reverse_plan(saved)
            check_approved(saved.data, MONDAY, peers_are_known=True)


def test_the_way_back_is_the_reverse_that_was_approved() -> None:
    back = reverse_plan(read_plan(MONDAY))
    (table,), (forward,) = back["tables"], MONDAY["tables"]
    (drop,), (addition,) = table["changes"], forward["changes"]
    assert (drop["cql"], drop["reverse"]) == (addition["reverse"], addition["cql"])
    assert (table["before"], table["after"], table["state"]) == (forward["after"], forward["before"], "absent")
    assert requested_tables(back) == [
        {
            "keyspace": "shop",
            "table": "orders",
            "state": "absent",
            "columns": [
                {"name": "source", "type": "text", "static": False},
                {"name": "place", "type": "address", "static": False},
            ],
        }
    ]
    assert reverse_plan(read_plan(back))["tables"][0]["changes"] == forward["changes"]


BACK = reverse_plan(read_plan(MONDAY))
AFTER = Table(ORDERS, (*BASE.columns, SOURCE, PLACE))
LATER = Column("later", parse_type("int"))


def without(table: Table, name: str) -> Table:
    return table._replace(columns=tuple(column for column in table.columns if column.name != name))


def rollback(table: Table, context: TableContext = CONTEXT) -> Data:
    """The plan of a rollback as it is now, for a table that has gone on."""
    (asked,) = read_tables({"keyspace": None, "state": "present", "tables": requested_tables(BACK)})
    return save_plan(cluster(), [PlannedTable(asked, make_plan(asked, table), context)], "file-1")


@pytest.mark.parametrize(
    ("table", "context", "part"),
    [
        (AFTER, CONTEXT, ""),
        (AFTER._replace(columns=(*AFTER.columns, LATER)), CONTEXT, ""),
        (without(AFTER, "old"), CONTEXT, ""),
        (AFTER, CONTEXT._replace(indexes={"i": "later"}, views=("v",)), ""),
        (BASE._replace(columns=(*BASE.columns, LATER)), CONTEXT, ""),
        (
            without(AFTER, "place"),
            CONTEXT,
            "column place, a regular column of type address, is not there",
        ),
        (AFTER, CONTEXT._replace(table_id="table-2"), "the table's id was table-1 and is table-2"),
    ],
    ids=[
        "as it was",
        "a later column",
        "an older one is gone",
        "other indexes",
        "done",
        "half of it is gone",
        "made again",
    ],
)
def test_a_rollback_depends_on_its_own_columns(table: Table, context: TableContext, part: str) -> None:
    found = difference(rollback(table, context), BACK)
    assert found.endswith(part)
    assert bool(found) is bool(part)


def test_a_plan_is_given_as_a_dictionary_or_as_the_path_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(MONDAY))
    assert load_plan(MONDAY) == load_plan(str(path))
    assert load_plan(MONDAY).data == MONDAY


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (None, "No such file or directory"),
        (b"# Plan", "it holds no JSON"),
        (b"\xff", "it holds no JSON"),
        (b"[]", "no JSON object"),
    ],
)
def test_a_path_without_a_plan_is_refused(tmp_path: Path, content: bytes | None, part: str) -> None:
    path = tmp_path / "plan.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        load_plan(str(path))
    assert part in refused.value.message
