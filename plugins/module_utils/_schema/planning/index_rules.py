# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reason for which a server refuses CREATE INDEX or DROP INDEX, known by reading before anything is sent; pure.

Measured on Cassandra 4.0.19, 4.1.10, 5.0.9 and 6.0-alpha2; tests/integration/test_indexes.py compares each with the real answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..._cql.cql_type import Collection, CqlType, Native, UserType, Vector, walk
from ..._cql.identifier import display_name, nearest, truncate
from ..._cql.index import LEGACY, SAI, Index
from ..catalog.compact import is_dense
from ..catalog.model import PARTITION_KEY
from .plan import Plan
from .preconditions import COUNTER, TableContext, common_reasons, require_none

_COSINE = "cosine"
# The options of a storage-attached index of Apache Cassandra (5.0.9 and 6.0-alpha2, measured), and the values that they take.
_OF_TEXTS = dict.fromkeys(("ascii", "case_sensitive", "normalize"), ("true", "false"))
_OF_VECTORS = {
    "similarity_function": (_COSINE, "dot_product", "euclidean"),
    "optimize_for": ("latency", "recall"),
    # Whether a node takes these at all is a property of its JVM, which it does not show.
    "maximum_node_connections": (),
    "construction_beam_width": (),
}
_OPTIONS: dict[str, tuple[str, ...]] = {**_OF_TEXTS, **_OF_VECTORS}
_SAI_COLUMN = re.compile(r"\w{1,48}\Z", re.ASCII)


def check_indexes(plan: Plan, context: TableContext) -> None:
    """Raises Refused with every reason why the server would not make or drop the indexes of the plan."""
    verb = "made on" if plan.new_indexes else "dropped from"
    if plan.new_indexes or plan.dropped_indexes:
        require_none(_reasons(plan, context), f"The indexes cannot be {verb} {plan.table.name}")


def _reasons(plan: Plan, context: TableContext) -> Iterator[str]:
    # A change of the columns was checked for these reasons already.
    if not (plan.additions or plan.drops):
        yield from common_reasons(plan.table, context, alters=False)
    if plan.new_indexes and not context.is_made_by_the_server:
        yield from _table_reasons(plan, context)
        for index in plan.new_indexes:
            yield from _index_reasons(plan, index, context)


def _table_reasons(plan: Plan, context: TableContext) -> Iterator[str]:
    if any(column.type == COUNTER for column in (*plan.table.columns, *plan.additions)):
        yield "it is a counter table, and these have no indexes"
    if context.flags is not None and is_dense(context.flags):
        yield "it uses COMPACT STORAGE, and its value has no index"
    if not context.has_guardrails:
        return
    if context.settings.get("secondary_indexes_enabled") == "false":
        yield "the guardrail secondary_indexes_enabled forbids indexes on this cluster, ask its operators"
    name = "secondary_indexes_per_table_fail_threshold"
    limit, count = context.threshold(name), len(context.indexes or ()) + len(plan.new_indexes)
    if limit < count:
        yield f"the guardrail {name} allows {limit} indexes, the table would have {count}"


def _index_reasons(plan: Plan, index: Index, context: TableContext) -> Iterator[str]:
    kinds, name = context.index_kinds, display_name(index.name)
    if kinds is not None and index.kind not in kinds:
        yield _kind_reason(index, kinds, context.server)
        return
    if context.indexes is None:
        yield f"{context.server} does not show the indexes of the table here, so that nobody could tell what became of a new one"
    if index.kind == SAI and not _SAI_COLUMN.match(index.column):
        yield (
            f"a storage-attached index takes no column whose name has more than letters, digits and _, or more than 48 of them: "
            f"{display_name(index.column)}"
        )
    if [column.name for column in plan.table.key(PARTITION_KEY)] == [index.column]:
        yield f"column {display_name(index.column)} is the only one of the partition key, and such a column has no index"
    default = context.settings.get("default_secondary_index")
    if index.kind == LEGACY and default and default != "legacy_local_table":
        yield f"on this cluster an index without a kind is made as {default} (default_secondary_index): list that kind"
    other = (context.other_indexes or {}).get(index.name)
    if other is not None:
        yield f"table {display_name(other)} of this keyspace has an index {name} already: give the new one another name"
    columns = [*plan.additions, *plan.table.columns]
    for cql_type in (one.type for one in columns if one.name == index.column):
        reason = _type_reason(cql_type, index)
        if reason:
            yield f"column {display_name(index.column)} of type {cql_type} cannot have such an index: {reason}"
        elif kinds is not None:
            # Of a server that is no Apache Cassandra nobody knows the options.
            yield from _option_reasons(_held(cql_type), index)


def _held(cql_type: CqlType) -> CqlType:
    """What the index holds: of a collection its values, or the whole if it is frozen."""
    return cql_type.elements[-1] if isinstance(cql_type, Collection) and not cql_type.frozen else cql_type


def _option_reasons(held: CqlType, index: Index) -> Iterator[str]:
    """Why the server does not take the options; an index of another kind has none."""
    for name, value in index.options:
        if name not in _OPTIONS:
            meant = nearest(name, _OPTIONS)
            hint = f" (did you mean '{meant}'?)" if meant else f": those that it has are {', '.join(sorted(_OPTIONS))}"
            yield f"a storage-attached index has no option {truncate(name)}{hint}"
        elif name in _OF_TEXTS and held not in (Native("text"), Native("ascii")):
            yield f"the option {name} is for texts only, and {display_name(index.column)} holds {held}"
        elif name in _OF_VECTORS and not isinstance(held, Vector):
            yield f"the option {name} is for vectors only, and {display_name(index.column)} holds {held}"
        elif _OPTIONS[name] and value.lower() not in _OPTIONS[name]:
            *others, last = _OPTIONS[name]
            yield f"the option {name} is {', '.join(others)} or {last}, got {truncate(value)}"


def _kind_reason(index: Index, kinds: tuple[str, ...], server: str) -> str:
    column = display_name(index.column)
    if LEGACY in kinds:
        return (
            f"column {column} is to have a storage-attached index (sai), and {server} has none (5.0 and later): if a legacy "
            "index is what you want, ask for it by name (index: {kind: legacy})"
        )
    return f"column {column} is to have an index, and on {server} this collection makes none"


def _type_reason(cql_type: CqlType, index: Index) -> str | None:
    """Why no column of this type has an index of this kind, or None."""
    if Native("duration") in walk(cql_type):
        return "durations have no order"
    if isinstance(cql_type, UserType) and not cql_type.frozen:
        return f"a user-defined type must be frozen for it (frozen<{cql_type}>)"
    if index.kind != SAI:
        return None
    held = _held(cql_type)
    if held == Native("blob"):
        return "a storage-attached index holds no blob"
    return _vector_reason(held, index) if isinstance(held, Vector) else None


def _vector_reason(vector: Vector, index: Index) -> str | None:
    if vector.element != Native("float"):
        return "a storage-attached index holds vectors of float only"
    similarity = {name: value.lower() for name, value in index.options}.get("similarity_function", _COSINE)
    if vector.dimension == 1 and similarity == _COSINE:
        return "vectors of one dimension have no cosine similarity: choose another similarity_function in its options"
    return None
