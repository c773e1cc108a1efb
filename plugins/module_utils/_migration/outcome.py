# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the results of the steps to the one report of a run; pure.

What remains for a person decides before what was done: a migration is complete only if nothing remains for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._clean import clean, one_line
from .failed import (
    TITLES,
    Failed,
    Progress,
    Result,
    Run,
    columns_of,
    find_failure,
    is_failure,
    listed,
    sentence,
    waits,
    whole,
    would_change,
)
from .hosts import open_hosts
from .progress import host_results, host_steps, read_progress, so_far
from .report import COMPLETE, DRY_RUN, FAILED, UNCHANGED, WAITING, as_text, summary

# A host of the application that the run was told to leave out.
_LEFT_OUT = {"status": "not reached", "changed": False}
_HOW = {"instructions": "application_hosts leaves out this host of the file. Run the playbook without it to finish."}


def make_report(definition: Mapping[str, Any], results: Mapping[str, Result], run: Run) -> dict[str, Any]:
    """The report; C(definition) is the migration file as the run read it, or a failure, C(results) what each step returned."""
    progress = read_progress(definition, results, run)
    reached, dry, failed = progress.reached, progress.dry, find_failure(progress)
    remaining = [] if failed else list(_remaining(progress))
    # Columns that change after something else were only read so far.
    only_read = bool(definition.get("applies_later")) and "apply" not in reached
    parts = [*host_results(reached), *(reached.get(step) or {} for step in ("services", "smoke_tests"))]
    report = {
        **_facts(definition, run),
        "outcome": _outcome(failed, remaining, would_change(reached), dry),
        "mode": "check" if run.mode == "migrate" and run.check_mode else run.mode,
        "check_mode": run.check_mode,
        **_of_columns(columns_of(reached), only_read, run.mode),
        "warnings": _warnings(reached),
        "notifications": listed(results, "notify", "channels") if _notifies(definition) else [],
        "steps": list(_steps(progress, failed, only_read)),
        "services": [one for part in parts for one in part.get("services") or []],
        "checks": [one for part in parts for one in part.get("checks") or []],
        "remaining": remaining,
        "not_reversible": list(definition.get("not_reversible") or []),
        "plan_file": run.plan_file,
        "confirmation": "" if definition.get("confirmed", True) else str(definition.get("confirmation") or ""),
        "migration_file": str(definition.get("path") or ""),
    }
    if failed:
        crash = [one["traceback"] for one in reached.values() if one.get("traceback")]
        report |= {"failed_step": failed.step, "failure": failed.kind, "hint": failed.hint}
        report |= {"traceback": crash[0]} if crash else {}
    report = clean(report)
    text = as_text(report)
    return {**report, "text": text, "msg": clean(sentence(report, failed, dry)) if failed else summary(report)}


def _steps(progress: Progress, failed: Failed | None, only_read: bool) -> Iterator[dict[str, str]]:
    """A line for each step that a reader knows, and for each host."""
    for step in progress.order:
        if step == "hosts":
            yield from host_steps(progress)
        elif step not in ("preflight", "look", "apply"):
            begun = {} if step == "columns" and only_read else progress.reached
            yield _step(step, progress._replace(reached=begun), failed)


def _of_columns(columns: Result, only_read: bool, mode: str) -> dict[str, Any]:
    """What the report says of the cluster and its tables."""
    changes = [one for one in columns.get("diff") or [] if one["before"] != one["after"]]
    return {
        "fingerprint": columns.get("fingerprint", ""),
        "cluster": columns.get("cluster") or {},
        "verified_by": list(columns.get("verified_by") or []),
        "tables": [{**one, "changed": False} if only_read else one for one in columns.get("tables") or []],
        # What is there before and after, of what this run changes or would change.
        "described": [] if only_read or mode == "verify" else changes,
        "not_checked": list(columns.get("not_checked") or []),
    }


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


