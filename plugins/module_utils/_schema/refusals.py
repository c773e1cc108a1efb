# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reason for which a server refuses ALTER TABLE ... ADD or DROP, decided by reading before anything is executed; pure.

Measured on Cassandra 4.0.19, 4.1.10 and 5.0.9; tests/integration/test_refusals.py compares each with the real answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._cql.cql_type import Collection, CqlType, Native, Tuple, UserType
from .._cql.identifier import close_matches, display_name, quote
from .._cql.type_rules import needs_vector, user_types
from .._errors import Refused
from .model import CLUSTERING, Column, Table, TableName

SYSTEM_KEYSPACES = frozenset(
    """
    system system_accord system_auth system_cluster_metadata system_distributed system_metrics system_schema
    system_traces system_views system_virtual_schema
    """.split()
)
_COUNTER = Native("counter")
_NONE: Mapping[str, Any] = MappingProxyType({})

# What the server holds for readable as the other (AbstractType.isSerializationCompatibleWith, measured).
_READABLE_AS = {
    "ascii": {"text", "blob"},
    "bigint": {"timestamp"},
    "timestamp": {"bigint"},
    "timeuuid": {"uuid"},
    **{
        name: {"blob"}
        for name in ("date", "decimal", "duration", "inet", "smallint", "text", "time", "tinyint", "varint")
    },
}


class Dropped(NamedTuple):
    """A column which the table had once: the server remembers its type and kind for ever."""

    type: CqlType
    kind: str
    time: str


class Constraints(NamedTuple):
    """What stands in the way of a change; what could not be read is None and forbids nothing.

    C(indexes) maps their names to their targets.
    C(may_alter) is whether the role C(user) holds ALTER; C(exempt) whether guardrails let it pass, as they do superusers.
    """

    release_version: str = ""
    flags: frozenset[str] | None = None
    view_of: str | None = None
    views: tuple[str, ...] = ()
    wildcard_views: tuple[str, ...] = ()
    indexes: Mapping[str, str] = _NONE
    dropped: Mapping[str, Dropped] = _NONE
    user_types: Mapping[str, tuple[CqlType, ...]] | None = None
    settings: Mapping[str, str] = _NONE
    user: str | None = None
    may_alter: bool | None = None
    exempt: bool = False


def refuse_system_keyspace(name: TableName) -> None:
    """Raises Refused for a table which belongs to Cassandra itself."""
    if name.keyspace in SYSTEM_KEYSPACES:
        raise Refused(f"Keyspace {name.keyspace} belongs to Cassandra itself and cannot be changed.")


def refuse_additions(table: Table, columns: tuple[Column, ...], constraints: Constraints) -> None:
    """Raises Refused with every reason why the server would not add these columns, or should not."""
    reasons = list(_table_reasons(table, columns, constraints))
    if not constraints.view_of:
        reasons += [reason for column in columns for reason in _column_reasons(table, column, constraints)]
    if reasons:
        raise Refused(f"{table.name} cannot get the listed columns: {'; '.join(reasons)}. Nothing was executed.")


def refuse_drops(table: Table, columns: tuple[Column, ...], constraints: Constraints) -> None:
    """Raises Refused with every reason why the server would not drop these columns."""
    reasons = list(_common_reasons(table, constraints))
    if not constraints.view_of:
        if constraints.views:
            views = ", ".join(map(display_name, constraints.views))
            reasons.append(f"it has materialized views, and with these no column can be dropped: drop {views} first")
        reasons += [reason for column in columns for reason in _drop_reasons(column, constraints)]
    if reasons:
        raise Refused(f"{table.name} cannot lose the listed columns: {'; '.join(reasons)}. Nothing was executed.")


def drop_notes(columns: tuple[Column, ...]) -> list[str]:
    """What somebody should know who drops these columns."""
    return [
        f"Column {display_name(column.name)} of type {column.type} cannot be added again once it is dropped."
        for column in columns
        if not _readable(column.type, column.type) or column.type == _COUNTER
    ]


def notes(columns: tuple[Column, ...], constraints: Constraints) -> list[str]:
    """What somebody should know who adds these columns and may."""
    found = []
    for column in columns:
        dropped = constraints.dropped.get(column.name)
        if dropped:
            found.append(
                f"Column {display_name(column.name)} was dropped at {dropped.time}: what was written to it before stays gone."
            )
    if constraints.wildcard_views and any(not column.static for column in columns):
        views = ", ".join(display_name(view) for view in constraints.wildcard_views)
        found.append(f"The materialized views made with SELECT * get the new columns too: {views}.")
    return found


def grant_sentence(name: TableName, user: str | None) -> str:
    """What is missing for a role which may not ALTER the table, and who can mend it."""
    role = quote(user) if user else "the role"
    return f"role {role} may not ALTER {name}: a superuser can allow it with GRANT ALTER ON TABLE {name} TO {role}"


def _table_reasons(table: Table, columns: tuple[Column, ...], constraints: Constraints) -> Iterator[str]:
    yield from _common_reasons(table, constraints)
    if not constraints.exempt and not constraints.view_of:
        yield from _too_many_reasons(len(table.columns) + len(columns), constraints.settings)


