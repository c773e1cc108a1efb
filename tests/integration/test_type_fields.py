# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of user-defined types: added one by one, in one plan with the tables, and never taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cassandra import RequestValidationException, Unauthorized
from cassandra.cluster import NoHostAvailable, Session
from fault_proxy import Fault, fault_proxy
from module_run import ForkedModule
from on_node import session_on

from embedded_cassandra import cluster

from .conftest import RunModule, RunningNode, RunPlaybook, run_module_here

MODULE = "cassandra_type"
PLAYBOOK = "stellarmap.cassandra."
PASSWORD = "s3cret-Passw0rd"


@pytest.fixture
def types(cql: Session, keyspace: str) -> str:
    """A keyspace with a type in a type, and a table that uses both, one of them without frozen."""
    for statement in (
        "CREATE TYPE {k}.addr (street text, zip int)",
        "CREATE TYPE {k}.person (name text, home frozen<addr>)",
        "CREATE TABLE {k}.t (id int PRIMARY KEY, p frozen<person>, a addr)",
    ):
        cql.execute(statement.format(k=keyspace))
    return keyspace


def fields(cql: Session, keyspace: str, name: str) -> dict[str, str]:
    query = "SELECT field_names, field_types FROM system_schema.types WHERE keyspace_name = %s AND type_name = %s"
    row = cql.execute(query, (keyspace, name)).one()
    return dict(zip(row.field_names, row.field_types))


def statuses(result: dict[str, Any]) -> list[str]:
    return [column["status"] for table in result["tables"] for column in table["columns"]]


def warnings(result: dict[str, Any]) -> str:
    return json.dumps(result.get("warnings", []))


@pytest.mark.promise
def test_predicted_added_and_ok(cql: Session, types: str, run_module: RunModule) -> None:
    listed = [{"country": "varchar"}, {"name": "Größe", "type": "frozen<set<int>>"}]
    task = {"keyspace": types, "type": "addr", "fields": listed}
    statements = [f"ALTER TYPE {types}.addr ADD country text", f'ALTER TYPE {types}.addr ADD "Größe" frozen<set<int>>']
    planned = run_module(MODULE, task, check=True)
    assert (planned["changed"], planned["statements"], statuses(planned)) == (True, statements, ["would_add"] * 2)
    assert "Cassandra cannot drop a field" in warnings(planned)
    assert planned["diff"][0]["after"].endswith('    country text,\n    "Größe" frozen<set<int>>\n);\n')
    assert list(fields(cql, types, "addr")) == ["street", "zip"]
    done = run_module(MODULE, task)
    assert (done["changed"], done["statements"], statuses(done)) == (True, statements, ["added"] * 2)
    assert (done["tables"][0]["kind"], len(done["verified_by"])) == ("type", 1)
    found = {"street": "text", "zip": "int", "country": "text", "Größe": "frozen<set<int>>"}
    assert fields(cql, types, "addr") == found
    for check in (False, True):
        again = run_module(MODULE, task, check)
        assert (again["changed"], again["statements"], statuses(again)) == (False, [], ["present"] * 2)


@pytest.mark.promise
def test_types_and_their_table_in_one_approved_plan(cql: Session, types: str, run_module: RunModule) -> None:
    """A run that stopped after the first statement is continued with the same approval."""
    task = {
        "keyspace": types,
        "tables": [
            {"table": "t", "columns": [{"q": "frozen<person>"}]},
            {"type": "person", "fields": [{"work": "frozen<addr>"}]},
            {"type": "addr", "fields": [{"x": "int"}, {"y": "int"}]},
        ],
    }
    plan = json.loads(json.dumps(run_module("cassandra_column", task, check=True)["plan"]))
    statements = [change["cql"] for table in plan["tables"] for change in table["changes"]]
    assert [statement.partition(" ADD ")[0] for statement in statements] == [
        *[f"ALTER TYPE {types}.addr"] * 2,
        f"ALTER TYPE {types}.person",
        f"ALTER TABLE {types}.t",
    ]
    cql.execute(statements[0])
    done = run_module("cassandra_column", {**task, "approved_plan": plan})
    assert (done["failed"], done["statements"]) == (False, statements[1:]), done
    assert run_module("cassandra_column", {**task, "approved_plan": plan})["changed"] is False


