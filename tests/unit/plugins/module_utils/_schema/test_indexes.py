# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Indexes as they are listed, compared with those of a table, refused, saved in a plan and taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.index import (
    LEGACY,
    SAI,
    Index,
    create_index,
    drop_index,
    read_index,
    read_target,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput, PlanChanged, Refused
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.drift import table_findings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.markdown import plan_as_markdown
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.prepare import Wish, prepare
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    CLUSTERING,
    PARTITION_KEY,
    Cluster,
    Column,
    Node,
    Table,
    TableName,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.approval import check_approved
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.cql_file import (
    offline_file,
    plan_file,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import (
    Desired,
    read_desired,
    read_tables,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.index_rules import check_indexes
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import Plan, make_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.preconditions import TableContext
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.reverse import (
    requested_tables,
    reverse_plan,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.saved_plan import (
    PlannedTable,
    read_plan,
    save_plan,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.result import _report_table
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.run import TableRun

NAME = TableName("shop", "orders")
TABLE = Table(
    NAME,
    (
        Column("id", parse_type("uuid"), PARTITION_KEY, 0),
        Column("c", parse_type("int"), CLUSTERING, 0, "asc"),
        Column("note", parse_type("text")),
        Column("tags", parse_type("map<text, int>")),
    ),
)
BY_NOTE = Index("orders_note_idx", "note")


def desired(*columns: dict[str, Any], state: str = "present") -> Desired:
    return read_desired({"keyspace": "shop", "table": "orders", "columns": list(columns), "state": state})


def with_indexes(*indexes: Index) -> Table:
    return TABLE._replace(indexes=indexes)


def plan(table: Table, *columns: dict[str, Any], state: str = "present") -> Plan:
    return make_plan(desired(*columns, state=state), table)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (True, BY_NOTE),
        ("yes", BY_NOTE),
        ({}, BY_NOTE),
        (False, None),
        (None, None),
        ({"name": "By_Note"}, BY_NOTE._replace(name="by_note")),
        ({"name": '"By_Note"', "kind": "legacy"}, Index("By_Note", "note", LEGACY)),
        (
            {"options": {"normalize": True, "case_sensitive": "false", "n": 3}},
            BY_NOTE._replace(options=(("case_sensitive", "false"), ("n", "3"), ("normalize", "true"))),
        ),
    ],
)
def test_what_is_listed(given: Any, expected: Index | None) -> None:
    found = desired({"name": "note", "type": "text", "index": given})
    assert found.indexes == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("found", "listed", "serves"),
    [
        ({}, {"case_sensitive": True, "normalize": False, "ascii": False}, True),
        ({}, {"similarity_function": "COSINE"}, True),
        ({"similarity_function": "EUCLIDEAN"}, {"similarity_function": "euclidean"}, True),
        ({"normalize": "TRUE", "ascii": "true"}, {"normalize": True}, True),
        ({}, {"case_sensitive": False}, False),
        ({"case_sensitive": "false"}, {"case_sensitive": True}, False),
        ({}, {"optimize_for": "recall"}, False),
    ],
)
def test_an_index_serves_if_the_server_reads_its_options_as_the_listed_ones(
    found: dict[str, str], listed: dict[str, Any], serves: bool
) -> None:
    there = TABLE._replace(indexes=(BY_NOTE._replace(options=tuple(found.items())),))
    for state in ("present", "absent"):
        column = {"name": "note", "type": "text", "index": {"options": listed}}
        (asked,) = read_tables(
            {
                "keyspace": "shop",
                "state": state,
                "tables": [{"table": "orders", "columns": [column]}],
            }
        )
        assert bool(make_plan(asked, there).conflicts) is not serves


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (7, "index is true, or a dictionary with name and kind, got 7"),
        ({"nane": "x"}, "in index: unknown key 'nane', did you mean 'name'?"),
        ({"where": "x"}, "an index has name, kind and options"),
        ({"only": True}, "in index: unknown key 'only'"),
        ({"kind": "sasi"}, "the kind of an index is sai or legacy, got 'sasi'"),
        ({"name": "by note"}, "letters, digits and _ only, got 'by note'"),
        ({"name": "ä"}, "letters, digits and _ only"),
        ({"name": "n" * 151}, "has more than 150 characters"),
        ({"kind": "legacy", "options": {"a": "b"}}, "takes no options"),
        ({"options": ["a"]}, "the options of an index are a dictionary"),
        ({"options": {"a": None}}, "the option 'a' of an index is a text, a number, true or false"),
    ],
)
def test_what_is_listed_wrongly(index: Any, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        desired({"name": "note", "type": "text", "index": index})
    assert words in caught.value.message
    assert caught.value.message.startswith("columns[1]: ")


def test_a_column_that_is_called_index_is_told_from_the_key() -> None:
    with pytest.raises(InvalidInput, match=r"If the column is called index, write \{name: index, type: int\}"):
        desired({"index": "int"})


def test_one_name_for_two_indexes_is_one_too_many() -> None:
    index = {"name": "x"}
    two = [{"name": name, "type": "int", "index": index} for name in ("a", "b")]
    words = "2 indexes of keyspace shop would have the name x: give each a name of its own"
    with pytest.raises(InvalidInput, match=words):
        desired(*two)
    tables = [{"table": name, "columns": [{"name": "a", "type": "int", "index": index}]} for name in ("t", "u")]
    with pytest.raises(InvalidInput, match=words):
        read_tables({"keyspace": "shop", "state": "present", "tables": tables})
    elsewhere = [{**tables[0], "keyspace": "other"}, tables[1]]
    assert len(read_tables({"keyspace": "shop", "state": "present", "tables": elsewhere})) == 2


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("a", ("a", "")),
        ('"A b"', ("A b", "")),
        ("values(m)", ("m", "values")),
        ('full("M""m")', ('M"m', "full")),
        ('"values(m)"', ("values(m)", "")),
    ],
)
def test_targets(target: str, expected: tuple[str, str]) -> None:
    assert read_target(target) == expected
    column, part = expected
    assert Index("x", column, part=part).target == target


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("COMPOSITES", {"target": "note"}, BY_NOTE._replace(kind=LEGACY)),
        ("KEYS", {"target": "note"}, BY_NOTE._replace(kind=LEGACY)),
        ("CUSTOM", {"target": "note", "class_name": "sai"}, BY_NOTE),
        ("CUSTOM", {"target": "note", "class_name": "StorageAttachedIndex"}, BY_NOTE),
        ("CUSTOM", {"target": "note", "class_name": "org.apache.cassandra.index.sai.StorageAttachedIndex"}, BY_NOTE),
        ("CUSTOM", {"target": "note", "class_name": "sai", "a": "b"}, BY_NOTE._replace(options=(("a", "b"),))),
        (
            "CUSTOM",
            {"target": "note", "class_name": "org.apache.cassandra.index.sasi.SASIIndex"},
            BY_NOTE._replace(kind="org.apache.cassandra.index.sasi.SASIIndex"),
        ),
        ("CUSTOM", None, Index("orders_note_idx", "", "")),
    ],
)
def test_rows_of_the_server(kind: str, options: Any, expected: Index) -> None:
    assert read_index({"index_name": "orders_note_idx", "kind": kind, "options": options}) == expected


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (BY_NOTE, "CREATE CUSTOM INDEX orders_note_idx ON shop.orders (note) USING 'StorageAttachedIndex'"),
        (BY_NOTE._replace(kind=LEGACY), "CREATE INDEX orders_note_idx ON shop.orders (note)"),
        (
            Index("X", "Tags", SAI, (("it's", "a"),)).of(parse_type("frozen<set<int>>")),
            'CREATE CUSTOM INDEX "X" ON shop.orders (full("Tags")) USING \'StorageAttachedIndex\' '
            "WITH OPTIONS = {'it''s': 'a'}",
        ),
        (
            Index("x", "tags", LEGACY).of(parse_type("map<text, int>")),
            "CREATE INDEX x ON shop.orders (values(tags))",
        ),
        (Index("x", "t", LEGACY).of(parse_type("tuple<int, int>")), "CREATE INDEX x ON shop.orders (t)"),
    ],
)
def test_the_statement(index: Index, text: str) -> None:
    assert create_index("shop", "orders", index) == text
    assert create_index("shop", "orders", index, True) == text.replace("INDEX ", "INDEX IF NOT EXISTS ", 1)


