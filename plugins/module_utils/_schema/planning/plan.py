# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: a pure function of what is desired and what is observed, as changes in the order in which they are made.

Check mode, the diff, the returned statements, the file for a DBA and the rollback are views of this one plan.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from ..._cql.identifier import display_name, quote
from ..._cql.index import Index
from ..._errors import Conflict, Failure
from ..catalog.compact import was_compact
from ..catalog.model import REGULAR, STATIC, Column, Table, TableName
from .change import Change, additions, drop, index_creation, index_drop
from .desired import ColumnToDrop, Desired


class Difference(NamedTuple):
    """A listed column or index that exists in another form, or another index in its place: a conflict."""

    name: str
    reason: str
    found: Column | Index


class Plan(NamedTuple):
    """What leads from the table as observed to the table as desired: C(changes), each after the one before it shows.

    C(missing) is why there is no such table, if so: then the changes are those of a table without columns.
    """

    table: Table
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Difference, ...] = ()
    missing: Failure | None = None

    @property
    def additions(self) -> tuple[Column, ...]:
        """The columns to add."""
        return tuple(column for change in self.changes if not change.drops for column in change.columns)

    @property
    def drops(self) -> tuple[Column, ...]:
        """The columns to drop."""
        return tuple(column for change in self.changes if change.drops for column in change.columns)

    @property
    def new_indexes(self) -> tuple[Index, ...]:
        """The indexes to make."""
        return tuple(change.of_index for change in self.changes if change.of_index and not change.drops)

    @property
    def dropped_indexes(self) -> tuple[Index, ...]:
        """The indexes to drop."""
        return tuple(change.of_index for change in self.changes if change.of_index and change.drops)

    @property
    def names(self) -> frozenset[str]:
        """The names of what is to be added or dropped."""
        return frozenset(name for change in self.changes for name in change.names)

    @property
    def unsettled(self) -> frozenset[str]:
        """The names of what is not as desired."""
        return self.names | {conflict.name for conflict in self.conflicts}

    def predict(self, done: frozenset[str]) -> Table:
        """The table after what has these names was added or dropped."""
        gone = done & {column.name for column in self.drops}
        columns = [column for column in self.table.columns if column.name not in gone]
        columns += [column for column in self.additions if column.name in done]
        indexes = [one for one in self.table.indexes if one not in self.dropped_indexes or one.key not in done]
        indexes += [one for one in self.new_indexes if one.key in done]
        return self.table._replace(columns=tuple(columns), indexes=tuple(indexes))


def make_plan(desired: Desired, table: Table, if_not_exists: bool = False) -> Plan:
    """The plan that takes the table to what is desired; conflicts are part of it, not raised.

    A table of which nothing is known has no columns: then the plan is that of the file for a DBA. C(if_not_exists) is for
    a person who runs the CQL twice, on Cassandra 4.1 or later.
    """
    found = (_column_conflict(one, desired, table) for one in desired.listed)
    conflicts = [one for one in found if one]
    contested = {conflict.name for conflict in conflicts}
    there = {column.name: column for column in table.columns}
    adds = [one for one in desired.columns if one.name not in there.keys() | contested]
    gone = [one.name for one in desired.drops if not one.stays and one.name in there.keys() - contested]
    made, unwanted, in_the_way = _compare_indexes(desired, table, contested)
    # The server drops no column that has an index, and makes no index on a column that is not there.
    changes = [
        *(index_drop(table, one) for one in unwanted),
        *([drop(table, [there[name] for name in gone])] if gone else ()),
        *(additions(table, adds, if_not_exists) if adds else ()),
        *(index_creation(table, one, if_not_exists) for one in made),
    ]
    return Plan(table, tuple(changes), (*conflicts, *in_the_way))


def require_no_conflicts(plans: Sequence[Plan], when: str = "") -> None:
    """Raises Conflict with every conflict of all plans, both sides of each, and C(when) it was found if not before the start.

    Raises KeyspaceMissing, TableMissing or TypeMissing if there are some that do not exist, with each of these and the conflicts.
    """
    missing = [plan.missing for plan in plans if plan.missing]
    sentences = list(dict.fromkeys(failure.message for failure in missing))
    for plan in plans:
        if plan.conflicts:
            reasons = "; ".join(conflict.reason for conflict in plan.conflicts)
            sentences.append(f"{plan.table.name} conflicts with what is listed: {reasons}.")
    message = " ".join([*sentences, *([when] if when else [])])
    if missing:
        raise type(missing[0])(message, **missing[0].facts)
    if sentences:
        raise Conflict(message)


