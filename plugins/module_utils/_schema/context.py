# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads before a change: what the server knows of a table beside its columns, and what a drop would destroy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Union

from .._connection.session import Row, Session, answered
from .._cql import statement as cql
from .._cql.cql_type import CqlType
from .._cql.type_parser import stored_type
from .._cql.type_rules import user_types
from .._errors import Failure, StatementFailed
from .data_loss import Values
from .model import REGULAR, Cluster, TableName
from .plan import Plan
from .preconditions import Dropped, TableContext

Answer = Union[list[Row], Failure]
_OPTIONAL = ("settings", "permissions", "roles")


def observe_contexts(session: Session, plans: Sequence[Plan], cluster: Cluster) -> list[TableContext]:
    """What decides whether each plan can be carried out, as far as this role may read it; all in one round trip."""
    user = session.settings.user
    asked = [_statements(plan, user) for plan in plans]
    # What several tables have in common is asked once.
    together = list(dict.fromkeys(statement for statements in asked for statement in statements.values()))
    answers = dict(zip(together, session.answers(*together)))
    return [
        _context(plan, {key: answers[statement] for key, statement in statements.items()}, user, cluster)
        for plan, statements in zip(plans, asked)
    ]


def _statements(plan: Plan, user: str | None) -> dict[str, cql.Statement]:
    name = plan.table.name
    statements = {
        "flags": cql.select_table_flags(name.keyspace, name.name),
        "views": cql.select_views(name.keyspace),
        "dropped": cql.select_dropped_columns(name.keyspace, name.name),
        "settings": cql.SELECT_GUARDRAILS,
    }
    if plan.drops:
        statements["indexes"] = cql.select_indexes(name.keyspace, name.name)
    if any(user_types(column.type) for column in plan.additions):
        statements["types"] = cql.select_user_types(name.keyspace)
    if user:
        statements.update(permissions=cql.list_permissions(user), roles=cql.list_roles(user))
    return statements


def _context(plan: Plan, answers: Mapping[str, Answer], user: str | None, cluster: Cluster) -> TableContext:
    name = plan.table.name
    # What this server does not know, or this role may not read, forbids nothing.
    told = {key: answer for key, answer in answers.items() if not (key in _OPTIONAL and isinstance(answer, Failure))}
    found = {key: answered(answer) for key, answer in told.items()}
    flags, permissions, types = found["flags"], found.get("permissions"), found.get("types")
    views = [row for row in found["views"] if row["base_table_name"] == name.name]
    superuser = any(row["super"] for row in found.get("roles", []))
    return TableContext(
        release_version=str(cluster.local.release_version),
        table_id=str(flags[0]["id"]) if flags else None,
        flags=frozenset(flags[0]["flags"] or ()) if flags else None,
        view_of=next((row["base_table_name"] for row in found["views"] if row["view_name"] == name.name), None),
        views=tuple(row["view_name"] for row in views),
        wildcard_views=tuple(row["view_name"] for row in views if row["include_all_columns"]),
        dropped={row["column_name"]: _dropped(row) for row in found["dropped"]},
        user_types=None if types is None else {row["type_name"]: _field_types(row) for row in types},
        indexes={row["index_name"]: row["options"].get("target", "") for row in found.get("indexes", [])},
        settings={row["name"]: row["value"] for row in found.get("settings", [])},
        user=user,
        may_alter=None if permissions is None else superuser or _holds_alter(permissions, name),
        is_superuser=superuser,
    )


def _field_types(row: Row) -> tuple[CqlType, ...]:
    return tuple(map(stored_type, row["field_types"]))


def count_values(session: Session, name: TableName, columns: Sequence[str], limit: int) -> Values:
    """How many of the first C(limit) rows hold a value in each column; one more is read to know whether that was all.

    Raises StatementFailed where they cannot be read.
    """
    found: Counter[str] = Counter()
    rows = 0
    try:
        for row in session.read_pages(cql.select_values(name.keyspace, name.name, columns, limit + 1)):
            rows += 1
            if rows <= limit:
                found.update(column for column, value in zip(columns, row.values()) if value is not None)
    except StatementFailed as error:
        raise StatementFailed(
            f"The rows of {name} cannot be read to say what a drop destroys: {error.message}. "
            "Set rows_to_read to 0 to do without. Nothing was executed."
        ) from error
    return Values({column: found[column] for column in columns}, min(rows, limit), rows <= limit)


def _dropped(row: Mapping[str, Any]) -> Dropped:
    # Cassandra 3.11 before 3.11.3 did not store the kind.
    return Dropped(stored_type(row["type"]), row["kind"] or REGULAR, f"{row['dropped_time']:%Y-%m-%d %H:%M:%S} UTC")


def _holds_alter(permissions: Sequence[Mapping[str, Any]], name: TableName) -> bool:
    """Whether ALTER is granted on the table or above it; the resources are printed without quotes."""
    above = {
        f"<table {name.keyspace}.{name.name}>",
        f"<all tables in {name.keyspace}>",
        f"<keyspace {name.keyspace}>",
        "<all keyspaces>",
    }
    return any(row["permission"] == "ALTER" and row["resource"] in above for row in permissions)
