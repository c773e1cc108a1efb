# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that read system tables, by what they read: if that is missing, the check is named as not made; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._cql.system_table import SystemRead
from .._errors import Failure
from .capabilities import NotChecked


class Reading(NamedTuple):
    """The rows with every column that was asked for: None stands for one of the columns that the server C(lacks).

    C(refusal) is why there is nothing to read, if so.
    """

    source: SystemRead
    rows: list[Mapping[str, Any]]
    lacks: frozenset[str] = frozenset()
    refusal: Failure | None = None

    @property
    def is_there(self) -> bool:
        return self.refusal is None


MAY_ALTER = "whether the role may ALTER the table"
IS_SUPERUSER = "whether the role is a superuser, for whom no guardrail holds"

# The key of a reading; the column that a check needs, or none for the table as a whole; the check.
_CHECKS = (
    ("local", "schema_version", "one schema version on all nodes"),
    ("local", "release_version", "one release version on all nodes"),
    ("peers", "", "whether all nodes are there and agree"),
    ("peers", "schema_version", "one schema version on all nodes"),
    ("peers", "release_version", "one release version on all nodes"),
    ("flags", "", "whether the table uses COMPACT STORAGE"),
    ("flags", "flags", "whether the table uses COMPACT STORAGE"),
    ("flags", "id", "whether the table was dropped and made again since a plan was approved"),
    ("flags", "cdc", "whether the changes of the table are captured (cdc)"),
    ("views", "", "materialized views of the table"),
    ("views", "include_all_columns", "whether materialized views get new columns too"),
    ("dropped", "", "whether a column of the same name was dropped before"),
    ("dropped", "type", "the type of a column of the same name that was dropped before"),
    ("dropped", "kind", "whether a column of the same name that was dropped before was static"),
    ("dropped", "dropped_time", "when a column of the same name was dropped"),
    ("types", "", "whether the user-defined types exist"),
    ("types", "field_types", "whether the user-defined types have collections inside"),
    ("indexes", "", "indexes on the columns to drop"),
    ("indexes", "options", "indexes on the columns to drop"),
    ("settings", "", "the guardrails of the cluster"),
    ("described", "", "masks and constraints of the columns, for the diff"),
    ("permissions", "", MAY_ALTER),
    ("roles", "", IS_SUPERUSER),
)


def not_checked(readings: Mapping[str, Reading]) -> tuple[NotChecked, ...]:
    """What could not be checked because these readings lack it, each with its reason."""
    found: dict[str, NotChecked] = {}
    for key, column, check in _CHECKS:
        if key in readings:
            for reason in _reasons(readings[key], column):
                found.setdefault(check, NotChecked(check, reason))
    return tuple(found.values())


def _reasons(reading: Reading, column: str) -> Iterator[str]:
    table = reading.source.table
    if not column and reading.refusal:
        yield f"{table} cannot be read here (the server: {reading.refusal.message})"
    elif column in reading.lacks and not reading.refusal:
        yield f"{table} has no column {column} here"
