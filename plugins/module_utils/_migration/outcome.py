# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the results of the steps to the one report of a run; pure.

The steps come in an order, and one follows only if those before it did not fail. So what is registered for a later step is
not of this run, and is not read. What remains for a person decides before what was done: a migration is complete only if
nothing remains for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._clean import clean, one_line
from .failed import TITLES, Failed, Result, Run, find_failure, is_failure, sentence, unproven, whole, would_change
from .report import COMPLETE, DRY_RUN, FAILED, UNCHANGED, WAITING, as_text, summary


def make_report(definition: Mapping[str, Any], results: Mapping[str, Result], run: Run) -> dict[str, Any]:
    """The report; C(definition) is the migration file as the run read it, or a failure, C(results) what each step returned."""
    order = ["preparation"] if definition.get("failure") else _order(definition)
    reached = _reached(order, definition, results, run)
    failed = find_failure(definition, reached, order, run)
    columns = reached.get("drop") or reached.get("columns") or {}
    remaining = [] if failed else list(_remaining(reached, order))
    dry = bool(definition.get("dry", run.check_mode))
    # The columns of a rollback are only read until they are dropped, after the application.
    only_read = bool(definition.get("drops_later")) and "drop" not in reached
    report = {
        **_facts(definition, run),
        "outcome": _outcome(failed, remaining, would_change(reached), dry),
        "mode": "check" if run.mode == "migrate" and run.check_mode else run.mode,
        "check_mode": run.check_mode,
        "fingerprint": columns.get("fingerprint", ""),
        "cluster": columns.get("cluster") or {},
        "verified_by": list(columns.get("verified_by") or []),
        "tables": [{**one, "changed": False} if only_read else one for one in columns.get("tables") or []],
        # What is there before and after, of what this run changes or would change.
        "described": []
        if only_read or run.mode == "verify"
        else [one for one in columns.get("diff") or [] if one["before"] != one["after"]],
        "not_checked": list(columns.get("not_checked") or []),
        "warnings": _warnings(reached),
        "steps": [
            _step(step, {} if step == "columns" and only_read else reached, failed, dry)
            for step in order
            if step not in ("preflight", "drop")
        ],
        "services": list((reached.get("services") or {}).get("services") or []),
        "checks": list((reached.get("smoke_tests") or {}).get("checks") or []),
        "remaining": remaining,
        "not_reversible": list(definition.get("not_reversible") or []),
        "plan_file": run.plan_file,
        "confirmation": "" if definition.get("confirmed", True) else str(definition.get("confirmation") or ""),
        "migration_file": str(definition.get("path") or ""),
    }
    report = clean(report)
    if failed:
        crash = [one["traceback"] for one in reached.values() if one.get("traceback")]
        facts = {"failed_step": failed.step, "failure": failed.kind, "hint": failed.hint}
        report |= clean({**facts, **({"traceback": crash[0]} if crash else {})})
    text = as_text(report)
    return {**report, "text": text, "msg": clean(sentence(report, failed, dry)) if failed else summary(report)}


def file_report(definition: Mapping[str, Any], result: Result, host: str, check_mode: bool) -> dict[str, Any]:
    """The report of a file that was written for a DBA; C(result) is that of C(copy)."""
    base = {"mode": "render_cql", "host": host, "user": definition.get("user", ""), "check_mode": check_mode}
    if definition.get("failure"):
        facts = {"failure": definition["failure"], "failed_step": "preparation", "hint": "", "text": ""}
        return dict(clean({**base, **facts, "outcome": FAILED, "msg": whole(str(definition["msg"]))}))
    path = str(result.get("dest") or result.get("path") or "")
    text = f"{'The file would be' if check_mode else 'The file is'} {path}. Nothing was changed in any cluster."
    outcome = DRY_RUN if check_mode else COMPLETE
    return dict(clean({**base, "outcome": outcome, "path": path, "text": text, "msg": text}))


def so_far(definition: Mapping[str, Any], results: Mapping[str, Result], run: Run) -> dict[str, Any]:
    """What decides how a run goes on after its services: whether a change is only predicted, and what is not proven."""
    reached = _reached(_order(definition), definition, results, run)
    waits = bool((reached.get("services") or {}).get("remaining"))
    before = [step for step in definition["steps"] if step != "smoke_tests"]
    failed = any(map(is_failure, reached.values())) or any(step not in reached for step in before)
    return {
        "goes_on": not failed and not waits and not unproven(reached, run),
        "pending": bool(definition["dry"]) and would_change(reached),
    }


