# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The saved plan that takes another one back, and what a saved plan asks for; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._cql.identifier import parse_name
from ..catalog.model import TABLE, TYPE, Table, TableName
from .approval import TABLE_ID
from .change import Change, read_column
from .desired import ColumnToDrop, Desired
from .plan import Plan, make_plan
from .saved_plan import PlannedTable, SavedPlan, save_table, sealed


def reverse_plan(saved: SavedPlan) -> dict[str, Any]:
    """The saved plan that takes this one back: its statements are the C(reverse) of those that were approved.

    The fields of user-defined types are no part of it: they stay.
    """
    tables = [
        _reverse(table, changes)
        for table, changes in zip(saved.data["tables"], saved.changes)
        if changes and table["kind"] == TABLE
    ]
    return sealed({**saved.data, "tables": tables[::-1], "described": []})


def requested_tables(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a saved plan asks for, as the option C(tables) of C(cassandra_column)."""
    return list(map(requested_table, data["tables"]))


def requested_table(table: Mapping[str, Any]) -> dict[str, Any]:
    """What a table of a saved plan asks for."""
    kind, several = (TYPE, "fields") if table["kind"] == TYPE else (TABLE, "columns")
    return {"keyspace": table["keyspace"], kind: table["table"], "state": table["state"], several: table["columns"]}


def lasting_fields(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields that a saved plan adds for good, by the user-defined type."""
    return {
        f"{table['keyspace']}.{table['table']}": [
            column["name"] for change in table["changes"] for column in change["columns"]
        ]
        for table in data["tables"]
        if table["kind"] == TYPE and table["changes"]
    }


def _reverse(table: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    name = TableName(parse_name(table["keyspace"]), parse_name(table["table"]))
    done = Plan(Table(name, tuple(map(read_column, table["after"]))), tuple(changes))
    # A column of which the plan made or dropped the index alone stays.
    others = {index.column for index in (*done.new_indexes, *done.dropped_indexes)} - done.names
    stay = [column for column in done.table.columns if column.name in others]
    columns = (*done.drops, *(stay if done.dropped_indexes else ()))
    gone = (*done.additions, *(stay if done.new_indexes else ()))
    drops = tuple(ColumnToDrop(one.name, one.type, one.static, one in stay) for one in gone)
    exact = frozenset(column.name for column in (*columns, *gone))
    desired = Desired(name, columns, drops, exact, done.dropped_indexes, done.new_indexes)
    plan = make_plan(desired, done.table._replace(indexes=done.new_indexes))
    # Time has passed, and other columns have come and gone. It must be the same table; the server's reasons to refuse, such as
    # indexes and views, are checked in any case.
    same = {key: value for key, value in (table["depends_on"] or {}).items() if key == TABLE_ID}
    return {**save_table(PlannedTable(desired, plan)), "depends_on": same, "own_columns_only": True}
