# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""ScyllaDB, as its source (scylladb/scylladb, read in the stored snapshot) and its documentation describe it."""

from __future__ import annotations

from dataclasses import replace

from .personality import MISSING, Personality, Refusal, Table

VERSION = "2025.1.2-0.20250422.502c62d91d48"

SCYLLADB = Personality(
    name="ScyllaDB",
    # docs.scylladb.com, "ScyllaDB CQL Drivers"; transport/server.cc refuses version 5.
    protocols=(3, 4),
    tables={
        # docs.scylladb.com, "Nodetool version": ReleaseVersion is 3.0.8, whatever the version of ScyllaDB is.
        "system.local": Table(instead={"release_version": "(text)'3.0.8'", "rpc_address": "(inet)'{address}'"}),
        "system.peers": Table(instead={"release_version": "(text)'3.0.8'"}),
        # db/system_keyspace.cc has no peers_v2, and there are no keyspaces system_views and system_virtual_schema.
        "system.peers_v2": MISSING,
        "system_views.*": MISSING,
        "system_virtual_schema.*": MISSING,
        # db/virtual_tables.cc, versions_table.
        "system.versions": Table(
            definition="key text PRIMARY KEY, version text, build_mode text, build_id text",
            rows=({"key": "local", "version": VERSION, "build_mode": "release", "build_id": "d9a8f3"},),
        ),
        # db/schema_tables.cc, dropped_columns(): dropped_time and type beside the key.
        "system_schema.dropped_columns": Table(without=frozenset({"kind"})),
        # db/schema_tables.cc, tables(): no column for what later versions of Cassandra added.
        "system_schema.tables": Table(
            without=frozenset({"additional_write_policy", "cdc", "memtable", "read_repair", "allow_auto_snapshot"})
        ),
        "system_schema.column_masks": MISSING,
    },
    # exceptions/exceptions.cc, unconfigured table; exceptions/unrecognized_entity_exception.hh.
    words_table="unconfigured table {table}",
    words_column="Unrecognized name {column}",
)

# test/cluster and test/cqlpy of scylladb: the statement is refused when it is executed, not when it is prepared.
SCYLLADB_WITH_TABLETS = replace(
    SCYLLADB,
    name="ScyllaDB with tablets",
    refusals=(
        Refusal(
            r"^\s*(INSERT|UPDATE|DELETE)\s.*\sIF\s",
            "Cannot use LightWeight Transactions for table shop.stellarmap_schema_lock: "
            "LWT is not yet supported with tablets",
        ),
    ),
)
