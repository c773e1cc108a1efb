# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which types no column can have, whatever the server: decided before a connection is opened.

The rules are the server's (C(CQL3Type.Raw.prepare), measured on Cassandra 4.0 to 5.0). One is ours: 5.0 accepts
a counter inside a vector, which nobody can ever write.
"""

from __future__ import annotations

from .cql_type import Collection, CqlType, Native, UserType, Vector, children, walk
from .foreign_type import meant_type
from .identifier import quote

_COUNTER = Native("counter")
_DURATION = Native("duration")


def type_error(cql_type: CqlType, keyspace: str) -> str | None:
    """Why a column of a table in C(keyspace) cannot have this type, with what to do; None if it can."""
    for part in walk(cql_type):
        reason = _container_error(part)
        if reason:
            return reason
        if isinstance(part, UserType) and part.keyspace not in (None, keyspace):
            return (
                f"{part} is a user-defined type of another keyspace: it can only be used in its own, "
                f"create it in keyspace {keyspace} too"
            )
    return None


def field_error(cql_type: CqlType, keyspace: str, name: str) -> str | None:
    """Why a field of the user-defined type of this name cannot have this type, with what to do; None if it can."""
    if cql_type == _COUNTER:
        return "a counter cannot be a field"
    if name in user_types(cql_type):
        return f"the type {quote(name)} cannot be part of itself"
    reason = type_error(cql_type, keyspace)
    if not reason and isinstance(cql_type, UserType) and not cql_type.frozen:
        return f"a user-defined type inside another one must be frozen: write frozen<{cql_type}>"
    return reason


def needs_vector(cql_type: CqlType) -> bool:
    """Whether the server must know vectors (Cassandra 5.0 and later)."""
    return any(isinstance(part, Vector) for part in walk(cql_type))


def user_types(cql_type: CqlType) -> frozenset[str]:
    """The user-defined types of the table's own keyspace that must exist."""
    return frozenset(part.name for part in walk(cql_type) if isinstance(part, UserType) and part.keyspace is None)


def _container_error(part: CqlType) -> str | None:
    if _COUNTER in children(part):
        return f"counters are not allowed inside {part}"
    if not isinstance(part, Collection):
        return None
    for child in part.elements:
        if isinstance(child, (Collection, UserType)) and not child.frozen:
            what = "collection" if isinstance(child, Collection) else "user-defined type"
            meant = meant_type(child.name) if isinstance(child, UserType) else None
            end = f". If {child} is to be a type of CQL, write {meant}" if meant else ""
            return f"a {what} inside {part.name}<> must be frozen: write frozen<{child}>{end}"
    if part.name in ("set", "map") and part.elements[0] == _DURATION:
        place = "in sets" if part.name == "set" else "as map keys"
        return f"durations have no order and are not allowed {place}: {part}"
    return None
