# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reason for which a server refuses ALTER TABLE ... ADD or DROP, known by reading before anything is executed; pure.

Measured on Cassandra 4.0.19, 4.1.10 and 5.0.9; tests/integration/test_refusals.py compares each with the real answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ..._cql.cql_type import NATIVES, CqlType, Native, Tuple, UserType, Vector, walk
from ..._cql.identifier import display_name, quote
from ..._cql.index import read_target
from ..._cql.statement import grant
from ..._errors import Refused
from ..catalog.capabilities import NotChecked
from ..catalog.compact import is_compact, is_dense
from ..catalog.model import Column, Table, TableName
from .plan import Plan

COUNTER = Native("counter")
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
    - C(user_types) maps those of the keyspace to their fields, as this run leaves them; C(uses) maps tables to their columns of
      such types.
    - C(indexes) maps their names to their targets, C(other_indexes) those of the keyspace to their tables; C(index_kinds) are
      those that can be made here. C(described) is the table in the server's own words,
      empty if it has none; C(attributes) maps columns to their masks and constraints.
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
    other_indexes: Mapping[str, str] | None = _NONE
    index_kinds: tuple[str, ...] | None = None
    dropped: Mapping[str, Dropped] | None = _NONE
    user_types: Mapping[str, tuple[CqlType, ...]] | None = None
    uses: Mapping[str, tuple[Column, ...]] | None = None
    settings: Mapping[str, str] = _NONE
    described: str = ""
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

    def threshold(self, name: str) -> float:
        """How many the guardrail of this name allows."""
        text = self.settings.get(name) or ""
        return int(text) if text.isdecimal() and int(text) > 0 else float("inf")


def own_keyspace(keyspace: str) -> Refused:
    """The failure for a keyspace that is the server's own, such as one of virtual tables."""
    return Refused(f"Keyspace {display_name(keyspace)} belongs to Cassandra itself and cannot be changed.")


def require_none(reasons: Iterable[str], cannot: str) -> None:
    """Raises Refused with all these reasons, each once, why something C(cannot) be done; without a reason it does nothing."""
    listed = list(dict.fromkeys(reasons))
    if listed:
        raise Refused(f"{cannot}: {'; '.join(listed)}.")


def check_drops(plan: Plan, context: TableContext) -> None:
    """Raises Refused with every reason why the server would not drop the columns of the plan."""
    if plan.drops:
        require_none(_drop_reasons(plan, context), f"The columns cannot be dropped from {plan.table.name}")


def drop_warnings(plan: Plan, context: TableContext) -> list[str]:
    """What to know before dropping the columns of the plan."""
    if not plan.drops:
        return []
    found = _returns(plan.drops, context)
    found += [
        f"Column {display_name(column.name)} has {context.attributes[column.name]}: adding it again does not restore that."
        for column in plan.drops
        if column.name in context.attributes
    ]
    if context.cdc:
        found.append(
            "Change data capture is on (cdc): who reads the changes of this table no longer finds these columns."
        )
    unknown = [
        name for name, known in (("materialized views", context.views), ("indexes", context.indexes)) if known is None
    ]
    if unknown:
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
    if old == COUNTER or is_lost:
        return []
    natives = (Native(name) for name in sorted(NATIVES - {"counter", "empty"}))
    return [str(new) for new in (old, *(one for one in natives if one != old)) if readable(old, new)]


def grant_sentence(name: TableName, user: str | None, permission: str = "ALTER") -> str:
    """The permission that a role needs on the table, and who can grant it; for a type it is that on its keyspace."""
    role, who = (quote(user), f"role {quote(user)}") if user else ("<role>", "the role of this login")
    kind, resource = ("keyspace", quote(name.keyspace)) if name.is_type else ("table", str(name))
    statement = grant(permission, kind, resource, role)
    return f"{who} may not {permission} {name}: a superuser can allow it with {statement}"


def refused_role(words: str) -> str | None:
    """The role that a server refuses something, by its words: a login by certificate names none."""
    found = re.search(r"User (.+) has no [A-Z_]+ permission", words)
    return found.group(1) if found else None


def common_reasons(table: Table, context: TableContext, alters: bool = True) -> Iterator[str]:
    """Why the server takes no change of the table; C(alters) if it is an ALTER TABLE or an ALTER TYPE."""
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
    if (
        alters
        and context.has_guardrails
        and not table.name.is_type
        and context.settings.get("alter_table_enabled") == "false"
    ):
        yield "the guardrail alter_table_enabled forbids ALTER TABLE on this cluster, ask its operators"


def _drop_reasons(plan: Plan, context: TableContext) -> Iterator[str]:
    yield from common_reasons(plan.table, context)
    if context.is_made_by_the_server:
        return
    if context.flags is not None and is_dense(context.flags):
        yield "it uses COMPACT STORAGE, and the server cannot drop a column of such a table"
    if context.views:
        views = ", ".join(map(display_name, context.views))
        yield f"it has materialized views, and with these no column can be dropped: drop {views} first"
    # The indexes of the plan go before the columns.
    gone = {index.name for index in plan.dropped_indexes}
    indexed = {name: read_target(target)[0] for name, target in (context.indexes or {}).items() if name not in gone}
    for column in plan.drops:
        name = display_name(column.name)
        own = ", ".join(display_name(index) for index, of in indexed.items() if of == column.name)
        if own:
            yield f"column {name} has an index, drop {own} first, or list the column with its index"
        if isinstance(column.type, UserType) and not column.type.frozen:
            yield f"column {name} is of the user-defined type {column.type} and not frozen, which Cassandra cannot drop"


def readable(old: CqlType, new: CqlType) -> bool:
    """Whether the server takes old data for new; if types are nested, only the same type is sure on every version."""
    if old == new:
        return not any(isinstance(part, UserType) for part in (old, new))
    if isinstance(old, Tuple):
        return new == Native("blob")
    return isinstance(old, Native) and isinstance(new, Native) and new.name in _READABLE_AS.get(old.name, ())
