# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an approved plan still is the plan: everything that is otherwise now has a name; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..._cql.identifier import display_name
from ..._cql.type_rules import user_types
from ..._errors import PlanChanged
from .change import read_column
from .plan import Plan
from .preconditions import Dropped, TableContext

TABLE_ID = "the table's id"
_INDEXES = "the indexes"


def check_approved(approved: Mapping[str, Any], current: Mapping[str, Any], peers_are_known: bool) -> None:
    """Raises PlanChanged with every difference between an approved plan and the plan as it is now, both as saved.

    A table that already is as the plan leaves it counts as done.
    """
    differences = list(_differences(approved, current, peers_are_known))
    if differences:
        raise PlanChanged(
            f"The approved plan does not hold any more: {'; '.join(differences)}. Make a new plan and have it approved, or "
            "restore what the plan was made for."
        )


def _differences(approved: Mapping[str, Any], current: Mapping[str, Any], peers_are_known: bool) -> Iterator[str]:
    if approved["source"] != current["source"]:
        yield "the migration file was edited"
    elsewhere = _other_cluster(approved["cluster"], current["cluster"], peers_are_known)
    if elsewhere:
        # What its tables are like has nothing to do with the plan.
        yield elsewhere
        return
    versions = [cluster["release_versions"] for cluster in (approved["cluster"], current["cluster"])]
    if versions[0] != versions[1]:
        before, now = (", ".join(each) for each in versions)
        yield f"the plan was made on Cassandra {before}, and now the nodes run {now}"
    planned = {(table["kind"], table["keyspace"], table["table"]): table for table in approved["tables"]}
    found = {(table["kind"], table["keyspace"], table["table"]): table for table in current["tables"]}
    for kind, *name in planned.keys() - found.keys():
        yield f"{kind} {'.'.join(name)} is in the plan and is not asked for"
    for kind, *name in found.keys() - planned.keys():
        yield f"{kind} {'.'.join(name)} is asked for and is not in the plan"
    common = [name for name in planned if name in found]
    if common != [name for name in found if name in planned]:
        yield "the tables are asked for in another order"
    for key in common:
        for difference in _table_differences(planned[key], found[key]):
            yield f"{'.'.join(key[1:])}: {difference}"


def _other_cluster(approved: Mapping[str, Any], current: Mapping[str, Any], peers_are_known: bool) -> str:
    """What shows that this is not the cluster of the plan, or nothing."""
    if approved["name"] != current["name"]:
        return f"the plan is for the cluster {approved['name']}, and this is {current['name']}"
    if peers_are_known and not set(approved["host_ids"]) & set(current["host_ids"]):
        # Many clusters are called "Test Cluster". Nodes come and go, but not all of them between two days.
        return f"this is another cluster of the name {current['name']}: it has none of the nodes of the plan"
    return ""


def _table_differences(approved: Mapping[str, Any], current: Mapping[str, Any]) -> Iterator[str]:
    if (approved["state"], approved["columns"]) != (current["state"], current["columns"]):
        asked, planned = _request(current), _request(approved)
        yield f"asked for is {asked}, and planned is {planned}{', but static differs' if asked == planned else ''}"
        return
    is_own = approved["own_columns_only"]
    if not current["changes"] and (is_own or current["before"] == approved["after"]):
        return
    left = _left(approved, current)
    own = {change["of_index"]["name"] for change in approved["changes"] if change["of_index"]}
    differences = list(_column_differences(*(_compared(approved, one["before"]) for one in (left, current))))
    if left["depends_on"] is not None:
        found = current["depends_on"] or {}
        differences += _context_differences(
            _without(own, left["depends_on"]),
            _without(own, {key: found[key] for key in found if not is_own or key in left["depends_on"]}),
        )
    yield from differences
    if not differences and left["changes"] != current["changes"]:
        yield f"the approved statement is {_statements(left)}, and the table needs {_statements(current)}"


