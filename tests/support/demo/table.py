# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The application's table before the migration, with some rows."""

from __future__ import annotations

import datetime
import hashlib
import os
import uuid
from dataclasses import dataclass

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import RoundRobinPolicy

KEYSPACE = "stellarmapweb_keyspace"
TABLE = "stellar_creator_account_lineage"
ROWS = 25

COLUMNS = {
    "id": "uuid",
    "stellar_account": "text",
    "network_name": "text",
    "stellar_creator_account": "text",
    "stellar_account_created_at": "timestamp",
    "home_domain": "text",
    "xlm_balance": "float",
    "is_hva": "boolean",
    "tags": "text",
    "num_assets": "int",
    "num_child_accounts": "int",
    "horizon_accounts_doc_api_href": "text",
    "horizon_accounts_json": "text",
    "status": "text",
    "last_error": "text",
    "retry_count": "int",
    "created_at": "timestamp",
    "updated_at": "timestamp",
}


@dataclass(frozen=True)
class Fingerprint:
    """The number of rows, and the SHA-256 of all cells which the application had."""

    rows: int
    digest: str


class Table:
    """The table on the cluster of CASSANDRA_HOST; a context manager which closes its connections."""

    def __enter__(self) -> Table:
        user, password = os.environ.get("CASSANDRA_USER"), os.environ.get("CASSANDRA_PASSWORD")
        self._cluster = Cluster(
            os.environ["CASSANDRA_HOST"].split(","),
            port=int(os.environ.get("CASSANDRA_PORT", "9042")),
            protocol_version=4,
            auth_provider=PlainTextAuthProvider(user, password) if user else None,
            execution_profiles={
                EXEC_PROFILE_DEFAULT: ExecutionProfile(load_balancing_policy=RoundRobinPolicy(), request_timeout=30)
            },
        )
        self._session = self._cluster.connect()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._cluster.shutdown()

    def ensure(self) -> None:
        """Create the keyspace, the table and its rows where they are missing."""
        self._session.execute(
            f"CREATE KEYSPACE IF NOT EXISTS {KEYSPACE} "
            "WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        if self.columns():
            return
        definitions = ", ".join(f"{name} {cql_type}" for name, cql_type in COLUMNS.items())
        key = "PRIMARY KEY ((id), stellar_account, network_name)"
        self._session.execute(f"CREATE TABLE {KEYSPACE}.{TABLE} ({definitions}, {key})")
        names = ", ".join(COLUMNS)
        marks = ", ".join("?" * len(COLUMNS))
        insert = self._session.prepare(f"INSERT INTO {KEYSPACE}.{TABLE} ({names}) VALUES ({marks})")
        for number in range(ROWS):
            self._session.execute(insert, [_value(name, cql_type, number) for name, cql_type in COLUMNS.items()])

    def columns(self) -> list[str]:
        """The columns which the table has now."""
        query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
        return [row.column_name for row in self._session.execute(query, (KEYSPACE, TABLE))]

    def fingerprint(self) -> Fingerprint:
        """What the rows are, as far as the application knows them."""
        rows = self._session.execute(f"SELECT {', '.join(COLUMNS)} FROM {KEYSPACE}.{TABLE}")
        cells = sorted(repr(tuple(row)) for row in rows)
        return Fingerprint(len(cells), hashlib.sha256("\n".join(cells).encode()).hexdigest())


def _value(name: str, cql_type: str, number: int) -> object:
    values: dict[str, object] = {
        "uuid": uuid.uuid5(uuid.NAMESPACE_URL, str(number)),
        "text": f"{name} {number}",
        "timestamp": datetime.datetime(2025, 10, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(hours=number),
        "float": number * 1000.5,
        "boolean": number % 2 == 0,
        "int": number,
    }
    return values[cql_type]


if __name__ == "__main__":
    with Table() as mine:
        mine.ensure()
