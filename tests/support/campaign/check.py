# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that no history may break. It knows the history alone, and nothing of the module's code; pure.

Each rule gives a sentence for each place where the history breaks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .history import FIELD, INDEX_ON, History, RunHistory, Sent
from .meddle import changes_rows, touches

# Seconds that a lock lives which nobody renews.
LOCK_TTL = 60
# What starting Python and Ansible may take on a busy machine.
_START = 20.0
# As the notes of the module say: each question, and how many there are at most.
_QUESTIONS = 8
_NOT_SENT = re.compile(r"\b[Nn]othing was executed(?! after)")

Rule = Callable[[History], Iterator[str]]


def changed_is_true(history: History) -> Iterator[str]:
    """A success that changed something has sent it, and each node that it names showed it when the result was there.

    Of a request that was lost on its way nobody who sent it can tell, if somebody else changes the same in that moment.
    """
    for run in _successes(history):
        if not run.result or not run.result.get("changed"):
            continue
        texts = {sent.text for sent in run.sent}
        if not run.result["statements"] or not set(run.result["statements"]) <= texts:
            yield f"changed, and sent {sorted(texts)} where it says {run.result['statements']}"
        elif not _reached(run) and not _disturbed(history, run):
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
        refused = result.get("failure") == "statement_failed" and not any(
            _as_wanted(run, one) for one in history.healed
        )
        if not result.get("failed") or result.get("changed") or refused:
            continue
        if _NOT_SENT.search(result["msg"]) and _reached(run):
            yield f"nothing was executed, and {_reached(run)[0].text} was: {result['msg']}"


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


def check_mode_sends_nothing(history: History) -> Iterator[str]:
    for run in history.runs:
        if run.run.check and run.sent:
            yield f"check mode sent {run.sent[0].text}"


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
    for run in _successes(history):
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


def the_lock_is_free(history: History) -> Iterator[str]:
    """Or it expires by itself within the time that it says."""
    for owner, seconds in history.holders:
        if seconds is None or seconds > LOCK_TTL:
            yield f"{owner} holds the lock for another {seconds} s"
        elif all(run.result for run in history.runs) and not any(_warned_of_the_lock(run) for run in history.runs):
            yield f"{owner} holds the lock, and every run ended by itself"


def times_have_an_end(history: History, times: Mapping[str, float]) -> Iterator[str]:
    """No run takes longer than its time-outs add up to."""
    question = 3 * times["request_timeout"] + times["connect_timeout"]
    for run in history.runs:
        # The type comes before the table, and the index after it.
        steps = 1 + any(one.startswith(FIELD) for one in run.run.columns)
        waits = (times["lock_timeout"] if run.run.lock else 0.0) + times["index_build_timeout"]
        limit = _START + steps * (_QUESTIONS * question + 3 * times["schema_agreement_timeout"]) + waits
        if run.ended - run.began > limit:
            yield f"a run took {run.ended - run.began:.0f} s, and its time-outs add up to {limit:.0f} s"


def verified_means_asked(history: History) -> Iterator[str]:
    """A node is its host_id: each that verified a change was itself asked after it, once; the others are in not_checked."""
    for run in _successes(history):
        result = run.result or {}
        if not result.get("changed") or not history.hosts:
            continue
        verified = [node["host_id"] for node in result["verified_by"]]
        unchecked = {node["host_id"] for one in result.get("not_checked", []) for node in one["nodes"]}
        last = max((sent.time for sent in _reached(run)), default=0.0)
        asked = {history.hosts[read.node] for read in run.reads if read.time >= last and not read.lost}
        if len(set(verified)) != len(verified):
            yield f"a node is listed twice: {verified}"
        if set(verified) - asked:
            yield f"{sorted(set(verified) - asked)} verified it, and {sorted(asked)} were asked"
        if set(history.hosts) - set(verified) - unchecked:
            yield f"nothing is said of {sorted(set(history.hosts) - set(verified) - unchecked)}"


def checked_before_sent(history: History) -> Iterator[str]:
    """Before each change the table is read, and counted if it must be empty; what is not allowed then is not sent."""
    for run in history.runs:
        before = 0.0
        for sent in run.sent:
            reads = [read for read in run.reads if before <= read.time <= sent.time]
            counts = [read.time for read in reads if "system_schema" not in read.text]
            if not any("system_schema" in read.text for read in reads):
                yield f"{sent.text} was sent, and nothing was read before"
            if run.run.only_if_empty and not counts:
                yield f"{sent.text} was sent, and nothing was counted before"
            written = [one.time for one in history.meddled if one.text.startswith("INSERT")]
            if run.run.only_if_empty and counts and written and written[-1] < counts[-1]:
                yield f"{sent.text} was sent, and a value was there when they were counted"
            before = sent.time


def approved_is_sent(history: History) -> Iterator[str]:
    """By an approved plan nothing else is sent, and nothing at all once what it depends on is seen to have changed."""
    for run in history.runs:
        if not run.run.approved:
            continue
        others = {sent.text for sent in run.sent} - set(run.approved)
        if others:
            yield f"sent {sorted(others)}, and approved is {run.approved}"
        # A rollback depends on its own columns, an addition on all.
        names = run.run.columns if run.run.drop else (*run.run.columns, "x", "old")
        own = [one for one in history.meddled if any(touches([one], name) for name in names)]
        for sent in run.sent:
            reads = [read.time for read in run.reads if read.time <= sent.time and "system_schema.columns" in read.text]
            seen = [one.text for one in own if reads and one.time < reads[-1]]
            if seen:
                yield f"{sent.text} was sent, although {seen[-1]} was done before the table was read"


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
    words_are_for_people,
)


def check(history: History, times: Mapping[str, float]) -> list[str]:
    """Each place where the history breaks a rule, with the name of the rule."""
    found = [f"{rule.__name__}: {line}" for rule in _RULES for line in rule(history)]
    return found + [f"times_have_an_end: {line}" for line in times_have_an_end(history, times)]


def _successes(history: History) -> Iterator[RunHistory]:
    return (run for run in history.runs if run.result and not run.result["failed"] and not run.run.check)


def _reached(run: RunHistory) -> list[Sent]:
    return [sent for sent in run.sent if not sent.lost]


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


def _warned_of_the_lock(run: RunHistory) -> bool:
    result: Mapping[str, Any] = run.result or {}
    return any("lock" in str(warning) for warning in result.get("warnings", []))
