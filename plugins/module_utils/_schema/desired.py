# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a module's parameters to what is desired, checked as far as possible without a server; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._cql.cql_type import CqlType, in_keyspace
from .._cql.identifier import display_name, nearest, parse_name, truncate
from .._cql.type_parser import parse_type
from .._cql.type_rules import type_error
from .._errors import InvalidInput
from .model import REGULAR, STATIC, Column, TableName

_KEYS = {"name", "type", "static"}
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class ColumnToDrop(NamedTuple):
    """A column to drop. A type or static that is not None must be that of the column."""

    name: str
    type: CqlType | None = None
    static: bool | None = None


class Desired(NamedTuple):
    """The columns that a table is to have, or not to have; C(exact) holds the names written in double quotes."""

    table: TableName
    columns: tuple[Column, ...] = ()
    drops: tuple[ColumnToDrop, ...] = ()
    exact: frozenset[str] = frozenset()


def read_table_name(params: Mapping[str, Any]) -> TableName:
    """The table that C(keyspace) and C(table) name; raises InvalidInput."""
    if params["keyspace"] is None:
        raise InvalidInput(f"The keyspace of table {truncate(params['table'])} is missing: give it in 'keyspace'.")
    return TableName(parse_name(params["keyspace"], "keyspace"), parse_name(params["table"], "table"))


def read_desired(params: Mapping[str, Any]) -> Desired:
    """What C(keyspace), C(table) and C(columns) ask for; raises InvalidInput with everything that is wrong at once."""
    table = read_table_name(params)
    if not params["columns"]:
        raise InvalidInput(f"No columns are listed for {table}: give at least one in 'columns'.")
    absent = params.get("state") == "absent"
    columns: list[Column] = []
    drops: list[ColumnToDrop] = []
    exact, errors = set(), []
    for number, given in enumerate(params["columns"], start=1):
        try:
            entry = _normal(given, absent)
            name = _read_name(entry["name"])
            if absent:
                drops.append(_read_drop(entry, name, table.keyspace))
            else:
                columns.append(_read_column(entry, name, table.keyspace))
        except InvalidInput as error:
            errors.append(f"columns[{number}]: {error.message}")
            continue
        if entry["name"].startswith('"'):
            exact.add(name)
    errors += _duplicates([*columns, *drops])
    if errors:
        raise InvalidInput(" ".join(errors))
    return Desired(table, tuple(columns), tuple(drops), frozenset(exact))


def read_tables(params: Mapping[str, Any]) -> tuple[Desired, ...]:
    """What C(tables) asks for, each as C(read_desired) reads it; raises InvalidInput with everything that is wrong at once."""
    if not params["tables"]:
        raise InvalidInput("No tables are listed: give at least one in 'tables'.")
    tables, errors = [], []
    for number, given in enumerate(params["tables"], start=1):
        inherited = {key: params[key] for key in ("keyspace", "state") if given.get(key) is None}
        entry = {**given, **inherited}
        try:
            tables.append(read_desired(entry))
        except InvalidInput as error:
            errors.append(f"tables[{number}]: {error.message}")
    counts = Counter(desired.table for desired in tables)
    errors += [_listed_again(table, tables) for table, count in counts.items() if count > 1]
    if errors:
        raise InvalidInput(" ".join(errors))
    return tuple(tables)


def _listed_again(table: TableName, tables: Sequence[Desired]) -> str:
    """What to do about a table that is listed several times: one run makes one change to each table."""
    same = [one for one in tables if one.table == table]
    added = {column.name for one in same for column in one.columns}
    dropped = {column.name for one in same for column in one.drops}
    start = f"Table {table} is listed {len(same)} times"
    if not (added and dropped):
        return f"{start}: list it once, with all its columns."
    way = "put the columns to drop and those to add into two migration files or tasks, and run one after the other"
    again = ", ".join(display_name(name) for name in sorted(added & dropped))
    if not again:
        return f"{start}, and a run makes one change to each table: {way}."
    return (
        f"{start}, and a run makes one change to each table: {way}. A column that is dropped and added again ({again}) can "
        "come back with the type that it had: for another type add a column with another name, copy the values, and drop the "
        "old column last."
    )


def _normal(entry: Any, absent: bool) -> Mapping[str, Any]:
    """The entry with its name and type spelt out: a single pair is the C(name: type) form of community.cassandra."""
    if not isinstance(entry, Mapping) or not entry:
        raise InvalidInput(f"a column is a mapping with name and type, got {truncate(entry)}.")
    given = sorted(str(key) for key in entry)
    if len(entry) == 1 and given[0] not in _KEYS:
        ((name, cql_type),) = entry.items()
        return {"name": name, "type": cql_type}
    unknown = [key for key in given if key not in _KEYS]
    if unknown and "<" in str(entry.get("type")) and ">" in unknown[0]:
        raise InvalidInput(f"put the type in quotes: YAML ends {truncate(str(entry['type']))} at the comma.")
    if unknown:
        raise InvalidInput(_unknown_key(unknown[0], entry))
    missing = sorted(({"name"} if absent else {"name", "type"}) - set(entry))
    if missing and len(entry) == 1:
        # A forgotten line, or the pair of community.cassandra: nobody is to get a column called type by mistake.
        value = "" if absent else f", type: {entry[given[0]]}"
        raise InvalidInput(
            f"{missing[0]} is missing. If the column is called {given[0]}, write {{name: {given[0]}{value}}}."
        )
    if missing:
        raise InvalidInput(f"{missing[0]} is missing.")
    return entry


def _unknown_key(key: str, entry: Mapping[str, Any]) -> str:
    meant = nearest(key, _KEYS - set(entry))
    if meant:
        return f"unknown key {truncate(key)}, did you mean '{meant}'?"
    if len(entry) > 1 and not _KEYS & set(entry):
        return "a mapping of several columns: write each one as an item of the list of its own, with name and type."
    return f"unknown key {truncate(key)}, a column has name, type and static."


def _read_name(name: Any) -> str:
    if not isinstance(name, str) or name in ("True", "False", "None"):
        raise InvalidInput(f"the name {name!r} is not text: YAML read it as something else, put it in quotes.")
    return parse_name(name, "column name")


def _read_drop(entry: Mapping[str, Any], name: str, keyspace: str) -> ColumnToDrop:
    cql_type = _read_type(entry["type"], name, keyspace) if entry.get("type") is not None else None
    static = _read_flag(entry["static"]) if entry.get("static") is not None else None
    return ColumnToDrop(name, cql_type, static)


def _read_column(entry: Mapping[str, Any], name: str, keyspace: str) -> Column:
    cql_type = _read_type(entry["type"], name, keyspace)
    return Column(name, cql_type, STATIC if _read_flag(entry.get("static")) else REGULAR)


def _read_type(text: Any, name: str, keyspace: str) -> CqlType:
    try:
        cql_type = in_keyspace(parse_type(text), keyspace)
    except InvalidInput as error:
        raise InvalidInput(f"column {display_name(name)}: {error.message}") from None
    reason = type_error(cql_type, keyspace)
    if reason:
        raise InvalidInput(f"column {display_name(name)}: {reason}.")
    return cql_type


def _read_flag(value: Any) -> bool:
    text = "false" if value is None else str(value).lower()
    if text not in _TRUE + _FALSE:
        raise InvalidInput(f"static is true or false, got {truncate(value)}.")
    return text in _TRUE


def _duplicates(columns: Sequence[Column | ColumnToDrop]) -> list[str]:
    counts = Counter(column.name for column in columns)
    return [f"Column {display_name(name)} is listed {count} times." for name, count in counts.items() if count > 1]
