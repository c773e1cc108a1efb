# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node behind a front: what its tables are, the tables that the front adds, and which changes do not show yet."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cassandra.cluster import Session

from .personality import Ddl, Personality, Table
from .rewrite import OWN, own_table

_ALTER = re.compile(r"\s*ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(\"?\w+\"?)\.(\"?\w+\"?)", re.IGNORECASE)
_KEYSPACE = "CREATE KEYSPACE IF NOT EXISTS {} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"

_FIND = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s AND table_name = %s"


@dataclass
class Pending:
    """A change that was accepted: the columns that showed before it, and when it was accepted."""

    before: list[str]
    ddl: Ddl
    since: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        return time.monotonic() - self.since

    @property
    def status(self) -> str:
        return "UPDATING" if self.ddl.updating <= self.age < self.ddl.end else "ACTIVE"


class NodeBehind:
    """The node as the front uses it, through a session of its own. C(changes) are those that were accepted, by table."""

    def __init__(self, session: Session, personality: Personality) -> None:
        self._session = session
        self._personality = personality
        self.changes: dict[tuple[str, str], Pending] = {}
        self.columns: dict[str, list[str]] = {}

    def prepare(self) -> None:
        """Make the tables that only the service has, and read the columns of all system tables."""
        own = {name: table for name, table in self._personality.tables.items() if table.definition}
        if own and not self._read("SELECT * FROM system_schema.keyspaces WHERE keyspace_name = %s", (OWN,)):
            self._session.execute(_KEYSPACE.format(OWN), timeout=60)
        for name, table in own.items():
            self._make(own_table(name, table), table)
        query = "SELECT keyspace_name, table_name, column_name FROM {}.columns"
        for row in [*self._read(query.format("system_schema")), *self._read(query.format("system_virtual_schema"))]:
            self.columns.setdefault(f"{row.keyspace_name}.{row.table_name}", []).append(row.column_name)

    def _make(self, own: str, table: Table) -> None:
        """Make a table of the service's with its rows, unless an earlier front has."""
        if self._read(_FIND, tuple(own.split("."))):
            return
        self._session.execute(f"CREATE TABLE IF NOT EXISTS {own} ({table.definition})", timeout=60)
        for row in table.rows:
            self._session.execute(f"INSERT INTO {own} JSON %s", (json.dumps(row),))

    def altered(self, text: str) -> tuple[str, str] | None:
        """The keyspace and name of the table that the statement alters; None for another statement."""
        found = _ALTER.match(text)
        return (_stored(found.group(1)), _stored(found.group(2))) if found else None

    def columns_of(self, table: tuple[str, str]) -> list[str]:
        """The names of the table's columns as the node has them."""
        query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
        return [row.column_name for row in self._read(query, table)]

    def shown(self, text: str) -> list[str]:
        """The only columns that show yet of the table that a statement names; empty if all do."""
        for (keyspace, table), change in self.changes.items():
            if change.age < change.ddl.shown and _names(text, keyspace, table):
                return change.before
        return []

    def note_status(self, text: str) -> None:
        """Write into the status table what it says at this moment of the table that a statement names."""
        ddl = self._personality.ddl
        for row in self._read("SELECT keyspace_name, table_name FROM system_schema.tables"):
            if ddl and _names(text, row.keyspace_name, row.table_name):
                change = self.changes.get((row.keyspace_name, row.table_name))
                self._insert(ddl.status_table, {**row._asdict(), "status": change.status if change else "ACTIVE"})

    def _insert(self, name: str, row: Mapping[str, Any]) -> None:
        # As JSON a text is taken for a uuid or an address too.
        self._session.execute(
            f"INSERT INTO {own_table(name, self._personality.tables[name])} JSON %s", (json.dumps(row),)
        )

    def _read(self, query: str, values: tuple[str, ...] = ()) -> list[Any]:
        return list(self._session.execute(query, values or None))


def _stored(name: str) -> str:
    return name[1:-1] if name.startswith('"') else name.lower()


def _names(text: str, keyspace: str, table: str) -> bool:
    """Whether a statement names the table as literals."""
    return f"'{keyspace}'" in text and f"'{table}'" in text
