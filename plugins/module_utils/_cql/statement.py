# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place where CQL text is made: from stored names (quoted here), parsed types, and texts and numbers as literals.

A value that is a literal costs no round trip; one that is bound to a question mark costs one, because the server prepares first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .cql_type import CqlType
from .identifier import quote
from .system_table import Statement, SystemRead, literal, select, select_by


def column_definition(name: str, cql_type: CqlType, static: bool = False) -> str:
    """A column as it stands in CREATE TABLE and ALTER TABLE."""
    return f"{quote(name)} {cql_type}{' static' if static else ''}"


def add_columns(keyspace: str, table: str, definitions: Sequence[str], if_not_exists: bool = False) -> str:
    """One ALTER TABLE that adds all columns: the server adds all of them or none. C(IF NOT EXISTS) needs 4.1."""
    add = "ADD IF NOT EXISTS" if if_not_exists else "ADD"
    return f"ALTER TABLE {quote(keyspace)}.{quote(table)} {add} ({', '.join(definitions)})"


def drop_columns(keyspace: str, table: str, names: Sequence[str]) -> str:
    """One ALTER TABLE that drops all columns: the server drops all of them or none."""
    return f"ALTER TABLE {quote(keyspace)}.{quote(table)} DROP ({', '.join(map(quote, names))})"


def add_field(keyspace: str, name: str, definition: str, if_not_exists: bool = False) -> str:
    """One ALTER TYPE: the server takes one field in each (4.0 to 6.0, measured). C(IF NOT EXISTS) needs 4.1."""
    add = "ADD IF NOT EXISTS" if if_not_exists else "ADD"
    return f"ALTER TYPE {quote(keyspace)}.{quote(name)} {add} {definition}"


def create_type(keyspace: str, name: str, definitions: Sequence[str]) -> str:
    """The user-defined type as CREATE TYPE text."""
    return f"CREATE TYPE {quote(keyspace)}.{quote(name)} (\n{_lines(definitions)}\n);\n"


def create_table(
    keyspace: str,
    table: str,
    definitions: Sequence[str],
    partition_key: Iterable[str],
    clustering: Sequence[tuple[str, str]],
) -> str:
    """The table as CREATE TABLE text without options; C(clustering) holds names with asc or desc."""
    key = ", ".join(["(" + ", ".join(map(quote, partition_key)) + ")", *(quote(name) for name, _order in clustering)])
    lines = _lines([*definitions, f"PRIMARY KEY ({key})"])
    order = ", ".join(f"{quote(name)} {order.upper()}" for name, order in clustering)
    suffix = f" WITH CLUSTERING ORDER BY ({order})" if "DESC" in order else ""
    return f"CREATE TABLE {quote(keyspace)}.{quote(table)} (\n{lines}\n){suffix};\n"


def _lines(definitions: Sequence[str]) -> str:
    return ",\n".join(f"    {line}" for line in definitions)


def describe(keyspace: str, name: str, kind: str) -> Statement:
    """The server's own CREATE TABLE text, or CREATE TYPE text (Cassandra 4.0 and later)."""
    command = f"DESCRIBE {kind.upper()}"
    return Statement(f"{command} {quote(keyspace)}.{quote(name)}", source=SystemRead(command))


SELECT_VIRTUAL_KEYSPACES = select("system_virtual_schema.keyspaces", "keyspace_name")
SELECT_KEYSPACES = select("system_schema.keyspaces", "keyspace_name durable_writes replication")
SELECT_LOCAL = select("system.local", "cluster_name data_center host_id release_version schema_version rpc_address")
SELECT_PEERS_V2 = select(
    "system.peers_v2", "peer native_address native_port data_center host_id release_version schema_version"
)
# Cassandra 3.11 and ScyllaDB have no peers_v2.
SELECT_PEERS = select("system.peers", "peer rpc_address data_center host_id release_version schema_version")

# Which node answers, where that is in doubt.
SELECT_HOST_ID = select("system.local", "host_id")

# ScyllaDB's own version; its release_version in system.local says which version of Cassandra it stands for.
SELECT_OWN_VERSION = select("system.versions", "version")


def select_table_status(status_table: str, keyspace: str, table: str) -> Statement:
    """How far the last change of a table is, if the server answers before it is made."""
    return select(status_table, "status", keyspace_name=keyspace, table_name=table)


