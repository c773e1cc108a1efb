# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: a pure function of what is desired and what is observed.

Check mode, the diff, the returned statements and the file for a DBA are views of this one plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .._cql.identifier import display_name, quote
from .._cql.statement import Statement, add_columns, column_definition, drop_columns
from .._errors import Conflict
from .desired import Desired, Unwanted
from .model import Column, Table

PRESENT = "present"
ADD = "add"
ABSENT = "absent"
DROP = "drop"
CONFLICT = "conflict"


class Step(NamedTuple):
    """What is to be done about one listed column: as it is wanted (None if it is not), and as it is, if it is there."""

    name: str
    action: str
    wanted: Column | None = None
    found: Column | None = None
    reason: str = ""


class Plan(NamedTuple):
    """The steps for all desired columns of one table, in the order in which they were asked for."""

    before: Table
    steps: tuple[Step, ...]

    @property
    def additions(self) -> tuple[Column, ...]:
        return tuple(step.wanted for step in self.steps if step.wanted and step.action == ADD)

    @property
    def drops(self) -> tuple[Column, ...]:
        return tuple(step.found for step in self.steps if step.found and step.action == DROP)

    @property
    def changes(self) -> frozenset[str]:
        """The names of the columns which are to be added or dropped."""
        return frozenset(column.name for column in (*self.additions, *self.drops))

    @property
    def settled(self) -> frozenset[str]:
        """The names of the columns about which nothing is left to do."""
        return frozenset(step.name for step in self.steps if step.action in (PRESENT, ABSENT))

    @property
    def conflicts(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.action == CONFLICT)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The CQL which makes the change: nothing, or one ALTER TABLE."""
        name = self.before.name
        if self.drops:
            return (drop_columns(name.keyspace, name.name, [column.name for column in self.drops]),)
        if not self.additions:
            return ()
        definitions = [column_definition(column.name, column.type, column.static) for column in self.additions]
        return (add_columns(name.keyspace, name.name, definitions),)

    def predict(self, done: frozenset[str]) -> Table:
        """The table as it is when these of the changes have been made."""
        added = tuple(column for column in self.additions if column.name in done)
        return self.before.with_columns(added).without_columns(done & {column.name for column in self.drops})


def require_no_conflicts(plans: Sequence[Plan], executed: str = "Nothing was executed.") -> None:
    """Raises Conflict with every conflict of all plans, both sides of each, and what was executed."""
    sentences = []
    for plan in plans:
        if plan.conflicts:
            reasons = "; ".join(step.reason for step in plan.conflicts)
            sentences.append(f"{plan.before.name} cannot be made as asked: {reasons}.")
    if sentences:
        raise Conflict(" ".join([*sentences, executed]))


def make_plan(desired: Desired, table: Table) -> Plan:
    """The plan which takes the table to what is desired; conflicts are part of it, not raised."""
    spelled = {column.name.lower(): column for column in table.columns}
    steps = []
    listed: tuple[Column | Unwanted, ...] = (*desired.columns, *desired.unwanted)
    for one in listed:
        found = table.column(one.name)
        twin = None if found or one.name in desired.exact else spelled.get(one.name.lower())
        if twin:
            wanted = one if isinstance(one, Column) else None
            steps.append(Step(one.name, CONFLICT, wanted, twin, _which_is_meant(one.name, twin)))
        elif isinstance(one, Column):
            steps.append(_presence(one, found))
        else:
            steps.append(_absence(one, found))
    return Plan(table, tuple(steps))


def _presence(wanted: Column, found: Column | None) -> Step:
    if found is None:
        return Step(wanted.name, ADD, wanted)
    if (found.type, found.kind) == (wanted.type, wanted.kind):
        return Step(wanted.name, PRESENT, wanted, found)
    return Step(wanted.name, CONFLICT, wanted, found, _difference(wanted, found))


def _absence(unwanted: Unwanted, found: Column | None) -> Step:
    if found is None:
        return Step(unwanted.name, ABSENT)
    if found.position >= 0:
        reason = f"column {display_name(found.name)} is {found.describe()}, the primary key cannot be changed"
        return Step(unwanted.name, CONFLICT, None, found, reason)
    if unwanted.type not in (None, found.type) or unwanted.static not in (None, found.static):
        reason = (
            f"column {display_name(found.name)} is {found.describe()} and not as listed, it may be another one: "
            "correct its type and static, or leave them out"
        )
        return Step(unwanted.name, CONFLICT, None, found, reason)
    return Step(unwanted.name, DROP, None, found)


def _which_is_meant(name: str, twin: Column) -> str:
    return (
        f"the table has a column {quote(twin.name)}, and the name as given means {quote(name)}: "
        f"write it in double quotes ('{quote(twin.name)}' or '\"{name}\"') to say which is meant"
    )


def _difference(wanted: Column, found: Column) -> str:
    name = display_name(wanted.name)
    if found.kind == wanted.kind:
        return f"column {name} is of type {found.type}, wanted is {wanted.type}"
    return f"column {name} is {found.describe()}, wanted is {wanted.describe()}"
