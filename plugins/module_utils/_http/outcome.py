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
    entries = list(_entries(results, check_mode))
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
    asked, canary = results["asked"], results["asked"].get("canary") or {}
    is_asked = canary.get("enabled", bool(canary))
    if results.get("pending"):
        named = [(kind, str(one.get("name"))) for kind in ("http", "data") for one in asked.get(kind) or []]
        named += [("canary", CANARY)] if is_asked else []
        yield from (new_entry(kind, name, PENDING) for kind, name in named)
        return
    http = list((results.get("http") or {}).get("checks") or [])
    own = len(asked.get("http") or [])
    yield from http[:own]
    for one in (asked.get("http") or [])[len(http) :]:
        yield new_entry(
            "http", str(one.get("name")), FAILED, str((results.get("http") or {}).get("msg") or "it was not sent")
        )
    found = list((results.get("data") or {}).get("results") or [])
    yield from map(_data, found)
    for one in (asked.get("data") or [])[len(found) :]:
        yield _data({"item": one, "msg": (results.get("data") or {}).get("msg")})
    if is_asked and (check_mode or results.get("reads_only")):
        reason = "A dry run inserts no row." if check_mode else "This run only reads."
        yield new_entry("canary", CANARY, SKIPPED, reason)
    elif is_asked:
        yield _canary(canary, http[own:], results.get("canary") or [])


def _data(result: Result) -> Entry:
    """A query that fails is one of the findings."""
    name = str((result.get("item") or {}).get("name"))
    # What left no verdict was not found to be right.
    status = FAILED if _is_failure(result) else str(result.get("status", FAILED))
    reason = str(result.get("reason") or result.get("msg") or ("it was not read" if status == FAILED else ""))
    return new_entry("data", name, status, reason, result.get("seconds", 0.0), **result.get("facts") or {})


def _canary(canary: Result, before: Sequence[Entry], steps: Iterable[Result]) -> Entry:
    """The steps are: no earlier canary is there, the row is inserted, it is counted, it is deleted."""
    waited, inserted, counted, deleted = ([*steps, {}, {}, {}, {}])[:4]
    path, not_read = canary["count"], new_entry("canary", CANARY, FAILED, "it was not read", url=canary["url"])
    first, last = [*before, not_read][0], (counted.get("checks") or [{}])[0]
    url, facts = first["facts"]["url"], {"count": path}
    problems = [str(waited["msg"])] if _is_failure(waited) else []
    if not problems and first["status"] == FAILED:
        problems = [f"{url} gives no count at {path}: {first['reason']}. {_OLD_PROCESS}"]
    if not problems:
        after = (last.get("facts") or {}).get("values", {}).get(path)
        facts.update(url=url, before=first["facts"]["values"].get(path), after=after)
        steps = (inserted, counted, deleted)
        problems = [str(step.get("msg")) for step in steps if _is_failure(step) and "checks" not in step]
        if last.get("status", PASSED if problems else FAILED) != PASSED:
            reason = last.get("reason", "it was not asked")
            problems.insert(0, f"the running application did not count the row. {url}: {reason}. {_OLD_PROCESS}")
    right = f"the running application counted the row ({path}: {facts.get('before')}, then {facts.get('after')})"
    status = FAILED if problems else PASSED
    return new_entry("canary", CANARY, status, " ".join(problems) or right, last.get("seconds", 0.0), **facts)


def _is_failure(result: Result) -> bool:
    """Whether the module failed, or Ansible did not reach its host: its task may be told not to fail."""
    return bool(result.get("failed") or result.get("unreachable")) or "failure" in result


def new_entry(kind: str, name: str, status: str, reason: str = "", seconds: float = 0.0, **facts: Any) -> Entry:
    """One check as the result lists it."""
    return {"name": name, "kind": kind, "status": status, "seconds": seconds, "reason": reason, "facts": facts}


def _line(entry: Entry) -> str:
    said = [_SAID.get(entry["status"], entry["status"].replace("_", " ")), entry["reason"]]
    return f"{entry['name']}: {'; '.join(part for part in said if part)}"


def _sentence(entry: Entry) -> str:
    url = entry["facts"].get("url") if entry["kind"] == "http" else ""
    return f"{entry['name']}{f' ({url})' if url else ''}: {entry['reason'].rstrip('.')}."