_OF_TABLE = "keyspace_name table_name"
select_tables = select_by("system_schema.tables", "table_name", "keyspace_name")
# The columns of a table or materialized view.
select_columns = select_by("system_schema.columns", "column_name type kind position clustering_order", _OF_TABLE)
# When the row of each column in this table was written, in microseconds since 1970.
select_column_times = select_by(
    "system_schema.columns", "column_name kind written", _OF_TABLE, {"written": "WRITETIME(type)"}
)
# The types of some columns, for a person to read.
select_column_types = select_by("system_schema.columns", "column_name type kind", f"{_OF_TABLE} column_name")
# The columns of all tables and materialized views of a keyspace.
select_keyspace_columns = select_by("system_schema.columns", "table_name column_name type kind", "keyspace_name")
# The flags tell compact storage; no row for a materialized view. cdc is null on a node that captures no changes.
select_table_flags = select_by("system_schema.tables", "id flags cdc", _OF_TABLE)
select_views = select_by("system_schema.views", "view_name base_table_name include_all_columns", "keyspace_name")
# The columns that a table had once; the time in milliseconds, because the drivers have no value for the year 10000.
select_dropped_columns = select_by(
    "system_schema.dropped_columns",
    "column_name dropped_time kind type",
    _OF_TABLE,
    {"dropped_time": "toUnixTimestamp(dropped_time)"},
)
select_fields = select_by("system_schema.types", "field_names field_types", "keyspace_name type_name")
select_user_types = select_by("system_schema.types", "type_name field_types", "keyspace_name")

LOCK_TABLE = "stellarmap_schema_lock"
_LOCK = "schema"


def create_lock_table(keyspace: str) -> str:
    """How an operator makes the table of the lock, once: two who make a table at the same time break it."""
    return f"CREATE TABLE {_lock_table(keyspace)} (name text PRIMARY KEY, owner text)"


def take_lock(keyspace: str, owner: str, ttl: int) -> Statement:
    """Take the lock if nobody has it; it expires after C(ttl) seconds. If it is taken, the answer says by whom."""
    values = f"{literal(_LOCK)}, {literal(owner)}"
    return Statement(
        f"INSERT INTO {_lock_table(keyspace)} (name, owner) VALUES ({values}) IF NOT EXISTS USING TTL {literal(ttl)}"  # noqa: S608
    )


def select_lock(keyspace: str) -> Statement:
    """Who holds the lock, and in how many seconds it expires; no row if nobody holds it."""
    return Statement(
        f"SELECT owner, TTL(owner) AS seconds_left FROM {_lock_table(keyspace)} WHERE name = {literal(_LOCK)}"  # noqa: S608
    )


def renew_lock(keyspace: str, owner: str, ttl: int) -> Statement:
    """Hold the lock for another C(ttl) seconds, if it is still this owner's."""
    return Statement(
        f"UPDATE {_lock_table(keyspace)} USING TTL {literal(ttl)} SET owner = {literal(owner)} "  # noqa: S608
        f"WHERE name = {literal(_LOCK)} IF owner = {literal(owner)}"
    )


def release_lock(keyspace: str, owner: str) -> Statement:
    """Give the lock back, if it is this owner's."""
    return Statement(f"{delete_lock(keyspace)} IF owner = {literal(owner)}")


def delete_lock(keyspace: str) -> str:
    """How an operator removes the lock that no run holds."""
    return f"DELETE FROM {_lock_table(keyspace)} WHERE name = {literal(_LOCK)}"  # noqa: S608


def _lock_table(keyspace: str) -> str:
    return f"{quote(keyspace)}.{LOCK_TABLE}"


# The guardrails that can forbid such a change, of the node that answers (4.1 and later); 3.11 has no such virtual table.
_GUARDRAILS = (
    "alter_table_enabled",
    "columns_per_table_fail_threshold",
    "fields_per_udt_fail_threshold",
    "vector_type_enabled",
    "vector_dimensions_fail_threshold",
)
SELECT_GUARDRAILS = select("system_views.settings", "name value", name=_GUARDRAILS)

# The same and what decides about a new index: guardrails, and what CREATE INDEX makes that says nothing about it.
SELECT_INDEX_GUARDRAILS = select(
    "system_views.settings",
    "name value",
    name=(
        *_GUARDRAILS,
        "secondary_indexes_enabled",
        "secondary_indexes_per_table_fail_threshold",
        "default_secondary_index",
    ),
)


def list_permissions(role: str) -> Statement:
    """The permissions of a role, also those of the roles it was granted; every role may list its own."""
    return Statement(f"LIST ALL PERMISSIONS OF {quote(role)}", source=SystemRead("LIST ALL"))


def list_roles(role: str | None) -> Statement:
    """The role and those it was granted; every role may list its own. Of no role it asks only whether there is a login."""
    return Statement(f"LIST ROLES OF {quote(role or 'cassandra')}", source=SystemRead("LIST ROLES"))


# What a superuser runs to let a client log in, for a person to read.
ALLOW_LOGIN = "ALTER ROLE ... WITH LOGIN = true"
ADD_IDENTITY = "ADD IDENTITY '<identity>' TO ROLE '<role>'"


def grant(permission: str, kind: str, resource: str, role: str) -> str:
    """What a superuser runs to give a role a permission, for a person to read; names are as CQL writes them."""
    return f"GRANT {permission} ON {kind.upper()} {resource} TO {role}"
