# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The application's table before the migration, with some rows."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, Session
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


@contextlib.contextmanager
def session() -> Iterator[Session]:
    """A session with the cluster of CASSANDRA_HOST."""
    user, password = os.environ.get("CASSANDRA_USER"), os.environ.get("CASSANDRA_PASSWORD")
    profile = ExecutionProfile(load_balancing_policy=RoundRobinPolicy(), request_timeout=30)
    cluster = Cluster(
        os.environ["CASSANDRA_HOST"].split(","),
        port=int(os.environ.get("CASSANDRA_PORT", "9042")),
        protocol_version=4,
        auth_provider=PlainTextAuthProvider(user, password) if user else None,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    )
    with cluster:
        yield cluster.connect()


def ensure(cql: Session) -> None:
    """Create the keyspace, the table and its rows where they are missing."""
    cql.execute(
        f"CREATE KEYSPACE IF NOT EXISTS {KEYSPACE} "
        "WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
    )
    if columns(cql):
        return
    definitions = ", ".join(f"{name} {cql_type}" for name, cql_type in COLUMNS.items())
    key = "PRIMARY KEY ((id), stellar_account, network_name)"
    cql.execute(f"CREATE TABLE {KEYSPACE}.{TABLE} ({definitions}, {key})")
    names = "id, stellar_account, network_name, status, xlm_balance, num_assets"
    for number in range(ROWS):
        values = (
            uuid.uuid5(uuid.NAMESPACE_URL, str(number)),
            f"account {number}",
            "public",
            "COMPLETE",
            number / 2,
            number,
        )
        cql.execute(f"INSERT INTO {KEYSPACE}.{TABLE} ({names}) VALUES (%s, %s, %s, %s, %s, %s)", values)


def columns(cql: Session) -> list[str]:
    """The columns which the table has now."""
    query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
    return [row.column_name for row in cql.execute(query, (KEYSPACE, TABLE))]


def rows(cql: Session) -> list[str]:
    """The rows, as far as the application knows them."""
    return sorted(map(repr, cql.execute(f"SELECT {', '.join(COLUMNS)} FROM {KEYSPACE}.{TABLE}")))


if __name__ == "__main__":
    with session() as mine:
        ensure(mine)
