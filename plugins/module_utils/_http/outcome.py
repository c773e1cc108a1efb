# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the results of HTTP checks, data checks and the canary to the one outcome of all of them; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Entry = dict[str, Any]
Result = Mapping[str, Any]

PASSED, FAILED, NOT_YET, PENDING, SKIPPED = "passed", "failed", "not_yet", "pending", "skipped"
CANARY = "Canary"
_OLD_PROCESS = (
    "An old process that has not loaded the new columns may still answer. Restart the application, and run this again."
)
_SAID = {
    NOT_YET: "not yet: nothing has written this so far, which says neither that it works nor that it does not",
    PENDING: "runs after the change",
}


def outcome(results: Result, check_mode: bool = False) -> dict[str, Any]:
    """The result of the role C(smoke_tests), with C(failure) if a check failed.

    C(asked) are its options. Its tasks registered C(http), C(data) (a loop) and C(canary) (a list, in the order of the tasks).
    C(pending) and C(reads_only) are flags.
    """
    entries = list(_pending(results["asked"]) if results.get("pending") else _entries(results, check_mode))
    failure = failure_of(entries)
    result = {"changed": False, "checks": entries, "msg": failure or summary(entries)}
    return {**result, "failure": "checks_failed"} if failure else result


def summary(entries: Sequence[Entry]) -> str:
    """A line for each check."""
    return "\n".join(_line(entry) for entry in entries) or "There is nothing to check."


def failure_of(entries: Sequence[Entry]) -> str:
    """The sentences about all checks that failed, or nothing."""
    failed = [entry for entry in entries if entry["status"] == FAILED]
    if not failed:
        return ""
    return " ".join([f"{len(failed)} of {len(entries)} checks failed.", *map(_sentence, failed)])


def _entries(results: Result, check_mode: bool) -> Iterator[Entry]:
    asked = results["asked"]
    http = list((results.get("http") or {}).get("checks") or [])
    own = len(asked.get("http") or [])
    yield from http[:own]
    yield from (_data(result) for result in (results.get("data") or {}).get("results") or [])
    canary = asked.get("canary") or {}
    if canary.get("enabled", bool(canary)):
        skipped = (
            "A dry run inserts no row." if check_mode else "This run only reads." if results.get("reads_only") else ""
        )
        yield (
            _entry("canary", CANARY, SKIPPED, skipped)
            if skipped
            else _canary(canary, http[own:], results.get("canary") or [])
        )


def _pending(asked: Result) -> Iterator[Entry]:
    for kind in ("http", "data"):
        yield from (_entry(kind, str(one.get("name")), PENDING) for one in asked.get(kind) or [])
    canary = asked.get("canary") or {}
    if canary.get("enabled", bool(canary)):
        yield _entry("canary", CANARY, PENDING)


def _data(result: Result) -> Entry:
    """A query that fails is one of the findings."""
    name = str((result.get("item") or {}).get("name"))
    status = FAILED if _is_failure(result) else str(result.get("status", PASSED))
    reason = str(result.get("reason") or result.get("msg") or "")
    return _entry("data", name, status, reason, result.get("seconds", 0.0), **result.get("facts") or {})


def _canary(canary: Result, before: Sequence[Entry], steps: Iterable[Result]) -> Entry:
    """The steps are: no earlier canary is there, the row is inserted, it is counted, it is deleted."""
    waited, inserted, counted, deleted = ([*steps, {}, {}, {}, {}])[:4]
    facts: dict[str, Any] = {"count": canary["count"]}
    problem = str(waited.get("msg")) if _is_failure(waited) else ""
    if not problem and (not before or before[0]["status"] == FAILED):
        reason = before[0]["reason"] if before else "it was not read"
        url = before[0]["facts"]["url"] if before else canary["url"]
        problem = f"{url} gives no count at {canary['count']}: {reason}. {_OLD_PROCESS}"
    after: Entry = (counted.get("checks") or [{}])[0]
    if not problem:
        facts.update(url=before[0]["facts"]["url"], before=before[0]["facts"]["values"].get(canary["count"]))
        facts["after"] = (after.get("facts") or {}).get("values", {}).get(canary["count"])
        refused = [
            str(step.get("msg")) for step in (inserted, counted, deleted) if _is_failure(step) and "checks" not in step
        ]
        if after.get("status", PASSED if refused else FAILED) != PASSED:
            reason = after.get("reason", "it was not asked")
            problem = f"the running application did not count the row. {facts['url']}: {reason}. {_OLD_PROCESS}"
        problem = " ".join(filter(None, [problem, *refused]))
    counts = f"{canary['count']}: {facts.get('before')}, then {facts.get('after')}"
    return _entry(
        "canary",
        CANARY,
        FAILED if problem else PASSED,
        problem or f"the running application counted the row ({counts})",
        after.get("seconds", 0.0),
        **facts,
    )


def _is_failure(result: Result) -> bool:
    """Whether the module failed: its task may be told not to fail."""
    return bool(result.get("failed")) or "failure" in result


def _entry(kind: str, name: str, status: str, reason: str = "", seconds: float = 0.0, **facts: Any) -> Entry:
    return {"name": name, "kind": kind, "status": status, "seconds": seconds, "reason": reason, "facts": facts}


def _line(entry: Entry) -> str:
    said = [_SAID.get(entry["status"], entry["status"].replace("_", " ")), entry["reason"]]
    return f"{entry['name']}: {'; '.join(part for part in said if part)}"


def _sentence(entry: Entry) -> str:
    url = entry["facts"].get("url") if entry["kind"] == "http" else ""
    return f"{entry['name']}{f' ({url})' if url else ''}: {entry['reason'].rstrip('.')}."