NOTE = {"name": "note", "type": "text", "index": True}
FRESH = {"name": "fresh", "type": "int", "index": True}
THEIRS = BY_NOTE._replace(name="theirs")


@pytest.mark.parametrize(
    ("there", "columns", "statements"),
    [
        ((), [NOTE], ["CREATE CUSTOM INDEX orders_note_idx"]),
        (
            (),
            [FRESH, NOTE],
            ["ALTER TABLE", "CREATE CUSTOM INDEX orders_fresh_idx", "CREATE CUSTOM INDEX orders_note_idx"],
        ),
        ((BY_NOTE,), [NOTE], []),
        ((THEIRS,), [NOTE], []),
        # A column of the key is listed for its index alone.
        ((), [{"name": "c", "type": "int", "index": True}], ["CREATE CUSTOM INDEX orders_c_idx"]),
        (
            (Index("keys", "tags", SAI, (), "keys"),),
            [{"name": "tags", "type": "map<text,int>", "index": True}],
            ["CREATE"],
        ),
    ],
)
def test_what_is_made(there: tuple[Index, ...], columns: list[dict[str, Any]], statements: list[str]) -> None:
    made = plan(with_indexes(*there), *columns)
    assert [change.cql[: len(start)] for change, start in zip(made.changes, statements)] == statements
    assert (len(made.changes), made.conflicts) == (len(statements), ())
    done = make_plan(desired(*columns), made.predict(made.names))
    assert (done.changes, done.unsettled) == ((), frozenset())