def _common_reasons(table: Table, constraints: Constraints) -> Iterator[str]:
    if constraints.view_of:
        base = TableName(table.name.keyspace, constraints.view_of)
        yield f"it is a materialized view, change its base table {base}"
        return
    if constraints.may_alter is False:
        yield grant_sentence(table.name, constraints.user)
    flags = constraints.flags
    if flags is not None and ("compound" not in flags or flags & {"dense", "super"}):
        yield "it uses COMPACT STORAGE, its columns are fixed until ALTER TABLE ... DROP COMPACT STORAGE"
    if not constraints.exempt and constraints.settings.get("alter_table_enabled") == "false":
        yield "the guardrail alter_table_enabled forbids ALTER TABLE on this cluster, ask its operators"


def _drop_reasons(column: Column, constraints: Constraints) -> Iterator[str]:
    name = display_name(column.name)
    indexes = [index for index, target in constraints.indexes.items() if _indexed(target) == column.name]
    if indexes:
        yield f"column {name} has an index, drop {', '.join(map(display_name, indexes))} first"
    if isinstance(column.type, UserType) and not column.type.frozen:
        yield f"column {name} is of the user-defined type {column.type} and not frozen, which Cassandra cannot drop"


def _indexed(target: str) -> str:
    """The column in the target of an index: C(a), C("A"), C(values(a)) and so on."""
    match = re.match(r"(?:keys|values|entries|full)\((.+)\)\Z", target)
    name = match.group(1) if match else target
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _too_many_reasons(columns: int, settings: Mapping[str, str]) -> Iterator[str]:
    limit = int(settings.get("columns_per_table_fail_threshold") or -1)
    if 0 < limit < columns:
        yield f"the guardrail columns_per_table_fail_threshold allows {limit} columns, the table would have {columns}"


def _column_reasons(table: Table, column: Column, constraints: Constraints) -> Iterator[str]:
    name = display_name(column.name)
    is_counter_table = any(one.type == _COUNTER for one in table.columns)
    if is_counter_table and column.type != _COUNTER:
        yield f"column {name} is no counter, and a counter table takes counters only"
    if not is_counter_table and column.type == _COUNTER:
        yield f"column {name} is a counter, and only a table made with counters takes one"
    if column.static and not table.key(CLUSTERING):
        yield f"column {name} is static, and that needs a table with at least one clustering column"
    if needs_vector(column.type) and _is_apache_before_5(constraints.release_version):
        yield f"column {name} is a vector, and Cassandra {constraints.release_version} has none (5.0 and later)"
    yield from _dropped_reasons(column, constraints)
    yield from _user_type_reasons(table, column, constraints)


def _dropped_reasons(column: Column, constraints: Constraints) -> Iterator[str]:
    dropped = constraints.dropped.get(column.name)
    if not dropped:
        return
    was = f"column {display_name(column.name)} was dropped at {dropped.time}"
    if column.type == dropped.type == _COUNTER:
        yield f"{was} as a counter, and a counter cannot come back: choose another name"
    elif not _readable(dropped.type, column.type):
        yield f"{was} as {dropped.type} and cannot come back as {column.type}: choose that type or another name"
    elif column.kind != dropped.kind:
        yield f"{was} as {dropped.kind} and cannot come back as {column.kind}: choose another name"


def _readable(old: CqlType, new: CqlType) -> bool:
    """Whether the server takes old data for new; where types are nested, only the same type is sure on every version."""
    if old == new:
        return not any(isinstance(part, UserType) for part in (old, new))
    if isinstance(old, Tuple):
        return new == Native("blob")
    return isinstance(old, Native) and isinstance(new, Native) and new.name in _READABLE_AS.get(old.name, ())


def _user_type_reasons(table: Table, column: Column, constraints: Constraints) -> Iterator[str]:
    known = constraints.user_types
    if known is None:
        return
    for wanted in sorted(user_types(column.type) - set(known)):
        there = ", ".join(display_name(one) for one in close_matches(wanted, known)[:10])
        has = f"it has: {there}" if there else "it has none"
        yield (
            f"column {display_name(column.name)}: {display_name(wanted)} is neither a native type nor a user-defined type of "
            f"keyspace {display_name(table.name.keyspace)}, {has}"
        )
    if isinstance(column.type, UserType) and not column.type.frozen:
        fields = known.get(column.type.name, ())
        if any(isinstance(one, Collection) and not one.frozen for one in fields):
            # Early 4.0 and 4.1 accept this in ALTER although they refuse it in CREATE; the data cannot be read right.
            yield (
                f"column {display_name(column.name)}: {column.type} has collections inside which are not frozen, "
                f"use frozen<{column.type}>"
            )


def _is_apache_before_5(release_version: str) -> bool:
    """Only for Apache's own numbers: Astra DB and DSE call themselves 4.0.0.6816, and have vectors."""
    match = re.match(r"(\d+)\.\d+(\.\d+)?(-[A-Za-z]\w*)?\Z", release_version)
    return bool(match) and int(match.group(1)) < 5 if match else False
