# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads before a change: what the server knows of a table beside its columns, and what a drop would destroy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .._connection.session import Session
from .._cql import statement as cql
from .._cql.column_text import read_attributes
from .._cql.rows import select_rows
from .._cql.type_parser import stored_type
from .._cql.type_rules import user_types
from .._errors import NotAuthorized, StatementFailed
from .checks import Reading, not_checked
from .data_loss import Values
from .model import Cluster, TableName
from .plan import Plan
from .preconditions import Dropped, TableContext, grant_sentence
from .reading import read_available


def observe_contexts(session: Session, plans: Sequence[Plan], cluster: Cluster) -> list[TableContext]:
    """What decides whether each plan can be carried out, as far as the server has it to read; all in one round trip."""
    user = session.settings.user
    asked = [_statements(plan, user, cluster.capabilities.describes_columns) for plan in plans]
    # What several tables have in common is asked once.
    together = list(dict.fromkeys(statement for statements in asked for statement in statements.values()))
    readings = dict(zip(together, read_available(session, *together)))
    return [
        _context(plan, {key: readings[statement] for key, statement in statements.items()}, user, cluster)
        for plan, statements in zip(plans, asked)
    ]


def _statements(plan: Plan, user: str | None, describe: bool) -> dict[str, cql.Statement]:
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
    if describe:
        statements["described"] = cql.describe_table(name.keyspace, name.name)
    if user:
        statements.update(permissions=cql.list_permissions(user), roles=cql.list_roles(user))
    return statements


def _context(plan: Plan, found: Mapping[str, Reading], user: str | None, cluster: Cluster) -> TableContext:
    name = plan.table.name
    rows = {key: reading.rows if reading.is_there else None for key, reading in found.items()}
    flags, views, permissions = rows["flags"] or [], rows["views"], rows.get("permissions")
    own = None if views is None else [row for row in views if row["base_table_name"] == name.name]
    superuser = any(row["super"] for row in rows.get("roles") or [])
    return TableContext(
        server=cluster.capabilities.server,
        vectors=cluster.capabilities.vectors,
        table_id=str(flags[0]["id"]) if flags and flags[0]["id"] else None,
        flags=_flags(found["flags"]),
        cdc=None if not flags or "cdc" in found["flags"].lacks else bool(flags[0]["cdc"]),
        view_of=next((row["base_table_name"] for row in views or [] if row["view_name"] == name.name), None),
        views=None if own is None else tuple(row["view_name"] for row in own),
        wildcard_views=None if own is None else tuple(row["view_name"] for row in own if row["include_all_columns"]),
        dropped=_by_name(rows["dropped"], "column_name", _dropped),
        user_types=_by_name(
            rows.get("types"), "type_name", lambda row: tuple(map(stored_type, row["field_types"] or ()))
        ),
        indexes=_by_name(rows.get("indexes"), "index_name", lambda row: (row["options"] or {}).get("target", "")),
        settings={row["name"]: row["value"] for row in rows["settings"] or []},
        attributes=_attributes(rows.get("described")),
        user=user,
        may_alter=None if permissions is None else superuser or _holds_alter(permissions, name),
        is_superuser=superuser,
        not_checked=not_checked(found),
    )


def _by_name(rows: Sequence[Mapping[str, Any]] | None, key: str, value: Any) -> Any:
    return None if rows is None else {row[key]: value(row) for row in rows}


def _flags(reading: Reading) -> frozenset[str] | None:
    """None also for a materialized view, which has no row."""
    if not reading.rows or "flags" in reading.lacks:
        return None
    return frozenset(reading.rows[0]["flags"] or ())


def _attributes(described: Sequence[Mapping[str, Any]] | None) -> Mapping[str, str]:
    return read_attributes(described[0]["create_statement"] or "") if described else {}


def count_values(session: Session, name: TableName, columns: Sequence[str], limit: int) -> Values:
    """How many of the first C(limit) rows hold a value in each column; one more is read to know whether that was all.

    Raises NotAuthorized or StatementFailed where they cannot be read.
    """
    found: Counter[str] = Counter()
    rows = 0
    try:
        for row in session.read_pages(select_rows(name.keyspace, name.name, columns, limit + 1)):
            rows += 1
            if rows <= limit:
                found.update(column for column, value in zip(columns, row.values()) if value is not None)
    except NotAuthorized as error:
        sentence = grant_sentence(name, session.settings.user, "SELECT")
        raise NotAuthorized(
            f"What a drop destroys cannot be read: {sentence}. Or set rows_to_read to 0. Nothing was executed."
        ) from error
    except StatementFailed as error:
        raise StatementFailed(
            f"The rows of {name} cannot be read to say what a drop destroys: {error.message}. "
            "Set rows_to_read to 0 to do without. Nothing was executed."
        ) from error
    return Values({column: found[column] for column in columns}, min(rows, limit), rows <= limit)


def _dropped(row: Mapping[str, Any]) -> Dropped:
    when = f"{row['dropped_time']:%Y-%m-%d %H:%M:%S} UTC" if row["dropped_time"] else "a time that is not known"
    return Dropped(stored_type(row["type"]) if row["type"] else None, row["kind"], when)


def _holds_alter(permissions: Sequence[Mapping[str, Any]], name: TableName) -> bool:
    """Whether ALTER is granted on the table or above it; the resources are printed without quotes."""
    above = {
        f"<table {name.keyspace}.{name.name}>",
        f"<all tables in {name.keyspace}>",
        f"<keyspace {name.keyspace}>",
        "<all keyspaces>",
    }
    return any(row["permission"] == "ALTER" and row["resource"] in above for row in permissions)