@pytest.mark.parametrize(
    ("there", "column", "reason"),
    [
        (BY_NOTE._replace(kind=LEGACY), NOTE, "is legacy on note, wanted is sai on note: list that kind"),
        (THEIRS._replace(kind=LEGACY), NOTE, "the index theirs is legacy on note"),
        (BY_NOTE._replace(column="tags", part="values"), NOTE, "is sai on values(tags), wanted is sai on note: give"),
        (
            THEIRS._replace(options=(("a", "b"),)),
            {**NOTE, "index": {"options": {"a": "c"}}},
            "is sai on note with a: b, wanted is sai on note with a: c",
        ),
    ],
)
def test_what_is_in_the_way(there: Index, column: dict[str, Any], reason: str) -> None:
    made = plan(with_indexes(there), column)
    assert made.changes == ()
    assert reason in made.conflicts[0].reason


@pytest.mark.parametrize(
    "column",
    [
        {"name": "note", "type": "int", "index": True},
        {"name": "c", "type": "text", "index": True},
        {"name": "c", "type": "int", "static": True, "index": True},
        {"name": "c", "type": "int"},
    ],
)
def test_a_column_in_conflict_gets_no_index(column: dict[str, Any]) -> None:
    made = plan(TABLE, column)
    assert (made.changes, len(made.conflicts)) == ((), 1)


@pytest.mark.parametrize(
    ("columns", "statements"),
    [
        ([{"name": "note"}], ["ALTER TABLE shop.orders DROP (note)"]),
        (
            [{"name": "note", "index": True}],
            ["DROP INDEX shop.orders_note_idx", "ALTER TABLE shop.orders DROP (note)"],
        ),
        ([{"name": "note", "index": {"only": True}}], ["DROP INDEX shop.orders_note_idx"]),
        ([{"name": "note", "index": {"name": "gone"}}], ["ALTER TABLE shop.orders DROP (note)"]),
        ([{"name": "note", "index": {"kind": "legacy"}}], ["ALTER TABLE shop.orders DROP (note)"]),
        ([{"name": "tags", "index": {"name": "orders_note_idx", "only": True}}], []),
    ],
)
def test_what_is_dropped(columns: list[dict[str, Any]], statements: list[str]) -> None:
    """An index of that name that is another one is a conflict, and stays."""
    made = plan(with_indexes(BY_NOTE), *columns, state="absent")
    assert [change.cql for change in made.changes] == statements
    other = any(isinstance(one["index"], dict) and one["index"].get("kind") for one in columns if "index" in one)
    assert len(made.conflicts) == (other or statements == [])


