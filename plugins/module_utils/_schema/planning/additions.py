# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reason for which a server refuses ALTER TABLE ... ADD or ALTER TYPE ... ADD, known by reading before it is sent; pure.

Measured on Cassandra 4.0.19, 4.1.10 and 5.0.9; tests/integration/test_refusals.py compares each with the real answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Collection as Several

from ..._cql.cql_type import NATIVES, Collection, CqlType, UserType, Vector, children
from ..._cql.foreign_type import meant_type
from ..._cql.identifier import close_matches, display_name, nearest, yaml_name
from ..._cql.type_rules import needs_vector, user_types
from ..catalog.compact import is_compact
from ..catalog.model import CLUSTERING, PARTITION_KEY, Column, Table
from .plan import Plan
from .preconditions import COUNTER, Dropped, TableContext, common_reasons, readable, require_none


def check_additions(plan: Plan, context: TableContext) -> None:
    """Raises Refused with every reason why the server would not add the columns of the plan, or should not."""
    name = plan.table.name
    if plan.additions:
        require_none(_reasons(plan.table, plan.additions, context), f"The {name.part}s cannot be added to {name}")


def addition_warnings(plan: Plan, context: TableContext) -> list[str]:
    """What to know before adding the columns of the plan."""
    columns, name, found = plan.additions, plan.table.name, []
    if not columns:
        return []
    if name.is_type:
        fields = ", ".join(display_name(field.name) for field in columns)
        found.append(
            f"Cassandra cannot drop a field. Once they are added to {name}, these stay, after a rollback too: {fields}."
        )
    for column in columns:
        dropped = (context.dropped or {}).get(column.name)
        if dropped:
            found += _returned(column, dropped, context.server)
    if context.wildcard_views and any(not column.static for column in columns):
        views = ", ".join(display_name(view) for view in context.wildcard_views)
        found.append(f"The materialized views made with SELECT * get the new columns too: {views}.")
    if context.cdc:
        found.append("Change data capture is on (cdc): who reads the changes of this table meets the new columns too.")
    return found


def _returned(column: Column, dropped: Dropped, server: str) -> Iterator[str]:
    """What to know of a column that comes back: if the server does not tell what it was, data may be read wrongly."""
    name = display_name(column.name)
    yield f"Column {name} was dropped at {dropped.time}: what was written to it before stays gone."
    if dropped.is_to_come:
        yield (
            f"That time is still to come: until then each value that is written to {name} is lost. Choose another name for the "
            "column."
        )
    if dropped.kind is None:
        kind = "static" if column.static else "regular"
        yield f"{server} does not tell whether column {name} was static when it was dropped: it has to come back as {kind}."
    if dropped.type is None:
        yield f"{server} does not tell the type that column {name} had when it was dropped: it has to come back as that."


def _reasons(table: Table, columns: tuple[Column, ...], context: TableContext) -> Iterator[str]:
    yield from common_reasons(table, context)
    if context.is_made_by_the_server:
        return
    if context.flags is not None and is_compact(context.flags):
        yield "it uses COMPACT STORAGE, its columns are fixed until ALTER TABLE ... DROP COMPACT STORAGE"
    keys = _tables_with(table, context, lambda column: column.kind == PARTITION_KEY)
    if keys:
        yield f"it is in the partition key of {', '.join(keys)}, and no field can be added to such a type"
    if context.has_guardrails:
        yield from _guardrail_reasons(table, columns, context)
    for column in columns:
        yield from _column_reasons(table, column, context)


def _guardrail_reasons(table: Table, columns: tuple[Column, ...], context: TableContext) -> Iterator[str]:
    name, count = "columns_per_table_fail_threshold", len(table.columns) + len(columns)
    if table.name.is_type:
        name = "fields_per_udt_fail_threshold"
    limit = context.threshold(name)
    if limit < count:
        yield f"the guardrail {name} allows {limit} {table.name.part}s, the {table.name.kind} would have {count}"
    vectors = [one for column in columns for one in _outer_vectors(column.type)]
    if vectors and context.settings.get("vector_type_enabled") == "false":
        yield "the guardrail vector_type_enabled forbids vectors on this cluster, ask its operators"
    name, dimension = "vector_dimensions_fail_threshold", max((one.dimension for one in vectors), default=0)
    limit = context.threshold(name)
    if limit < dimension:
        yield f"the guardrail {name} allows vectors of {limit} dimensions, not of {dimension}"


