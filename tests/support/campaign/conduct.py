# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Those rules of C(check) that are about what a run sends, reads and holds, and when; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .history import FIELD, History, RunHistory, Sent
from .meddle import touches

# Seconds that a lock lives which nobody renews.
LOCK_TTL = 60
# What starting Python and Ansible may take on a busy machine.
_START = 20.0
# As the notes of the module say: each question, and how many there are at most.
_QUESTIONS = 8


def check_mode_sends_nothing(history: History) -> Iterator[str]:
    for run in history.runs:
        if run.run.check and run.sent:
            yield f"check mode sent {run.sent[0].text}"


def verified_means_asked(history: History) -> Iterator[str]:
    """A node is its host_id: each that verified a change was itself asked after it, once; the others are in not_checked."""
    for run in successes(history):
        result = run.result or {}
        if not result.get("changed") or not history.hosts:
            continue
        verified = [node["host_id"] for node in result["verified_by"]]
        unchecked = {node["host_id"] for one in result.get("not_checked", []) for node in one["nodes"]}
        last = max((sent.time for sent in reached(run)), default=0.0)
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


def successes(history: History) -> Iterator[RunHistory]:
    return (run for run in history.runs if run.result and not run.result["failed"] and not run.run.check)


def reached(run: RunHistory) -> list[Sent]:
    return [sent for sent in run.sent if not sent.lost]


def _warned_of_the_lock(run: RunHistory) -> bool:
    result: Mapping[str, Any] = run.result or {}
    return any("lock" in str(warning) for warning in result.get("warnings", []))