ONLY_INDEX = {"name": "note", "type": "text", "index": {"only": True}}


def test_a_column_that_stays_is_compared_as_one_to_drop() -> None:
    """Of a key it may go; a column of another type may be another one."""
    for column, there in (({"name": "c", "index": {"only": True}}, Index("orders_c_idx", "c")), (ONLY_INDEX, BY_NOTE)):
        made = plan(with_indexes(there), column, state="absent")
        assert [change.cql for change in made.changes] == [f"DROP INDEX shop.{there.name}"]
    other = plan(with_indexes(BY_NOTE), {**ONLY_INDEX, "type": "int"}, state="absent")
    assert (other.changes, "it may be another one" in other.conflicts[0].reason) == ((), True)


def test_the_drop_of_an_index_alone_is_taken_back() -> None:
    """With its plan, from the file without one, and in the file for a person."""
    data = saved(with_indexes(BY_NOTE), desired(ONLY_INDEX, state="absent"))
    back = reverse_plan(read_plan(data))
    listed = {"keyspace": "shop", "table": "orders", "columns": [ONLY_INDEX], "state": "absent"}
    definition = {"tables": [listed], "options": {}, "steps": [], "roles": {}}
    flipped = prepare(definition, Wish("rollback", all_listed=True))["tables"]
    creation = "CREATE CUSTOM INDEX orders_note_idx ON shop.orders (note) USING 'StorageAttachedIndex'"
    for tables in (requested_tables(back), flipped):
        (asked,) = read_tables({"keyspace": None, "state": "present", "tables": tables})
        assert [change.cql for change in make_plan(asked, TABLE).changes] == [creation]
    text = offline_file([listed])
    assert "-- A query that needs the index fails from then on." in text
    assert "DROP INDEX shop.orders_note_idx;" in text
    assert f"-- To reverse it:\n-- {creation};" in text
    assert "must be no row for" not in text


def test_the_index_of_a_clustering_column_comes_back() -> None:
    """It is listed as a column, and made on the column of the key that is there."""
    there = with_indexes(Index("orders_c_idx", "c"))
    data = saved(there, desired({"name": "c", "index": {"only": True}}, state="absent"))
    back = reverse_plan(read_plan(data))
    (asked,) = read_tables({"keyspace": None, "state": "present", "tables": requested_tables(back)})
    made = make_plan(asked, TABLE)
    assert ([change.cql for change in made.changes], made.conflicts) == (
        ["CREATE CUSTOM INDEX orders_c_idx ON shop.orders (c) USING 'StorageAttachedIndex'"],
        (),
    )
    assert [change["cql"] for change in back["tables"][0]["changes"]] == [change.cql for change in made.changes]


def test_what_is_to_come_back_needs_a_type() -> None:
    for column in ({"name": "note"}, {"name": "note", "index": {"only": True}}):
        listed = {"keyspace": "shop", "table": "orders", "columns": [column], "state": "absent"}
        definition = {"tables": [listed], "options": {}, "steps": [], "roles": {}}
        with pytest.raises(InvalidInput, match=r"lists note of shop\.orders without a type, and without a plan"):
            prepare(definition, Wish("rollback", all_listed=True))


@pytest.mark.parametrize(
    ("status", "words"), [("would_drop", ["The index orders_note_idx is still there"]), ("absent", [])]
)
def test_a_column_that_stays_is_no_difference(status: str, words: list[str]) -> None:
    facts = {"name": "note", "type": "text", "status": "present", "kind": "regular"}
    index = {"name": "orders_note_idx", "kind": SAI, "target": "note", "options": {}, "status": status}
    asked = desired(ONLY_INDEX, state="absent")
    found = [one.what for one in table_findings(asked, [{**facts, "index": index}])]
    assert [what[: len(start)] for what, start in zip(found, words)] == words
    assert len(found) == len(words)


