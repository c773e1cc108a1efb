# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan as plain data, with all that it depends on: it is approved today, and a pipeline applies it tomorrow; pure.

A file that a person changed is answered in a sentence, even if its fingerprint was computed again.
"""

from __future__ import annotations

import hashlib
import json
import os.path
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..._cql.identifier import display_name
from ..._cql.index import Index
from ..._errors import Failure, InvalidInput
from ..catalog.model import CLUSTERING, FIELD, PARTITION_KEY, REGULAR, STATIC, TABLE, TYPE, Cluster, Column, Table
from .approval import depends_on
from .change import Change, column_as_json, read_change
from .desired import ColumnToDrop, Desired
from .entry import ONLY, index_as_listed
from .plan import Plan
from .preconditions import TableContext

FORMAT = 2

# What Ansible writes in place of a secret, wherever the same text occurs in a result, whole or as a part.
_CENSORED = ("********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")


class Maybe(tuple):  # type: ignore[type-arg]
    """A key with this shape may be left out, or be null."""


# A type stands for a value of it, a set for one of its values, a list for any number of its element, a dictionary for its keys.
_COLUMN = {
    "name": str,
    "type": str,
    "kind": {REGULAR, STATIC, PARTITION_KEY, CLUSTERING, FIELD},
    "position": int,
    "clustering_order": {"none", "asc", "desc"},
}
_INDEX = {"name": str, "kind": str, "options": Maybe([dict]), ONLY: Maybe([bool])}
_LISTED = {"name": str, "type": Maybe([str]), "static": Maybe([bool]), "index": Maybe([_INDEX])}
_CHANGE = {
    **{"cql": str, "reverse": str, "comment": str, "columns": [_COLUMN], "drops": bool, "unsafe": str},
    "of_index": Maybe([{"name": str, "column": str, "kind": str, "options": dict, "part": str}]),
}
_TABLE = {
    "keyspace": str,
    "table": str,
    "kind": {TABLE, TYPE},
    "state": {"present", "absent"},
    "columns": [_LISTED],
    "before": [_COLUMN],
    "after": [_COLUMN],
    "changes": [_CHANGE],
    "depends_on": Maybe([dict]),
    "own_columns_only": bool,
}
PLAN = {
    "format": int,
    "source": str,
    "cluster": {"name": str, "release_versions": [str], "host_ids": [str]},
    "tables": [_TABLE],
    "warnings": Maybe([[str]]),
    "checked": Maybe([[str]]),
    "described": Maybe([[{"before_header": str, "after_header": str, "before": str, "after": str}]]),
    "fingerprint": str,
}


def require_shape(data: Any, shape: Any = PLAN, place: str = "") -> None:
    """Raises ValueError with the place of what is missing, or is something else than it has to be."""
    if isinstance(shape, Maybe):
        if data is not None:
            require_shape(data, shape[0], place)
    elif isinstance(shape, set):
        if not isinstance(data, str) or data not in shape:
            raise ValueError(f"{place} is not one of {', '.join(sorted(shape))}")
    elif isinstance(shape, list):
        _require_type(data, list, place)
        for number, one in enumerate(data, start=1):
            require_shape(one, shape[0], f"{place}[{number}]")
    elif isinstance(shape, dict):
        _require_type(data, Mapping, place)
        for key, inner in shape.items():
            require_shape(data.get(key), inner, f"{place}.{key}".lstrip("."))
    else:
        _require_type(data, shape, place)


def _require_type(data: Any, wanted: type, place: str) -> None:
    words = {str: "a text", int: "a whole number", bool: "true or false", list: "a list"}
    if not isinstance(data, wanted) or (wanted is int and isinstance(data, bool)):
        raise ValueError(f"{place or 'the plan'} is not {words.get(wanted, 'a mapping')}")


class PlannedTable(NamedTuple):
    """What is asked for a table, and the plan for it. C(context) is None if it was not read, as if nothing changes."""

    desired: Desired
    plan: Plan
    context: TableContext | None = None


class SavedPlan(NamedTuple):
    """A plan that was read again: C(data) as it was saved, and the changes of each of its tables."""

    data: Mapping[str, Any]
    changes: tuple[tuple[Change, ...], ...]


def save_plan(
    cluster: Cluster, tables: Sequence[PlannedTable], source: str = "", notes: Mapping[str, Sequence[Any]] | None = None
) -> dict[str, Any]:
    """The plan as plain data. C(source) names the migration file that it is for; C(notes) are for a reader."""
    return sealed(
        {
            "format": FORMAT,
            "source": source,
            "cluster": _cluster(cluster),
            "tables": [save_table(table) for table in tables],
            **{key: list(listed) for key, listed in (notes or {}).items()},
        }
    )


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with the digest of everything else in it as its fingerprint, but for what C(described) is."""
    # How a server describes a table is its own affair: another version has other words for the same table.
    covered = {key: value for key, value in data.items() if key not in ("described", "fingerprint")}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    return {**data, "fingerprint": f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"}


def load_plan(given: Any) -> SavedPlan:
    """The plan that is given as a dictionary, or as the path of its file; raises InvalidInput if it is none."""
    if isinstance(given, Mapping):
        return read_plan(given)
    path = os.path.expanduser(str(given))
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if not isinstance(data, Mapping):
            raise ValueError
    except (OSError, ValueError) as error:
        strerror = getattr(error, "strerror", None)
        reason = f"it cannot be read: {strerror}" if strerror else "it holds no JSON object"
        raise InvalidInput(
            f"approved_plan: {path} is not a saved plan: {reason}. A plan is what a run in check mode returns as plan, and "
            "what the playbook plan writes as plan_file; the files next to it, .md and .cql, are for people."
        ) from error
    return read_plan(data)


def read_plan(data: Mapping[str, Any]) -> SavedPlan:
    """The plan that C(save_plan) wrote; raises InvalidInput for anything else, and for one that was edited since."""
    if not isinstance(data, Mapping):
        raise InvalidInput("approved_plan is no plan: it is not a mapping. Make the plan again.")
    if "format" not in data:
        raise InvalidInput(
            "approved_plan is no plan: it has no format. Make the plan again: the playbook plan writes it."
        )
    if data.get("format") != FORMAT:
        raise InvalidInput(
            f"approved_plan has the format {data.get('format')!r}; this version of the collection reads the format {FORMAT}. "
            "Make the plan again."
        )
    try:
        found = sealed(data)["fingerprint"]
        if data.get("fingerprint") == found:
            require_shape(data)
            return SavedPlan(data, tuple(tuple(map(read_change, table["changes"])) for table in data["tables"]))
    except (KeyError, TypeError, ValueError, Failure) as error:
        raise InvalidInput(f"approved_plan is damaged: {error}. Make the plan again.") from error
    if any(mark in json.dumps(data) for mark in _CENSORED):
        raise InvalidInput(
            "A part of the plan is the same text as a password or another secret, and Ansible wrote ******** in its place. "
            "Use a secret that is not part of a name or of a statement, then make the plan again."
        )
    raise InvalidInput(
        "approved_plan was edited after it was made: the fingerprint of its content is not the one that stands in it. "
        "Make the plan again and have it approved."
    )


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "name": cluster.name,
        "release_versions": list(cluster.release_versions),
        "host_ids": sorted(node.host_id for node in cluster.nodes if node.host_id),
    }


