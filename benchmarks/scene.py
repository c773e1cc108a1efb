# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's side: a keyspace of its own for every measurement, with the table before the migration, and other tables."""

from __future__ import annotations

import os
import time

from demo.table import COLUMNS

from embedded_cassandra.ready import connect

TABLE = "stellar_creator_account_lineage"
THREE = {"pipeline_source": "text", "last_pipeline_attempt": "timestamp", "processing_started_at": "timestamp"}
LISTED = [{"name": name, "type": cql_type} for name, cql_type in THREE.items()]
_TABLES_IN_A_KEYSPACE = 100
_PATIENCE = 120


def alter(keyspace: str, again: str = "", table: str = TABLE) -> str:
    """The statement that all of them have to get executed; C(again) is IF NOT EXISTS where a tool needs it."""
    added = ", ".join(f"{name} {cql_type}" for name, cql_type in THREE.items())
    return f"ALTER TABLE {keyspace}.{table} ADD {again}({added})"


def table_names(number: int) -> list[str]:
    """The names of so many tables of one keyspace."""
    return [TABLE, *(f"{TABLE}_{index}" for index in range(1, number))]


class Scene:
    """A node to measure on; a context manager."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._number = 0
        self._others = 0

    def __enter__(self) -> Scene:
        self._driver = connect(self.host)
        self.session = self._driver.connect()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._driver.shutdown()

    def execute(self, text: str) -> None:
        self.session.execute(text, timeout=_PATIENCE)

    def keyspace(self, tables: int = 1) -> str:
        """A new keyspace with so many tables: see C(table_names)."""
        self._number += 1
        name = f"bench_{os.getpid()}_{self._number}"
        self._make_keyspace(name)
        definitions = ", ".join(f"{column} {cql_type}" for column, cql_type in COLUMNS.items())
        for table in table_names(tables):
            self.execute(
                f"CREATE TABLE {name}.{table} ({definitions}, PRIMARY KEY ((id), stellar_account, network_name))"
            )
        return name

    def drop(self, keyspace: str) -> None:
        self.execute(f"DROP KEYSPACE {keyspace}")

    def types(self, keyspace: str) -> dict[str, str]:
        """The columns of the table with their types."""
        query = "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
        return {row.column_name: row.type for row in self.session.execute(query, (keyspace, TABLE))}

    def tables(self, keyspace: str) -> set[str]:
        """The names of all tables of a keyspace."""
        query = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s"
        return {row.table_name for row in self.session.execute(query, (keyspace,))}

    def crowd(self, tables: int, limit: float = float("inf")) -> int:
        """Go on until there are this many other tables, a hundred in a keyspace, or the seconds are over; their number."""
        begin = time.monotonic()
        while self._others < tables and time.monotonic() - begin < limit:
            name = f"other_{self._others // _TABLES_IN_A_KEYSPACE}"
            if self._others % _TABLES_IN_A_KEYSPACE == 0:
                self._make_keyspace(name)
            self.execute(f"CREATE TABLE {name}.t{self._others} (id int PRIMARY KEY, a text, b text, c int)")
            self._others += 1
        print(f"{self._others} other tables after {time.monotonic() - begin:.0f} s", flush=True)
        return self._others

    def _make_keyspace(self, name: str) -> None:
        self.execute(
            f"CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"
        )