def _order(definition: Mapping[str, Any]) -> list[str]:
    last = ["drop"] if definition.get("drops_later") else []
    before = ["preflight"] if "services" in definition["steps"] else []
    return [*before, "columns", *definition["steps"], *last]


def _reached(
    order: Sequence[str], definition: Mapping[str, Any], results: Mapping[str, Result], run: Run
) -> dict[str, Result]:
    """The results of this run: up to the first failure, and without what waits for a person."""
    reached: dict[str, Result] = {}
    for step in order:
        # The services are tried as the migration file is read.
        result = definition.get(step) if step == "preflight" else results.get(step)
        waits = (reached.get("services") or {}).get("remaining") and not run.check_mode
        # A loop over nothing is skipped too, and has its results: the step had nothing to do, and the next one was taken.
        skipped = bool(result and result.get("skipped") and result.get("results") != [])
        if not result or skipped or (step in ("smoke_tests", "drop") and waits):
            break
        reached[step] = result
        if is_failure(result) or (step == "services" and run.mode == "rollback" and unproven(reached, run)):
            break
    return reached


def _facts(definition: Mapping[str, Any], run: Run) -> dict[str, Any]:
    title = definition.get("title") or "migration"
    started, now = (datetime.fromisoformat(time) for time in (definition.get("started_at") or run.now, run.now))
    return {
        "title": f"rollback of {title}" if run.mode == "rollback" else title,
        "user": definition.get("user", ""),
        "host": run.host,
        "started_at": started.isoformat(timespec="seconds"),
        "finished_at": now.isoformat(timespec="seconds"),
        **({"seconds": round((now - started).total_seconds(), 3)} if definition.get("started_at") else {}),
    }


def _outcome(failed: Failed | None, remaining: Sequence[str], changes: bool, dry: bool) -> str:
    if failed:
        return FAILED
    if dry and changes:
        return DRY_RUN
    if remaining:
        return WAITING
    return COMPLETE if changes else UNCHANGED


def _warnings(reached: Mapping[str, Result]) -> list[str]:
    return list(dict.fromkeys(str(text) for result in reached.values() for text in result.get("warnings") or []))


def _step(step: str, reached: Mapping[str, Result], failed: Failed | None, dry: bool) -> dict[str, str]:
    result = reached.get(step)
    if step == "columns" and not dry and "drop" in reached:
        result = reached["drop"]
    waits = bool((reached.get("services") or {}).get("remaining"))
    if failed and failed.step == step:
        status = FAILED
    elif result is None:
        status = WAITING if waits else "not reached"
    elif step == "services" and waits:
        status = WAITING
    elif step == "smoke_tests":
        status = "pending" if any(one["status"] == "pending" for one in result.get("checks") or []) else "passed"
    else:
        status = ("would be done" if dry else "done") if would_change({step: result}) else "unchanged"
    return {"key": step, "name": TITLES[step], "status": status, "detail": _detail(step, result or {})}


def _detail(step: str, result: Result) -> str:
    """More about a step than its status, in a few words."""
    if step == "services":
        return "\n".join(_service(one) for one in result.get("services") or [])
    if step == "smoke_tests":
        checks = result.get("checks") or []
        counts = {status: sum(one["status"] == status for one in checks) for status in ("passed", "not_yet", "failed")}
        return ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items() if count)
    return ""


def _service(one: Mapping[str, Any]) -> str:
    reason = f", {one_line(one['reason'])}" if one.get("reason") else ""
    return f"{one_line(one['name'])}: {str(one['status']).replace('_', ' ')}{reason}"


def _remaining(reached: Mapping[str, Result], order: Sequence[str]) -> Iterator[str]:
    by_hand = (reached.get("services") or {}).get("remaining") or []
    for one in by_hand:
        yield f"{one['name']}: {' '.join(str(one[key]) for key in ('instructions', 'confirm') if one.get(key))}"
    # As long as the old code runs, a test of the application is a test of the old code.
    waiting = [TITLES[step] for step in ("smoke_tests", "drop") if step in order and step not in reached]
    if by_hand and waiting:
        yield f"{', '.join(waiting)}: run the same command again afterwards, because this waits for it."
