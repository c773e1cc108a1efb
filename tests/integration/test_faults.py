# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of a change whose answer is lost: found out by looking, never guessed; and what a killed play leaves."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import pytest
from cassandra.cluster import Session
from emulators import Ddl, Front, Personality, front
from fault_proxy import Fault, fault_proxy
from module_run import ForkedModule

from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema import apply

from .conftest import RunningNode, run_module_here

COLUMNS = [{"a": "text"}, {"b": "list<int>"}]


def statement_for(keyspace: str, state: str) -> str:
    change = "ADD (a text, b list<int>)" if state == "present" else "DROP (a, b)"
    return f"ALTER TABLE {keyspace}.t {change}"


def names(cql: Session, keyspace: str) -> set[str]:
    query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s"
    return {row.column_name for row in cql.execute(query, (keyspace,))}


@pytest.mark.proxied
@pytest.mark.promise
@pytest.mark.parametrize("fault", Fault, ids=[fault.name.lower() for fault in Fault])
def test_the_truth_about_a_change_whose_answer_is_lost(
    node: RunningNode, cql: Session, keyspace: str, fault: Fault
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    params = {"keyspace": keyspace, "table": "t", "columns": COLUMNS, "request_timeout": 2}
    if fault.name.startswith("ERROR"):
        # The proxy writes its errors in this version.
        params["protocol_version"] = 4
    with fault_proxy((node.address, node.port), fault) as proxy:
        result = run_module_here("cassandra_column", {"login_host": [f"{proxy.address}:{proxy.port}"], **params})
    assert proxy.struck == 1
    assert (result["failed"], result["changed"]) == (False, True), result
    assert [column["status"] for column in result["tables"][0]["columns"]] == ["added", "added"]
    assert names(cql, keyspace) == {"id", "a", "b"}
    assert run_module_here("cassandra_column", {"login_host": [node.address], **params})["changed"] is False


@pytest.mark.parametrize("fault", [Fault.CUT_ANSWER, Fault.LOSE_ANSWER], ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("state", ["present", "absent"])
def test_nobody_left_to_ask_is_an_outcome_of_its_own(
    node: RunningNode, cql: Session, keyspace: str, fault: Fault, state: str
) -> None:
    there = "" if state == "present" else ", a text, b list<int>"
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY{there})")
    columns = COLUMNS if state == "present" else [{"name": "a"}, {"name": "b"}]
    params = {"keyspace": keyspace, "table": "t", "columns": columns, "state": state, "allow_data_loss": True}
    times = {"request_timeout": 2, "connect_timeout": 1}
    begin = time.monotonic()
    with fault_proxy((node.address, node.port), fault, last=True) as proxy:
        login = {"login_host": [f"{proxy.address}:{proxy.port}"], "protocol_version": 5}
        result = run_module_here("cassandra_column", {**login, **params, **times})
    # The change, the question about it, and its repetition with one new connection: as the notes of the module say.
    assert time.monotonic() - begin < 4 * times["request_timeout"] + times["connect_timeout"] + 2
    assert (result["failed"], result["failure"], result["changed"]) == (True, "outcome_unknown", True)
    assert [column["status"] for column in result["tables"][0]["columns"]] == ["unknown", "unknown"]
    assert result["statements"] == [statement_for(keyspace, state)]
    assert "its outcome is not known" in result["msg"]
    assert "Run this again" in result["msg"]
    # What the driver says is for programmers.
    assert not re.search(r"Session|execute|errors=|last_host|Timeout:|OperationTimedOut|str:", result["msg"]), result[
        "msg"
    ]
    again = run_module_here("cassandra_column", {"login_host": [node.address], **params})
    assert again["failed"] is False
    assert names(cql, keyspace) == ({"id", "a", "b"} if state == "present" else {"id"})


# What the run has just sent when it is killed, whether that reaches the node, and whether the columns are there then.
KILLS = {
    "it reads the schema": (Fault.CUT_REQUEST, b"system_schema.columns", False),
    "its change is on the way": (Fault.CUT_REQUEST, b"ALTER TABLE", False),
    "its change is made": (Fault.CUT_ANSWER, b"ALTER TABLE", True),
}


@pytest.mark.parametrize("moment", KILLS)
def test_a_killed_run_is_finished_by_the_next(node: RunningNode, cql: Session, keyspace: str, moment: str) -> None:
    fault, trigger, made = KILLS[moment]
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    params = {"keyspace": keyspace, "table": "t", "columns": COLUMNS}
    given = dict(params)
    run = ForkedModule(given)
    with fault_proxy((node.address, node.port), fault, trigger, run.kill) as proxy:
        given["login_host"] = [f"{proxy.address}:{proxy.port}"]
        run.begin()
        killed = run.result()
    assert (proxy.struck, killed) == (1, None)
    assert names(cql, keyspace) == ({"id", "a", "b"} if made else {"id"})
    result = run_module_here("cassandra_column", {"login_host": [node.address], **params})
    assert (result["failed"], result["changed"]) == (False, not made)
    assert names(cql, keyspace) == {"id", "a", "b"}


def test_preparing_takes_no_longer_than_a_request_may(node: RunningNode, cql: Session, keyspace: str) -> None:
    """The answer is late by a second, which is more than it has."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    given = {"query": f"SELECT id FROM {keyspace}.t WHERE id = ?", "parameters": [1], "request_timeout": 0.6}
    with fault_proxy((node.address, node.port), Fault.DELAY_ANSWER, b"SELECT id FROM") as proxy:
        result = run_module_here("cassandra_query_info", {"login_host": [f"{proxy.address}:{proxy.port}"], **given})
    assert (proxy.struck, result["failed"]) == (1, True), result
    assert "gave no answer in time (request_timeout)" in result["msg"]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_change_that_comes_late_is_reported(node: RunningNode, cql: Session, keyspace: str, state: str) -> None:
    """It comes after the table was read, just before the second attempt, which the server then refuses."""
    both = "" if state == "present" else ", a text, b list<int>"
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY{both})")
    params = {"keyspace": keyspace, "table": "t", "columns": COLUMNS, "state": state, "allow_data_loss": True}
    with fault_proxy((node.address, node.port), Fault.HOLD_REQUEST) as proxy:
        given = {"login_host": [f"{proxy.address}:{proxy.port}"], "request_timeout": 3, **params}
        result = run_module_here("cassandra_column", given)
    assert (proxy.struck, result["failed"], result["changed"]) == (1, False, True), result
    done = "added" if state == "present" else "dropped"
    assert [column["status"] for column in result["tables"][0]["columns"]] == [done, done]
    assert result["statements"] == [statement_for(keyspace, state)]
    assert names(cql, keyspace) == ({"id", "a", "b"} if state == "present" else {"id"})


def test_a_column_that_comes_up_meanwhile_is_not_dropped_unchecked(
    node: RunningNode, cql: Session, keyspace: str
) -> None:
    """The first attempt does not reach the node; before the second one somebody adds and fills the other column."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, a int)")

    def meanwhile() -> None:
        cql.execute(f"ALTER TABLE {keyspace}.t ADD b text")
        cql.execute(f"INSERT INTO {keyspace}.t (id, b) VALUES (1, 'kept')")

    params = {"keyspace": keyspace, "table": "t", "columns": [{"name": "a"}, {"name": "b"}], "state": "absent"}
    params |= {"allow_data_loss": True, "only_if_empty": True}
    with fault_proxy((node.address, node.port), Fault.CUT_REQUEST, then=meanwhile) as proxy:
        result = run_module_here("cassandra_column", {"login_host": [f"{proxy.address}:{proxy.port}"], **params})
    assert (proxy.struck, result.get("failure")) == (1, "conflict"), result
    assert "b was not checked" in result["msg"]
    assert [row.b for row in cql.execute(f"SELECT b FROM {keyspace}.t")] == ["kept"]