def test_an_approved_plan_does_not_hold_for_another_type(cql: Session, types: str, run_module: RunModule) -> None:
    task = {"keyspace": types, "type": "addr", "fields": [{"x": "int"}]}
    plan = run_module(MODULE, task, check=True)["plan"]
    cql.execute(f"ALTER TYPE {types}.addr ADD other text")
    refused = run_module(MODULE, {**task, "approved_plan": plan})
    assert refused["failure"] == "plan_changed"
    assert "field other, a field of type text, was added" in refused["msg"]
    assert "x" not in fields(cql, types, "addr")


@pytest.mark.proxied
@pytest.mark.promise
@pytest.mark.parametrize("fault", Fault, ids=[fault.name.lower() for fault in Fault])
def test_the_truth_about_a_field_whose_answer_is_lost(
    node: RunningNode, cql: Session, types: str, fault: Fault
) -> None:
    params = {"keyspace": types, "type": "addr", "fields": [{"x": "int"}, {"y": "int"}], "request_timeout": 2}
    # The second statement: the first one is made by then.
    with fault_proxy((node.address, node.port), fault, b"ADD y") as proxy:
        result = run_module_here(MODULE, {"login_host": [f"{proxy.address}:{proxy.port}"], **params})
    assert proxy.struck == 1
    assert (result["failed"], result["changed"], statuses(result)) == (False, True, ["added"] * 2), result
    assert list(fields(cql, types, "addr")) == ["street", "zip", "x", "y"]


@pytest.mark.parametrize("fault", [Fault.CUT_REQUEST, Fault.CUT_ANSWER], ids=lambda fault: fault.name.lower())
def test_a_run_that_ends_between_two_fields_says_what_is_there(
    node: RunningNode, cql: Session, types: str, fault: Fault
) -> None:
    params = {"keyspace": types, "type": "addr", "fields": [{"x": "int"}, {"y": "int"}], "connect_timeout": 1}
    with fault_proxy((node.address, node.port), fault, b"ADD y", last=True) as proxy:
        result = run_module_here(
            MODULE, {"login_host": [f"{proxy.address}:{proxy.port}"], "request_timeout": 2, **params}
        )
    assert (result["failure"], result["changed"], statuses(result)) == ("outcome_unknown", True, ["added", "unknown"])
    assert f"ALTER TYPE {types}.addr ADD y int was sent" in result["msg"]
    assert f"ALTER TYPE {types}.addr ADD x int was executed" in result["msg"]
    again = run_module_here(MODULE, {"login_host": [node.address], **params})
    assert again["changed"] is (fault is Fault.CUT_REQUEST)
    assert list(fields(cql, types, "addr")) == ["street", "zip", "x", "y"]


@pytest.mark.parametrize("fault", [Fault.CUT_REQUEST, Fault.CUT_ANSWER], ids=lambda fault: fault.name.lower())
def test_a_run_killed_between_two_fields_is_finished_by_the_next(
    node: RunningNode, cql: Session, types: str, fault: Fault
) -> None:
    params = {"keyspace": types, "tables": [{"type": "addr", "fields": [{"x": "int"}, {"y": "int"}, {"z": "int"}]}]}
    given = dict(params)
    run = ForkedModule(given)
    with fault_proxy((node.address, node.port), fault, b"ADD y", run.kill) as proxy:
        given["login_host"] = [f"{proxy.address}:{proxy.port}"]
        run.begin()
        killed = run.result()
    assert (proxy.struck, killed) == (1, None)
    there = ["street", "zip", "x", *(["y"] if fault is Fault.CUT_ANSWER else [])]
    assert list(fields(cql, types, "addr")) == there
    result = run_module_here("cassandra_column", {"login_host": [node.address], **params})
    left = [name for name in ("y", "z") if name not in there]
    assert result["statements"] == [f"ALTER TYPE {types}.addr ADD {name} int" for name in left]
    assert list(fields(cql, types, "addr")) == ["street", "zip", "x", "y", "z"]


