# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan as a file for cqlsh: without a cluster it is the plan for tables of which nothing is known; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..._cql.cql_type import Native
from ..._cql.identifier import display_name
from ..._cql.index import select_indexes
from ..._cql.statement import column_definition, select_column_types, select_fields
from ..._cql.version import apache_version
from ..catalog.model import Column, Table, TableName
from .change import OF_INDEX, Change, read_column
from .desired import Desired, read_tables
from .plan import make_plan
from .reverse import requested_table
from .saved_plan import read_plan

_RUN_ONCE = (
    'Run it once. The server refuses a second run as a whole, with words such as "conflicts with an existing column" or',
    '"already exists". Then all is well if the verification below shows what it should.',
)
_RUN_AGAIN = (
    "You can run it again: a column that exists is left alone, whatever its type. So read the verification below.",
)


_FIELDS = ("A statement for a user-defined type adds one field. Those before a failure stay.",)


class _Part(NamedTuple):
    """What the file says of one table: the changes, and the columns that are there or gone after it."""

    table: TableName
    changes: tuple[Change, ...]
    present: tuple[Column, ...]
    absent: tuple[str, ...]


def offline_file(tables: Sequence[Mapping[str, Any]], release_version: str = "") -> str:
    """The file for these tables, as the option C(tables) has them; raises InvalidInput.

    C(IF NOT EXISTS) is part of CQL from Cassandra 4.1 on: without a version the file does without.
    """
    again = (apache_version(release_version) or (0, 0)) >= (4, 1)
    filled = [{"keyspace": None, "state": "present", **table} for table in tables]
    requests = read_tables({"keyspace": None, "state": "present", "tables": filled})
    return _file([_offline_part(desired, again) for desired in requests], again)


def plan_file(data: Mapping[str, Any]) -> str:
    """The file with the very statements of a saved plan; raises InvalidInput if it is none."""
    saved = read_plan(data)
    parts = []
    for table, changes in zip(saved.data["tables"], saved.changes):
        desired = read_tables({"keyspace": None, "state": "present", "tables": [requested_table(table)]})[0]
        after = {column.name: column for column in map(read_column, table["after"])}
        present = tuple(after[column.name] for column in desired.columns if column.name in after)
        parts.append(_Part(desired.table, changes, present, _gone(desired)))
    return _file(parts, again=False)


def _offline_part(desired: Desired, if_not_exists: bool) -> _Part:
    # A column to drop is taken to be as it is listed. Without a type the way back cannot be written.
    known = tuple(Column(drop.name, drop.type or Native("<its type>")) for drop in desired.drops)
    plan = make_plan(desired, Table(desired.table, known, indexes=desired.unwanted), if_not_exists=if_not_exists)
    return _Part(desired.table, plan.changes, desired.columns, _gone(desired))


def _gone(desired: Desired) -> tuple[str, ...]:
    return tuple(drop.name for drop in desired.drops if not drop.stays)


def _file(parts: Sequence[_Part], again: bool) -> str:
    lines = [*_head(parts, again)]
    for part in parts:
        lines += ["", *_change(part), "", *_verification(part), "", *_reverse(part)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(parts: Sequence[_Part], again: bool) -> Iterator[str]:
    if not any(part.changes for part in parts):
        yield from _comment("Nothing is left to do. The statements below show it.")
        return
    yield from _comment(
        "Run it with: cqlsh -f THIS_FILE",
        "Run it in one place only. Before it, check that all nodes hold one schema version: nodetool describecluster.",
        "The application can keep running. One statement changes all columns of a table, or none.",
        *(_FIELDS if any(part.table.is_type for part in parts) else ()),
        *(_RUN_AGAIN if again else _RUN_ONCE),
    )


def _change(part: _Part) -> Iterator[str]:
    if not part.changes:
        yield from _comment(f"{part.table}: nothing is left to do.")
    name = part.table
    harmless = f"It changes only the definition of the {name.kind}: no existing data, no key, no existing {name.part}."
    for change in part.changes:
        of_index = OF_INDEX[change.drops] if change.of_index else ""
        yield from _comment(f"{change.comment}.", of_index or change.unsafe or harmless)
        yield f"{change.cql};"


def _verification(part: _Part) -> Iterator[str]:
    if part.table.is_type:
        fields = (column_definition(column.name, column.type) for column in part.present)
        yield from _comment("Verify: these fields must be there, with these types.", *(f"    {one}" for one in fields))
        yield select_fields(part.table.keyspace, part.table.name).text + ";"
        return
    if part.present:
        yield from _comment("Verify: these rows must be there, with these types.")
    for column in part.present:
        yield from _comment(f"    {column_definition(column.name, column.type, column.static)}, {column.kind}")
    if part.absent:
        yield from _comment(f"Verify: there must be no row for {', '.join(map(display_name, part.absent))}.")
    names = [*(column.name for column in part.present), *part.absent]
    if names:
        yield select_column_types(part.table.keyspace, part.table.name, tuple(names)).text + ";"
    yield from _index_verification(part)


def _index_verification(part: _Part) -> Iterator[str]:
    made = [change.of_index for change in part.changes if change.of_index]
    if made:
        yield from _comment("Each node builds an index after it is made. It must be listed, unless it was dropped:")
        yield from _comment(*(f"    {display_name(index.name)}, {index.describe()}" for index in made))
        yield select_indexes(part.table.keyspace, part.table.name).text + ";"


def _reverse(part: _Part) -> Iterator[str]:
    if part.changes and part.table.is_type:
        yield from _comment("It cannot be reversed: Cassandra has no statement that drops a field.")
    elif part.changes:
        warning = "To reverse it:"
        if any(change.unsafe for change in part.changes):
            warning = "To reverse it, without the data that is gone:"
        elif any(change.columns for change in part.changes):
            warning = "To reverse it, which destroys what was written to these columns, first take them out of the application:"
        yield from _comment(warning, *(f"{change.reverse};" for change in reversed(part.changes)))


def _comment(*texts: str) -> Iterator[str]:
    # A name may hold the end of a line: every line of it stays a comment.
    for text in texts:
        yield from (f"-- {line}" for line in re.split(r"[\r\n\u2028\u2029]", text))
