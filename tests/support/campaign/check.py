# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that no history may break. It knows the history alone, and nothing of the module's code; pure.

Each rule gives a sentence for each place where the history breaks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .conduct import (
    approved_is_sent,
    check_mode_sends_nothing,
    checked_before_sent,
    reached,
    successes,
    the_lock_is_free,
    times_have_an_end,
    verified_means_asked,
)
from .history import FIELD, INDEX_ON, History, RunHistory
from .meddle import changes_rows, touches

_NOT_SENT = re.compile(r"\b[Nn]othing was executed(?! after)")

# What breaks one connection, or keeps one answer, and no other one after it.
_PASSING = set(
    "CUT_REQUEST CUT_ANSWER RESET_ANSWER LOSE_REQUEST LOSE_ANSWER DELAY_ANSWER HOLD_REQUEST CORRUPT_ANSWER".split()
)

Rule = Callable[[History], Iterator[str]]


def changed_is_true(history: History) -> Iterator[str]:
    """A success that changed something has sent it, and each node that it names showed it when the result was there.

    Of a request that was lost on its way nobody who sent it can tell, if somebody else changes the same in that moment.
    """
    for run in successes(history):
        if not run.result or not run.result.get("changed"):
            continue
        texts = {sent.text for sent in run.sent}
        if not run.result["statements"] or not set(run.result["statements"]) <= texts:
            yield f"changed, and sent {sorted(texts)} where it says {run.result['statements']}"
        elif not reached(run) and not _disturbed(history, run):
            yield "changed, and what it sent reached no node"
        if not run.result["verified_by"]:
            yield "changed, and verified by no node"
        wrong = [shown for shown in run.shown if not _as_wanted(run, shown)]
        if wrong and not _disturbed(history, run):
            yield f"changed, and a node that verified it shows {wrong[0]}"


def nothing_executed_is_true(history: History) -> Iterator[str]:
    """A failure that says so has sent no change, or one that the server refused: that no node shows it is seen in the end."""
    for run in history.runs:
        result = run.result or {}
        # What another user did first may be the reason: then the failure is the conflict.
        refused = result.get("failure") in ("statement_failed", "conflict") and not any(
            _as_wanted(run, one) for one in history.healed
        )
        if not result.get("failed") or result.get("changed") or refused:
            continue
        if _NOT_SENT.search(result["msg"]) and reached(run):
            yield f"nothing was executed, and {reached(run)[0].text} was: {result['msg']}"


def statuses_are_true(history: History) -> Iterator[str]:
    """What was added is there when the faults are over; what is missing is not, if nobody else added it."""
    for run in history.runs:
        for column in _columns(run):
            name, status, there = column["name"], column["status"], [column["name"] in node for node in history.healed]
            if run.run.check or _somebody_else(history, run, name):
                continue
            if status in ("added", "present", "created", "building") and not run.run.drop and not all(there):
                yield f"{name} is {status}, and in the end there on {there}"
            if status in ("missing", "absent") and any(there) and not _may_come_late(run):
                yield f"{name} is {status}, and in the end there on {there}"
            if status == "dropped" and any(there):
                yield f"{name} is dropped, and in the end there on {there}"


def _columns(run: RunHistory) -> list[Mapping[str, Any]]:
    """Those of the result, with their indexes, and with the fields of the type."""
    found: list[Mapping[str, Any]] = []
    for table in (run.result or {}).get("tables", []):
        part = FIELD if table.get("kind") == "type" else ""
        for column in table["columns"]:
            found.append({**column, "name": f"{part}{column['name']}"})
            if "index" in column:
                found.append({**column["index"], "name": f"{INDEX_ON}{column['name']}"})
    return found


def unknown_has_a_reason(history: History) -> Iterator[str]:
    """Only a change that was sent, under a fault, has an outcome that nobody knows; and it may well be made."""
    for run in history.runs:
        result = run.result or {}
        if result.get("failure") != "outcome_unknown":
            continue
        if not run.struck and not (history.fault_began <= run.ended and run.began <= history.fault_ended):
            yield f"unknown without any fault: {result['msg']}"
        if not run.sent:
            yield "unknown, and nothing was sent"
        if not result.get("changed"):
            yield "unknown, and not likely changed"


def nothing_unasked(history: History) -> Iterator[str]:
    """No column that nobody asked for, and none lost that nobody asked to drop."""
    if any(one.text.startswith("CREATE") for one in history.meddled):
        return
    by_another = {"x"} if any(touches([one], "x") for one in history.meddled) else set()
    asked = {
        name for run in history.runs for name in run.run.columns if not run.run.drop and not run.run.check
    } | by_another
    asked |= {name for run in history.runs for name in run.run.columns if touches(history.meddled, name)}
    drops = {name for run in history.runs for name in run.run.columns if run.run.drop and not run.run.check}
    drops |= {"old"} if touches(history.meddled, "old") else set()
    for place, node in enumerate(history.after):
        for name in sorted(node.keys() - history.scenario.table.keys() - asked):
            yield f"node {place} has {name}, for which nobody asked"
        for name in sorted(history.scenario.table.keys() - node.keys() - drops):
            yield f"node {place} has lost {name}"


def no_two_truths(history: History) -> Iterator[str]:
    """Never two successes for one column with two types."""
    types: dict[str, str] = {}
    for run in successes(history):
        for name, type_ in run.run.columns.items():
            if not run.run.drop and types.setdefault(name, type_) != type_:
                yield f"{name} was a success as {types[name]} and as {type_}"


