# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definition of a table before and after a run, in the server's own words if it has some, else from the catalog; pure."""

from __future__ import annotations

from typing import Any

from .._clean import clean
from .._cql import statement as cql
from .._cql.column_text import read_columns, with_columns, with_indexes
from .._cql.cql_type import Collection, UserType
from .._cql.index import create_index
from .catalog.model import CLUSTERING, FIELD, PARTITION_KEY, Column, Table
from .planning.plan import Plan
from .run import TableRun

# A table may have a comment of any length.
_MOST = 50_000


def definitions(run: TableRun, predicted: bool) -> dict[str, str]:
    """Both states of the table, for C(--diff); their headers say what is not the server's own text."""
    plan, name = run.plan, run.plan.table.name
    # A change that was sent is likely to be made.
    done = plan.names if predicted else run.applied | run.unseen
    table = plan.predict(done)
    # The texts are read on their own: another user may have changed the table between that and the plan.
    is_planned = read_columns(run.before).keys() == {column.name for column in plan.table.columns}
    before = run.before if is_planned else ""
    after = run.described if before and _shows(run.described, table, done) else ""
    notes = ["", ", by the statements" if done and not predicted and not after else ""]
    after = after or (_predicted(before, plan, table, done) if before else "")
    if not after:
        before, after, notes = create_table_text(plan.table), create_table_text(table), [", from the catalog"] * 2
    return {
        "before_header": f"{name} (before{notes[0]})",
        "after_header": f"{name} (after{notes[1]})",
        "before": _for_screen(before),
        "after": _for_screen(after),
    }


def _shows(text: str, table: Table, names: frozenset[str]) -> bool:
    """Whether the text has those columns of these names that are in the table, and no other of these."""
    columns = read_columns(text)
    return bool(columns) and all((name in columns) == bool(table.column(name)) for name in names)


def _predicted(text: str, plan: Plan, table: Table, done: frozenset[str]) -> str:
    """The server's text as it will be after these changes, which lead to this table."""
    columns = {one.name: cql.column_definition(*one[:2], one.static) for one in sorted(table.columns, key=_place)}
    made = [create_index(*table.name[:2], one) for one in plan.new_indexes if one.key in done]
    dropped = [one.name for one in plan.dropped_indexes if one.key in done]
    changed = with_columns(text, columns)
    return changed and with_indexes(changed, made, dropped)


def _place(column: Column) -> tuple[Any, ...]:
    """Where the server prints the column: the key, static ones, those of one cell, by name (4.0 to 6.0, measured)."""
    if column.position >= 0:
        return 0, column.kind == CLUSTERING, column.position
    has_cells = isinstance(column.type, (Collection, UserType)) and not column.type.frozen
    # Fields are listed as they were added.
    return (1, not column.static, has_cells, column.name) if column.kind != FIELD else (1,)


def _for_screen(text: str) -> str:
    """The text for a screen, printable and with an end of its last line: Ansible shows it as it is."""
    left_out = len(text) - _MOST
    cut = f"\n... ({left_out} more characters)" if left_out > 0 else ""
    return f"{clean(text[:_MOST].rstrip())}{cut}\n"


def create_table_text(table: Table) -> str:
    """The table's columns and primary key as CREATE TABLE text, without its options; of a type its CREATE TYPE text."""
    keyspace, name, _kind = table.name
    if table.name.is_type:
        return cql.create_type(keyspace, name, [cql.column_definition(one.name, one.type) for one in table.columns])
    indexes = (f"{create_index(keyspace, name, index)};\n" for index in sorted(table.indexes))
    text = cql.create_table(
        keyspace,
        name,
        [cql.column_definition(column.name, column.type, column.static) for column in table.in_order()],
        [column.name for column in table.key(PARTITION_KEY)],
        [(column.name, column.clustering_order) for column in table.key(CLUSTERING)],
    )
    return "".join([text, *indexes])