def hosts_so_far(
    definition: Mapping[str, Any], results: Mapping[str, Result], run: Run, host: str = ""
) -> dict[str, Any]:
    """What became of the hosts of the application, with that of C(host), which was the last one, and which may be taken now."""
    if not host:
        done = [{"host": one, **_LEFT_OUT, "remaining": [{"name": one, **_HOW}]} for one in definition["left_out"]]
    elif host not in results["hosts"]["open"]:
        return {key: results["hosts"][key] for key in ("run", "results", "open")}
    else:
        done = [*results["hosts"]["results"], _host_result(host, definition, results, run)]
    failed = [] if definition["dry"] else [one["host"] for one in done if is_failure(one)]
    goes_on = so_far(definition, results, run, "hosts")["goes_on"]
    return {
        "run": definition["started_at"],
        "results": done,
        "open": open_hosts(definition["batches"], failed) if goes_on else [],
    }


def _host_result(host: str, definition: Mapping[str, Any], results: Mapping[str, Result], run: Run) -> dict[str, Any]:
    """What became of one host of the application, as an item of a loop over all of them."""
    own = {**definition, **definition["hosts"][host]}
    progress = read_progress(own, results, run)._replace(order=own["steps"])
    reached, dry = progress.reached, progress.dry
    # The columns are those of the whole run.
    reached.pop("columns", None)
    failed = find_failure(progress)
    lines = [_step(step, progress, failed) for step in own["steps"]]
    if not failed and run.mode == "verify" and would_change(reached):
        words = "; ".join(
            f"{one['name']}: {one['detail'] or one['status']}" for one in lines if one["status"] == "would be done"
        )
        failed = Failed("hosts", "not_as_listed", f"It is not as listed: {words}.", "The playbook migrate makes it so.")
    waiting = [{**one, "name": f"{host}: {one['name']}"} for one in waits(reached)]
    changes = would_change(reached)
    status = ("would be done" if dry else "done") if changes else "unchanged"
    return {
        "host": host,
        "status": FAILED if failed else WAITING if waiting else status,
        "changed": changes,
        "detail": "\n".join(f"{one['name']}: {one['status']}, {one['detail']}".rstrip(", ") for one in lines),
        "diff": [one["diff"] for one in listed(reached, "model_fields") if dry and "diff" in one],
        "services": [{**one, "host": host} for one in listed(reached, "services", "services")],
        "checks": [{**one, "host": host} for one in listed(reached, "smoke_tests", "checks")],
        "remaining": waiting,
        "warnings": [f"{host}: {text}" for text in _warnings(reached)],
        **(_why(host, failed) if failed else {}),
    }


def _why(host: str, failed: Failed) -> dict[str, str]:
    title = "" if failed.step == "hosts" else f"{TITLES[failed.step]}: "
    return {"failure": failed.kind, "msg": f"{host}: {title}{whole(failed.message)}", "hint": failed.hint}


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
    results = (*reached.values(), *host_results(reached))
    return list(dict.fromkeys(str(text) for result in results for text in result.get("warnings") or []))


def _notifies(definition: Mapping[str, Any]) -> bool:
    """Whether this run sends notifications: what is registered otherwise is of an earlier one."""
    return "notify" in (definition.get("parts") or {}).get("failed", ())


def _step(step: str, progress: Progress, failed: Failed | None) -> dict[str, str]:
    reached = progress.reached
    result = columns_of(reached) if step == "columns" else reached.get(step) or {}
    waiting = bool(waits(reached))
    if failed and failed.step == step:
        status = FAILED
    elif not result:
        status = WAITING if waiting else "not reached"
    elif step == "services" and waiting:
        status = WAITING
    elif step == "smoke_tests":
        status = "pending" if any(one["status"] == "pending" for one in result.get("checks") or []) else "passed"
    else:
        status = ("would be done" if progress.dry else "done") if would_change({step: result}) else "unchanged"
    return {"key": step, "name": TITLES[step], "status": status, "detail": _detail(step, result)}


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


def _remaining(progress: Progress) -> Iterator[str]:
    by_hand = waits(progress.reached)
    for one in by_hand:
        yield f"{one['name']}: {' '.join(str(one[key]) for key in ('instructions', 'confirm') if one.get(key))}"
    # As long as the old code runs, a test of the application is a test of the old code.
    later = [step for step in ("smoke_tests", "apply") if step in progress.order and step not in progress.reached]
    if by_hand and later:
        titles = ", ".join(TITLES[step] for step in later)
        yield f"{titles}: run the same command again afterwards, because this waits for it."