def require_there(plan: Plan) -> None:
    """Raises KeyspaceMissing, TableMissing or TypeMissing if there is no such table or type."""
    if plan.missing:
        raise plan.missing


def _column_conflict(one: Column | ColumnToDrop, desired: Desired, table: Table) -> Difference | None:
    found = table.column(one.name)
    if found is None:
        folded = {} if one.name in desired.exact else {column.name.lower(): column for column in table.columns}
        twin = folded.get(one.name.lower())
        return Difference(one.name, _which_is_meant(one.name, twin, table.name), twin) if twin else None
    if not isinstance(one, Column):
        reason = _why_not_drop(one, found)
    elif one.kind == REGULAR and found.position >= 0 and any(index.column == one.name for index in desired.indexes):
        # A column of the key is listed for its index.
        reason = _difference(one._replace(kind=found.kind), found, table)
    else:
        reason = _difference(one, found, table)
    return Difference(one.name, reason, found) if reason else None


def _which_is_meant(name: str, twin: Column, table: TableName) -> str:
    return (
        f"the {table.kind} has a {table.part} {quote(twin.name)}, and the name as given means {quote(name)}: "
        f"write it in double quotes ('{quote(twin.name)}' or '\"{name}\"') to say which is meant"
    )


def _difference(wanted: Column, found: Column, table: Table) -> str | None:
    name = display_name(wanted.name)
    if found.kind != wanted.kind:
        reason = f"column {name} is {found.describe()}, wanted is {wanted.describe()}"
        was_regular = found.kind == STATIC and was_compact(table)
        return f"{reason} (ALTER TABLE ... DROP COMPACT STORAGE makes columns static)" if was_regular else reason
    return (
        None
        if found.type == wanted.type
        else f"{table.name.part} {name} is of type {found.type}, wanted is {wanted.type}"
    )


def _why_not_drop(listed: ColumnToDrop, found: Column) -> str | None:
    column = f"column {display_name(found.name)} is {found.describe()}"
    if found.position >= 0 and not listed.stays:
        return f"{column}, the primary key cannot be changed"
    if listed.type in (None, found.type) and listed.static in (None, found.static):
        return None
    return f"{column} and not as listed, it may be another one: correct its type and static, or leave them out"


def find_index(wanted: Index, table: Table) -> Index | None:
    """The index of the table that holds the same and is of the same kind, whatever its name is."""
    same = (one for one in _indexes_of(wanted, table) if one.kind == wanted.kind)
    return next(same, None)


def _indexes_of(wanted: Index, table: Table) -> list[Index]:
    return [one for one in table.indexes if (one.column, one.part) == (wanted.column, wanted.part)]


def _compare_indexes(
    desired: Desired, table: Table, contested: Collection[str]
) -> tuple[list[Index], list[Index], list[Difference]]:
    """The indexes to make, those to drop, and what is in their way; of the contested columns nothing."""
    wanted = [one for one in desired.indexes if one.column not in contested]
    unwanted = [one for one in desired.unwanted if one.column not in contested]
    named = {one.name: one for one in table.indexes}
    found = [
        *(_index_conflict(one, named.get(one.name), table) for one in wanted),
        *(_why_kept(one, named[one.name], table) for one in unwanted if one.name in named),
    ]
    conflicts = [one for one in found if one]
    blocked = {one.name for one in conflicts}
    missing = [one for one in wanted if one.key not in blocked and not find_index(one, table)]
    gone = [named[one.name] for one in unwanted if one.name in named and one.key not in blocked]
    return missing, gone, conflicts


def _index_conflict(wanted: Index, named: Index | None, table: Table) -> Difference | None:
    """What is in the way of the index: another one of its name, another kind on the column, or other options."""
    others, same = _indexes_of(wanted, table), find_index(wanted, table)
    if named and (named.column, named.part) != (wanted.column, wanted.part):
        found, way = named, "give the index another name"
    elif others and not same:
        found, way = others[0], "list that kind, or drop the index first"
    elif same and not same.serves(wanted):
        found, way = same, "list these options, or drop the index first"
    else:
        return None
    reason = f"the index {display_name(found.name)} is {found.describe()}, wanted is {wanted.describe()}: {way}"
    return Difference(wanted.key, reason, found)


def _why_kept(listed: Index, found: Index, table: Table) -> Difference | None:
    column = table.column(listed.column)
    same = (found.kind, found.target) == (listed.kind, listed.of(column and column.type).target)
    if same and found.serves(listed):
        return None
    reason = f"the index {display_name(found.name)} is {found.describe()} and not as listed, it may be another one"
    return Difference(listed.key, reason, found)
