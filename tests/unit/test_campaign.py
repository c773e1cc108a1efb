# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checker of the campaign is no yes-man: each rule finds the doctored history that breaks it, and a true one passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from campaign.check import check
from campaign.coverage import cells
from campaign.draw import draw
from campaign.history import PAUSE, History, NodeFault, Run, RunHistory, Scenario, Sent, WireFault
from campaign.play import TIMES
from campaign.record import Record, add_to_record, read_record

ALTER = "ALTER TABLE campaign.t1 ADD (a int)"
BEFORE = {"id": "int", "v": "text", "old": "int"}
AFTER = {**BEFORE, "a": "int"}


def result(**facts: Any) -> dict[str, Any]:
    return {
        "failed": False,
        "changed": True,
        "statements": [ALTER],
        "verified_by": [{"host_id": "h", "address": "127.0.0.201", "port": 9042}],
        "tables": [{"columns": [{"name": "a", "status": "added"}]}],
        "warnings": [],
        **facts,
    }


def failure(kind: str, message: str, status: str, **facts: Any) -> dict[str, Any]:
    tables = [{"columns": [{"name": "a", "status": status}]}]
    return result(failed=True, failure=kind, msg=message, changed=False, statements=[], tables=tables, **facts)


def run(**facts: Any) -> RunHistory:
    fields = {"run": Run(0.0, 0, {"a": "int"}), "began": 0.0, "ended": 2.0, "result": result(), "shown": [AFTER]}
    return RunHistory(**{**fields, "sent": [Sent(1.0, 0, ALTER)], "reads": [READ, ASKED], **facts})


READ, ASKED = (Sent(time, 0, "SELECT column_name FROM system_schema.columns") for time in (0.5, 1.5))
COUNTED = Sent(0.6, 0, "SELECT old FROM c1.t")
EMPTY = Run(0.0, 0, {"old": "text"}, drop=True, only_if_empty=True)
APPROVED = Run(0.0, 0, {"a": "int"}, approved=True)
WRITTEN = Sent(0.55, 1, "INSERT INTO c1.t (id, old) VALUES (2, 'written')")
RETYPED = Sent(0.4, 1, "ALTER TABLE c1.t ADD a boolean")


def dropped(**facts: Any) -> History:
    """A drop that was executed."""
    tables = [{"columns": [{"name": "old", "status": "dropped"}], "values": {"found": {"old": 0}}}]
    done = run(
        **{"run": EMPTY, "result": result(tables=tables), "shown": [{}], "reads": [READ, COUNTED, ASKED], **facts}
    )
    return history(done, healed=[{"id": "int", "v": "text"}] * 3, after=[{"id": "int", "v": "text"}] * 3)


def history(*runs: RunHistory, **facts: Any) -> History:
    played = list(runs) or [run()]
    idle = [result(changed=False, statements=[])]
    scenario = Scenario(1, BEFORE, tuple(one.run for one in played), NodeFault(PAUSE, 1, 0, "before ALTER", 1.0))
    seen = {
        "healed": [AFTER] * 3,
        "after": [AFTER] * 3,
        "again": idle,
        "idle": idle,
        "rows": [1] * 3,
        "versions": ["v"] * 3,
        "hosts": ["h"],
    }
    return History(scenario, played, 0.5, 1.5, **{**seen, **facts})


