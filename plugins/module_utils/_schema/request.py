# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one run of C(cassandra_column) is asked to do: its options as an argument spec, and as checked values; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._cql.identifier import parse_name
from .._errors import InvalidInput
from .data_loss import DataLossPolicy
from .desired import Desired, read_desired, read_tables
from .policy import LockPolicy, Policy
from .saved_plan import SavedPlan, load_plan


class ColumnRequest(NamedTuple):
    """The tables to change and what is allowed.

    C(source) names the migration file for the saved plan, C(approved) is the plan to hold to.
    """

    tables: tuple[Desired, ...]
    policy: Policy
    data_loss: DataLossPolicy
    lock: LockPolicy | None = None
    source: str = ""
    approved: SavedPlan | None = None


def column_options() -> dict[str, Any]:
    """The options of the module next to those of the connection; plugins/modules/cassandra_column.py documents them."""
    return {
        "keyspace": {"type": "str", "no_log": False},
        "table": {"type": "str"},
        "columns": {"type": "list", "elements": "dict"},
        "tables": {
            "type": "list",
            "elements": "dict",
            "options": {
                "keyspace": {"type": "str", "no_log": False},
                "table": {"type": "str", "required": True},
                "columns": {"type": "list", "elements": "dict", "required": True},
                "state": {"type": "str", "choices": ["present", "absent"]},
            },
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "allow_data_loss": {"type": "bool", "default": False},
        "only_if_empty": {"type": "bool", "default": False},
        "rows_to_read": {"type": "int", "default": 10000},
        "lock_keyspace": {"type": "str", "no_log": False},
        "lock_timeout": {"type": "float", "default": 120.0},
        "schema_agreement_timeout": {"type": "float", "default": 90.0},
        "allow_mixed_versions": {"type": "bool", "default": False},
        "allow_unreachable_nodes": {"type": "bool", "default": False},
        "ask_nodes_limit": {"type": "int", "default": 32},
        "approved_plan": {"type": "raw"},
        "plan_source": {"type": "str", "default": ""},
    }


def safety_options() -> dict[str, Any]:
    """The options that say what is allowed and how long to wait, without those that say what to do."""
    task = {"keyspace", "table", "columns", "tables", "state", "approved_plan", "plan_source"}
    return {name: option for name, option in column_options().items() if name not in task}


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


def _read_lock(params: Mapping[str, Any]) -> LockPolicy | None:
    if not 0 <= params["lock_timeout"] < float("inf"):
        raise InvalidInput(f"lock_timeout is a number of seconds from 0 on, got {params['lock_timeout']}.")
    if params["lock_keyspace"] is None:
        return None
    return LockPolicy(parse_name(params["lock_keyspace"], "lock_keyspace"), params["lock_timeout"])
