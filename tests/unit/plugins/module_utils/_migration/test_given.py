# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook was given: a name that nothing reads, and hosts that are none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.given import (
    VARIABLES,
    check_files,
    check_hosts,
    check_inventory,
    check_names,
    check_options,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.variables import check_values
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.options import column_options
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._files import check_output

PLAYBOOKS = Path(__file__).parents[5] / "playbooks"
# What the roles behind the playbooks, and the lookup, read by themselves.
BY_OTHERS = {
    "migration_hosts",
    "fleet_hosts",
    "migration_connection",
    "drift_junit",
    "migration_file",
} | {
    *("render_cql_path", "render_cql_release_version"),
    *("draft_models", "draft_keyspace", "draft_file"),
    "drift_model_keyspace",
}


def test_the_variables_are_those_of_the_playbooks() -> None:
    assert set(VARIABLES) == {path.stem for path in PLAYBOOKS.glob("*.yml")}
    for name, variables in VARIABLES.items():
        text = (PLAYBOOKS / f"{name}.yml").read_text()
        read = {one or other for one, other in re.findall(r"\b((?:fleet|rollback)_\w+) (?:\| d|is d)|\^(\w+)\$", text)}
        assert set(variables) - BY_OTHERS == read - BY_OTHERS, name
        assert f"playbook_hosts', '{name}')" in text


def test_the_reference_says_what_the_roles_call_the_variables() -> None:
    pair = re.compile(r"^\s+((?:migration|drift|draft|rollback|render_cql)_\w+): .*?\^(\w+)\$", re.MULTILINE)
    found = {one for path in PLAYBOOKS.glob("*.yml") for one in pair.findall(path.read_text())}
    rows = re.findall(
        r"^\| (`\w+`.*?) \| (.*) \|$", (PLAYBOOKS.parent / "docs" / "reference.md").read_text(), re.MULTILINE
    )
    told = {(role, name) for names, roles in rows for name in names.split("`")[1::2] for role in roles.split("`")[1::2]}
    assert len(found) > 10
    assert sorted((role, name) for role, name in found if role != name and (role, name) not in told) == []


