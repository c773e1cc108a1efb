# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of C(cassandra_column) and C(cassandra_type), and the request that is read from them; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._cql.identifier import parse_name
from .._errors import InvalidInput
from .planning.desired import read_desired, read_tables
from .planning.saved_plan import load_plan
from .request import ColumnRequest, DataLossPolicy, LockPolicy, Policy

_KEYSPACE: Mapping[str, Any] = {"type": "str", "no_log": False}
_LIST: Mapping[str, Any] = {"type": "list", "elements": "dict"}
_OF_COLUMNS = ("allow_data_loss", "only_if_empty", "rows_to_read", "index_build_timeout")


def safety_options() -> dict[str, Any]:
    """The options that say what is allowed and how long to wait."""
    return {
        "allow_data_loss": {"type": "bool", "default": False},
        "only_if_empty": {"type": "bool", "default": False},
        "rows_to_read": {"type": "int", "default": 10000},
        "lock_keyspace": {"type": "str", "no_log": False},
        "lock_timeout": {"type": "float", "default": 120.0},
        "schema_agreement_timeout": {"type": "float", "default": 90.0},
        "index_build_timeout": {"type": "float", "default": 3600.0},
        "allow_mixed_versions": {"type": "bool", "default": False},
        "allow_unreachable_nodes": {"type": "bool", "default": False},
        "ask_nodes_limit": {"type": "int", "default": 32},
    }


def change_options() -> dict[str, Any]:
    """The options of each module that changes a schema; plugins/doc_fragments/_change.py documents them."""
    return {
        **{name: option for name, option in safety_options().items() if name not in _OF_COLUMNS},
        "approved_plan": {"type": "raw"},
        "plan_source": {"type": "str", "default": ""},
    }


def column_options() -> dict[str, Any]:
    """The options of C(cassandra_column) next to those of the connection."""
    state = {"type": "str", "choices": ["present", "absent"]}
    table = {
        "keyspace": _KEYSPACE,
        "table": {"type": "str"},
        "columns": _LIST,
        "type": {"type": "str"},
        "fields": _LIST,
        "state": state,
    }
    return {
        "keyspace": _KEYSPACE,
        "table": {"type": "str"},
        "columns": _LIST,
        "tables": {**_LIST, "options": table},
        "state": {**state, "default": "present"},
        **safety_options(),
        **change_options(),
    }


def type_options() -> dict[str, Any]:
    """The options of C(cassandra_type) next to those of the connection; no field can be dropped."""
    one = {"keyspace": _KEYSPACE, "type": {"type": "str", "required": True}, "fields": {**_LIST, "required": True}}
    return {
        "keyspace": _KEYSPACE,
        "type": {"type": "str"},
        "fields": _LIST,
        "types": {**_LIST, "options": one},
        **change_options(),
    }


def rules(several: str, one: str, parts: str) -> dict[str, Any]:
    """How these options of a module depend on one another, as keyword arguments of AnsibleModule."""
    return {
        "mutually_exclusive": [[several, one], [several, parts]],
        "required_one_of": [[one, several]],
        "required_together": [[one, parts]],
    }


def read_request(params: Mapping[str, Any]) -> ColumnRequest:
    """The request that the module's options describe; raises InvalidInput."""
    for name in ("schema_agreement_timeout", "index_build_timeout", "lock_timeout"):
        if not 0 <= params[name] < float("inf"):
            raise InvalidInput(f"{name} is a number of seconds from 0 on, got {params[name]}.")
    if params["rows_to_read"] < 0:
        raise InvalidInput(f"rows_to_read is a number of rows from 0 on, got {params['rows_to_read']}.")
    if params["only_if_empty"] and not params["rows_to_read"]:
        raise InvalidInput("only_if_empty has to read rows: set rows_to_read to more than 0.")
    lock = params["lock_keyspace"]
    return ColumnRequest(
        tables=(read_desired(params),) if params["tables"] is None else read_tables(params),
        policy=Policy(
            agreement_timeout=params["schema_agreement_timeout"],
            index_build_timeout=params["index_build_timeout"],
            allow_mixed_versions=params["allow_mixed_versions"],
            allow_unreachable_nodes=params["allow_unreachable_nodes"],
            ask_nodes_limit=params["ask_nodes_limit"],
        ),
        data_loss=DataLossPolicy(params["allow_data_loss"], params["only_if_empty"], params["rows_to_read"]),
        lock=None if lock is None else LockPolicy(parse_name(lock, "lock_keyspace"), params["lock_timeout"]),
        source=params["plan_source"],
        approved=None if params["approved_plan"] is None else load_plan(params["approved_plan"]),
    )


def read_type_request(params: Mapping[str, Any]) -> ColumnRequest:
    """The request that the options of C(cassandra_type) describe; raises InvalidInput."""
    if params["types"] == []:
        raise InvalidInput("No types are listed: give at least one in 'types'.")
    safety = safety_options()
    nothing = {name: safety[name]["default"] for name in _OF_COLUMNS}
    return read_request({**nothing, "state": "present", **params, "tables": params["types"]})
