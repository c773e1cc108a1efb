# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run does in its mode, decided before it begins."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.prepare import Wish, prepare

TABLES = [
    {"keyspace": "shop", "table": name, "columns": [{"name": "x", "type": "int"}], "state": "present"}
    for name in ("Orders", "users")
]
DEFINITION: dict[str, Any] = {
    "tables": TABLES,
    "options": {},
    "steps": [],
    "roles": {},
    "requires_approved_plan": False,
}


@pytest.mark.parametrize(
    ("given", "is_confirmed"),
    [
        ("shop.Orders,shop.users", True),
        ("shop.users,shop.Orders", True),
        (" shop.users , shop.Orders, ", True),
        ("shop.users", False),
        ("shop.users,shop.Orders,shop.others", False),
        ("shop.users,shop.users", False),
        ("yes", False),
        ("", False),
    ],
)
def test_a_rollback_is_confirmed_by_its_tables_in_any_order(given: str, is_confirmed: bool) -> None:
    found = prepare(DEFINITION, Wish("rollback", confirm=given, all_listed=True))
    assert (found["confirmed"], found["confirmed_as"]) == (is_confirmed, given)


@pytest.mark.parametrize("given", ["Shop.Orders", '"Shop"."Orders"'])
def test_a_shell_takes_the_quotes_of_a_name_away(given: str) -> None:
    tables = [{**TABLES[0], "keyspace": '"Shop"', "table": '"Orders"'}]
    found = prepare({**DEFINITION, "tables": tables}, Wish("rollback", confirm=given, all_listed=True))
    assert (found["confirmed"], found["confirmation"]) == (True, "Shop.Orders")


@pytest.mark.parametrize("mode", ["migrate", "rollback"])
def test_the_plan_of_another_file_is_none_that_changed(mode: str) -> None:
    plan = {"tables": [{"kind": "table", "keyspace": "shop", "table": "baskets"}]}
    with pytest.raises(InvalidInput) as refused:
        prepare(DEFINITION, Wish(mode, plan=plan))
    assert refused.value.message.startswith(
        "The approved plan is that of another migration: it is for shop.baskets, and the migration file lists shop.orders, "
        "shop.users. Give the plan of this file, or the file of this plan."
    )


def test_a_plan_with_a_table_of_the_file_is_compared_later() -> None:
    plan = {"tables": [{"kind": "table", "keyspace": "shop", "table": "orders"}]}
    assert prepare(DEFINITION, Wish("migrate", plan=plan))["plan"] == plan


def test_a_plan_writes_a_name_in_quotes_as_a_file_does() -> None:
    tables = [{**TABLES[0], "keyspace": '"Shop"', "table": '"Orders"'}]
    plan = {"tables": [{"kind": "table", "keyspace": '"Shop"', "table": '"Orders"'}]}
    assert prepare({**DEFINITION, "tables": tables}, Wish("migrate", plan=plan))["plan"] == plan


@pytest.mark.parametrize(
    ("mode", "check", "has_plan", "runs"),
    [
        ("migrate", False, False, False),
        ("migrate", False, True, True),
        ("migrate", True, False, True),
        ("plan", False, False, True),
        ("verify", False, False, True),
    ],
)
def test_a_file_that_requires_an_approved_plan(mode: str, check: bool, has_plan: bool, runs: bool) -> None:
    plan = {"tables": [{"kind": "table", "keyspace": "shop", "table": "orders"}]} if has_plan else None
    definition = {**DEFINITION, "requires_approved_plan": True}
    if runs:
        prepare(definition, Wish(mode, check, plan))
    else:
        with pytest.raises(InvalidInput, match="requires an approved plan"):
            prepare(definition, Wish(mode, check, plan))


CONFIRMED = "shop.Orders,shop.users"


@pytest.mark.parametrize(
    ("mode", "check", "confirm", "steps", "reads_only", "dry", "applies_later"),
    [
        ("migrate", False, "", [], False, False, False),
        ("migrate", True, "", [], False, True, False),
        ("plan", False, "", [], True, True, False),
        ("verify", False, "", [], True, True, False),
        ("rollback", False, "", [], True, True, False),
        ("rollback", False, CONFIRMED, [], False, False, False),
        ("rollback", True, CONFIRMED, [], False, True, False),
        # The columns go once no model and no process uses them.
        ("rollback", False, CONFIRMED, ["model_fields"], True, False, True),
        ("rollback", True, CONFIRMED, ["model_fields"], False, True, False),
        ("migrate", False, "", ["model_fields"], False, False, False),
    ],
)
def test_what_each_mode_changes(
    mode: str, check: bool, confirm: str, steps: list[str], reads_only: bool, dry: bool, applies_later: bool
) -> None:
    found = prepare({**DEFINITION, "steps": steps}, Wish(mode, check, confirm=confirm, all_listed=True))
    assert (found["reads_only"], found["dry"], found["applies_later"]) == (reads_only, dry, applies_later)


@pytest.mark.parametrize(
    ("mode", "check", "steps", "of_hosts", "parts"),
    [
        ("migrate", False, [], [], []),
        ("migrate", False, ["model_fields"], [], ["application", "tests"]),
        ("migrate", False, ["services"], [], ["described", "application", "tests"]),
        ("plan", False, ["services"], [], []),
        # The columns go once no model and no process uses them.
        ("rollback", False, ["services"], [], ["application", "tests", "apply"]),
        ("rollback", True, ["services"], [], ["application", "tests"]),
        # Each of many hosts is looked at before anything changes.
        ("migrate", False, [], ["services"], ["described", "look", "apply", "hosts", "tests"]),
        ("migrate", True, [], ["services"], ["described", "hosts", "tests"]),
        ("verify", False, [], ["services"], ["described", "hosts", "tests"]),
        ("rollback", False, [], ["model_fields"], ["look", "hosts", "tests", "apply"]),
    ],
)
def test_what_follows_the_columns(
    mode: str, check: bool, steps: list[str], of_hosts: list[str], parts: list[str]
) -> None:
    hosts = {"web1": {"steps": of_hosts, "roles": {"services": {"list": []}}}} if of_hosts else {}
    definition = {**DEFINITION, "steps": steps, "hosts": hosts}
    found = prepare(definition, Wish(mode, check, confirm="shop.Orders,shop.users", all_listed=True))
    assert found["parts"] == {"ok": parts, "failed": []}
    notified = {**definition, "roles": {"notify": {"record_json": "r.json"}}}
    found = prepare(notified, Wish(mode, check, confirm="shop.Orders,shop.users", all_listed=True))
    last = ["notify"] if mode in ("migrate", "rollback") else []
    assert found["parts"] == {"ok": [*parts, *last], "failed": last}
