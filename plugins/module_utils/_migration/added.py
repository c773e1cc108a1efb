# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the columns of a migration were added: a change that no file and no process of the application shows; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def column_changes(described: Sequence[Mapping[str, Any]], migrated: Mapping[str, Any]) -> dict[str, str]:
    """The time of each column that the migration asks for, by its name, as far as the server tells it.

    C(described) has for each table what C(cassandra_schema_info) says, C(migrated) is the result of C(cassandra_column).
    """
    tables = migrated.get("tables") or migrated.get("results") or []
    return {
        f"column {table['keyspace']}.{table['table']}.{column['name']}": column["added_at"]
        for answer, table in zip(described, tables)
        for column in (answer.get("table") or {}).get("columns", [])
        if column["added_at"] and column["name"] in {asked["name"] for asked in table.get("columns") or []}
    }
