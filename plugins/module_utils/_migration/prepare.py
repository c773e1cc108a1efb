# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run does in its mode, decided before anything is changed: its tables, its plan, its parts; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._cql.identifier import display_name, parse_name
from .._errors import InvalidInput
from .._schema.catalog.model import TABLE, TableName
from .._schema.planning.desired import read_desired, read_table_name
from .._schema.planning.entry import ONLY, name_as_listed
from .._schema.planning.reverse import lasting_fields, requested_tables, reverse_plan
from .._schema.planning.saved_plan import read_plan
from .definition import SECTIONS

MODES = ("migrate", "plan", "verify", "rollback")
# The steps of each mode that touch the application.
_STEPS = {
    "migrate": ("model_fields", "services", "smoke_tests"),
    "plan": (),
    "verify": ("smoke_tests",),
    "rollback": ("model_fields", "services"),
}
# Of many hosts one may have been forgotten: each is asked what remains to be done there.
_STEPS_OF_HOSTS = {**_STEPS, "verify": _STEPS["migrate"]}


class Wish(NamedTuple):
    """What a run is asked for: C(plan) is the content of the approved plan, C(confirm) what the user confirms."""

    mode: str
    check_mode: bool = False
    plan: Mapping[str, Any] | None = None
    confirm: str = ""
    all_listed: bool = False


def prepare(definition: Mapping[str, Any], wish: Wish) -> dict[str, Any]:
    """What the tasks of the role migration read of the run; raises InvalidInput if this mode cannot run like this.

    C(reads_only) says that the columns are only read, and C(dry) that nothing at all is changed. C(parts) are the task files
    that follow the columns, by whether these are as wanted.
    """
    mode, columns = wish.mode, _columns(definition, wish)
    names = [f"{table['keyspace']}.{table['table']}" for table in columns["tables"] if "table" in table]
    # Without quotes: a shell takes them away, and no name of a table needs them here.
    confirmation = ",".join(names).replace('"', "") if mode == "rollback" else ""
    confirmed = mode != "rollback" or _names(wish.confirm) == _names(confirmation)
    dry = wish.check_mode or mode in ("plan", "verify") or not confirmed
    # Whether anything would change is seen without the services: they follow the fields and the columns.
    taken = ("model_fields",) if not confirmed and not wish.check_mode else SECTIONS
    hosts = _hosts(definition, [step for step in _STEPS_OF_HOSTS[mode] if step in taken])
    on_hosts = ["hosts"] if any(one["steps"] for one in hosts.values()) else []
    steps = [*on_hosts, *(step for step in _STEPS[mode] if step in definition["steps"] and step in taken)]
    # Without an application the first look at the columns is their drop. Many hosts are looked at before anything changes.
    applies_later = not dry and bool(on_hosts or (mode == "rollback" and steps))
    notifies = _notifies(definition["roles"].get("notify", {})) and mode in ("migrate", "rollback") and confirmed
    last = ["notify"] if notifies else []
    return {
        **columns,
        "steps": steps,
        "mode": mode,
        "hosts": hosts,
        "models": list(_models(definition)),
        "columns_task": _columns_task(mode, applies_later or dry),
        "apply_task": _columns_task(mode, False),
        "reads_only": applies_later or mode in ("plan", "verify") or not confirmed,
        "applies_later": applies_later,
        "dry": dry,
        "confirmation": confirmation,
        "confirmed": confirmed,
        "confirmed_as": wish.confirm,
        "parts": {"ok": [*_parts(mode, steps, hosts, applies_later), *last], "failed": last},
    }


def _parts(
    mode: str, steps: Sequence[str], hosts: Mapping[str, Mapping[str, Any]], applies_later: bool
) -> Iterator[str]:
    """The task files that follow the columns, without that of the notification."""
    asked = [step for part in ({"steps": steps}, *hosts.values()) for step in part["steps"]]
    if "services" in asked and mode in ("migrate", "verify"):
        # Services are asked whether they are older than their columns.
        yield "described"
    if "hosts" in steps and applies_later:
        yield "look"
    if applies_later and mode == "migrate":
        yield "apply"
    if steps:
        yield "hosts" if "hosts" in steps else "application"
        yield "tests"
    if applies_later and mode == "rollback":
        yield "apply"


def _columns(definition: Mapping[str, Any], wish: Wish) -> dict[str, Any]:
    """The tables and options of the task of the columns and its plan; raises InvalidInput."""
    tables, options, plan = definition["tables"], definition["options"], wish.plan
    lasting: Mapping[str, Sequence[str]] = {}
    if plan:
        _require_own(plan, tables)
    if wish.mode == "verify":
        options = {**options, "allow_data_loss": True, "rows_to_read": 0}
    if wish.mode == "rollback":
        lasting = lasting_fields(plan) if plan else _listed_fields(tables)
        tables, plan = _reverse(tables, plan, lasting, wish.all_listed)
        options = {**options, "allow_data_loss": True}
    elif wish.mode == "migrate" and definition["requires_approved_plan"] and not (plan or wish.check_mode):
        raise InvalidInput(
            "The migration file requires an approved plan. Write one with the playbook plan, have it approved, and give "
            "its file as approved_plan."
        )
    stay = "Fields of type {} stay, since Cassandra cannot drop a field: {}."
    return {
        "tables": tables,
        "options": options,
        "plan": plan or "",
        "not_reversible": [stay.format(name, ", ".join(fields)) for name, fields in lasting.items()],
    }