# A statement before; the type and the type of its field; the words of the refusal; whether the server takes it all the same.
REFUSALS = {
    "conflict": ("", "addr", "text", "field zip is of type int, wanted is text", False, "zip"),
    "partition key": (
        "CREATE TABLE {k}.k (id frozen<addr> PRIMARY KEY)",
        "addr",
        "int",
        "in the partition key of k",
        False,
    ),
    "nested in a partition key": (
        "CREATE TABLE {k}.k (id frozen<list<frozen<person>>>, c int, PRIMARY KEY (id, c))",
        "addr",
        "int",
        "in the partition key of k",
        False,
    ),
    "partition key of a view": (
        "CREATE MATERIALIZED VIEW {k}.v AS SELECT * FROM {k}.t WHERE p IS NOT NULL AND id IS NOT NULL PRIMARY KEY (p, id)",
        "person",
        "int",
        "in the partition key of v",
        False,
    ),
    "circle": ("", "addr", "list<frozen<person>>", "types cannot be parts of each other", False),
    "unknown": ("", "addr", "frozen<adress>", "adress is neither a native type nor a user-defined type", False),
    "collection where it is not frozen": ("", "addr", "list<int>", "write frozen<list<int>>", True),
    "collection where it is frozen": ("", "person", "list<int>", "", True),
    "clustering key": ("CREATE TABLE {k}.k (id int, c frozen<addr>, PRIMARY KEY (id, c))", "addr", "int", "", True),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
def test_the_prediction_is_the_servers_answer(cql: Session, types: str, run_module: RunModule, case: Any) -> None:
    before, name, cql_type, words, takes, *field = case
    if before:
        cql.execute(before.format(k=types))
    task = {"keyspace": types, "type": name, "fields": [{(field or ["new"])[0]: cql_type}]}
    predicted = run_module(MODULE, task, check=True)
    assert (predicted["failed"], words in predicted.get("msg", "")) == (bool(words), True), predicted
    if words:
        assert run_module(MODULE, task)["msg"].endswith("Nothing was executed.")
    statement = f"ALTER TYPE {types}.{name} ADD {task['fields'][0].popitem()[0]} {cql_type}"
    if takes:
        cql.execute(statement)
    else:
        with pytest.raises((RequestValidationException, NoHostAvailable)):
            cql.execute(statement)


@pytest.mark.parametrize(
    ("options", "failure", "words"),
    [
        (
            {"type": "adr"},
            "type_missing",
            "Did you mean addr? This module adds fields to a type that exists: create it with",
        ),
        ({"keyspace": "nowhere"}, "keyspace_missing", "Keyspace nowhere does not exist"),
        ({"keyspace": "system_views"}, "refused", "belongs to Cassandra itself"),
    ],
)
def test_what_is_not_there(
    types: str, run_module: RunModule, options: dict[str, str], failure: str, words: str
) -> None:
    result = run_module(MODULE, {"keyspace": types, "type": "addr", "fields": [{"x": "int"}], **options})
    assert (result["failure"], words in result["msg"]) == (failure, True), result["msg"]


def test_a_table_that_uses_a_type_is_checked_as_the_type_will_be(types: str, run_module: RunModule) -> None:
    """A column without frozen, of a type that gets a collection in the same run: the server would take the first of the two."""
    person = {"type": "person", "fields": [{"phones": "list<text>"}]}
    table = {"table": "t", "columns": [{"other": "person"}]}
    refused = run_module("cassandra_column", {"keyspace": types, "tables": [person, table]})
    assert refused["failure"] == "refused"
    assert "person has collections inside that are not frozen" in refused["msg"]
    assert refused["msg"].endswith("Nothing was executed.")


@pytest.mark.xdist_group("guardrails")
def test_what_a_role_may_and_how_many_fields_a_guardrail_allows() -> None:
    limits = {"fields_per_udt_fail_threshold": 3, "fields_per_udt_warn_threshold": 2}
    at_once = {"permissions_validity": "0ms", "roles_validity": "0ms"}
    with cluster(auth=True, settings={**limits, **at_once}) as it, session_on(it.addresses[0], auth=True) as session:
        for statement in (
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
            "CREATE TYPE shop.addr (a int, b int)",
            "CREATE TABLE shop.t (id int PRIMARY KEY)",
            f"CREATE ROLE plain WITH LOGIN = true AND PASSWORD = '{PASSWORD}'",
            "GRANT ALTER ON shop.t TO plain",
            "GRANT SELECT ON system_views.settings TO plain",
        ):
            session.execute(statement, timeout=30)
        login = {"login_host": [it.addresses[0]], "login_user": "plain", "login_password": PASSWORD}
        task = {**login, "keyspace": "shop", "type": "addr", "fields": [{"c": "int"}, {"d": "int"}]}
        for check in (True, False):
            refused = run_module_here(MODULE, task, check)
            assert refused["failure"] == "refused"
            assert "GRANT ALTER ON KEYSPACE shop TO plain" in refused["msg"]
            assert (
                "the guardrail fields_per_udt_fail_threshold allows 3 fields, the type would have 4" in refused["msg"]
            )
        with pytest.raises(Unauthorized), session_on(it.addresses[0], True, role="plain", password=PASSWORD) as plain:
            plain.execute("ALTER TYPE shop.addr ADD c int")
        session.execute("GRANT ALTER ON KEYSPACE shop TO plain", timeout=30)
        one = {**task, "fields": [{"c": "int"}]}
        assert run_module_here(MODULE, one)["changed"] is True
        with (
            pytest.raises(RequestValidationException),
            session_on(it.addresses[0], True, role="plain", password=PASSWORD) as plain,
        ):
            plain.execute("ALTER TYPE shop.addr ADD d int")


@pytest.mark.promise
def test_a_migration_file_with_types(cql: Session, types: str, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    """Drift, plan, migrate, again, rollback: one plan, and words for the fields that stay."""
    content = {
        "title": "country",
        "keyspace": types,
        "types": [{"type": "person", "fields": [{"work": "frozen<addr>"}]}, {"type": "addr", "fields": [{"x": "int"}]}],
        "table": "t",
        "columns": [{"q": "frozen<person>"}],
    }
    (tmp_path / "m.yml").write_text(yaml.safe_dump(content))

    def play(name: str, *options: str, code: int = 0) -> str:
        done = run_playbook(f"{PLAYBOOK}{name}", "-e", "migration_file=m.yml", *options)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    drift = play("drift", code=2)
    assert "The field is missing: the file lists frozen<addr>." in drift
    assert "3 differences on 1 of 1 clusters" in drift
    plan = play("plan", "-e", "plan_file=plan.json")
    assert "Plan: 1 column and 2 fields to add, 0 to drop, 0 conflicts." in plan
    page = (tmp_path / "plan.md").read_text()
    assert page.count("There is no rollback: Cassandra cannot drop a field of a user-defined type.") == 2
    assert f"ALTER TYPE {types}.addr ADD x int;" in (tmp_path / "plan.cql").read_text()
    done = play("migrate", "-e", "approved_plan=plan.json")
    assert "Applied: 1 column and 2 fields added, 0 dropped. Country is complete" in done
    again = play("migrate", "-e", "approved_plan=plan.json")
    assert "Country was complete already" in again
    assert "Nothing differs" in play("drift")
    back = play("rollback", "-e", "approved_plan=plan.json", "-e", f"rollback_confirm={types}.t")
    assert f"Fields of type {types}.addr stay, since Cassandra cannot drop a field: x." in back
    assert list(fields(cql, types, "addr")) == ["street", "zip", "x"]
    assert "work" in fields(cql, types, "person")


def test_a_file_of_types_alone_has_nothing_to_roll_back(types: str, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text(
        yaml.safe_dump({"keyspace": types, "types": [{"type": "addr", "fields": [{"x": "int"}]}]})
    )
    file = ("-e", "migration_file=m.yml")
    run_playbook(f"{PLAYBOOK}plan", *file, "-e", "plan_file=plan.json")
    assert run_playbook(f"{PLAYBOOK}migrate", *file).returncode == 0
    for way in ("approved_plan=plan.json", "rollback_all_listed=true"):
        back = run_playbook(f"{PLAYBOOK}rollback", *file, "-e", way)
        assert back.returncode == 2
        assert f"these stay: x of type {types}.addr" in back.stdout + back.stderr