def _left(approved: Mapping[str, Any], current: Mapping[str, Any]) -> Mapping[str, Any]:
    """The approved plan of the table from where a run left it: what is needed now are the last of its changes."""
    number = len(approved["changes"]) - len(current["changes"])
    done, left = approved["changes"][:number], approved["changes"][number:]
    if number <= 0 or not left or left != current["changes"]:
        return approved
    columns = approved["before"]
    for change in done:
        changed = {column["name"] for column in change["columns"]}
        columns = [
            *(one for one in columns if one["name"] not in changed),
            *([] if change["drops"] else change["columns"]),
        ]
    # What decided about the changes that are made does not matter any more.
    found = approved["depends_on"] or {}
    known = {key: found[key] for key in found if key in (current["depends_on"] or {})}
    return {**approved, "before": columns, "changes": left, "depends_on": known}


def _without(own: Collection[str], depends_on: Mapping[str, Any]) -> dict[str, Any]:
    """The same without the plan's own indexes, some of which may be made or dropped already."""
    indexes = depends_on.get(_INDEXES)
    if not isinstance(indexes, Mapping):
        return dict(depends_on)
    return {**depends_on, _INDEXES: {name: indexes[name] for name in indexes if name not in own}}


def _compared(approved: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The columns on which the plan depends: all, or for a rollback those that it is about."""
    if not approved["own_columns_only"]:
        return list(columns)
    own = {column["name"] for change in approved["changes"] for column in change["columns"]}
    return [column for column in columns if column["name"] in own]


def _column_differences(approved: Sequence[Mapping[str, Any]], current: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    before = {column["name"]: read_column(column) for column in approved}
    now = {column["name"]: read_column(column) for column in current}
    for name, column in before.items():
        if name not in now:
            yield f"{column.part} {name}, {column.describe()}, is not there"
        elif now[name] != column:
            yield f"{column.part} {name} was {_detail(column)} and is {_detail(now[name])}"
    for name in now.keys() - before.keys():
        yield f"{now[name].part} {name}, {now[name].describe()}, was added"


def _detail(column: Any) -> str:
    place = f" at position {column.position}" if column.position >= 0 else ""
    order = f" in order {column.clustering_order}" if column.clustering_order != "none" else ""
    return f"{column.describe()}{place}{order}"


def _context_differences(approved: Mapping[str, Any], current: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(approved.keys() | current.keys()):
        before, now = approved.get(name, ""), current.get(name, "")
        # None is what the server did not show, then or now: it is compared with nothing.
        if before != now and before is not None and now is not None:
            yield f"{name} was {_shown(before)} and is {_shown(now)}"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        value = [f"{key} = {one}" for key, one in value.items()]
    return (", ".join(map(str, value)) if isinstance(value, list) else str(value or "")) or "none"


def _request(table: Mapping[str, Any]) -> str:
    return f"{', '.join(map(_listed, table['columns']))} ({table['state']})"


def _listed(column: Mapping[str, Any]) -> str:
    words, index = [str(column[key]) for key in ("name", "type") if key in column], column.get("index") or {}
    facts = ", ".join(f"{key}: {_shown(value)}" for key, value in index.items())
    return " ".join([*words, *([f"with the index ({facts})"] if facts else [])])


def _statements(table: Mapping[str, Any]) -> str:
    return "; ".join(change["cql"] for change in table["changes"]) or "none"


def depends_on(context: TableContext, plan: Plan) -> dict[str, Any]:
    """What decides whether the server takes these changes, and what else they do; by the words of a DBA.

    None stands for what the server does not show: it is compared with nothing.
    """
    known_types = context.user_types or {}
    used = sorted({name for column in plan.additions for name in user_types(column.type)} & set(known_types))
    dropped = context.dropped
    return {
        TABLE_ID: context.table_id,
        "the table's flags": _sorted(context.flags),
        "change data capture": None if context.cdc is None else "on" if context.cdc else "off",
        "the materialized views": _sorted(context.views),
        "the materialized views of all columns": _sorted(context.wildcard_views),
        _INDEXES: None if context.indexes is None else dict(sorted(context.indexes.items())),
        "the guardrails": dict(sorted(context.settings.items())) if context.settings else None,
        **{f"the user-defined type {display_name(name)}": [str(field) for field in known_types[name]] for name in used},
        **{
            f"the dropped column {display_name(name)}": None if dropped is None else _dropped(dropped.get(name))
            for name in sorted(plan.names)
            if dropped is None or name in dropped
        },
    }


def _sorted(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _dropped(dropped: Dropped | None) -> str:
    if not dropped:
        return "none"
    return f"{dropped.kind or 'a column'} {dropped.type or ''}".rstrip() + f", dropped at {dropped.time}"
