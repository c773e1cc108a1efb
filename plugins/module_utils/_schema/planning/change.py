# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change: one statement with its reverse and what it is about, as a value and as plain data; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..._cql.identifier import display_name
from ..._cql.index import Index, create_index, drop_index
from ..._cql.statement import add_columns, add_field, column_definition, drop_columns
from ..._cql.type_parser import stored_type
from ..catalog.model import Column, Table

# What a person is told who approves an index, by whether it is dropped.
OF_INDEX = {
    False: "Then each node builds the index from the rows that it has, which takes longer the more there are. No row changes.",
    True: "A query that needs the index fails from then on. No row changes.",
}


class Change(NamedTuple):
    """One statement: the server executes it wholly or not at all.

    C(columns) are the columns as they are after an addition and before a drop; C(drops) tells which of the two it is.
    C(of_index) is what is made or dropped in place of columns. C(reverse) is empty if nothing takes the change back. C(unsafe)
    says why the change destroys data, and is empty where it does not.
    """

    cql: str
    reverse: str
    comment: str
    columns: tuple[Column, ...] = ()
    drops: bool = False
    unsafe: str = ""
    of_index: Index | None = None

    @property
    def names(self) -> frozenset[str]:
        """What is as desired once the change is made."""
        return frozenset([*(column.name for column in self.columns), *([self.of_index.key] if self.of_index else [])])

    def as_json(self) -> dict[str, Any]:
        """The change as plain data, for C(read_change)."""
        index = self.of_index and {**self.of_index._asdict(), "options": dict(self.of_index.options)}
        return {**self._asdict(), "columns": [column_as_json(column) for column in self.columns], "of_index": index}


def read_change(data: Mapping[str, Any]) -> Change:
    """The change that C(as_json) wrote; raises KeyError or TypeError for anything else."""
    given = data["of_index"]
    options = tuple(sorted((name, str(value)) for name, value in given["options"].items())) if given else ()
    index = Index(**{**given, "options": options}) if given else None
    return Change(**{**data, "columns": tuple(map(read_column, data["columns"])), "of_index": index})


def column_as_json(column: Column) -> dict[str, Any]:
    """The column as plain data, for C(read_column)."""
    return {**column._asdict(), "type": str(column.type)}


def read_column(data: Mapping[str, Any]) -> Column:
    """The column that C(column_as_json) wrote."""
    return Column(**{**data, "type": stored_type(data["type"])})


def additions(table: Table, columns: Sequence[Column], if_not_exists: bool = False) -> list[Change]:
    """The changes that add these columns: one ALTER TABLE, or an ALTER TYPE for each field, which nothing takes back."""
    keyspace, name, _kind = table.name
    definitions = [column_definition(column.name, column.type, column.static) for column in columns]
    if table.name.is_type:
        return [
            Change(
                cql=add_field(keyspace, name, definition, if_not_exists),
                reverse="",
                comment=f"Add {display_name(field.name)} to {table.name}",
                columns=(field,),
            )
            for field, definition in zip(columns, definitions)
        ]
    return [
        Change(
            cql=add_columns(keyspace, name, definitions, if_not_exists),
            reverse=drop_columns(keyspace, name, [column.name for column in columns]),
            comment=f"Add {_listed(columns)} to {table.name}",
            columns=tuple(columns),
        )
    ]


def drop(table: Table, columns: Sequence[Column]) -> Change:
    """The change that drops these columns; its reverse brings back the columns, and their data is gone."""
    (made,) = additions(table, columns)
    return made._replace(
        cql=made.reverse,
        reverse=made.cql,
        comment=f"Drop {_listed(columns)} from {table.name}",
        drops=True,
        unsafe=f"It destroys what was written to {_listed(columns)}.",
    )


def _listed(columns: Sequence[Column]) -> str:
    return ", ".join(display_name(column.name) for column in columns)


def index_creation(table: Table, index: Index, if_not_exists: bool = False) -> Change:
    """The change that makes this index."""
    keyspace, name, _kind = table.name
    return Change(
        cql=create_index(keyspace, name, index, if_not_exists),
        reverse=drop_index(keyspace, index.name),
        comment=f"Create the index {display_name(index.name)} on {display_name(index.column)} of {table.name}",
        of_index=index,
    )


def index_drop(table: Table, index: Index) -> Change:
    """The change that drops this index, which the server can build again."""
    made = index_creation(table, index)
    comment = f"Drop the index {display_name(index.name)} on {display_name(index.column)} of {table.name}"
    return made._replace(cql=made.reverse, reverse=made.cql, comment=comment, drops=True)
