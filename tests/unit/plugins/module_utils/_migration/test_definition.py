# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.definition import (
    SECTIONS,
    Definition,
    read_definition,
    settable_options,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import (
    column_options,
    safety_options,
)

ROLES = Path(__file__).resolve().parents[5] / "roles"
SPECS = {
    role: yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"][
        "options"
    ]
    for role in SECTIONS
}
COLUMNS = [{"name": "a", "type": "int"}]
ONE = {"keyspace": "shop", "table": "orders", "columns": COLUMNS}


def read(raw: Any) -> Definition:
    return read_definition(raw, safety_options(), connection_options(), SPECS)


def test_the_short_form_is_one_table() -> None:
    definition = read({**ONE, "title": "Ship dates"})
    assert definition.tables == [{**ONE, "state": "present"}]
    assert (definition.title, definition.options, definition.connection) == ("Ship dates", {}, {})


def test_the_long_form_inherits_keyspace_and_state() -> None:
    tables = [
        {"table": "a", "columns": COLUMNS},
        {"keyspace": "k", "table": "b", "columns": COLUMNS, "state": "present"},
    ]
    assert read({"keyspace": "shop", "state": "absent", "tables": tables}).tables == [
        {"keyspace": "shop", "table": "a", "columns": COLUMNS, "state": "absent"},
        {"keyspace": "k", "table": "b", "columns": COLUMNS, "state": "present"},
    ]


@pytest.mark.parametrize("name", sorted(safety_options()))
def test_every_option_of_the_module_can_be_set(name: str) -> None:
    assert read({**ONE, "options": {name: 1}}).options == {name: 1}


def test_what_a_file_says_and_what_it_allows_are_all_options_of_the_module() -> None:
    said_elsewhere = {"keyspace", "table", "columns", "tables", "state", "approved_plan", "plan_source"}
    assert set(safety_options()) | said_elsewhere == set(column_options())


@pytest.mark.parametrize("name", [*connection_options(), "contact_points"])
def test_every_connection_option_can_be_set(name: str) -> None:
    assert read({**ONE, "connection": {name: "x"}}).connection == {name: "x"}


SETTABLE = [(role, name) for role in SECTIONS for name in settable_options(role, SPECS[role])]


@pytest.mark.parametrize(("role", "name"), SETTABLE)
def test_every_option_of_a_role_can_be_set(role: str, name: str) -> None:
    definition = read({**ONE, role: {name.removeprefix(f"{role}_"): "given"}})
    assert (definition.roles[role][name], definition.steps) == ("given", [] if role == "notify" else [role])


def test_every_option_of_a_role_reaches_it() -> None:
    sections = yaml.safe_load((ROLES / "migration" / "vars" / "main" / "sections.yml").read_text())
    assert sections == {name: f"{{{{ migration_definition.roles.{role}.{name} }}}}" for role, name in SETTABLE}


def test_what_a_file_does_not_say_is_the_default_of_the_role() -> None:
    definition = read(ONE)
    assert definition.steps == []
    for role in SECTIONS:
        defaults = {name: option.get("default") for name, option in settable_options(role, SPECS[role]).items()}
        assert definition.roles[role] == defaults


def test_a_list_is_the_option_that_most_people_need() -> None:
    assert read({**ONE, "workflows": [{"name": "web"}]}).roles["workflows"]["workflows_list"] == [{"name": "web"}]


def test_where_the_application_lies_and_its_preset_say_the_rest() -> None:
    definition = read(
        {
            **ONE,
            "application": {
                "preset": "django",
                "path": "/srv/shop",
                "url": "http://127.0.0.1:8000/",
                "python": "venv/bin/python",
                "environment_file": ".env",
            },
            "model_fields": [{"path": "shop/models.py", "class_name": "Order"}],
            "workflows": [
                {
                    "name": "web",
                    "manager": "command",
                    "argv": ["./restart.sh"],
                    "pid_file": "run/web.pid",
                    "ready": {"url": "/health/"},
                },
                {"name": "worker", "manager": "manual"},
            ],
            "smoke_tests": [{"name": "Orders", "url": "/orders/", "not_contains": ["oops"]}],
        }
    )
    roles = definition.roles
    assert definition.steps == ["model_fields", "workflows", "smoke_tests"]
    assert roles["model_fields"]["model_fields_list"] == [
        {"path": "/srv/shop/shop/models.py", "class_name": "Order", "fields": ["a"]}
    ]
    web, worker = roles["workflows"]["workflows_list"]
    assert web == {
        "name": "web",
        "manager": "command",
        "argv": ["./restart.sh"],
        "pid_file": "/srv/shop/run/web.pid",
        "ready": {"url": "http://127.0.0.1:8000/health/"},
        "chdir": "/srv/shop",
        "environment_file": "/srv/shop/.env",
        "check_argv": ["venv/bin/python", "manage.py", "check"],
    }
    assert "check_argv" not in worker
    assert roles["workflows"]["workflows_watch"] == ["/srv/shop/shop/models.py"]
    assert roles["smoke_tests"]["smoke_tests_base_url"] == "http://127.0.0.1:8000/"
    assert roles["smoke_tests"]["smoke_tests_http"][0]["not_contains"][:2] == [
        "oops",
        "Traceback (most recent call last)",
    ]