def check(playbook: str, given: list[str], text: str = "") -> None:
    check_names(playbook, dict.fromkeys(given, "x"), column_options(), connection_options(), text)


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
        ("draft", ["keyspace"], "The playbook draft does not read keyspace. Did you mean draft_keyspace?"),
        ("draft", ["draft_model"], "Did you mean draft_models?"),
        ("draft", ["migration_file"], "The playbook draft does not read migration_file."),
        ("fleet", ["fleet_host"], "Did you mean fleet_hosts?"),
        (
            "migrate",
            ["plan_file"],
            "The playbook migrate does not read plan_file. It reads: migration_file, migration_connection, report_file, "
            "migration_hosts, application_hosts, approved_plan.",
        ),
        ("fleet", ["migration_hosts"], "The playbook fleet does not read migration_hosts. It reads: "),
        (
            "migrate",
            ["migration_files"],
            "The playbook migrate does not read migration_files. It reads: migration_file,",
        ),
        ("plan", ["approved_plan"], "The playbook plan does not read approved_plan. It reads: "),
        (
            "verify",
            ["rollback_confirm"],
            "The playbook verify does not read rollback_confirm. It reads: migration_file,",
        ),
        # What belongs to the migration file or to ansible-playbook changes nothing as a variable.
        ("migrate", ["login_host"], "reads login_host as a variable. It belongs to the migration file, as connection:"),
        ("migrate", ["contact_points"], "as connection: {contact_points: ...}."),
        ("migrate", ["lock_keyspace"], "It belongs to the migration file, as options: {lock_keyspace: ...}."),
        ("migrate", ["keyspace"], "It belongs to the migration file, as the key keyspace."),
        ("migrate", ["dry_run"], "It is an option of ansible-playbook: --check."),
        ("migrate", ["check_mode"], "--check"),
        (
            "migrate",
            ["CASSANDRA_HOST"],
            "environment variable: write it before the command, as CASSANDRA_HOST=... ansible",
        ),
        ("migrate", ["ASTRA_DB_TOKEN"], "or give login_token."),
        # What -e a.yml and -e 'migration_file = a.yml' become.
        (
            "migrate",
            ["_raw_params"],
            "A text after -e is no variable. Write the name, the sign = and the value without",
        ),
        ("migrate", ["keyspace", "table", "columns"], "give the name of the file: -e migration_file=FILE."),
    ],
)
def test_a_name_that_was_meant_to_be_another_one(playbook: str, given: list[str], message: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        check(playbook, given)


@pytest.mark.parametrize(
    ("playbook", "given"),
    [
        ("migrate", ["approved_plan", "migration_result", "stellarmapweb_path", "awx_job_id", "plan"]),
        ("verify", ["drift_result", "release", "migration_name"]),
        ("drift", ["migration_file", "migration_files"]),
    ],
)
def test_names_of_others_are_theirs(playbook: str, given: list[str]) -> None:
    """A workflow of AWX gives all its jobs the same variables, and the results of those before."""
    check(playbook, given)


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
        check_hosts("fleet", "all", hosts, limited, limit, False)


def test_a_variable_that_the_migration_file_uses_is_read() -> None:
    check(
        "migrate",
        ["keyspace", "login_host"],
        "keyspace: '{{ keyspace }}'\nconnection: {login_host: '{{ login_host }}'}",
    )
    with pytest.raises(InvalidInput):
        check("migrate", ["keyspace"], "keyspace: shop  # {{ other }}")


@pytest.mark.parametrize(
    ("tags", "skipped", "start", "word"),
    [
        (["web"], [], None, "no task of this playbook has a tag, so --tags web leaves none"),
        (["tagged"], [], None, "--tags tagged"),
        (["all"], ["untagged"], None, "--skip-tags untagged leaves no task"),
        (["all"], [], "Report", "--start-at-task would skip"),
    ],
)
def test_options_that_leave_nothing_are_no_success(
    tags: list[str], skipped: list[str], start: str | None, word: str
) -> None:
    with pytest.raises(InvalidInput, match=re.escape(word)):
        check_options(tags, skipped, start)
    check_options(["all"], ["web"], None)


@pytest.mark.parametrize("playbook", ["migrate", "plan", "verify", "rollback"])
def test_several_hosts_are_an_error_of_what_works_for_one(playbook: str) -> None:
    with pytest.raises(InvalidInput, match=r"migration_hosts is app, which is 2 hosts, .* the playbook fleet, or"):
        check_hosts(playbook, "app", ["a", "b"], ["a", "b"], None, False)
    check_hosts(playbook, "app", ["a", "b"], ["b"], "b", False)


def test_what_takes_many_hosts() -> None:
    for playbook, many in (("fleet", False), ("drift", False), ("plan", True)):
        check_hosts(playbook, "all", ["a", "b"], ["a", "b"], None, many)


VALUES = [
    ("migrate", {"migration_file": "a.yml", "migration_connection": {"login_host": "h"}}, ""),
    ("migrate", {"migration_file": "{{ files }}", "migration_connection": "{{ connection }}"}, ""),
    ("migrate", {"migration_connection": "login_host=db1"}, ""),
    ("migrate", {"fleet_serial": "abc"}, ""),
    (
        "migrate",
        {"migration_file": ["a.yml", "b.yml"]},
        "migration_file is a list, and it has to be the name of one file",
    ),
    ("migrate", {"migration_file": {"a": "b"}}, "migration_file is a dictionary, and"),
    ("migrate", {"migration_connection": "db1"}, "migration_connection is text, and it has to be a dictionary of conn"),
    ("migrate", {"report_file": ["r.json"]}, "report_file is a list, and it has to be a text"),
    ("rollback", {"rollback_confirm": ["a.b"]}, "rollback_confirm is a list"),
    ("rollback", {"rollback_all_listed": "maybe"}, "rollback_all_listed is text, and it has to be true or false"),
    ("rollback", {"rollback_all_listed": True, "approved_plan": "p.json"}, ""),
    *(("fleet", {"fleet_serial": value}, "") for value in (1, "1", "10%", ["1", 5, "100%"], "{{ batches }}")),
    *(
        ("fleet", {"fleet_serial": value}, "fleet_serial is ")
        for value in ("abc", 0, -1, "ten%", [], [[1]], {}, "1,5", [1, "x"], True, 1.5, "0%")
    ),
    *(("fleet", {"fleet_max_fail_percentage": value}, "") for value in (0, 5, "5", 12.5, 100)),
    *(("fleet", {"fleet_max_fail_percentage": value}, "a number from 0 to 100") for value in ("5%", -1, 101, "x", [5])),
    (
        "fleet",
        {"approved_plan": "p.json", "approved_plans": "plans"},
        "approved_plan and approved_plans exclude each oth",
    ),
    ("plan", {"plan_file": "p.json", "plan_folder": "plans"}, "plan_file and plan_folder exclude each other"),
    ("plan", {"plan_file": "p.json", "plan_folder": ""}, ""),
    ("drift", {"migration_files": ["a.yml"], "migration_file": "a.yml"}, "migration_file and migration_files exclude"),
]


@pytest.mark.parametrize(("playbook", "given", "said"), VALUES)
def test_a_value_of_another_kind_is_refused_before_the_play(playbook: str, given: dict[str, Any], said: str) -> None:
    if not said:
        check_values(VARIABLES[playbook], given)
        return
    with pytest.raises(InvalidInput, match=re.escape(said)):
        check_values(VARIABLES[playbook], given)


def test_an_inventory_that_is_not_there_is_no_run_elsewhere() -> None:
    check_inventory([])
    with pytest.raises(InvalidInput, match=r"^Nothing was done: there is no inventory /srv/x.yml. Correct -i"):
        check_inventory(["/srv/x.yml"])


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ({"migration_file": "/srv/a.yml", "report_file": "/srv/r.json", "plan_file": "/srv/plan.json"}, ""),
        (
            {"migration_file": "/srv/a.yml", "report_file": "/srv/a.yml"},
            "report_file and migration_file both name /srv/a.yml",
        ),
        (
            {"approved_plan": "/srv/p.json", "report_file": "/srv/p.json"},
            "report_file and approved_plan both name /srv/p.json",
        ),
        ({"plan_file": "/srv/p.json", "report_file": "/srv/p.json"}, "report_file and plan_file both name /srv/p.json"),
    ],
)
def test_files_that_a_run_writes_are_files_of_their_own(paths: dict[str, str], said: str) -> None:
    if not said:
        check_files(paths)
        return
    with pytest.raises(InvalidInput, match=f"^{said}.*Nothing was changed.$"):
        check_files(paths)


@pytest.mark.parametrize(
    ("path", "variable", "said"),
    [
        ("report.json", "report_file", ""),
        ("", "fleet_page", "fleet_page is {folder}/, which is a folder. Name a file."),
        ("", "", "{folder}/ is a folder. Name a file."),
        (
            "none/j.xml",
            "drift_junit",
            "drift_junit is {folder}/none/j.xml, which cannot be written: the folder {folder}/n",
        ),
    ],
)
def test_a_file_that_cannot_be_written_is_known_before(tmp_path: Path, path: str, variable: str, said: str) -> None:
    if not said:
        check_output(f"{tmp_path}/{path}", variable)
        return
    with pytest.raises(InvalidInput, match=f"^{said.format(folder=tmp_path)}.*Nothing was changed.$"):
        check_output(f"{tmp_path}/{path}", variable)
