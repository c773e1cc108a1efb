# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a module's parameters to what is desired, checked as far as possible without a server; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..._cql.cql_type import CqlType, in_keyspace
from ..._cql.identifier import display_name, parse_name, truncate
from ..._cql.index import Index
from ..._cql.type_parser import parse_type
from ..._cql.type_rules import field_error, type_error, user_types
from ..._errors import InvalidInput
from ..catalog.model import FIELD, REGULAR, STATIC, TABLE, TYPE, Column, TableName
from .entry import FALSE, ONLY, TRUE, duplicates, index_duplicates, read_entry, read_entry_name, read_index


class ColumnToDrop(NamedTuple):
    """A column to drop, or one that C(stays) without its index. A type or static that is not None must be that of the column."""

    name: str
    type: CqlType | None = None
    static: bool | None = None
    stays: bool = False


class Desired(NamedTuple):
    """The columns that a table is to have, or not to have; C(exact) holds the names written in double quotes.

    Of a user-defined type the columns are its fields. C(indexes) are the indexes that the table is to have, and C(unwanted)
    those that it is not to have.
    """

    table: TableName
    columns: tuple[Column, ...] = ()
    drops: tuple[ColumnToDrop, ...] = ()
    exact: frozenset[str] = frozenset()
    indexes: tuple[Index, ...] = ()
    unwanted: tuple[Index, ...] = ()

    @property
    def listed(self) -> tuple[Column | ColumnToDrop, ...]:
        """The columns as they are listed."""
        return (*self.columns, *self.drops)

    @property
    def has_indexes(self) -> bool:
        return bool(self.indexes or self.unwanted)


def read_table_name(params: Mapping[str, Any]) -> TableName:
    """The table that C(keyspace) and C(table) name, or the user-defined type that C(type) names; raises InvalidInput."""
    kind = TABLE if params.get("type") is None else TYPE
    name = params.get(kind)
    if name is None:
        raise InvalidInput(
            "Neither a table nor a user-defined type is named: give 'table' and 'columns', or 'type' and 'fields'."
        )
    if params["keyspace"] is None:
        raise InvalidInput(f"The keyspace of {kind} {truncate(name)} is missing: give it in 'keyspace'.")
    return TableName(parse_name(params["keyspace"], "keyspace"), parse_name(name, kind), kind)


def read_desired(params: Mapping[str, Any]) -> Desired:
    """What C(keyspace), C(table) and C(columns), or C(type) and C(fields), ask for.

    Raises InvalidInput with everything that is wrong at once.
    """
    table = read_table_name(params)
    several, absent = f"{table.part}s", params.get("state") == "absent"
    _check_keys(table, params, absent)
    columns: list[Column] = []
    drops: list[ColumnToDrop] = []
    names, exact, errors = [], set(), []
    indexes: list[Index] = []
    for number, given in enumerate(params[several], start=1):
        try:
            entry = read_entry(given, absent, table.part)
            name = read_entry_name(entry["name"], table.part)
            index = read_index(entry.get("index"), name, table, absent)
            if absent:
                drops.append(_read_drop(entry, name, table))
            else:
                columns.append(_read_column(entry, name, table))
            indexes += [index.of((drops if absent else columns)[-1].type)] if index else []
        except InvalidInput as error:
            errors.append(f"{several}[{number}]: {error.message}")
            continue
        names.append(name)
        if entry["name"].startswith('"'):
            exact.add(name)
    errors += [*duplicates(names, table.part), *index_duplicates([(table, index) for index in indexes])]
    if errors:
        raise InvalidInput(" ".join(errors))
    wanted, unwanted = ((), tuple(indexes)) if absent else (tuple(indexes), ())
    return Desired(table, tuple(columns), tuple(drops), frozenset(exact), wanted, unwanted)


def _check_keys(table: TableName, params: Mapping[str, Any], absent: bool) -> None:
    """Raises InvalidInput if the entry has not what its kind has, and for what no server can do."""
    several, others = f"{table.part}s", "columns" if table.is_type else "fields"
    if params.get(others) or (table.is_type and params.get("table") is not None):
        raise InvalidInput(f"{table.kind.capitalize()} {truncate(params[table.kind])} has {several}: give these alone.")
    if not params.get(several):
        raise InvalidInput(f"No {several} are listed for {table}: give at least one in '{several}'.")
    if table.is_type and absent:
        raise InvalidInput(f"The fields of {table} cannot be dropped: Cassandra has no statement for that.")