def save_table(one: PlannedTable) -> dict[str, Any]:
    """The plan for a table as plain data."""
    desired, plan, context = one
    indexes = {index.column: index for index in (*desired.indexes, *desired.unwanted)}
    return {
        "keyspace": display_name(desired.table.keyspace),
        "table": display_name(desired.table.name),
        "kind": desired.table.kind,
        "state": "absent" if desired.drops or desired.unwanted else "present",
        "columns": [_listed(column, indexes.get(column.name)) for column in desired.listed],
        "before": _columns(plan.table),
        "after": _columns(plan.predict(plan.names)),
        "changes": [change.as_json() for change in plan.changes],
        "depends_on": depends_on(context, plan) if context and plan.changes else None,
        "own_columns_only": False,
    }


def _listed(column: Column | ColumnToDrop, index: Index | None) -> dict[str, Any]:
    is_field = isinstance(column, Column) and column.kind == FIELD
    facts = {
        "type": None if column.type is None else str(column.type),
        "static": None if is_field else column.static,
        "index": index and index_as_listed(index, isinstance(column, ColumnToDrop) and column.stays),
    }
    return {"name": display_name(column.name), **{key: value for key, value in facts.items() if value is not None}}


def _columns(table: Table) -> list[dict[str, Any]]:
    return [column_as_json(column) for column in table.in_order()]
