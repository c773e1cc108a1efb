# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the models have and the tables have not: a pure function of both, by the same plan as a migration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .._cql.identifier import display_name
from .._cql.type_rules import type_error
from .._schema.catalog.model import CLUSTERING, PARTITION_KEY, REGULAR, STATIC, Column, Table, TableName
from .._schema.planning.desired import Desired
from .._schema.planning.plan import make_plan
from .fields import Field, Undecided
from .models import Model


class DraftColumn(NamedTuple):
    """A column for the migration file; C(present) says that the table has it, and only the field is commented out."""

    column: Column
    field: Field
    present: bool


class Draft(NamedTuple):
    """The columns by their tables, and what a person has to decide."""

    tables: Mapping[TableName, tuple[DraftColumn, ...]]
    undecided: tuple[Undecided, ...]

    @property
    def columns(self) -> list[DraftColumn]:
        return [one for columns in self.tables.values() for one in columns]

    @property
    def enabled(self) -> dict[tuple[str, str], list[str]]:
        """The fields to enable, by their file and class."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.columns:
            if one.field.commented:
                found.setdefault((one.field.path, one.field.class_name), []).append(one.field.name)
        return found


def make_draft(models: Sequence[Model], tables: Mapping[TableName, Table], missing: Mapping[TableName, str]) -> Draft:
    """The draft; C(missing) says of tables that do not exist why, as a sentence."""
    drafted: dict[TableName, tuple[DraftColumn, ...]] = {}
    undecided: list[Undecided] = []
    for name in dict.fromkeys(model.table for model in models):
        same = [model for model in models if model.table == name]
        columns, unclear = _of_table(same, tables[name], missing.get(name))
        undecided += unclear
        if columns:
            drafted[name] = columns
    # A field of an abstract class is a field of each class that inherits it.
    return Draft(drafted, tuple(dict.fromkeys(undecided)))


def _of_table(
    models: Sequence[Model], table: Table, missing: str | None
) -> tuple[tuple[DraftColumn, ...], list[Undecided]]:
    first = models[0]
    if len({model.family for model in models}) > 1:
        classes = ", ".join(f"{model.name} ({model.path}:{model.line})" for model in models)
        what = f"Several classes have the table {table.name}: {classes}. Which of them describes it is not clear."
        return (), [Undecided(what, first.path, first.line, first.name)]
    if missing:
        what = f"{missing.rstrip('.')}. This collection creates no tables: create it, for example with sync_table."
        return (), [Undecided(what, model.path, model.line, model.name) for model in models]
    fields: dict[str, Field] = {}
    undecided = []
    for field in (field for model in models for field in model.fields):
        problem = _problem(field, fields.get(field.column), table)
        if problem:
            undecided.append(_unclear(field, problem))
        elif not (field.made and field.made.key):
            fields.setdefault(field.column, field)
    wanted = dict(_columns(fields))
    plan = make_plan(Desired(table.name, tuple(wanted.values()), exact=frozenset(wanted)), table)
    undecided += [_unclear(fields[one.name], f"{_where(fields[one.name])}: {one.reason}") for one in plan.conflicts]
    drafted = [
        DraftColumn(column, fields[name], name not in plan.names)
        for name, column in wanted.items()
        if name in plan.names or (fields[name].commented and name not in plan.unsettled)
    ]
    return tuple(drafted), undecided


def _columns(fields: Mapping[str, Field]) -> Iterator[tuple[str, Column]]:
    for name, field in fields.items():
        if field.made:
            yield name, Column(name, field.made.type, STATIC if field.made.static else REGULAR)


def _problem(field: Field, other: Field | None, table: Table) -> str | None:
    """Why the column of the field is not for the file, as a sentence without its end, or None."""
    if field.made is None:
        return field.problem
    reason = type_error(field.made.type, table.name.keyspace)
    if reason:
        return f"{_where(field)}: {reason}"
    name = display_name(field.column)
    if field.made.key:
        found = table.column(field.column)
        if found is None:
            return f"{_where(field)} is a part of the primary key, and the table has no column {name}: no migration adds one"
        is_key = found.kind in (PARTITION_KEY, CLUSTERING)
        return (
            None if is_key else f"{_where(field)} is a part of the primary key, and column {name} is none in the table"
        )
    if other and other.made and (other.line, other.path) != (field.line, field.path):
        same = (other.made.type, other.made.static) == (field.made.type, field.made.static)
        if not same or other.class_name == field.class_name:
            return f"{_where(field)} and {_where(other)} of class {other.class_name} both make column {name}"
    return None


def _where(field: Field) -> str:
    return f"{field.name} (line {field.line})"


def _unclear(field: Field, problem: str) -> Undecided:
    what = problem if problem.startswith(field.name) else problem[:1].upper() + problem[1:]
    return Undecided(f"{what.rstrip('.')}.", field.path, field.line, field.class_name, field.name)