@pytest.mark.parametrize(
    ("context", "column", "words"),
    [
        ({"index_kinds": (LEGACY,)}, NOTE, "has none (5.0 and later): if a legacy index is what you want"),
        ({"index_kinds": (), "server": "ScyllaDB 6"}, NOTE, "and on ScyllaDB 6 this collection makes none"),
        ({"indexes": None}, NOTE, "does not show the indexes of the table here"),
        ({"view_of": "base"}, NOTE, "it is a materialized view, change its base table shop.base"),
        ({"may_alter": False, "user": "ann"}, NOTE, "role ann may not ALTER shop.orders"),
        ({"flags": frozenset({"dense"})}, NOTE, "it uses COMPACT STORAGE"),
        ({"settings": {"secondary_indexes_enabled": "false"}}, NOTE, "the guardrail secondary_indexes_enabled"),
        (
            {"settings": {"secondary_indexes_per_table_fail_threshold": "1"}, "indexes": {"x": "tags"}},
            NOTE,
            "allows 1 indexes, the table would have 2",
        ),
        (
            {"settings": {"default_secondary_index": "sai"}},
            {**NOTE, "index": {"kind": "legacy"}},
            "an index without a kind is made as sai",
        ),
        ({"other_indexes": {"orders_note_idx": "Other"}}, NOTE, 'table "Other" of this keyspace has an index'),
        ({}, {"name": '"a b"', "type": "int", "index": True}, "more than letters, digits and _"),
        ({}, {"name": "id", "type": "uuid", "index": True}, "column id is the only one of the partition key"),
        ({}, {"name": "x", "type": "duration", "index": {"kind": "legacy"}}, "durations have no order"),
        ({}, {"name": "x", "type": "address", "index": True}, "(frozen<address>)"),
        ({}, {"name": "x", "type": "blob", "index": True}, "of type blob cannot have such an index"),
    ],
)
def test_what_the_server_would_refuse(context: dict[str, Any], column: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as caught:
        check_indexes(plan(TABLE, column), TableContext(**context))
    # Reasons that are about the columns too are told with these.
    assert words in caught.value.message
    assert caught.value.message.startswith("The indexes cannot be made on shop.orders: ")


def test_what_nobody_refuses() -> None:
    check_indexes(plan(TABLE, NOTE, FRESH), TableContext())
    # A superuser is above guardrails, and ALTER TABLE is another statement.
    settings = {"secondary_indexes_enabled": "false"}
    check_indexes(plan(TABLE, NOTE), TableContext(settings=settings, is_superuser=True))
    check_indexes(plan(TABLE, NOTE), TableContext(settings={"alter_table_enabled": "false"}))
    check_indexes(plan(TABLE, {"fresh": "blob"}), TableContext(index_kinds=()))


CLUSTER = Cluster("Production", Node("10.0.0.1", 9042, "dc1", "h1", "5.0.9", "v"), ())


def saved(table: Table, asked: Desired, **context: Any) -> dict[str, Any]:
    known = TableContext(table_id="1", **context)
    whole = save_plan(CLUSTER, [PlannedTable(asked, make_plan(asked, table), known)], "file")
    return json.loads(json.dumps(whole))  # type: ignore[no-any-return]


ASKED = desired(FRESH, {**NOTE, "index": {"options": {"normalize": True}}})


def test_a_saved_plan_holds_the_indexes_and_its_reverse_drops_them_first() -> None:
    data = saved(TABLE, ASKED)
    (asked,) = read_tables({"keyspace": None, "state": "present", "tables": requested_tables(data)})
    assert asked.indexes == ASKED.indexes
    changes = read_plan(data).changes[0]
    assert changes == make_plan(ASKED, TABLE).changes
    back = reverse_plan(read_plan(data))
    assert [change["cql"] for change in back["tables"][0]["changes"]] == [
        "DROP INDEX shop.orders_fresh_idx",
        "DROP INDEX shop.orders_note_idx",
        "ALTER TABLE shop.orders DROP (fresh)",
    ]
    (undone,) = read_tables({"keyspace": None, "state": "present", "tables": requested_tables(back)})
    assert [(one.name, one.stays) for one in undone.drops] == [("fresh", False), ("note", True)]
    assert [one.key for one in undone.unwanted] == ["index orders_fresh_idx", "index orders_note_idx"]
    again = reverse_plan(read_plan(back))
    assert sorted(change["cql"] for change in again["tables"][0]["changes"]) == sorted(one.cql for one in changes)
    page, text = plan_as_markdown(data), plan_file(data)
    for one in (page, text):
        # It costs time on each node, and is no change of the definition alone.
        assert one.count("Then each node builds the index from the rows that it has") == 2
    assert text.count("It changes only the definition of the table") == 1
    assert text.index("CREATE CUSTOM INDEX orders_fresh_idx") < text.index("CREATE CUSTOM INDEX orders_note_idx")
    assert "WITH OPTIONS = {'normalize': 'true'};" in text
    assert "--     orders_fresh_idx, sai on fresh" in text


def test_a_request_that_differs_from_its_plan_in_an_index_alone_says_so() -> None:
    other = desired(FRESH, {**NOTE, "index": {"name": "other"}})
    with pytest.raises(PlanChanged) as caught:
        check_approved(saved(TABLE, ASKED), saved(TABLE, other), True)
    assert "note text with the index (name: other, kind: sai) (present), and planned is" in caught.value.message
    assert "with the index (name: orders_note_idx, kind: sai, options: normalize = true)" in caught.value.message


FRESH_THERE = TABLE._replace(columns=(*TABLE.columns, Column("fresh", parse_type("int"))))
BY_FRESH = Index("orders_fresh_idx", "fresh")


@pytest.mark.parametrize(
    ("table", "indexes", "difference"),
    [
        (TABLE, {}, ""),
        (FRESH_THERE, {}, ""),
        (FRESH_THERE._replace(indexes=(BY_FRESH,)), {"orders_fresh_idx": "fresh"}, ""),
        (TABLE, {"other": "tags"}, "the indexes was none and is other = tags"),
        (
            FRESH_THERE._replace(indexes=(BY_FRESH,)),
            {"orders_fresh_idx": "fresh", "other": "tags"},
            "the indexes was none and is other = tags",
        ),
        (
            TABLE._replace(indexes=(THEIRS._replace(options=(("normalize", "true"),)),)),
            {"theirs": "note"},
            "theirs = note",
        ),
    ],
)
def test_an_approved_plan_that_was_left_in_the_middle(table: Table, indexes: dict[str, str], difference: str) -> None:
    approved = read_plan(saved(TABLE, ASKED)).data
    current = saved(table, ASKED, indexes=indexes)
    if not difference:
        check_approved(approved, current, True)
        return
    with pytest.raises(PlanChanged) as caught:
        check_approved(approved, current, True)
    assert difference in caught.value.message


def test_the_file_without_a_cluster() -> None:
    table = {"keyspace": "shop", "table": "orders", "columns": [NOTE]}
    assert "CREATE CUSTOM INDEX orders_note_idx ON" in offline_file([table])
    assert "CREATE CUSTOM INDEX IF NOT EXISTS orders_note_idx ON" in offline_file([table], "5.0.0")
    gone = offline_file([{**table, "state": "absent"}])
    assert gone.index("DROP INDEX shop.orders_note_idx;") < gone.index("ALTER TABLE shop.orders DROP (note);")
    assert drop_index("shop", "Order") == 'DROP INDEX shop."Order"'


@pytest.mark.parametrize(
    ("state", "table", "status"),
    [
        ("present", TABLE, "missing"),
        ("present", with_indexes(BY_NOTE), "present"),
        ("absent", TABLE, "absent"),
        ("absent", with_indexes(BY_NOTE), "present"),
    ],
)
def test_the_index_of_a_column_in_conflict_is_as_it_is(state: str, table: Table, status: str) -> None:
    asked = desired({"name": "note", "type": "int", "index": True}, state=state)
    (column,) = _report_table(TableRun(asked, make_plan(asked, table)), True)["columns"]
    assert (column["status"], column["index"]["status"]) == ("conflict", status)
