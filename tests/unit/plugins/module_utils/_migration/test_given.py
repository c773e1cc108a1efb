# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook was given: a name that nothing reads, and hosts that are none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.given import (
    VARIABLES,
    check_hosts,
    check_names,
)

PLAYBOOKS = Path(__file__).parents[5] / "playbooks"
# What the lookup and the roles behind them read by themselves.
BY_OTHERS = {"migration_hosts", "fleet_hosts", "migration_connection", "drift_junit", "drift_json"} | {
    *("render_cql_path", "render_cql_release_version", "migration_file")
}


def test_the_variables_are_those_of_the_playbooks() -> None:
    assert set(VARIABLES) == {path.stem for path in PLAYBOOKS.glob("*.yml")}
    for name, variables in VARIABLES.items():
        text = (PLAYBOOKS / f"{name}.yml").read_text()
        read = {one or other for one, other in re.findall(r"\b((?:fleet|rollback)_\w+) (?:\| d|is d)|\^(\w+)\$", text)}
        assert set(variables) - BY_OTHERS == read - BY_OTHERS - {"fleet_failure"}, name
        assert f"playbook_hosts', '{name}')" in text


@pytest.mark.parametrize(
    ("playbook", "given", "message"),
    [
        (
            "migrate",
            ["aproved_plan"],
            "No playbook of this collection reads aproved_plan. Did you mean approved_plan?",
        ),
        (
            "migrate",
            ["migraton_file"],
            "No playbook of this collection reads migraton_file. Did you mean migration_file?",
        ),
        ("rollback", ["Approved-Plan"], "Did you mean approved_plan?"),
        ("fleet", ["fleet_host"], "Did you mean fleet_hosts?"),
        ("migrate", ["plan_file"], "The playbook migrate does not read plan_file. Did you mean approved_plan?"),
        ("fleet", ["migration_hosts"], "The playbook fleet does not read migration_hosts. Did you mean fleet_hosts?"),
        (
            "migrate",
            ["migration_files"],
            "The playbook migrate does not read migration_files. Did you mean migration_file?",
        ),
        ("plan", ["approved_plan"], "The playbook plan does not read approved_plan. Did you mean plan_file?"),
    ],
)
def test_a_name_that_was_meant_to_be_another_one(playbook: str, given: list[str], message: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        check_names(playbook, given)


@pytest.mark.parametrize(
    ("playbook", "given"),
    [
        ("migrate", ["approved_plan", "plan_file", "migration_result", "stellarmapweb_path", "awx_job_id", "plan"]),
        ("verify", ["approved_plan", "rollback_confirm", "drift_result", "release", "migration_name"]),
        ("drift", ["migration_file", "migration_files"]),
    ],
)
def test_names_of_others_are_theirs(playbook: str, given: list[str]) -> None:
    """A workflow of AWX gives all its jobs the same variables, and the results of those before."""
    check_names(playbook, given)


@pytest.mark.parametrize(
    ("hosts", "limited", "limit", "message"),
    [
        (
            [],
            [],
            None,
            "Nothing was done: no host of the inventory matches all. Check the inventory (-i) and fleet_hosts.",
        ),
        (
            ["a", "b"],
            [],
            "c",
            "Nothing was done: --limit c leaves no host of all. fleet_hosts says which hosts the playbook takes.",
        ),
    ],
)
def test_a_play_without_hosts_is_no_success(
    hosts: list[str], limited: list[str], limit: str | None, message: str
) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        check_hosts("fleet", "all", hosts, limited, limit)


def test_what_works_once_says_so_of_several_hosts() -> None:
    assert check_hosts("migrate", "app", ["a", "b"], ["a", "b"], None) == (
        "migration_hosts is app, which is 2 hosts. The playbook migrate works once, from a."
        " To migrate each of them as a cluster, use the playbook fleet."
    )
    assert check_hosts("migrate", "app", ["a", "b"], ["b"], "b") == ""
    assert check_hosts("fleet", "all", ["a", "b"], ["a", "b"], None) == ""
    assert check_hosts("drift", "all", ["a", "b"], ["a", "b"], None) == ""
