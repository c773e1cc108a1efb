# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the module's options to a checked request, and its parameters for the markers of the prepared query; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._cql.cql_type import CqlType
from .._cql.identifier import parse_name, parse_names, truncate
from .._errors import InvalidInput
from .expect import read_expectation
from .tokens import Query, read_query
from .values import CODEC_ERRORS, is_plain, to_driver, type_text

_MAX_ROWS = 2**31 - 2
# How values are written of which YAML has none.
_FORMS = {
    "blob": "0xcafe",
    "date": "2024-02-29",
    "duration": "14mo3d0ns",
    "time": "13:30:54.234",
    "timestamp": "2024-02-29T13:30:54.234Z",
    "uuid": "6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47",
}


@dataclass(frozen=True)
class Request:
    """One SELECT with the values for its markers (a list, or a dictionary by name), how to read it, what its rows must hold."""

    query: Query
    parameters: list[Any] | dict[str, Any]
    consistency: str
    max_rows: int
    expected: Mapping[str, Any] | None


def read_request(params: Mapping[str, Any]) -> Request:
    """The request that the module's options describe; raises InvalidInput."""
    if not 1 <= params["max_rows"] <= _MAX_ROWS:
        raise InvalidInput(f"max_rows is a number from 1 to {_MAX_ROWS}, got {params['max_rows']}.")
    keyspace = None if params["keyspace"] is None else parse_name(params["keyspace"], "keyspace")
    query = read_query(params["query"], keyspace)
    if query.table and query.keyspace is None:
        raise InvalidInput(f"The table {query.table} needs its keyspace: write it before a dot, or give 'keyspace'.")
    return Request(
        query=query,
        parameters=_parameters(params["parameters"]),
        consistency=params["consistency"],
        max_rows=params["max_rows"],
        expected=read_expectation(params["expect"]),
    )


def bind(markers: Sequence[tuple[str, CqlType]], parameters: list[Any] | dict[str, Any]) -> list[Any]:
    """What the driver binds to each marker in order; raises InvalidInput, which names the parameter that is not of its type."""
    names = [name for name, _type in markers]
    if isinstance(parameters, dict):
        labels, values, fits = names, [parameters.get(name) for name in names], {*parameters} == {*names}
        given = f"the names {', '.join(parameters)}" if parameters else "no names"
    else:
        labels = [f"{place} ({name})" for place, name in enumerate(names, 1)]
        values, fits, given = parameters, len(parameters) == len(names), f"{len(parameters)} values"
    if not fits:
        asked = f"the markers {', '.join(names)}" if names else "no markers"
        raise InvalidInput(f"The query has {asked}, and 'parameters' gives {given}.")
    return [_of_its_type(*one) for one in zip(labels, values, (cql_type for _name, cql_type in markers))]


def _parameters(given: Any) -> list[Any] | dict[str, Any]:
    if given is None or isinstance(given, list):
        return given or []
    if not isinstance(given, dict):
        raise InvalidInput("'parameters' is a list for the markers ?, or a dictionary for the markers :name.")
    return parse_names(given, "parameter")


def _of_its_type(label: str, value: Any, cql_type: CqlType) -> Any:
    try:
        return to_driver(cql_type, value)
    except CODEC_ERRORS:
        form = _FORMS.get(str(cql_type))
        such = f", in quotes, such as '{form}'" if form else ""
        advice = "" if is_plain(cql_type) else " Write fromJson(...) around its marker, and give it as JSON text."
        raise InvalidInput(
            f"Parameter {label} must be of the type {type_text(cql_type)}{such}, not {truncate(value)}.{advice}"
        ) from None
