# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    STATIC,
    Column,
    Table,
    TableName,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.change import Change, read_change
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.desired import ColumnToDrop, Desired
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.plan import make_plan

NAME = TableName("shop", "orders")


def through_json(change: Change) -> Change:
    return read_change(json.loads(json.dumps(change.as_json())))


@pytest.mark.parametrize(
    "cql_type",
    [
        "text",
        "frozen<map<text, list<int>>>",
        "tuple<int, text>",
        "vector<float, 3>",
        "address",
        'frozen<"Address">',
        "'org.apache.cassandra.db.marshal.DynamicCompositeType(a=>org.apache.cassandra.db.marshal.UTF8Type)'",
    ],
)
@pytest.mark.parametrize("kind", ["regular", STATIC])
def test_an_addition_and_a_drop_survive_json(cql_type: str, kind: str) -> None:
    column = Column('A "b"', parse_type(cql_type), kind)
    addition = make_plan(Desired(NAME, (column,)), Table(NAME, ())).changes[0]
    drop = make_plan(Desired(NAME, (), (ColumnToDrop(column.name),)), Table(NAME, (column,))).changes[0]
    assert through_json(addition) == addition
    assert through_json(drop) == drop
    assert (addition.cql, addition.reverse) == (drop.reverse, drop.cql)
