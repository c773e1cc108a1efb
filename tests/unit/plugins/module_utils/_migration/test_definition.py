# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.definition import (
    KEYS,
    SECTIONS,
    Definition,
    read_connection,
    read_definition,
    settable_options,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.options import (
    column_options,
    safety_options,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.options import SERVICE_OPTIONS

ROLES = Path(__file__).resolve().parents[5] / "roles"
SPECS = {
    role: yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"][
        "options"
    ]
    for role in SECTIONS
}
# A value of each type that an option may have.
RIGHT: dict[str, Any] = {"list": [], "dict": {}, "int": 1, "float": 1.5, "bool": True}
COLUMNS = [{"name": "a", "type": "int"}]
WEB = {"name": "web", "manager": "manual"}
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
    value = RIGHT.get(safety_options()[name]["type"], "x")
    assert read({**ONE, "options": {name: value}}).options == {name: value}


def test_what_a_file_says_and_what_it_allows_are_all_options_of_the_module() -> None:
    said_elsewhere = {"keyspace", "table", "columns", "tables", "state", "approved_plan", "plan_source"}
    assert set(safety_options()) | said_elsewhere == set(column_options())


@pytest.mark.parametrize("name", connection_options())
def test_every_connection_option_can_be_set(name: str) -> None:
    option = connection_options()[name]
    value = RIGHT.get(option["type"], "x") if "choices" not in option else option["choices"][0]
    for given in (name, *option.get("aliases", ())):
        assert read({**ONE, "connection": {given: value}}).connection == {name: value}
        assert read_connection({given: value}, connection_options()) == {name: value}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"login_hots": "db1"},
            "'migration_connection.login_hots' is unknown. Did you mean 'migration_connection.login_host'?",
        ),
        ({"login_port": "abc"}, "'migration_connection.login_port' must be a whole number, not text."),
        (
            {"ssl_cert_reqs": "CERT_REQUIRE"},
            "is one of CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED. Did you mean CERT_REQUIRED?",
        ),
        (
            {"ca_cert": "a", "ssl_ca_certs": "b"},
            "'migration_connection.ca_cert' are the same option. Leave one of them out.",
        ),
    ],
)
def test_a_connection_next_to_the_file_is_checked_like_that_in_it(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        read_connection(given, connection_options())


SETTABLE = [(role, name) for role in SECTIONS for name in settable_options(role, SPECS[role])]


@pytest.mark.parametrize(("role", "name"), SETTABLE)
def test_every_option_of_a_role_can_be_set(role: str, name: str) -> None:
    option = settable_options(role, SPECS[role])[name]
    value = RIGHT.get(option.get("type", "str"), option.get("choices", ["given"])[0])
    assert read({**ONE, role: {name: value}}).roles[role][name] == value


def test_every_option_of_a_role_reaches_it() -> None:
    """The role reads one dictionary, which the role migration replaces with the section of the file."""
    for role in SECTIONS:
        own = yaml.safe_load((ROLES / role / "vars" / "main.yml").read_text())[f"_{role}_options"]
        assert set(settable_options(role, SPECS[role])) <= set(own), role


def test_what_a_file_does_not_say_is_the_default_of_the_role() -> None:
    definition = read(ONE)
    assert definition.steps == []
    for role in SECTIONS:
        defaults = {name: option.get("default") for name, option in settable_options(role, SPECS[role]).items()}
        assert definition.roles[role] == defaults


def test_a_list_is_the_option_that_most_people_need() -> None:
    assert read({**ONE, "services": [WEB]}).roles["services"]["list"] == [WEB]


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
            "services": [
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
    assert definition.steps == ["model_fields", "services", "smoke_tests"]
    assert roles["model_fields"]["list"] == [
        {"path": "/srv/shop/shop/models.py", "class_name": "Order", "fields": ["a"]}
    ]
    web, worker = roles["services"]["list"]
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
    assert roles["services"]["watch"] == ["/srv/shop/shop/models.py"]
    assert roles["smoke_tests"]["base_url"] == "http://127.0.0.1:8000/"
    assert roles["smoke_tests"]["http"][0]["not_contains"][:2] == [
        "oops",
        "Traceback (most recent call last)",
    ]


def test_an_empty_path_or_url_switches_the_steps_off_that_need_it() -> None:
    sections = {
        "model_fields": [{"path": "m.py", "class_name": "M"}],
        "services": [WEB],
        "smoke_tests": [{"name": "Orders", "url": "http://127.0.0.1/orders/"}],
    }
    assert read({**ONE, **sections, "application": {"path": "", "url": ""}}).steps == []
    assert read({**ONE, **sections, "application": {"path": "/srv", "url": ""}}).steps == ["model_fields", "services"]
    assert read({**ONE, **sections}).steps == list(sections)


DATA = {"name": "Orders", "query": "SELECT id FROM shop.orders"}
PAGE = {"name": "Orders", "url": "http://x/"}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (None, "It is empty. The smallest one is:"),
        ([ONE], "It is a list at its top, where a dictionary is expected."),
        ("shop", "It is text at its top, where a dictionary is expected."),
        ({}, "'keyspace' is missing."),
        ({**ONE, "columns": []}, "No columns are listed for shop.orders: give at least one in 'columns'."),
        ({**ONE, "columns": "a int"}, "'columns' must be a list, not text. Begin each of its items with a dash"),
        ({**ONE, "columns": 5}, "'columns' must be a list, not a number."),
        ({**ONE, "types": 5}, "'types' must be a list, not a number."),
        ({"tables": None}, "'tables' is empty."),
        ({**ONE, "columns": {"a": "int"}}, "not a dictionary. Begin each of its items with a dash and a space"),
        (
            {**ONE, "columns": ["a int"]},
            "'columns[1]' must be a dictionary, not text. Write a colon and a space between a",
        ),
        ({**ONE, "table": True}, "The table must be text, got True. Put it in quotes: without them YAML takes it for"),
        (
            {**ONE, "columns": [{"type": "int"}]},
            "name is missing. If the column is called type, write {name: type, type: int}.",
        ),
        ({**ONE, "columns": [{"static": "text"}]}, "write {name: static, type: text}"),
        ({**ONE, "columns": [{"name": "text"}]}, "If the column is called name, write"),
        ({**ONE, "columns": [{"login_password": "x"}]}, "looks like an option of 'connection'."),
        ({**ONE, "state": "gone"}, "'state' is one of present, absent."),
        ({**ONE, "state": "presnt"}, "'state' is one of present, absent. Did you mean present?"),
        ({**ONE, "tabel": "x"}, "'tabel' is unknown. Did you mean 'table'?"),
        # A key that is no name may be a value, such as a password behind a forgotten colon.
        ({**ONE, "s3cret of the shop, all of it": "x"}, "''s3cret of the shop, '... (29 characters)' is unknown."),
        ({**ONE, "cluster": "x"}, "'cluster' is unknown. Known here are: application, columns, connection, cql_file,"),
        (
            {**ONE, "notify": {"slack": "x"}},
            "'notify.slack' is unknown. Known here are: record_json, record_markdown, ticket,",
        ),
        (
            {**ONE, "options": {"state": "absent"}},
            "'options.state' is unknown. It belongs to the top level of the file.",
        ),
        ({"format": 2, "fingerprint": "x", "tables": []}, "It is a saved plan. Give it as approved_plan, and as"),
        ({**ONE, "login_host": "x"}, "'login_host' is unknown. It belongs to 'connection'."),
        ({**ONE, "lock_keyspace": "x"}, "'lock_keyspace' is unknown. It belongs to 'options'."),
        ({**ONE, "notify": {"record_json": ["r"]}}, "'notify.record_json' must be text, not a list."),
        (
            {**ONE, "services": [{"name": {"a": 1}, "manager": "manual"}]},
            "'services.list[1].name' must be text, not a dictionary.",
        ),
        ({**ONE, "services": [{**WEB, "manager": "upstart"}]}, "'services.list[1].manager' is one of "),
        ({**ONE, "optoins": {}}, "'optoins' is unknown. Did you mean 'options'?"),
        (
            {**ONE, "options": {"lock_keyspce": "x"}},
            "'options.lock_keyspce' is unknown. Did you mean 'options.lock_keyspace'?",
        ),
        ({**ONE, "options": {"lock_timeout": "soon"}}, "'options.lock_timeout' must be a number, not text."),
        ({**ONE, "options": "fast"}, "'options' must be a dictionary, not text."),
        ({**ONE, "connection": {"login_hots": "x"}}, "Did you mean 'connection.login_host'?"),
        ({**ONE, "connection": [{"login_password": "x"}]}, "'connection' must be a dictionary, not a list."),
        ({**ONE, "application": {"pth": "x"}}, "Did you mean 'application.path'?"),
        ({**ONE, "services": [{"nam": "web"}]}, "Did you mean 'services.list[1].name'?"),
        ({**ONE, "application": {"preset": "flask"}, "services": [WEB]}, "'application.preset' is one of django."),
        ({**ONE, "smoke_tests": {"pending": True}}, "'smoke_tests.pending' is unknown."),
        ({**ONE, "services": "web"}, "'services' must be a dictionary, not text."),
        (
            {**ONE, "notify": "https://hooks.example.com/secret"},
            "'notify' must be a dictionary, not text.",
        ),
        ({**ONE, "smoke_tests": {"htpp": []}}, "Did you mean 'smoke_tests.http'?"),
        (
            {**ONE, "smoke_tests": {"data": [{**DATA, "expect": {"min_row": 1}}]}},
            "Did you mean 'smoke_tests.data[1].expect.min_rows'?",
        ),
        (
            {**ONE, "smoke_tests": {"data": [{**DATA, "expect": {"max_rows": True}}]}},
            "'smoke_tests.data[1].expect.max_rows' must be a whole number, not true or false.",
        ),
        (
            {**ONE, "smoke_tests": {"data": [{**DATA, "expect": {"older": {"column": "a"}}}]}},
            "'smoke_tests.data[1].expect.older.than' is missing.",
        ),
        (
            {**ONE, "smoke_tests": {"data": [{**DATA, "expect": {"newest": {"column": "a", "within": "soon"}}}]}},
            "'smoke_tests.data': 'expect.newest.within' is a duration",
        ),
        ({**ONE, "smoke_tests": {"http": [{**PAGE, "json": 3}]}}, "'smoke_tests.http[1].json' must be a dictionary"),
        ({**ONE, "smoke_tests": {"http": [{**PAGE, "jsn": {}}]}}, "Did you mean 'smoke_tests.http[1].json'?"),
        ({**ONE, "smoke_tests": {"http": [{**PAGE, "json": {"key": "a"}}]}}, "mean 'smoke_tests.http[1].json.keys'?"),
        ({**ONE, "smoke_tests": {"http": [{**PAGE, "method": "POST"}]}}, "'smoke_tests.http[1].method' is one of GET"),
        (
            {**ONE, "smoke_tests": {"http": [{**PAGE, "headers": "s"}]}},
            "http[1].headers' must be a dictionary, not text",
        ),
        ({**ONE, "smoke_tests": {"http": [None]}}, "'smoke_tests.http[1]' must be a dictionary, not empty."),
        ({**ONE, "smoke_tests": {"http": [{}]}}, "'smoke_tests.http[1].name' is missing."),
        ({**ONE, "model_fields": 5, "services": {"list": {}}}, "'model_fields' must be a dictionary, not a number."),
        ({**ONE, "model_fields": {"list": 5}, "services": [WEB]}, "'model_fields.list' must be a list, not a number."),
        ({**ONE, "services": [None]}, "'services.list[1]' must be a dictionary, not empty."),
        ({**ONE, "smoke_tests": {"http": [{"name": "Orders"}]}}, "'smoke_tests.http[1].url' is missing."),
        (
            {**ONE, "smoke_tests": {"http": [{**PAGE, "contains": True}]}},
            "'smoke_tests.http': Orders: 'contains' holds",
        ),
        ({**ONE, "tables": [{}]}, "Give 'tables', or 'table' for a single table, not both."),
        ({"tables": []}, "'tables' is empty. List at least one entry, or leave it out."),
        ({"tables": "orders"}, "'tables' must be a list, not text."),
        ({"tables": ["orders"]}, "'tables[1]' must be a dictionary, not text."),
        ({"tables": [{"table": "a", "columns": COLUMNS}]}, "'tables[1].keyspace' is missing."),
        ({"tables": [{**ONE, "colums": 1}]}, "Did you mean 'tables[1].columns'?"),
        ({"tables": [ONE, ONE]}, "Table shop.orders is listed 2 times"),
        ({**ONE, "columns": [{"name": "a", "type": "txt<"}]}, "columns[1]: column a: 'txt<' is not a CQL type"),
        ({**ONE, "columns": COLUMNS * 2}, "Column a is listed 2 times."),
        ({**ONE, "requires_approved_plan": "always"}, "'requires_approved_plan' must be true or false, not text."),
        ({**ONE, "types": []}, "'types' is empty."),
        ({**ONE, "types": [{"type": "a"}]}, "'types[1].fields' is missing."),
        ({"types": [{}]}, "'types[1].fields' is missing."),
        ({"types": [None]}, "'types[1].type' is missing."),
        ({"keyspace": "k", "tables": [None]}, "'tables[1].table' is missing."),
        ({**ONE, "columns": None}, "No columns are listed for "),
        ({"types": [{"keyspace": "k", "type": "a", "fields": None}]}, "No fields are listed for type k.a"),
        ({**ONE, "types": [{"type": "a", "columns": []}]}, "'types[1].columns' is unknown."),
        (
            {**ONE, "types": [{"type": "a", "fields": [{"login_password": "x"}]}]},
            "The key login_password of a looks like an option of 'connection'",
        ),
        (
            {**ONE, "types": [{"type": "a", "fields": [{"x": "counter"}]}]},
            "types[1]: fields[1]: field x: a counter cannot be",
        ),
        ({"types": [{"type": "a", "fields": [{"x": "int"}]}]}, "'types[1].keyspace' is missing."),
    ],
)
def test_each_mistake_has_a_sentence(raw: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(raw)
    assert sentence in raised.value.message


def test_types_come_before_the_tables_and_may_be_alone() -> None:
    one = {"type": "addr", "fields": [{"x": "int"}]}
    whole = {"keyspace": "shop", **one, "state": "present"}
    assert read({**ONE, "types": [one]}).tables == [whole, {**ONE, "state": "present"}]
    assert read({"types": [{"keyspace": "shop", **one}]}).tables == [whole]


def test_a_file_of_one_table_has_no_numbers_of_tables() -> None:
    with pytest.raises(InvalidInput, match=r"^columns\[1\]: column a: 'txt<' is not"):
        read({**ONE, "columns": [{"name": "a", "type": "txt<"}]})


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            {"keyspace": "k", "tabel": "t", "columns": [{"a": "int"}]},
            "'tabel' is unknown. Did you mean 'table'? 'table' is missing.",
        ),
        ({**ONE, "state": "gone"}, "'state' is one of present, absent."),
        ({**ONE, "columns": {"a": "int"}}, "'columns' must be a list, not a dictionary."),
    ],
)
def test_a_mistake_of_a_file_of_one_table_is_told_once(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(raw)
    assert raised.value.message.count("'tables[1]") == 0
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("section", ["services", "smoke_tests", "notify"])
@pytest.mark.parametrize("value", [False, 0])
def test_a_truth_value_is_no_section(section: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=f"'{section}' must be a dictionary"):
        read({**ONE, section: value})


@pytest.mark.parametrize("state", ["absent", "gone"])
def test_a_state_is_not_for_types(state: str) -> None:
    types = [{"keyspace": "k", "type": "address", "fields": [{"country": "text"}]}]
    with pytest.raises(InvalidInput, match="a field of a type cannot be dropped"):
        read({"types": types, "state": state})


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        read({"tables": [{"table": "a"}, 3], "x": 1, "options": {"y": 1}, "services": 2})
    assert len(raised.value.message.split("'")) // 2 >= 5


def test_the_command_line_overrides_what_the_file_says() -> None:
    extra = {"services_confirmed": "web", "notify_ticket": "CHG-7", "smoke_tests_timeout": 3, "awx_job_id": 1}
    roles = read_definition({**ONE, "services": [WEB]}, safety_options(), connection_options(), SPECS, extra).roles
    assert (roles["services"]["confirmed"], roles["notify"]["ticket"]) == ("web", "CHG-7")
    assert roles["services"]["list"] == [WEB]
    # It does not make a step of what the file does not have.
    assert read_definition(ONE, safety_options(), connection_options(), SPECS, extra).steps == []
    with pytest.raises(InvalidInput, match=r"'services\.restart' must be true or false, not text"):
        read_definition({**ONE, "services": [WEB]}, {}, {}, SPECS, {"services_restart": "maybe"})


MARKER = "s3cret-marker"
WRONG: tuple[Any, ...] = (MARKER, [MARKER], {"a": MARKER}, [{"login_password": MARKER}], [[MARKER]])
PLACES = [
    *("connection", "options", "application", "notify", "services", "smoke_tests", "model_fields", "workflows"),
    *(f"connection.{name}" for name in connection_options()),
    *(f"{role}.{name}" for role, name in SETTABLE),
    *(f"notify.webhooks[].{name}" for name in SPECS["notify"]["notify_webhooks"]["options"]),
    *(f"services.list[].{name}" for name in SERVICE_OPTIONS),
    *("tables", "columns[].login_password", "password"),
]


@pytest.mark.parametrize("place", PLACES)
def test_a_file_that_is_refused_shows_no_value(place: str) -> None:
    """Wherever a secret stands, and in whatever shape."""
    for wrong in WRONG:
        # One mistake more, so that each of these files is refused.
        with pytest.raises(InvalidInput) as raised:
            read({**ONE, **inner(place, wrong), "requires_approved_plan": "maybe"})
        assert MARKER not in raised.value.message, wrong


def inner(place: str, value: Any) -> dict[str, Any]:
    name, _, rest = place.partition(".")
    content = inner(rest, value) if rest else value
    return {name.removesuffix("[]"): [content] if name.endswith("[]") else content}


ANYTHING: tuple[Any, ...] = (None, 5, True, "x", "", [], {}, ["x"], [None], [{}], {"a": 1}, COLUMNS, [[1]], 1.5)
INNER = [name for role in SECTIONS for name in settable_options(role, SPECS[role])]
INNER += ["name", "type", "fields", "url", "expect", "path", "preset", "class_name", "ready", "manager", "enabled"]


def test_whatever_a_file_holds_it_is_read_or_refused_with_a_sentence() -> None:
    draw = random.Random(1)

    def anything(depth: int = 0) -> Any:
        if depth > 3 or draw.random() < 0.4:
            return draw.choice(ANYTHING)
        if draw.random() < 0.6:
            return {draw.choice(INNER): anything(depth + 1) for _ in range(draw.randint(0, 4))}
        return [anything(depth + 1) for _ in range(draw.randint(0, 3))]

    refused = 0
    for _ in range(500):
        raw = {**draw.choice((ONE, {})), **{draw.choice(KEYS): anything() for _ in range(draw.randint(0, 3))}}
        try:
            read(raw)
        except InvalidInput:
            refused += 1
    assert 200 < refused < 500
