# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reason for which a server refuses ALTER TABLE ... ADD or DROP, known by reading before anything is executed; pure.

Measured on Cassandra 4.0.19, 4.1.10 and 5.0.9; tests/integration/test_refusals.py compares each with the real answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection as Several
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._cql.cql_type import NATIVES, Collection, CqlType, Native, Tuple, UserType, Vector, children, walk
from .._cql.foreign_type import meant_type
from .._cql.identifier import close_matches, display_name, nearest, quote, yaml_name
from .._cql.statement import grant
from .._cql.type_rules import needs_vector, user_types
from .._errors import Refused
from .capabilities import NotChecked
from .compact import is_compact, is_dense
from .model import CLUSTERING, Column, Table, TableName, is_system_keyspace

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
    """A column that the table had once: the server remembers its type and kind for ever, or it cannot tell one of them.

    C(is_to_come) if it was dropped with a time that is still to come.
    """

    type: CqlType | None
    kind: str | None
    time: str
    is_to_come: bool = False


class TableContext(NamedTuple):
    """What the server knows of a table besides its columns; what could not be read is None and forbids nothing.

    - C(server) is its name in sentences, C(vectors) whether it has them.
    - C(table_id) changes if the table is dropped and made again; C(cdc) is whether its changes are captured for others.
    - C(indexes) maps their names to their targets, C(attributes) columns to their masks and constraints.
    - C(view_of) and C(log_of) name the table that this one is a view of, or in which the server logs changes.
    - C(may_alter) is whether the role C(user) holds ALTER; guardrails do not hold for C(is_superuser).
    - C(not_checked) names the checks for which something could not be read.
    """

    server: str = "Cassandra"
    vectors: bool | None = True
    table_id: str | None = None
    flags: frozenset[str] | None = None
    cdc: bool | None = None
    view_of: str | None = None
    log_of: str | None = None
    views: tuple[str, ...] | None = ()
    wildcard_views: tuple[str, ...] | None = ()
    indexes: Mapping[str, str] | None = _NONE
    dropped: Mapping[str, Dropped] | None = _NONE
    user_types: Mapping[str, tuple[CqlType, ...]] | None = None
    settings: Mapping[str, str] = _NONE
    attributes: Mapping[str, str] = _NONE
    user: str | None = None
    may_alter: bool | None = None
    is_superuser: bool | None = False
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def is_made_by_the_server(self) -> bool:
        """Whether the table follows another one: then nothing else about it matters."""
        return bool(self.view_of or self.log_of)

    @property
    def has_guardrails(self) -> bool:
        """Whether guardrails hold for this role; not if that is not known, for then they forbid nothing."""
        return self.is_superuser is False


def check_keyspace(name: TableName) -> None:
    """Raises Refused for a table that belongs to Cassandra itself."""
    if is_system_keyspace(name.keyspace):
        raise own_keyspace(name.keyspace)


def own_keyspace(keyspace: str) -> Refused:
    """The failure for a keyspace that is the server's own, such as one of virtual tables."""
    return Refused(f"Keyspace {display_name(keyspace)} belongs to Cassandra itself and cannot be changed.")


def check_additions(table: Table, columns: tuple[Column, ...], context: TableContext) -> None:
    """Raises Refused with every reason why the server would not add these columns, or should not."""
    reasons = list(_table_reasons(table, columns, context))
    if not context.is_made_by_the_server:
        reasons += [reason for column in columns for reason in _column_reasons(table, column, context)]
    if reasons:
        raise Refused(f"The columns cannot be added to {table.name}: {'; '.join(reasons)}. Nothing was executed.")


def check_droppable(table: Table, columns: tuple[Column, ...], context: TableContext) -> None:
    """Raises Refused with every reason why the server would not drop these columns."""
    reasons = list(_common_reasons(table, context))
    if not context.is_made_by_the_server:
        if context.flags is not None and is_dense(context.flags):
            reasons.append("it uses COMPACT STORAGE, and the server cannot drop a column of such a table")
        if context.views:
            views = ", ".join(map(display_name, context.views))
            reasons.append(f"it has materialized views, and with these no column can be dropped: drop {views} first")
        reasons += [reason for column in columns for reason in _drop_reasons(column, context.indexes or {})]
    if reasons:
        raise Refused(f"The columns cannot be dropped from {table.name}: {'; '.join(reasons)}. Nothing was executed.")


def drop_warnings(columns: tuple[Column, ...], context: TableContext) -> list[str]:
    """What to know before dropping these columns."""
    found = _returns(columns, context)
    found += [
        f"Column {display_name(column.name)} has {context.attributes[column.name]}: adding it again does not restore that."
        for column in columns
        if column.name in context.attributes
    ]
    if columns and context.cdc:
        found.append(
            "Change data capture is on (cdc): who reads the changes of this table no longer finds these columns."
        )
    unknown = [
        name for name, known in (("materialized views", context.views), ("indexes", context.indexes)) if known is None
    ]
    if columns and unknown:
        found.append(
            f"{context.server} does not show the {' and '.join(unknown)} of the table here: only the server knows whether "
            "one of them needs these columns."
        )
    return found