def _outer_vectors(cql_type: CqlType) -> Iterator[Vector]:
    """The vectors that guardrails look at: those inside another vector are not (5.0 and 6.0, measured)."""
    if isinstance(cql_type, Vector):
        yield cql_type
        return
    for child in children(cql_type):
        yield from _outer_vectors(child)


def _tables_with(table: Table, context: TableContext, wanted: Callable[[Column], bool]) -> list[str]:
    """The tables that use this user-defined type, at any depth, in a column that is wanted."""
    if not table.name.is_type:
        return []
    return [
        display_name(name)
        for name, columns in sorted((context.uses or {}).items())
        if any(wanted(one) and table.name.name in _held(one.type, context) for one in columns)
    ]


def _held(cql_type: CqlType, context: TableContext) -> set[str]:
    """The user-defined types that are a part of this one, at any depth."""
    found: set[str] = set()
    left = set(user_types(cql_type))
    while left:
        name = left.pop()
        found.add(name)
        left |= {one for field in (context.user_types or {}).get(name, ()) for one in user_types(field)} - found
    return found


def _field_reasons(table: Table, field: Column, context: TableContext) -> Iterator[str]:
    name = f"field {display_name(field.name)}"
    if table.name.name in _held(field.type, context):
        yield f"{name} is of type {field.type}, which {table.name} is a part of: types cannot be parts of each other"
    own = UserType(table.name.name)
    tables = _tables_with(table, context, lambda column: column.type == own)
    if tables and isinstance(field.type, Collection) and not field.type.frozen:
        # The server takes it in ALTER TYPE and refuses such a type in CREATE TABLE (4.0 to 6.0, measured).
        yield f"{name} is a collection, and {', '.join(tables)} uses the type without frozen: write frozen<{field.type}>"


def _column_reasons(table: Table, column: Column, context: TableContext) -> Iterator[str]:
    if table.name.is_type:
        yield from _field_reasons(table, column, context)
    name = display_name(column.name)
    is_counter_table = _is_counter_table(table)
    if column.name in table.hidden:
        yield f"column {name} is there and hidden from clients: COMPACT STORAGE keeps a column of this name for itself"
    if is_counter_table and column.type != COUNTER:
        yield f"column {name} is no counter, and a counter table takes counters only"
    if not is_counter_table and column.type == COUNTER:
        yield f"column {name} is a counter, and only a table made with counters takes one"
    if column.static and not table.key(CLUSTERING):
        yield f"column {name} is static, and that needs a table with at least one clustering column"
    if context.vectors is False and needs_vector(column.type):
        yield f"{table.name.part} {name} is a vector, and {context.server} has none (5.0 and later)"
    yield from _dropped_reasons(column, context)
    yield from _user_type_reasons(table, column, context)


def _dropped_reasons(column: Column, context: TableContext) -> Iterator[str]:
    dropped = (context.dropped or {}).get(column.name)
    if not dropped:
        return
    was = f"column {display_name(column.name)} was dropped at {dropped.time}"
    if column.type == dropped.type == COUNTER:
        yield f"{was} as a counter, and a counter cannot come back: choose another name"
    elif dropped.type is not None and not readable(dropped.type, column.type):
        yield f"{was} as {dropped.type} and cannot come back as {column.type}: choose that type or another name"
    elif dropped.kind is not None and column.kind != dropped.kind:
        yield f"{was} as {dropped.kind} and cannot come back as {column.kind}: choose another name"


def _user_type_reasons(table: Table, column: Column, context: TableContext) -> Iterator[str]:
    known = context.user_types
    if known is None:
        return
    for wanted in sorted(user_types(column.type) - set(known)):
        yield f"{table.name.part} {display_name(column.name)}: {_unknown_type(wanted, known, table)}"
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
    return any(one.type == COUNTER for one in table.columns)
