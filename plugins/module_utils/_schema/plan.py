# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: a pure function of what is desired and what is observed.

Check mode, the diff, the returned statements and the file for a DBA are views of this one plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._cql.identifier import notation, quote
from .._cql.statement import Statement, add_columns, column_definition
from .._errors import Conflict
from .desired import Desired
from .model import Column, Table

PRESENT = "present"
ADD = "add"
CONFLICT = "conflict"


@dataclass(frozen=True)
class Step:
    """What is to be done about one desired column; C(found) is the column as it is, if there is one."""

    wanted: Column
    action: str
    found: Column | None = None
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """The steps for all desired columns of one table, in the order in which they were asked for."""

    before: Table
    steps: tuple[Step, ...]

    @property
    def additions(self) -> tuple[Column, ...]:
        return tuple(step.wanted for step in self.steps if step.action == ADD)

    @property
    def conflicts(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.action == CONFLICT)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The CQL which makes the change: nothing, or one ALTER TABLE."""
        if not self.additions:
            return ()
        name = self.before.name
        definitions = [column_definition(column.name, column.type, column.static) for column in self.additions]
        return (add_columns(name.keyspace, name.name, definitions),)

    def predict(self) -> Table:
        """The table as it will be when the statements have been executed."""
        return self.before.with_columns(self.additions)

    def require_no_conflict(self) -> Plan:
        """The plan itself; raises Conflict with every conflict and both sides of each."""
        if not self.conflicts:
            return self
        reasons = "; ".join(step.reason for step in self.conflicts)
        raise Conflict(f"{self.before.name} cannot get the listed columns: {reasons}. Nothing was executed.")


def make_plan(desired: Desired, table: Table) -> Plan:
    """The plan which takes the table to what is desired; conflicts are part of it, not raised."""
    spelled = {column.name.lower(): column for column in table.columns}
    return Plan(table, tuple(_step(column, table, spelled, desired.exact) for column in desired.columns))


def _step(wanted: Column, table: Table, spelled: Mapping[str, Column], exact: frozenset[str]) -> Step:
    found = table.column(wanted.name)
    if found is None:
        twin = spelled.get(wanted.name.lower())
        if twin is None or wanted.name in exact:
            return Step(wanted, ADD)
        reason = (
            f"the table has a column {quote(twin.name)}, and the name as given means {quote(wanted.name)}: "
            f"write it in double quotes ('{quote(twin.name)}' or '\"{wanted.name}\"') to say which is meant"
        )
        return Step(wanted, CONFLICT, twin, reason)
    if (found.type, found.kind) == (wanted.type, wanted.kind):
        return Step(wanted, PRESENT, found)
    return Step(wanted, CONFLICT, found, _difference(wanted, found))


def _difference(wanted: Column, found: Column) -> str:
    name = notation(wanted.name)
    if found.kind == wanted.kind:
        return f"column {name} is of type {found.type}, wanted is {wanted.type}"
    return f"column {name} is {found.describe()}, wanted is {wanted.describe()}"