def all_is_well_in_the_end(history: History) -> Iterator[str]:
    """One more run of each finishes the work: the nodes agree, rows are read by each, and the next run has nothing to do."""
    if len(set(history.versions)) != 1:
        yield f"the nodes hold {len(set(history.versions))} schema versions"
    if any(node != history.after[0] for node in history.after):
        yield f"the nodes have different tables: {history.after}"
    if history.rows != [1] * len(history.after) and not (changes_rows(history.meddled) and len(set(history.rows)) == 1):
        yield f"of the one row the nodes read {history.rows}"
    # Another user, or another run, wants something else.
    right = ("conflict", "data_loss", *(("refused",) if _indexed(history) else ()))
    for result in history.again:
        if result["failed"] and result.get("failure") not in right:
            yield f"one more run failed: {result['msg']}"
    for result in history.idle:
        if result.get("changed") or (result["failed"] and result.get("failure") not in right):
            yield f"yet another run had something to do: {result.get('msg') or result['statements']}"
    if not any(result.get("failure") == "conflict" for result in history.again):
        for run in history.runs:
            if not run.run.check and not _is_refused(run, history) and not _as_wanted(run, history.after[0]):
                yield f"in the end the table is {history.after[0]}, and {run.run.columns} was asked for"


def values_are_true(history: History) -> Iterator[str]:
    """The values that were counted before a drop are those that were there."""
    for run in history.runs:
        for table in (run.result or {}).get("tables", []):
            found = table.get("values", {}).get("found", {})
            if "old" in found and not history.meddled and len(history.runs) == 1 and not run.run.check:
                there = int(not run.run.only_if_empty)
                if found["old"] != there:
                    yield f"{found['old']} values were counted, and there were {there}"


def failures_say_what_became_of_it(history: History) -> Iterator[str]:
    """A failure names the change that was sent, or says that nothing was executed."""
    for run in history.runs:
        result = run.result or {}
        if not result.get("failed") or run.run.check:
            continue
        named = any(sent.text in result["msg"] for sent in run.sent)
        if not named and not _NOT_SENT.search(result["msg"]):
            yield f"nothing is said of {[sent.text for sent in run.sent]}: {result['msg']}"
        answered = run.struck and run.run.fault and run.run.fault.name.startswith("ERROR")
        if answered and not history.scenario.fault and not run.run.routes and "gave no answer" in result["msg"]:
            yield f"the server answered with an error: {result['msg']}"
        if named and result.get("changed") and not result["statements"]:
            yield "changed, and no statement"


def fails_for_a_reason(history: History) -> Iterator[str]:
    """A run that is alone, and of whose connections at most one breaks once, succeeds."""
    (run, *others), result = history.runs, history.runs[0].result or {}
    lasts = run.struck and run.run.fault and run.run.fault.name not in _PASSING
    disturbed = others or lasts or run.run.routes or history.meddled or history.scenario.fault
    if result.get("failed") and not disturbed:
        yield f"there was nothing to fail for: {result['msg']}"


def words_are_for_people(history: History) -> Iterator[str]:
    """No traceback, and none of the driver's own words."""
    for run in history.runs:
        text = str((run.result or {}).get("msg", "")) + str((run.result or {}).get("exception", ""))
        found = re.search(r"Traceback|Session\.execute|errors=|last_host|OperationTimedOut|NoHostAvailable", text)
        if found:
            yield f"{found[0]} in a message: {text}"


_RULES: tuple[Rule, ...] = (
    changed_is_true,
    nothing_executed_is_true,
    statuses_are_true,
    unknown_has_a_reason,
    check_mode_sends_nothing,
    nothing_unasked,
    no_two_truths,
    all_is_well_in_the_end,
    the_lock_is_free,
    verified_means_asked,
    checked_before_sent,
    approved_is_sent,
    values_are_true,
    failures_say_what_became_of_it,
    fails_for_a_reason,
    words_are_for_people,
)


def check(history: History, times: Mapping[str, float]) -> list[str]:
    """Each place where the history breaks a rule, with the name of the rule."""
    found = [f"{rule.__name__}: {line}" for rule in _RULES for line in rule(history)]
    return found + [f"times_have_an_end: {line}" for line in times_have_an_end(history, times)]


def _as_wanted(run: RunHistory, table: Mapping[str, str]) -> bool:
    if run.run.drop:
        return not run.run.columns.keys() & table.keys()
    return all(table.get(name) == type_ for name, type_ in run.run.columns.items())


def _disturbed(history: History, run: RunHistory) -> bool:
    """Whether another run may have changed the same columns since."""
    return any(_somebody_else(history, run, name) for name in run.run.columns)


def _is_refused(run: RunHistory, history: History) -> bool:
    """Whether what was asked for must not be done: values or an index are there that another user made."""
    return (run.run.only_if_empty and changes_rows(history.meddled)) or (run.run.drop and _indexed(history))


def _indexed(history: History) -> bool:
    return any(one.text.startswith("CREATE INDEX") for one in history.meddled)


def _somebody_else(history: History, run: RunHistory, name: str) -> bool:
    return touches(history.meddled, name) or any(
        one is not run and name in one.run.columns and not one.run.check for one in history.runs
    )


def _may_come_late(run: RunHistory) -> bool:
    """Whether the result itself says that the change may show later."""
    result: Mapping[str, Any] = run.result or {}
    return "may show later" in result.get("msg", "")