UNKNOWN = failure("outcome_unknown", f"{ALTER} was sent and its outcome is not known.", "unknown") | {
    "changed": True,
    "statements": [ALTER],
}
REFUSED = failure("nodes_unreachable", "Not every node answers. Nothing was executed.", "missing")
NOTHING_SHOWN = {"healed": [BEFORE] * 3}
LOST = Sent(1.0, 0, ALTER, lost=True)
TRUE = {
    "a change": history(),
    "a refusal": history(run(result=REFUSED, sent=[], shown=[]), **NOTHING_SHOWN),
    "an outcome that nobody knows": history(run(result=UNKNOWN, struck=True, shown=[])),
    "check mode": history(
        run(run=Run(0.0, 0, {"a": "int"}, check=True), sent=[]), healed=[BEFORE] * 3, after=[BEFORE] * 3
    ),
    "a run that was killed": history(run(result=None, struck=True, shown=[])),
    "the lock of a run that was killed": history(run(result=None, struck=True, shown=[]), holders=[("it", 40)]),
    "two at once": history(run(), run(result=result(changed=False, statements=[]), sent=[])),
    "two at once, of which one was lost on its way": history(run(), run(sent=[LOST], struck=True)),
    "a request that was lost, and nothing executed": history(
        run(result=REFUSED, sent=[LOST], shown=[]), **NOTHING_SHOWN
    ),
    "a drop": history(
        run(
            run=Run(0.0, 0, {"old": "int"}, drop=True),
            result=result(tables=[{"columns": [{"name": "old", "status": "dropped"}]}]),
            shown=[{"id": "int", "v": "text"}],
        ),
        healed=[{"id": "int", "v": "text"}] * 3,
        after=[{"id": "int", "v": "text"}] * 3,
    ),
}
TRUE |= {
    "a drop of what is empty": dropped(),
    "an approved change": history(run(run=APPROVED, approved=[ALTER])),
    "another user took the column": history(
        run(run=APPROVED, approved=[ALTER], sent=[], reads=[READ], shown=[], result=REFUSED),
        meddled=[RETYPED],
        healed=[{**BEFORE, "a": "boolean"}] * 3,
        after=[{**BEFORE, "a": "boolean"}] * 3,
        again=[failure("conflict", "It has another type. Nothing was executed.", "conflict")],
    ),
}
DOCTORED = {
    "a change that was not sent": ("changed_is_true", history(run(sent=[]))),
    "a change that reached no node": ("changed_is_true", history(run(sent=[LOST], struck=True))),
    "another change was sent": ("changed_is_true", history(run(sent=[Sent(1.0, 0, ALTER.replace("int", "text"))]))),
    "a change that nobody verified": ("changed_is_true", history(run(result=result(verified_by=[])))),
    "a node that verified it does not show it": ("changed_is_true", history(run(shown=[AFTER, BEFORE]))),
    "nothing was executed, and it was": ("nothing_executed_is_true", history(run(result=REFUSED), **NOTHING_SHOWN)),
    "added, and not there": ("statuses_are_true", history(**NOTHING_SHOWN)),
    "added, and there on two nodes": ("statuses_are_true", history(healed=[AFTER, AFTER, BEFORE])),
    "missing, and there": (
        "statuses_are_true",
        history(run(result=failure("statement_failed", "The server refused it.", "missing"))),
    ),
    "an index that is not there": (
        "statuses_are_true",
        history(
            run(result=result(tables=[{"columns": [{"name": "a", "status": "added", "index": {"status": "created"}}]}]))
        ),
    ),
    "a field that is not there": (
        "statuses_are_true",
        history(run(result=result(tables=[{"kind": "type", "columns": [{"name": "a", "status": "added"}]}]))),
    ),
    "dropped, and there": (
        "statuses_are_true",
        history(
            run(
                run=Run(0.0, 0, {"old": "int"}, drop=True),
                result=result(tables=[{"columns": [{"name": "old", "status": "dropped"}]}]),
            )
        ),
    ),
    "unknown without a fault": ("unknown_has_a_reason", history(run(result=UNKNOWN, began=3.0, ended=4.0))),
    "unknown, and nothing sent": ("unknown_has_a_reason", history(run(result=UNKNOWN, struck=True, sent=[]))),
    "unknown, and not changed": (
        "unknown_has_a_reason",
        history(run(result={**UNKNOWN, "changed": False}, struck=True)),
    ),
    "check mode that changes": (
        "check_mode_sends_nothing",
        history(run(run=Run(0.0, 0, {"a": "int"}, check=True))),
    ),
    "a column that nobody asked for": ("nothing_unasked", history(after=[{**AFTER, "x": "int"}] * 3)),
    "a column that is lost": ("nothing_unasked", history(after=[{"id": "int", "v": "text", "a": "int"}] * 3)),
    "one column with two types": ("no_two_truths", history(run(), run(run=Run(0.0, 1, {"a": "text"})))),
    "versions that differ": ("all_is_well_in_the_end", history(versions=["v", "w", "v"])),
    "tables that differ": ("all_is_well_in_the_end", history(after=[AFTER, {**AFTER, "a": "text"}, AFTER])),
    "a row that is gone": ("all_is_well_in_the_end", history(rows=[1, 0, 1])),
    "one more run that fails": ("all_is_well_in_the_end", history(again=[REFUSED])),
    "a rerun that changes": ("all_is_well_in_the_end", history(idle=[result()])),
    "work that nobody finished": ("all_is_well_in_the_end", history(after=[BEFORE] * 3)),
    "a lock for ever": ("the_lock_is_free", history(run(result=None), holders=[("it", None)])),
    "a lock that was not given back": ("the_lock_is_free", history(holders=[("it", 30)])),
    "a traceback": (
        "words_are_for_people",
        history(
            run(result=failure("unexpected", "Traceback (most recent call last)", "missing"), sent=[]), **NOTHING_SHOWN
        ),
    ),
    "verified by a node that nobody asked": ("verified_means_asked", history(run(reads=[READ]))),
    "verified by an answer of another node": ("verified_means_asked", history(hosts=["i", "h"])),
    "one node as two": ("verified_means_asked", history(run(result=result(verified_by=result()["verified_by"] * 2)))),
    "a node of which nothing is said": ("verified_means_asked", history(hosts=["h", "i"])),
    "sent again without a look": ("checked_before_sent", history(run(sent=[Sent(1.0, 0, ALTER), Sent(1.1, 0, ALTER)]))),
    "dropped and not counted": ("checked_before_sent", dropped(reads=[READ, ASKED])),
    "dropped although it was written": (
        "checked_before_sent",
        replace(dropped(), meddled=[WRITTEN]),
    ),
    "another change than the approved one": ("approved_is_sent", history(run(run=APPROVED, approved=["ALTER"]))),
    "approved, and the table was another": (
        "approved_is_sent",
        history(run(run=APPROVED, approved=[ALTER]), meddled=[RETYPED]),
    ),
    "values that nobody wrote": ("values_are_true", dropped(run=replace(EMPTY, only_if_empty=False))),
    "a failure that says nothing of it": (
        "failures_say_what_became_of_it",
        history(run(result=failure("not_reachable", "No answer.", "unknown"))),
    ),
    "no answer, and the server answered": (
        "failures_say_what_became_of_it",
        replace(
            history(
                run(
                    run=Run(0.0, 0, {"a": "int"}, fault=WireFault("ERROR_INSTEAD", "in flight", 0x1001)),
                    result=failure("outcome_unknown", f"{ALTER} was sent: 127.0.0.1 gave no answer.", "unknown"),
                    struck=True,
                )
            ),
            scenario=Scenario(1, BEFORE, ()),
        ),
    ),
    "a failure for nothing": (
        "fails_for_a_reason",
        replace(
            history(run(result=REFUSED, sent=[], shown=[]), **NOTHING_SHOWN),
            scenario=Scenario(1, BEFORE, ()),
        ),
    ),
    "a run without an end": ("times_have_an_end", history(run(ended=500.0))),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_history_passes(name: str) -> None:
    assert check(TRUE[name], TIMES) == []


@pytest.mark.parametrize("name", DOCTORED)
def test_a_doctored_history_is_found(name: str) -> None:
    rule, doctored = DOCTORED[name]
    assert rule in {line.partition(":")[0] for line in check(doctored, TIMES)}


def test_each_rule_has_its_doctored_history() -> None:
    from campaign import check as module

    rules = {rule.__name__ for rule in module._RULES} | {"times_have_an_end"}
    assert rules == {rule for rule, _doctored in DOCTORED.values()}


def test_a_seed_is_a_scenario_for_ever() -> None:
    assert [draw(seed) for seed in range(200)] == [draw(seed) for seed in range(200)]
    drawn = [draw(seed) for seed in range(200)]
    assert {len(one.runs) for one in drawn} == {1, 2, 3, 4}
    assert {bool(one.fault) for one in drawn} == {True, False}
    runs = [one for scenario in drawn for one in scenario.runs]
    assert {one.check for one in runs} == {one.lock for one in runs} == {one.drop for one in runs} == {True, False}


def test_two_types_for_one_column_come_with_the_lock_alone() -> None:
    for scenario in map(draw, range(500)):
        types: dict[str, set[str]] = {}
        for one in scenario.runs:
            for name, type_ in one.columns.items():
                types.setdefault(name, set()).add(type_)
        if any(len(found) > 1 for found in types.values()):
            assert all(one.lock for one in scenario.runs)


def test_the_phase_of_a_fault() -> None:
    passed = {"reading": 0.2, "before ALTER": 0.4, "in flight": 1.0}
    struck = run(run=Run(0.0, 0, {"a": "int"}, fault=WireFault("CUT_ANSWER", "verifying")), struck=True, passed=passed)
    assert set(cells(history(struck))) == {("CUT_ANSWER", "verifying"), (PAUSE, "before ALTER")}
    assert set(cells(history(run(began=2.0, ended=3.0)))) == set()


def test_no_seed_is_played_twice(tmp_path: Path) -> None:
    """A campaign begins after all those on record, in whichever order they ended."""
    for end in (61, 21):
        add_to_record(tmp_path, "5.0", Record(end, 20))
    known = read_record(tmp_path)["5.0"]
    assert (known.seeds, known.next) == (40, 61)
