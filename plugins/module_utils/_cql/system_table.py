# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A read of a system table that a server may know only in part, as data: its table, its columns and its key; pure.

The text is made of the data here, and nothing reads the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class SystemRead(NamedTuple):
    """The C(table) that a statement reads and the C(columns) of its rows; none for what is no SELECT, such as LIST ROLES."""

    table: str
    columns: tuple[str, ...] = ()


class Statement(NamedTuple):
    """A CQL statement and the values to bind to its question marks.

    One that reads a system table tells of it what it reads as C(source) and C(key): a name of a column and its value, or several.
    """

    text: str
    values: tuple[Any, ...] = ()
    source: SystemRead = SystemRead("")
    key: tuple[tuple[str, str | tuple[str, ...]], ...] = ()


def literal(value: str | int) -> str:
    """A text or a number as it stands in a statement; raises TypeError for anything else."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:d}"
    raise TypeError(f"A value of type {type(value).__name__} is bound, it is no literal.")


def select(
    table: str, columns: str, terms: Mapping[str, str] = MappingProxyType({}), **key: str | tuple[str, ...]
) -> Statement:
    """These columns, separated by spaces, of the rows of a system table that have these values in their key.

    C(terms) maps some of the columns to what is computed in their place.
    """
    names = tuple(columns.split())
    asked = tuple(f"{terms[name]} AS {name}" if name in terms else name for name in names)
    return _select(SystemRead(table, names), asked, tuple(key.items()))


def select_by(
    table: str, columns: str, key: str, terms: Mapping[str, str] = MappingProxyType({})
) -> Callable[..., Statement]:
    """The function that makes C(select) of these columns from all values of the C(key), whose names are separated by spaces."""
    names = list(enumerate(key.split()))
    # A value too few would read more rows than was meant: it is an error.
    return lambda *values: select(table, columns, terms, **{name: values[number] for number, name in names})


def every_column(statement: Statement) -> Statement:
    """The same rows with the columns that the server has, whichever these are; a statement that is no SELECT is itself."""
    return _select(statement.source, ("*",), statement.key) if statement.source.columns else statement


def virtual(statement: Statement) -> Statement:
    """The same read of the schema of virtual tables, which Cassandra keeps in other tables of the same names (4.0 and later)."""
    table = statement.source.table.replace("system_schema.", "system_virtual_schema.")
    return _select(statement.source._replace(table=table), statement.source.columns, statement.key)


def _select(
    source: SystemRead, terms: tuple[str, ...], key: tuple[tuple[str, str | tuple[str, ...]], ...]
) -> Statement:
    """These terms of the rows of the table of C(source), each of which gives one of its columns."""
    where = " AND ".join(
        f"{name} = {literal(value)}" if isinstance(value, str) else f"{name} IN ({', '.join(map(literal, value))})"
        for name, value in key
    )
    # The literals are written by the one function that knows how.
    text = f"SELECT {', '.join(terms)} FROM {source.table}{' WHERE ' if where else ''}{where}"  # noqa: S608
    return Statement(text, (), source, key)