def read_tables(params: Mapping[str, Any]) -> tuple[Desired, ...]:
    """What C(tables) asks for, each as C(read_desired) reads it: user-defined types come first, with those that others use.

    Raises InvalidInput with everything that is wrong at once.
    """
    if not params["tables"]:
        raise InvalidInput("No tables are listed: give at least one in 'tables'.")
    tables: list[Desired] = []
    errors: list[str] = []
    numbers: Counter[str] = Counter()
    for given in params["tables"]:
        inherited = {key: params[key] for key in ("keyspace", "state") if given.get(key) is None}
        several = "tables" if given.get("type") is None else "types"
        numbers[several] += 1
        entry = {**given, **inherited}
        try:
            tables.append(read_desired(entry))
        except InvalidInput as error:
            errors.append(f"{several}[{numbers[several]}]: {error.message}")
    counts = Counter(desired.table for desired in tables)
    errors += [_listed_again(table, tables) for table, count in counts.items() if count > 1]
    errors += [] if errors else index_duplicates([(one.table, index) for one in tables for index in one.indexes])
    if errors:
        raise InvalidInput(" ".join(errors))
    return _in_order(tables)


def _in_order(tables: Sequence[Desired]) -> tuple[Desired, ...]:
    """Each type before the types and tables that use it; raises InvalidInput if types would be parts of each other."""
    types = {one.table: one for one in tables if one.table.is_type}
    ordered: dict[TableName, Desired] = {}

    def add(one: Desired, users: tuple[TableName, ...]) -> None:
        if one.table in users:
            circle = ", ".join(map(str, users[users.index(one.table) :]))
            raise InvalidInput(f"These types would be parts of each other, which no server takes: {circle}.")
        for used in sorted({name for column in one.columns for name in user_types(column.type)}):
            name = one.table._replace(name=used)
            if name in types:
                add(types[name], (*users, one.table))
        ordered.setdefault(one.table, one)

    for one in types.values():
        add(one, ())
    return (*ordered.values(), *(one for one in tables if not one.table.is_type))


def _listed_again(table: TableName, tables: Sequence[Desired]) -> str:
    """What to do about a table that is listed several times: one run makes one change to each table."""
    same = [one for one in tables if one.table == table]
    added = {column.name for one in same for column in one.columns}
    dropped = {column.name for one in same for column in one.drops}
    start = f"{table.kind.capitalize()} {table._replace(kind=TABLE)} is listed {len(same)} times"
    if not (added and dropped):
        return f"{start}: list it once, with all its {table.part}s."
    way = "put the columns to drop and those to add into two migration files or tasks, and run one after the other"
    again = ", ".join(display_name(name) for name in sorted(added & dropped))
    if not again:
        return f"{start}, and a run makes one change to each table: {way}."
    return (
        f"{start}, and a run makes one change to each table: {way}. A column that is dropped and added again ({again}) can "
        "come back with the type that it had: for another type add a column with another name, copy the values, and drop the "
        "old column last."
    )


def _read_drop(entry: Mapping[str, Any], name: str, table: TableName) -> ColumnToDrop:
    cql_type = _read_type(entry["type"], name, table) if entry.get("type") is not None else None
    static = _read_flag(entry["static"]) if entry.get("static") is not None else None
    index = entry.get("index")
    return ColumnToDrop(name, cql_type, static, isinstance(index, Mapping) and _read_flag(index.get(ONLY), ONLY))


def _read_column(entry: Mapping[str, Any], name: str, table: TableName) -> Column:
    cql_type = _read_type(entry["type"], name, table)
    if table.is_type:
        return Column(name, cql_type, FIELD)
    return Column(name, cql_type, STATIC if _read_flag(entry.get("static")) else REGULAR)


def _read_type(text: Any, name: str, table: TableName) -> CqlType:
    keyspace = table.keyspace
    try:
        cql_type = in_keyspace(parse_type(text), keyspace)
    except InvalidInput as error:
        raise InvalidInput(f"{table.part} {display_name(name)}: {error.message}") from None
    reason = field_error(cql_type, keyspace, table.name) if table.is_type else type_error(cql_type, keyspace)
    if reason:
        raise InvalidInput(f"{table.part} {display_name(name)}: {reason}.")
    return cql_type


def _read_flag(value: Any, name: str = "static") -> bool:
    text = "false" if value is None else str(value).lower()
    if text not in TRUE + FALSE:
        raise InvalidInput(f"{name} is true or false, got {truncate(value)}.")
    return text in TRUE
