# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values for the markers of a prepared statement; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._cql.cql_type import CqlType
from .._errors import InvalidInput
from .encode import encode
from .request import Parameters


@dataclass(frozen=True)
class Marker:
    """A marker as the server understood it."""

    name: str
    type: CqlType


def bind(markers: Sequence[Marker], parameters: Parameters) -> list[bytes | None]:
    """The bytes for each marker in order; raises InvalidInput which names the parameter that is not of its type."""
    by_name = isinstance(parameters, dict)
    if not by_name and len(markers) != len(parameters):
        raise InvalidInput(f"The server finds {len(markers)} markers, 'parameters' has {len(parameters)} values.")
    values = []
    for place, marker in enumerate(markers):
        label = marker.name if by_name else f"{place + 1} ({marker.name})"
        try:
            value = parameters[marker.name] if isinstance(parameters, dict) else parameters[place]
            values.append(encode(marker.type, value))
        except KeyError:
            raise InvalidInput(f"'parameters' has no value for the marker {label}.") from None
        except ValueError as error:
            raise InvalidInput(f"Parameter {label} must be of the type {marker.type}: {error}.") from None
    return values
