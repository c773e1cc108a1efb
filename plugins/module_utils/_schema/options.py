# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of C(cassandra_column) and C(cassandra_type), and the request that is read from them; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._cql.identifier import parse_name
from .._errors import InvalidInput
from .desired import read_desired, read_tables
from .request import ColumnRequest, DataLossPolicy, LockPolicy, Policy
from .saved_plan import load_plan


def safety_options() -> dict[str, Any]:
    """The options that say what is allowed and how long to wait; plugins/modules/cassandra_column.py documents them."""
    return {
        "allow_data_loss": {"type": "bool", "default": False},
        "only_if_empty": {"type": "bool", "default": False},
        "rows_to_read": {"type": "int", "default": 10000},
        "lock_keyspace": {"type": "str", "no_log": False},
        "lock_timeout": {"type": "float", "default": 120.0},
        "schema_agreement_timeout": {"type": "float", "default": 90.0},
        "allow_mixed_versions": {"type": "bool", "default": False},
        "allow_unreachable_nodes": {"type": "bool", "default": False},
        "ask_nodes_limit": {"type": "int", "default": 32},
    }


def column_options() -> dict[str, Any]:
    """The options of the module next to those of the connection."""
    keyspace, columns = {"type": "str", "no_log": False}, {"type": "list", "elements": "dict"}
    state = {"type": "str", "choices": ["present", "absent"]}
    table = {
        "keyspace": keyspace,
        "table": {"type": "str"},
        "columns": columns,
        "type": {"type": "str"},
        "fields": columns,
        "state": state,
    }
    return {
        "keyspace": keyspace,
        "table": {"type": "str"},
        "columns": columns,
        "tables": {"type": "list", "elements": "dict", "options": table},
        "state": {**state, "default": "present"},
        **safety_options(),
        "approved_plan": {"type": "raw"},
        "plan_source": {"type": "str", "default": ""},
    }


_OF_DROPS = ("allow_data_loss", "only_if_empty", "rows_to_read")


def type_options() -> dict[str, Any]:
    """The options of C(cassandra_type) next to those of the connection; no field can be dropped."""
    keyspace, fields = {"type": "str", "no_log": False}, {"type": "list", "elements": "dict"}
    one = {"keyspace": keyspace, "type": {"type": "str", "required": True}, "fields": {**fields, "required": True}}
    return {
        "keyspace": keyspace,
        "type": {"type": "str"},
        "fields": fields,
        "types": {"type": "list", "elements": "dict", "options": one},
        **{name: option for name, option in safety_options().items() if name not in _OF_DROPS},
        "approved_plan": {"type": "raw"},
        "plan_source": {"type": "str", "default": ""},
    }


def type_rules() -> dict[str, Any]:
    """How the options of C(cassandra_type) depend on one another, as keyword arguments of AnsibleModule."""
    return {
        "mutually_exclusive": [["types", "type"], ["types", "fields"]],
        "required_one_of": [["type", "types"]],
        "required_together": [["type", "fields"]],
    }


def column_rules() -> dict[str, Any]:
    """How the options depend on one another, as keyword arguments of AnsibleModule."""
    return {
        "mutually_exclusive": [["tables", "table"], ["tables", "columns"]],
        "required_one_of": [["table", "tables"]],
        "required_together": [["table", "columns"]],
    }


def read_request(params: Mapping[str, Any]) -> ColumnRequest:
    """The request that the module's options describe; raises InvalidInput."""
    timeout = params["schema_agreement_timeout"]
    if not 0 <= timeout < float("inf"):
        raise InvalidInput(f"schema_agreement_timeout is a number of seconds from 0 on, got {timeout}.")
    if params["rows_to_read"] < 0:
        raise InvalidInput(f"rows_to_read is a number of rows from 0 on, got {params['rows_to_read']}.")
    if params["only_if_empty"] and not params["rows_to_read"]:
        raise InvalidInput("only_if_empty has to read rows: set rows_to_read to more than 0.")
    return ColumnRequest(
        tables=(read_desired(params),) if params["tables"] is None else read_tables(params),
        policy=Policy(
            agreement_timeout=timeout,
            allow_mixed_versions=params["allow_mixed_versions"],
            allow_unreachable_nodes=params["allow_unreachable_nodes"],
            ask_nodes_limit=params["ask_nodes_limit"],
        ),
        data_loss=DataLossPolicy(params["allow_data_loss"], params["only_if_empty"], params["rows_to_read"]),
        lock=_read_lock(params),
        source=params["plan_source"],
        approved=None if params["approved_plan"] is None else load_plan(params["approved_plan"]),
    )


def read_type_request(params: Mapping[str, Any]) -> ColumnRequest:
    """The request that the options of C(cassandra_type) describe; raises InvalidInput."""
    if params["types"] == []:
        raise InvalidInput("No types are listed: give at least one in 'types'.")
    nothing = {name: safety_options()[name]["default"] for name in _OF_DROPS}
    return read_request({**nothing, "state": "present", **params, "tables": params["types"]})


def _read_lock(params: Mapping[str, Any]) -> LockPolicy | None:
    if not 0 <= params["lock_timeout"] < float("inf"):
        raise InvalidInput(f"lock_timeout is a number of seconds from 0 on, got {params['lock_timeout']}.")
    if params["lock_keyspace"] is None:
        return None
    return LockPolicy(parse_name(params["lock_keyspace"], "lock_keyspace"), params["lock_timeout"])
