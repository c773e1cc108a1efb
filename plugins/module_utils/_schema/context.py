# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads before a change: what the server knows of a table besides its columns, and what a drop would destroy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from .._connection.session import Session
from .._connection.settings import Settings
from .._cql import statement as cql
from .._cql.column_text import read_attributes, read_text
from .._cql.cql_type import Custom, walk
from .._cql.index import select_keyspace_indexes
from .._cql.rows import select_rows
from .._cql.system_table import Statement
from .._cql.type_parser import stored_type
from .._cql.type_rules import user_types
from .._errors import NotAuthorized, StatementFailed
from .catalog.capabilities import IS_SUPERUSER, MAY_ALTER, NotChecked, Reading, not_checked
from .catalog.model import Cluster, Column, TableName
from .catalog.reading import read_available, read_flags
from .planning.plan import Plan
from .planning.preconditions import Dropped, TableContext, grant_sentence, refused_role
from .request import Values

_CLOCKS_DIFFER = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def observe_contexts(session: Session, plans: Sequence[Plan], cluster: Cluster) -> list[TableContext]:
    """What decides whether each plan can be carried out, as far as the server has it to read; all in one round trip."""
    settings = session.settings
    asked = [_statements(plan, settings) for plan in plans]
    # What several tables have in common is asked once.
    together = list(dict.fromkeys(statement for statements in asked for statement in statements.values()))
    readings = dict(zip(together, read_available(session, *together)))
    contexts = [
        _context(plan, {key: readings[statement] for key, statement in statements.items()}, settings.user, cluster)
        for plan, statements in zip(plans, asked)
    ]
    return [_as_planned(context, plan.table.name.keyspace, plans) for context, plan in zip(contexts, plans)]


def _as_planned(context: TableContext, keyspace: str, plans: Sequence[Plan]) -> TableContext:
    """The same with the fields that its user-defined types get in this run, before the tables that use them change."""
    if not context.user_types:
        return context
    types = dict(context.user_types)
    for plan in plans:
        name = plan.table.name
        if name.is_type and name.keyspace == keyspace and name.name in types:
            types[name.name] = tuple(field.type for field in (*plan.table.columns, *plan.additions))
    return context._replace(user_types=types)


def _statements(plan: Plan, settings: Settings) -> dict[str, Statement]:
    name = plan.table.name
    statements = {"settings": cql.SELECT_GUARDRAILS, "described": cql.describe(*name)}
    if name.is_type:
        statements["uses"] = cql.select_keyspace_columns(name.keyspace)
    else:
        statements["flags"] = cql.select_table_flags(name.keyspace, name.name)
        statements["views"] = cql.select_views(name.keyspace)
        statements["dropped"] = cql.select_dropped_columns(name.keyspace, name.name)
    if plan.new_indexes:
        statements["settings"] = cql.SELECT_INDEX_GUARDRAILS
    if plan.drops or plan.new_indexes:
        statements["indexes"] = select_keyspace_indexes(name.keyspace)
    if name.is_type or any(user_types(column.type) for column in plan.additions):
        statements["types"] = cql.select_user_types(name.keyspace)
    if not settings.is_anonymous:
        statements["roles"] = cql.list_roles(settings.user)
    if settings.user:
        statements["permissions"] = cql.list_permissions(settings.user)
    return statements


def _context(plan: Plan, found: Mapping[str, Reading], user: str | None, cluster: Cluster) -> TableContext:
    name = plan.table.name
    rows = {key: reading.rows if reading.is_there else None for key, reading in found.items()}
    flags, views, permissions = rows.get("flags") or [], rows.get("views", []), rows.get("permissions")
    login = _login(found.get("roles"), user)
    heard = {key: reading for key, reading in found.items() if key not in login.left_out}
    described = read_text(rows.get("described") or ())
    own, indexes = _of_table(views, "base_table_name", name), _of_table(rows.get("indexes"), "table_name", name)
    suffix = cluster.capabilities.log_suffix
    return TableContext(
        server=cluster.capabilities.server,
        vectors=cluster.capabilities.vectors,
        table_id=str(flags[0]["id"]) if flags and flags[0]["id"] else None,
        flags=read_flags(found["flags"]) if "flags" in found else None,
        cdc=None if not flags or "cdc" in found["flags"].lacks else bool(flags[0]["cdc"]),
        log_of=name.name[: -len(suffix)] if suffix and name.name.endswith(suffix) else None,
        view_of=next((row["base_table_name"] for row in views or [] if row["view_name"] == name.name), None),
        views=None if own is None else tuple(row["view_name"] for row in own),
        wildcard_views=None if own is None else tuple(row["view_name"] for row in own if row["include_all_columns"]),
        dropped=_by_name(rows.get("dropped", []), "column_name", _dropped),
        user_types=_by_name(
            rows.get("types"), "type_name", lambda row: tuple(map(stored_type, row["field_types"] or ()))
        ),
        uses=_uses(rows.get("uses")),
        indexes=_by_name(indexes, "index_name", lambda row: str((row["options"] or {}).get("target"))),
        other_indexes=_by_name(rows.get("indexes"), "index_name", lambda row: row["table_name"]),
        index_kinds=cluster.capabilities.index_kinds,
        settings={row["name"]: row["value"] for row in rows["settings"] or [] if row["name"] and row["value"]},
        described=described,
        attributes={} if name.is_type else read_attributes(described),
        user=user,
        may_alter=None if permissions is None else bool(login.is_superuser) or _holds_alter(permissions, name),
        is_superuser=login.is_superuser,
        not_checked=(*not_checked(heard), *login.not_checked, *_only_the_server_knows(plan, cluster)),
    )


