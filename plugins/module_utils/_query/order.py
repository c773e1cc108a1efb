# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of encoded values, as the server has it.

Needed because the server takes the elements of a set inside a tuple, list or user-defined type as they come (measured
on 5.0.9): sent in another order, they would silently not be found.
"""

from __future__ import annotations

from typing import Any

from .._cql.cql_type import Collection, CqlType, Native, Vector
from .frames import COUNT, split, split_vector
from .scalars import scalar
from .wire_type import members


def order_key(cql_type: CqlType, data: bytes | None) -> tuple[Any, ...]:
    """What to sort encoded values of this type by; null comes first."""
    if data is None:
        return ()
    if isinstance(cql_type, Native):
        return (scalar(cql_type).order(data),)
    if isinstance(cql_type, Vector):
        return tuple(order_key(cql_type.element, part) for part in split_vector(cql_type, data))
    if isinstance(cql_type, Collection):
        parts = split(data, COUNT)
        types = cql_type.elements * (len(parts) // len(cql_type.elements))
        return tuple(order_key(one, part) for one, part in zip(types, parts))
    types = members(cql_type)
    return tuple(order_key(one, part) for one, part in zip(types, split(data))) if types else (data,)