def _returns(columns: tuple[Column, ...], context: TableContext) -> list[str]:
    """As what each column can come back, once it is dropped: the server remembers its type and kind for ever."""
    types = {column.name: _readable_types(column.type) for column in columns}
    if context.flags is not None and is_compact(context.flags):
        types = {name: [] for name in types}
    for_ever = [f"{display_name(one.name)} ({one.type})" for one in columns if not types[one.name]]
    as_before = [
        f"{display_name(one.name)} ({'static, ' * one.static}{' or '.join(types[one.name])})"
        for one in columns
        if types[one.name]
    ]
    found = []
    if for_ever:
        found.append(f"Once they are dropped, these columns cannot be added again: {', '.join(for_ever)}.")
    if as_before:
        found.append(
            "Once they are dropped, these columns can be added again only as what they were, and without their values: "
            f"{', '.join(as_before)}."
        )
    return found


def _readable_types(old: CqlType) -> list[str]:
    """The types that a column of this type can come back as."""
    # A user-defined type is remembered as a tuple, but in a vector (measured).
    is_lost = any(isinstance(part, UserType) for part in walk(old)) and not isinstance(old, Vector)
    if old == _COUNTER or is_lost:
        return []
    natives = (Native(name) for name in sorted(NATIVES - {"counter", "empty"}))
    return [str(new) for new in (old, *(one for one in natives if one != old)) if _readable(old, new)]


def addition_warnings(columns: tuple[Column, ...], context: TableContext) -> list[str]:
    """What to know before adding these columns."""
    found = []
    for column in columns:
        dropped = (context.dropped or {}).get(column.name)
        if dropped:
            found.append(
                f"Column {display_name(column.name)} was dropped at {dropped.time}: what was written to it before stays gone."
            )
            if dropped.is_to_come:
                found.append(
                    f"That time is still to come: until then each value that is written to {display_name(column.name)} is lost. "
                    "Choose another name for the column."
                )
            found += _doubts(column, dropped, context.server)
    if context.wildcard_views and any(not column.static for column in columns):
        views = ", ".join(display_name(view) for view in context.wildcard_views)
        found.append(f"The materialized views made with SELECT * get the new columns too: {views}.")
    if columns and context.cdc:
        found.append("Change data capture is on (cdc): who reads the changes of this table meets the new columns too.")
    return found


def _doubts(column: Column, dropped: Dropped, server: str) -> Iterator[str]:
    """What the server does not tell of a column that comes back, although data are read wrongly if it is otherwise."""
    name = display_name(column.name)
    if dropped.kind is None:
        kind = "static" if column.static else "regular"
        yield f"{server} does not tell whether column {name} was static when it was dropped: it has to come back as {kind}."
    if dropped.type is None:
        yield f"{server} does not tell the type that column {name} had when it was dropped: it has to come back as that."


def grant_sentence(name: TableName, user: str | None, permission: str = "ALTER") -> str:
    """The permission that a role needs on the table, and who can grant it."""
    role = quote(user) if user else "the role"
    statement = grant(permission, "table", str(name), role)
    return f"role {role} may not {permission} {name}: a superuser can allow it with {statement}"


def refused_role(words: str) -> str | None:
    """The role that a server refuses something, by its words: a login by certificate names none."""
    found = re.search(r"User (.+) has no [A-Z_]+ permission", words)
    return found.group(1) if found else None


def _table_reasons(table: Table, columns: tuple[Column, ...], context: TableContext) -> Iterator[str]:
    yield from _common_reasons(table, context)
    if context.is_made_by_the_server:
        return
    if context.flags is not None and is_compact(context.flags):
        yield "it uses COMPACT STORAGE, its columns are fixed until ALTER TABLE ... DROP COMPACT STORAGE"
    if context.has_guardrails:
        yield from _guardrail_reasons(table, columns, context.settings)


def _common_reasons(table: Table, context: TableContext) -> Iterator[str]:
    if context.view_of:
        base = TableName(table.name.keyspace, context.view_of)
        yield f"it is a materialized view, change its base table {base}"
        return
    if context.log_of:
        base = TableName(table.name.keyspace, context.log_of)
        yield f"{context.server} logs in it the changes of {base} (CDC) and gives it the columns of that table: change that one"
        return
    if context.may_alter is False:
        yield grant_sentence(table.name, context.user)
    if context.has_guardrails and context.settings.get("alter_table_enabled") == "false":
        yield "the guardrail alter_table_enabled forbids ALTER TABLE on this cluster, ask its operators"


def _drop_reasons(column: Column, indexes: Mapping[str, str]) -> Iterator[str]:
    name = display_name(column.name)
    own = [index for index, target in indexes.items() if _indexed(target) == column.name]
    if own:
        yield f"column {name} has an index, drop {', '.join(map(display_name, own))} first"
    if isinstance(column.type, UserType) and not column.type.frozen:
        yield f"column {name} is of the user-defined type {column.type} and not frozen, which Cassandra cannot drop"