def test_an_empty_path_or_url_switches_the_steps_off_that_need_it() -> None:
    sections = {
        "model_fields": [{"path": "m.py", "class_name": "M"}],
        "workflows": [{"name": "web", "manager": "manual"}],
        "smoke_tests": [{"name": "Orders", "url": "/orders/"}],
        "feature_checks": {"source_column": "a"},
    }
    assert read({**ONE, **sections, "application": {"path": "", "url": ""}}).steps == []
    assert read({**ONE, **sections, "application": {"path": "/srv", "url": ""}}).steps == ["model_fields", "workflows"]
    assert read({**ONE, **sections}).steps == list(sections)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (None, "It holds a dictionary, with keyspace, table and columns at least, not None."),
        ([ONE], "It holds a dictionary"),
        ("shop", "It holds a dictionary, with keyspace, table and columns at least, not 'shop'."),
        ({}, "'keyspace' is missing."),
        ({**ONE, "columns": []}, "'columns' is a list of columns, each with name and type, not []."),
        ({**ONE, "columns": "a int"}, "'columns' is a list of columns, each with name and type, not 'a int'."),
        ({**ONE, "columns": {"a": "int"}}, "'columns' is a list of columns"),
        ({**ONE, "state": "gone"}, "'state' is present or absent, not 'gone'."),
        ({**ONE, "tabel": "x"}, "Unknown key 'tabel': did you mean 'table'?"),
        ({**ONE, "notify": {"record_json": ["r"]}}, "'notify.record_json' is text, not ['r']."),
        (
            {**ONE, "workflows": [{"name": {"a": 1}, "manager": "manual"}]},
            "'workflows.list[1].name' is text, not {'a': 1}.",
        ),
        ({**ONE, "optoins": {}}, "Unknown key 'optoins': did you mean 'options'?"),
        (
            {**ONE, "options": {"lock_keyspce": "x"}},
            "Unknown key 'options.lock_keyspce': did you mean 'lock_keyspace'?",
        ),
        ({**ONE, "options": "fast"}, "'options' is a dictionary, not 'fast'."),
        ({**ONE, "connection": {"login_hots": "x"}}, "Unknown key 'connection.login_hots': did you mean 'login_host'?"),
        ({**ONE, "application": {"pth": "x"}}, "Unknown key 'application.pth': did you mean 'path'?"),
        ({**ONE, "workflows": [{"nam": "web"}]}, "Unknown key 'workflows.list[1].nam': did you mean 'name'?"),
        (
            {**ONE, "application": {"preset": "flask"}, "workflows": [{"name": "w"}]},
            "Unknown preset 'flask': there is django.",
        ),
        ({**ONE, "smoke_tests": {"pending": True}}, "Unknown key 'smoke_tests.pending'"),
        ({**ONE, "workflows": "web"}, "'workflows' holds the options of the role workflows, not 'web'."),
        ({**ONE, "smoke_tests": {"htpp": []}}, "Unknown key 'smoke_tests.htpp': did you mean 'http'?"),
        ({**ONE, "tables": [{}]}, "Give 'tables', or 'table' for a single table, not both."),
        ({"tables": []}, "'tables' is a list of tables, each with table and columns, not []."),
        ({"tables": "orders"}, "'tables' is a list of tables"),
        ({"tables": ["orders"]}, "'tables[1]' is a dictionary with table and columns, not 'orders'."),
        ({"tables": [{"table": "a", "columns": COLUMNS}]}, "'tables[1].keyspace' is missing."),
        ({"tables": [{**ONE, "colums": 1}]}, "Unknown key 'tables[1].colums': did you mean 'columns'?"),
        ({"tables": [ONE, ONE]}, "Table shop.orders is listed 2 times."),
        ({**ONE, "columns": [{"name": "a", "type": "txt<"}]}, "columns[1]: column a: 'txt<' is not a CQL type"),
        ({**ONE, "columns": COLUMNS * 2}, "Column a is listed 2 times."),
        (
            {**ONE, "requires_approved_plan": "always"},
            "'requires_approved_plan' is true or false, not 'always'.",
        ),
    ],
)
def test_each_mistake_has_a_sentence(raw: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(raw)
    assert sentence in raised.value.message


def test_a_file_of_one_table_has_no_numbers_of_tables() -> None:
    with pytest.raises(InvalidInput, match=r"^columns\[1\]: column a: 'txt<' is not"):
        read({**ONE, "columns": [{"name": "a", "type": "txt<"}]})


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        read({"tables": [{"table": "a"}, 3], "x": 1, "options": {"y": 1}, "workflows": 2})
    assert len(raised.value.message.split("'")) // 2 >= 5