def test_nothing_but_the_approved_statement_is_sent(node: RunningNode, cql: Session, keyspace: str) -> None:
    """The first attempt does not reach the node; before the second one somebody adds one of the two columns."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    params = {"keyspace": keyspace, "table": "t", "columns": COLUMNS}
    plan = run_module_here("cassandra_column", {"login_host": [node.address], **params}, True)["plan"]

    def meanwhile() -> None:
        cql.execute(f"ALTER TABLE {keyspace}.t ADD b list<int>")

    with fault_proxy((node.address, node.port), Fault.CUT_REQUEST, then=meanwhile) as proxy:
        given = {"login_host": [f"{proxy.address}:{proxy.port}"], "approved_plan": plan, **params}
        result = run_module_here("cassandra_column", given)
    assert (proxy.struck, result["failure"]) == (1, "plan_changed"), result
    assert f"ALTER TABLE {keyspace}.t ADD (a text)" in result["msg"]
    assert names(cql, keyspace) == {"id", "b"}


# What another user does between the first attempt, which does not reach the node, and the second one.
def _write_rows(cql: Session, keyspace: str) -> None:
    cql.execute(f"INSERT INTO {keyspace}.t (id, a) VALUES (1, 'kept')")


def _add_a_column(cql: Session, keyspace: str) -> None:
    cql.execute(f"ALTER TABLE {keyspace}.t ADD other int")


def _make_the_table_again(cql: Session, keyspace: str) -> None:
    cql.execute(f"DROP TABLE {keyspace}.t", timeout=30)
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, a text)", timeout=30)


def _index(cql: Session, keyspace: str) -> None:
    cql.execute(f"CREATE INDEX ON {keyspace}.t (a)", timeout=30)


MEANWHILE = {
    "rows are written": (_write_rows, {"only_if_empty": True}, "data_loss"),
    "an index is made": (_index, {}, "refused"),
    "a column is added": (_add_a_column, {"approved_plan": True}, "plan_changed"),
    "the table is made again": (_make_the_table_again, {"approved_plan": True}, "plan_changed"),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_after_a_lost_answer_all_is_checked_again(node: RunningNode, cql: Session, keyspace: str, what: str) -> None:
    meanwhile, options, failure = MEANWHILE[what]
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, a text)")
    params = {
        "keyspace": keyspace,
        "table": "t",
        "columns": [{"name": "a"}],
        "state": "absent",
        "allow_data_loss": True,
    }
    if "approved_plan" in options:
        plan = run_module_here("cassandra_column", {"login_host": [node.address], **params}, True)["plan"]
        options = {"approved_plan": plan}
    with fault_proxy((node.address, node.port), Fault.CUT_REQUEST, then=lambda: meanwhile(cql, keyspace)) as proxy:
        given = {"login_host": [f"{proxy.address}:{proxy.port}"], **params, **options}
        result = run_module_here("cassandra_column", given)
    assert (proxy.struck, result.get("failure")) == (1, failure), result
    assert "a" in names(cql, keyspace)
    # The first one is sent, and nobody can know that it will not come.
    assert (result["changed"], result["tables"][0]["columns"][0]["status"]) == (True, "unknown")
    assert f"ALTER TABLE {keyspace}.t DROP (a) was sent, and the outcome is not known." in result["msg"]
    assert "Nothing was executed" not in result["msg"]


BETWEEN = {
    "an approved plan, and a column is added": (_add_a_column, "present", b"ALTER TABLE", "plan_changed"),
    "a drop, and rows are written": (_write_rows, "absent", b"DROP INDEX", "data_loss"),
}


@pytest.mark.parametrize("what", BETWEEN)
def test_the_next_statement_of_a_table_is_checked_again(
    node: RunningNode, cql: Session, keyspace: str, what: str
) -> None:
    """A column and its index are two statements; between them another user changes what they were checked by."""
    meanwhile, state, first, failure = BETWEEN[what]
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY{', a text' if state == 'absent' else ''})")
    if state == "absent":
        cql.execute(f"CREATE INDEX t_a_idx ON {keyspace}.t (a)", timeout=30)
    column = {"name": "a", "type": "text", "index": {"name": "t_a_idx", "kind": "legacy"}}
    params = {"keyspace": keyspace, "table": "t", "columns": [column], "state": state, "only_if_empty": True}
    params["allow_data_loss"] = True
    if state == "present":
        plan = run_module_here("cassandra_column", {"login_host": [node.address], **params}, True)["plan"]
        params["approved_plan"] = plan
    with fault_proxy((node.address, node.port), Fault.DELAY_ANSWER, first, lambda: meanwhile(cql, keyspace)) as proxy:
        result = run_module_here("cassandra_column", {"login_host": [f"{proxy.address}:{proxy.port}"], **params})
    assert (proxy.struck, result.get("failure"), result["changed"]) == (1, failure, True), result
    (sent,) = result["statements"]
    assert (sent.startswith(first.decode()), f"{sent} was executed." in result["msg"]) == (True, True), result["msg"]
    assert "a" in names(cql, keyspace)
    assert not list(cql.execute("SELECT * FROM system_schema.indexes WHERE keyspace_name = %s", (keyspace,)))


def test_the_next_table_is_checked_again_after_a_wait(node: RunningNode, cql: Session, keyspace: str) -> None:
    """Rows are written to the second table while the change of the first one, which shows late, is waited for."""
    cql.execute(f"CREATE TABLE {keyspace}.first (id int PRIMARY KEY)", timeout=30)
    cql.execute(f"CREATE TABLE {keyspace}.second (id int PRIMARY KEY, v text)", timeout=30)
    tables = [
        {"table": "first", "columns": [{"a": "int"}]},
        {"table": "second", "columns": [{"name": "v"}], "state": "absent"},
    ]
    given = {"keyspace": keyspace, "tables": tables, "allow_data_loss": True, "only_if_empty": True}
    insert = f"INSERT INTO {keyspace}.second (id, v) VALUES (1, 'kept')"
    with front(node.address, Personality("late", (3, 4), ddl=Ddl(shown=2.5))) as at:
        timer = threading.Timer(1.0, lambda: _when_sent(at, lambda: cql.execute(insert)))
        timer.start()
        result = run_module_here("cassandra_column", {"login_host": [f"{at.addresses[0]}:{at.port}"], **given})
        timer.join()
    assert (result["failed"], result["failure"], result["changed"]) == (True, "data_loss", True), result["msg"]
    assert [table["columns"][0]["status"] for table in result["tables"]] == ["added", "present"]
    assert result["statements"] == [f"ALTER TABLE {keyspace}.first ADD (a int)"]
    assert result["msg"].endswith(f"ALTER TABLE {keyspace}.first ADD (a int) was executed.")
    assert [row.v for row in cql.execute(f"SELECT v FROM {keyspace}.second")] == ["kept"]


def _when_sent(at: Front, then: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not any(text.startswith("ALTER") for text in at.requests) and time.monotonic() < until:
        time.sleep(0.01)
    then()


def _drop_the_table(cql: Session, keyspace: str) -> None:
    cql.execute(f"DROP TABLE {keyspace}.t", timeout=30)


def _drop_the_keyspace(cql: Session, keyspace: str) -> None:
    cql.execute(f"DROP KEYSPACE {keyspace}", timeout=30)
    replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    cql.execute(f"CREATE KEYSPACE {keyspace}_2 WITH replication = {replication}", timeout=30)
    cql.execute(f"DROP KEYSPACE {keyspace}_2", timeout=30)


@pytest.mark.parametrize(
    ("meanwhile", "failure"),
    [(_drop_the_table, "table_missing"), (_drop_the_keyspace, "keyspace_missing")],
    ids=["the table", "the keyspace"],
)
def test_what_is_dropped_after_the_change_hides_nothing_of_it(
    node: RunningNode, cql: Session, keyspace: str, meanwhile: Callable[[Session, str], None], failure: str
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    params = {"keyspace": keyspace, "table": "t", "columns": COLUMNS}
    with fault_proxy((node.address, node.port), Fault.DELAY_ANSWER, then=lambda: meanwhile(cql, keyspace)) as proxy:
        result = run_module_here("cassandra_column", {"login_host": [f"{proxy.address}:{proxy.port}"], **params})
    if failure == "keyspace_missing":
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        cql.execute(f"CREATE KEYSPACE {keyspace} WITH replication = {replication}", timeout=30)
    assert (proxy.struck, result["failure"], result["changed"]) == (1, failure, True), result
    assert result["statements"] == [statement_for(keyspace, "present")]
    assert f"{result['statements'][0]} was executed." in result["msg"]
    assert [column["status"] for column in result["tables"][0]["columns"]] == ["unknown", "unknown"]


def test_a_connection_that_is_lost_after_the_change(node: RunningNode, cql: Session, keyspace: str) -> None:
    """The change is answered, and the question what shows is not: nor is any later one."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    params = {"keyspace": keyspace, "table": "t", "columns": COLUMNS, "request_timeout": 2, "connect_timeout": 1}
    with fault_proxy((node.address, node.port), Fault.CUT_REQUEST, b"rpc_address FROM system.local", last=True) as it:
        it.skip = 1
        given = {"login_host": [f"{it.address}:{it.port}"], "protocol_version": 5, **params}
        result = run_module_here("cassandra_column", given)
    assert (it.struck, result["failure"], result["changed"]) == (1, "nodes_unreachable", True), result
    assert f"{statement_for(keyspace, 'present')} was executed." in result["msg"]
    assert "No node has shown it yet." in result["msg"]
    assert [column["status"] for column in result["tables"][0]["columns"]] == ["unknown", "unknown"]


def test_an_error_of_our_own_is_no_outcome(
    node: RunningNode, cql: Session, keyspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps its traceback, is tried once, and says what became of the change."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    params = {"login_host": [node.address], "keyspace": keyspace, "table": "t", "columns": COLUMNS}

    def broken(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(apply, "make_plan", broken)
        result = run_module_here("cassandra_column", params, crashes=True)
    assert (result["failed"], result["failure"], result["changed"]) == (True, "unexpected", True), result
    assert "ZeroDivisionError" in str(result)
    assert f"{statement_for(keyspace, 'present')} was executed." in result["msg"]
    assert result["statements"] == [statement_for(keyspace, "present")]