def _indexed(target: str) -> str:
    """The column in the target of an index: C(a), C("A"), C(values(a)) and so on."""
    match = re.match(r"(?:keys|values|entries|full)\((.+)\)\Z", target)
    name = match.group(1) if match else target
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _guardrail_reasons(table: Table, columns: tuple[Column, ...], settings: Mapping[str, str]) -> Iterator[str]:
    name, count = "columns_per_table_fail_threshold", len(table.columns) + len(columns)
    limit = _threshold(settings, name)
    if limit < count:
        yield f"the guardrail {name} allows {limit} columns, the table would have {count}"
    vectors = [one for column in columns for one in _outer_vectors(column.type)]
    if vectors and settings.get("vector_type_enabled") == "false":
        yield "the guardrail vector_type_enabled forbids vectors on this cluster, ask its operators"
    name, dimension = "vector_dimensions_fail_threshold", max((one.dimension for one in vectors), default=0)
    limit = _threshold(settings, name)
    if limit < dimension:
        yield f"the guardrail {name} allows vectors of {limit} dimensions, not of {dimension}"


def _outer_vectors(cql_type: CqlType) -> Iterator[Vector]:
    """The vectors that guardrails look at: those inside another vector are not (5.0 and 6.0, measured)."""
    if isinstance(cql_type, Vector):
        yield cql_type
        return
    for child in children(cql_type):
        yield from _outer_vectors(child)


def _threshold(settings: Mapping[str, str], name: str) -> float:
    text = settings.get(name) or ""
    return int(text) if text.isdecimal() and int(text) > 0 else float("inf")


def _column_reasons(table: Table, column: Column, context: TableContext) -> Iterator[str]:
    name = display_name(column.name)
    is_counter_table = _is_counter_table(table)
    if column.name in table.hidden:
        yield f"column {name} is there and hidden from clients: COMPACT STORAGE keeps a column of this name for itself"
    if is_counter_table and column.type != _COUNTER:
        yield f"column {name} is no counter, and a counter table takes counters only"
    if not is_counter_table and column.type == _COUNTER:
        yield f"column {name} is a counter, and only a table made with counters takes one"
    if column.static and not table.key(CLUSTERING):
        yield f"column {name} is static, and that needs a table with at least one clustering column"
    if context.vectors is False and needs_vector(column.type):
        yield f"column {name} is a vector, and {context.server} has none (5.0 and later)"
    yield from _dropped_reasons(column, context)
    yield from _user_type_reasons(table, column, context)


def _dropped_reasons(column: Column, context: TableContext) -> Iterator[str]:
    dropped = (context.dropped or {}).get(column.name)
    if not dropped:
        return
    was = f"column {display_name(column.name)} was dropped at {dropped.time}"
    if column.type == dropped.type == _COUNTER:
        yield f"{was} as a counter, and a counter cannot come back: choose another name"
    elif dropped.type is not None and not _readable(dropped.type, column.type):
        yield f"{was} as {dropped.type} and cannot come back as {column.type}: choose that type or another name"
    elif dropped.kind is not None and column.kind != dropped.kind:
        yield f"{was} as {dropped.kind} and cannot come back as {column.kind}: choose another name"


def _readable(old: CqlType, new: CqlType) -> bool:
    """Whether the server takes old data for new; if types are nested, only the same type is sure on every version."""
    if old == new:
        return not any(isinstance(part, UserType) for part in (old, new))
    if isinstance(old, Tuple):
        return new == Native("blob")
    return isinstance(old, Native) and isinstance(new, Native) and new.name in _READABLE_AS.get(old.name, ())


def _user_type_reasons(table: Table, column: Column, context: TableContext) -> Iterator[str]:
    known = context.user_types
    if known is None:
        return
    for wanted in sorted(user_types(column.type) - set(known)):
        yield f"column {display_name(column.name)}: {_unknown_type(wanted, known, table)}"
    if isinstance(column.type, UserType) and not column.type.frozen:
        fields = known.get(column.type.name, ())
        if any(isinstance(one, Collection) and not one.frozen for one in fields):
            # Early 4.0 and 4.1 accept this in ALTER although they refuse it in CREATE; the data cannot be read right.
            yield (
                f"column {display_name(column.name)}: {column.type} has collections inside that are not frozen, "
                f"use frozen<{column.type}>"
            )


def _unknown_type(wanted: str, known: Several[str], table: Table) -> str:
    """Why the type is none, and what may be meant: nobody who lists user-defined types means a counter by one."""
    natives = NATIVES - {"empty"} - (set() if _is_counter_table(table) else {"counter"})
    there = ", ".join(display_name(one) for one in close_matches(wanted, known)[:10])
    similar = nearest(wanted, [*known, *natives])
    meant = meant_type(wanted)
    if similar and (similar in known or not meant):
        meant = f"did you mean {yaml_name(similar)}?"
    elif meant:
        meant = f"write {meant}"
    keyspace = display_name(table.name.keyspace)
    return (
        f"{display_name(wanted)} is neither a native type nor a user-defined type of keyspace {keyspace} "
        f"(it has: {there or 'none'}{f'; {meant}' if meant else ''})"
    )


def _is_counter_table(table: Table) -> bool:
    return any(one.type == _COUNTER for one in table.columns)
