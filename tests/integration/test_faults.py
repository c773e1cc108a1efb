# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of a change whose answer is lost: found out by looking, never guessed; and what a killed play leaves."""

from __future__ import annotations

import re
import signal
import subprocess
import time

import pytest
from cassandra.cluster import Session
from fault_proxy import Fault, fault_proxy
from module_run import start_module

from .conftest import RunningNode, run_module_here

COLUMNS = [{"a": "text"}, {"b": "list<int>"}]


def names(cql: Session, keyspace: str) -> set[str]:
    query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s"
    return {row.column_name for row in cql.execute(query, (keyspace,))}


@pytest.mark.promise
@pytest.mark.parametrize("fault", Fault, ids=[fault.name.lower() for fault in Fault])
def test_the_truth_about_a_change_whose_answer_is_lost(
    node: RunningNode, cql: Session, keyspace: str, fault: Fault
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    params = {"keyspace": keyspace, "table": "t", "columns": COLUMNS, "request_timeout": 2}
    with fault_proxy((node.address, node.port), fault) as proxy:
        result = run_module_here("cassandra_column", {"login_host": [f"{proxy.address}:{proxy.port}"], **params})
    assert proxy.struck == 1
    assert (result["failed"], result["changed"]) == (False, True), result
    assert [column["status"] for column in result["columns"]] == ["added", "added"]
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
    assert [column["status"] for column in result["columns"]] == ["unknown", "unknown"]
    assert result["statements"] == [change["cql"] for change in result["changes"]]
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
    runs: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        runs[0].kill()
        runs[0].wait()

    with fault_proxy((node.address, node.port), fault, trigger, kill) as proxy:
        runs.append(start_module({"login_host": [f"{proxy.address}:{proxy.port}"], **params}))
        output, _errors = runs[0].communicate(timeout=240)
    assert (proxy.struck, runs[0].returncode, output) == (1, -signal.SIGKILL, b"")
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
    assert "no answer within request_timeout" in result["msg"]


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
    assert [column["status"] for column in result["columns"]] == [done, done]
    assert result["statements"] == [change["cql"] for change in result["changes"]]
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
    assert f"ALTER TABLE {keyspace}.t ADD (a text)" in result["differences"][0]
    assert names(cql, keyspace) == {"id", "b"}
