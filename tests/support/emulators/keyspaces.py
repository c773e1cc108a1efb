# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Amazon Keyspaces, as its developer guide describes it; where the guide gives no words, the words are ours.

"System keyspaces in Amazon Keyspaces" lists the tables and their columns; a table that is not there is missing here.
"""

from __future__ import annotations

from dataclasses import replace

from .personality import MISSING, SYNTAX_ERROR, Ddl, Login, Personality, Refusal, Table

_VERSION = "(uuid)59adb24e-f3cd-3e02-97f0-5b395827453f"
_STATUS = "system_schema_mcs.tables"

# Nine addresses of TEST-NET-3 (RFC 5737): nobody answers there.
_PEERS = tuple(
    {
        "peer": f"203.0.113.{number}",
        "data_center": "eu-west-1",
        "host_id": f"8e0ab3ac-d1f3-3d6a-b8cd-0000000000{number:02d}",
        "preferred_ip": f"203.0.113.{number}",
        "rack": f"eu-west-1{'abc'[number % 3]}",
        "release_version": "3.11.2",
        "rpc_address": f"203.0.113.{number}",
        "schema_version": "59adb24e-f3cd-3e02-97f0-5b395827453f",
    }
    for number in range(1, 10)
)

# AWS's own example keys (AWS documentation, "Understanding and getting your AWS credentials").
ACCESS_KEY, SECRET_KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "eu-west-1"
LOGIN = Login(
    # The list of authenticators that gocql approves (gocql, conn.go).
    authenticator="com.amazon.helenus.auth.HelenusAuthenticator",
    user="alice-at-111122223333",
    password="a-service-specific-passw0rd",
    region=REGION,
    access_key=ACCESS_KEY,
    secret_key=SECRET_KEY,
)

KEYSPACES = Personality(
    name="Amazon Keyspaces",
    protocols=(3, 4),
    tables={
        "system.local": Table(
            instead={
                # uk.sky.cqlmigrate, TableChecker, recognises the service by this name.
                "cluster_name": "(text)'Amazon Keyspaces'",
                "release_version": "(text)'3.11.2'",
                "schema_version": _VERSION,
                "data_center": "(text)'eu-west-1'",
            }
        ),
        # "you see a list of nine available IP addresses".
        "system.peers": Table(
            definition=(
                "peer inet PRIMARY KEY, data_center text, host_id uuid, preferred_ip inet, rack text, "
                "release_version text, rpc_address inet, schema_version uuid, tokens set<text>"
            ),
            rows=_PEERS,
        ),
        "system.peers_v2": MISSING,
        "system_views.*": MISSING,
        "system_virtual_schema.*": MISSING,
        "system_schema.dropped_columns": MISSING,
        "system_schema.views": MISSING,
        "system_schema.types": MISSING,
        "system_schema.indexes": MISSING,
        "system_schema.column_masks": MISSING,
        # "Check table creation status in Amazon Keyspaces".
        _STATUS: Table(
            definition="keyspace_name text, table_name text, status text, PRIMARY KEY (keyspace_name, table_name)"
        ),
    },
    words_table="table {table} does not exist in keyspace {keyspace}",
    words_column="column {column} is not supported",
    refusals=(
        # "Supported Apache Cassandra APIs, operations, functions, and data types in Amazon Keyspaces".
        Refusal(r"^\s*LIST\s", "LIST is not yet supported."),
        Refusal(r"^\s*DESC(RIBE)?\s", "line 1:0 no viable alternative at input 'DESCRIBE'", SYNTAX_ERROR),
        Refusal(r"^\s*ALTER\s+TABLE\s.*\sDROP\s", "DROP column is not yet supported."),
    ),
    ddl=Ddl(status_table=_STATUS, busy="Cannot alter the table while it is being updated."),
)


def keyspaces(shown: float, updating: float = 0.0, active: float | None = None, login: bool = False) -> Personality:
    """Amazon Keyspaces with these delays: DDL is asynchronous ("performs DDL operations ... asynchronously")."""
    ddl = replace(KEYSPACES.ddl or Ddl(), shown=shown, updating=updating, active=active)
    return replace(KEYSPACES, ddl=ddl, login=LOGIN if login else None)
