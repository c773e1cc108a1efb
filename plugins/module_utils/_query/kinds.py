# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the driver's class of a type says of it, in the names that the driver gives all of them."""

from __future__ import annotations

from typing import Any, NamedTuple


class Kind(NamedTuple):
    """The name of a type, the driver's classes of its parts, the fields of a user-defined type, the size of a vector."""

    name: str
    parts: tuple[Any, ...] = ()
    fields: tuple[str, ...] = ()
    dimension: tuple[str, ...] = ()


def kind_of(driver_type: Any) -> Kind:
    """What the class says of itself."""
    if getattr(driver_type, "vector_size", 0):
        return Kind("vector", (driver_type.subtype,), (), (str(driver_type.vector_size),))
    fields = tuple(name for name in getattr(driver_type, "fieldnames", None) or () if name)
    parts = () if "CompositeType" in driver_type.typename else tuple(driver_type.subtypes)
    return Kind(driver_type.typename, parts, fields)