class _Login(NamedTuple):
    """What the login allows, as far as the server says it; C(left_out) are the readings that say nothing about it."""

    is_superuser: bool | None
    left_out: tuple[str, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()


def _login(roles: Reading | None, user: str | None) -> _Login:
    # Words of Cassandra 4.0 to 6.0 (measured) and of ScyllaDB's source. If a server asks nobody for a login, every client is
    # a superuser, whatever login it gives: no permission is needed, and no guardrail holds.
    if not roles or (roles.refusal and "logged in and not anonymous" in roles.refusal.message):
        return _Login(True, ("roles", "permissions"))
    if user:
        return _Login(any(row.get("super") for row in roles.rows) if roles.is_there else None)
    reason = "the login names no role: the server knows it by something else, such as a certificate"
    return _Login(None, ("roles",), tuple(NotChecked(check, reason) for check in (MAY_ALTER, IS_SUPERUSER)))


def _only_the_server_knows(plan: Plan, cluster: Cluster) -> Iterator[NotChecked]:
    classes = sorted({str(one) for column in plan.additions for one in walk(column.type) if isinstance(one, Custom)})
    if classes:
        yield NotChecked(
            "whether each node has the Java classes of the types",
            f"no node shows which classes it has, and each node needs {', '.join(classes)}",
        )
    server = cluster.capabilities.server
    if plan.table.name.is_type and not cluster.capabilities.alters_types:
        reason = f"the documentation of {server} does not say that it does"
        yield NotChecked(f"whether {server} adds fields to user-defined types", reason)
    if plan.drops and cluster.capabilities.drops is None:
        yield NotChecked(f"whether {server} drops columns", f"the documentation of {server} does not say that it does")


def _uses(rows: Sequence[Mapping[str, Any]] | None) -> Mapping[str, tuple[Column, ...]] | None:
    """The columns whose types hold user-defined types, by the name of their table."""
    if rows is None:
        return None
    found: dict[str, tuple[Column, ...]] = {}
    for row in rows:
        column = Column(row["column_name"], stored_type(row["type"]), row["kind"])
        if user_types(column.type):
            found[row["table_name"]] = (*found.get(row["table_name"], ()), column)
    return found


def _of_table(
    rows: Sequence[Mapping[str, Any]] | None, key: str, name: TableName
) -> Sequence[Mapping[str, Any]] | None:
    return None if rows is None else [row for row in rows if row[key] == name.name]


def _by_name(rows: Sequence[Mapping[str, Any]] | None, key: str, value: Any) -> Any:
    return None if rows is None else {row[key]: value(row) for row in rows}


def count_values(session: Session, name: TableName, columns: Sequence[str], limit: int) -> Values:
    """How many of the first C(limit) rows hold a value in each column; one more is read to know whether that was all.

    Raises NotAuthorized or StatementFailed if they cannot be read.
    """
    found: Counter[str] = Counter()
    rows = 0
    try:
        for row in session.read_pages(select_rows(name.keyspace, name.name, columns, limit + 1)):
            rows += 1
            if rows > limit:
                # A server may send more than it was asked for.
                break
            found.update(column for column, value in zip(columns, row.values()) if value is not None)
    except NotAuthorized as error:
        sentence = grant_sentence(name, refused_role(error.message) or session.settings.user, "SELECT")
        raise NotAuthorized(f"What a drop destroys cannot be read: {sentence}. Or set rows_to_read to 0.") from error
    except StatementFailed as error:
        raise StatementFailed(
            f"The rows of {name} cannot be read to say what a drop destroys: {error.message}. "
            "Set rows_to_read to 0 to do without."
        ) from error
    return Values({column: found[column] for column in columns}, min(rows, limit), rows <= limit)


def _dropped(row: Mapping[str, Any]) -> Dropped:
    cql_type = stored_type(row["type"]) if row["type"] else None
    return Dropped(cql_type, row["kind"], *_time(row["dropped_time"]))


def _time(dropped: int | datetime | None) -> tuple[str, bool]:
    """When that was, in words, and whether that time is still to come: a DROP can give any time."""
    if dropped is None:
        return "a time that is not known", False
    if isinstance(dropped, datetime):
        # A server that lacks a column of this table was asked for all of them as they are.
        dropped = (dropped.replace(tzinfo=timezone.utc) - _EPOCH) // timedelta(milliseconds=1)
    try:
        when = _EPOCH + timedelta(milliseconds=dropped)
    except OverflowError:
        return f"{dropped} ms after 1970", dropped > 0
    return f"{when:%Y-%m-%d %H:%M:%S} UTC", when > datetime.now(timezone.utc) + _CLOCKS_DIFFER


def _holds_alter(permissions: Sequence[Mapping[str, Any]], name: TableName) -> bool:
    """Whether ALTER is granted on the table or above it; the resources are printed without quotes.

    To alter a type takes the permission on all tables of its keyspace (4.0 to 6.0, measured).
    """
    above = {
        *(() if name.is_type else (f"<table {name.keyspace}.{name.name}>",)),
        f"<all tables in {name.keyspace}>",
        f"<keyspace {name.keyspace}>",
        "<all keyspaces>",
    }
    return any(row.get("permission") == "ALTER" and row.get("resource") in above for row in permissions)
