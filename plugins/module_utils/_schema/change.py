# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One change of a table: its CQL, the way back, and the columns that it settles; to JSON and back without loss; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._cql.type_parser import stored_type
from .model import Column


class Change(NamedTuple):
    """One C(ALTER TABLE): the server executes it wholly or not at all.

    C(columns) are the columns as they are after an addition and before a drop. C(unsafe) says why the change destroys
    data, and is empty where it does not.
    """

    cql: str
    reverse: str
    comment: str
    columns: tuple[Column, ...]
    unsafe: str = ""

    @property
    def drops(self) -> bool:
        """Whether the columns are dropped: of the two kinds of change the one that destroys data."""
        return bool(self.unsafe)

    def as_json(self) -> dict[str, Any]:
        """The change as plain data, for C(read_change)."""
        return {**self._asdict(), "columns": [column_as_json(column) for column in self.columns]}


def read_change(data: Mapping[str, Any]) -> Change:
    """The change that C(as_json) wrote; raises KeyError or TypeError for anything else."""
    return Change(**{**data, "columns": tuple(read_column(column) for column in data["columns"])})


def column_as_json(column: Column) -> dict[str, Any]:
    """The column as plain data, for C(read_column)."""
    return {**column._asdict(), "type": str(column.type)}


def read_column(data: Mapping[str, Any]) -> Column:
    """The column that C(column_as_json) wrote."""
    return Column(**{**data, "type": stored_type(data["type"])})
