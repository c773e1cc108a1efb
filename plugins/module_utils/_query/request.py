# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the module's options to a checked request; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from .._cql.identifier import parse_name, truncate
from .._errors import InvalidInput
from .query_text import Query, read_query

# Values by place or by name.
Parameters = Union[list[Any], dict[str, Any]]

_MAX_ROWS = 2**31 - 2


@dataclass(frozen=True)
class Request:
    """One SELECT with the values for its markers, and how it is to be read."""

    query: Query
    parameters: Parameters
    keyspace: str | None
    consistency: str
    max_rows: int
    fetch_size: int


def read_request(params: Mapping[str, Any]) -> Request:
    """The request which the module's options describe; raises InvalidInput."""
    for name in ("max_rows", "fetch_size"):
        if not 1 <= params[name] <= _MAX_ROWS:
            raise InvalidInput(f"{name} is a number from 1 to {_MAX_ROWS}, got {params[name]}.")
    query = read_query(params["query"])
    keyspace = None if params["keyspace"] is None else parse_name(params["keyspace"], "keyspace")
    if query.table and not query.keyspace and keyspace is None:
        raise InvalidInput(f"The table {query.table} needs its keyspace: write it before a dot, or give 'keyspace'.")
    return Request(
        query=query,
        parameters=_parameters(query, params["parameters"]),
        keyspace=keyspace,
        consistency=params["consistency"],
        max_rows=params["max_rows"],
        fetch_size=params["fetch_size"],
    )


def _parameters(query: Query, given: Any) -> Parameters:
    """The values for the markers, all of them and no others."""
    if query.names:
        return _named(query.names, {} if given is None else given)
    values = [] if given is None or given == {} else given
    if not isinstance(values, list):
        form = "has ? markers: 'parameters' is a list" if query.positional else "has no markers: leave 'parameters' out"
        raise InvalidInput(f"The query {form}.")
    if len(values) != query.positional:
        raise InvalidInput(f"The query has {query.positional} markers (?), 'parameters' has {len(values)} values.")
    return values


def _named(names: tuple[str, ...], given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InvalidInput("The query has :name markers: 'parameters' is a dictionary.")
    values: dict[str, Any] = {}
    for key, value in given.items():
        name = parse_name(key, "parameter")
        if name in values:
            raise InvalidInput(f"The parameter {name} is given twice.")
        values[name] = value
    missing = [name for name in names if name not in values]
    if missing:
        raise InvalidInput(f"The query has markers without values in 'parameters': {', '.join(missing)}.")
    unknown = [truncate(name) for name in values if name not in names]
    if unknown:
        raise InvalidInput(f"The query has no markers for these of 'parameters': {', '.join(unknown)}.")
    return values