def _models(definition: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The model classes that the file names; those of an application on many hosts have their C(host)."""
    parts = definition.get("hosts") or {"": definition}
    for host, part in parts.items():
        for model in part["roles"].get("model_fields", {}).get("list") or []:
            yield {**model, "host": host} if host else dict(model)


def _hosts(definition: Mapping[str, Any], steps: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the tasks of the application read for each of many hosts, in place of what holds for the whole run."""
    # The run as a whole is confirmed, and its columns follow or went before.
    of_run = {"hosts": {}, "applies_later": False, "confirmed": True}
    hosts = {}
    for name, part in definition.get("hosts", {}).items():
        services = part["roles"]["services"] if "services" in part["steps"] else {"list": []}
        own = {"host": name, "steps": [step for step in steps if step in part["steps"]]}
        hosts[name] = {**part, **of_run, **own, "look": try_arguments(services)}
    return hosts


def try_arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with which C(app_service) tells whether all is there that the services need, and changes nothing."""
    given = {name: value for name, value in options.items() if name != "list" and value is not None}
    return {**given, "services": options["list"], "try_only": True}


def _names(text: str) -> set[str]:
    return {name.strip().replace('"', "") for name in text.split(",")} - {""}


def _require_own(plan: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]) -> None:
    """Raise InvalidInput if the plan has no table of the file: it is that of another migration, not one that changed."""
    planned = {str(TableName(parse_name(one["keyspace"]), parse_name(one["table"]))) for one in plan["tables"]}
    listed = {str(name._replace(kind=TABLE)) for name in map(read_table_name, tables)}
    if not planned & listed:
        raise InvalidInput(
            f"The approved plan is that of another migration: it is for {', '.join(sorted(planned))}, and the migration file "
            f"lists {', '.join(sorted(listed))}. Give the plan of this file, or the file of this plan. Nothing was changed."
        )


def _columns_task(mode: str, reads: bool) -> str:
    """What the screen calls the task of the columns: nothing that only reads is said to change anything."""
    if mode == "verify":
        return "Compare the columns"
    if mode == "rollback":
        return "Read what would be lost" if reads else "Drop the columns"
    return "Plan the columns" if reads else "Apply the columns"


def output_files(definition: Mapping[str, Any]) -> Sequence[str]:
    """The files of the host that a run writes, as far as the migration file names them."""
    notify = definition["roles"].get("notify", {})
    return [notify[key] for key in ("record_json", "record_markdown") if notify.get(key)]


def _reverse(
    listed: Any, plan: Mapping[str, Any] | None, lasting: Mapping[str, Sequence[str]], all_listed: bool
) -> tuple[Any, Mapping[str, Any] | None]:
    """The tables of the rollback and its plan: what was added goes, and what was dropped comes back without its data."""
    if plan:
        back = reverse_plan(read_plan(plan))
        tables = requested_tables(back)
    elif all_listed:
        back, flipped = None, [_flipped(table) for table in listed if "table" in table]
        tables = [table for state in ("absent", "present") for table in flipped if table["state"] == state]
    else:
        raise InvalidInput(
            "A rollback needs the plan that was applied: give its file as approved_plan. Without a plan nobody knows which "
            "of the listed columns the migration added. To drop every listed column, even one that was there before the "
            "migration, set rollback_all_listed to true."
        )
    if not tables:
        raise InvalidInput(_nothing_to_reverse(lasting))
    return tables, back


def _flipped(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with the other state; raises InvalidInput if the file does not say what is to come back."""
    if table["state"] == "present":
        return {**table, "state": "absent"}
    desired = read_desired(table)
    untyped = ", ".join(display_name(drop.name) for drop in desired.drops if drop.type is None)
    if untyped:
        raise InvalidInput(
            f"The migration file lists {untyped} of {desired.table} without a type, and without a plan nobody knows what it "
            "was: list the type, or give the plan that was applied as approved_plan."
        )
    return {**table, "state": "present", "columns": list(map(_present, table["columns"]))}


def _present(column: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry of a column to drop as one of a column to add."""
    index = column.get("index")
    if not isinstance(index, Mapping):
        return column
    return {**column, "index": {key: value for key, value in index.items() if key != ONLY}}


def _listed_fields(tables: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The fields that a migration file lists, by the user-defined type."""
    return {
        f"{one['keyspace']}.{one['type']}": [name_as_listed(field) for field in one["fields"]]
        for one in tables
        if "type" in one
    }


def _nothing_to_reverse(lasting: Mapping[str, Sequence[str]]) -> str:
    if not lasting:
        return "The approved plan changes nothing, so there is nothing to roll back."
    names = "; ".join(f"{', '.join(fields)} of type {name}" for name, fields in lasting.items())
    return (
        f"There is nothing to roll back. Cassandra cannot drop a field of a user-defined type, and these stay: {names}."
    )


def _notifies(notify: Mapping[str, Any]) -> bool:
    return any(notify.get(key) for key in ("webhooks", "record_json", "record_markdown"))
