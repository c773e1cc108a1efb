# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the results of the steps to the one report of a migration; pure.

A step without a result was not reached. What is left for a person decides before what was done: a migration is complete
only if nothing is left for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from .report import COMPLETE, DRY_RUN, FAILED, UNCHANGED, WAITING, as_text

TITLES = {
    "preparation": "Preparation",
    "columns": "Columns",
    "model_fields": "Model fields",
    "workflows": "Workflows",
    "smoke_tests": "Smoke tests",
    "feature_checks": "Feature checks",
}
_TESTS = ("smoke_tests", "feature_checks")

Results = Mapping[str, Mapping[str, Any]]


def make_report(
    results: Results, definition: Mapping[str, Any] | None = None, run: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The report; C(results) maps each step to what it returned, which is nothing where it was not reached.

    C(definition) is the migration file as it was read, with C(title), C(steps), C(started) and C(who), or with C(failed) if it,
    or what a run needs beside it, could not be read. C(run) has C(failure),
    the result of the task that failed; C(goes_back) for a rollback, and C(only_shows) before it; C(verifies) where the
    application is only tested; C(check_mode), C(plan_file), C(where) and C(now). Its C(began) is C(started) of the migration
    that last began with its application: what another one in the same play left is no result of this one.
    """
    definition, run = definition or {}, run or {}
    steps = ["preparation"] if definition.get("failed") else _steps(definition.get("steps") or (), run)
    began = run.get("began", definition.get("started")) == definition.get("started")
    results = {step: results[step] for step in steps if results.get(step) and (began or step == "columns")}
    check_mode = bool(run.get("check_mode") or run.get("plan_file") or run.get("only_shows"))
    columns = results.get("columns") or {}
    failed = _failure(results, run, steps, check_mode)
    left = list(_left(results, steps))
    changed = any(_changed(result) for result in results.values())
    report = {
        "title": "migration",
        **(_facts(definition, run, bool(failed)) if "started" in definition else {}),
        "outcome": _outcome(bool(failed), bool(left), changed, check_mode),
        "check_mode": check_mode,
        "fingerprint": columns.get("fingerprint", ""),
        "cluster": columns.get("cluster", {}),
        "tables": _tables(columns),
        "warnings": list(columns.get("warnings") or []),
        "steps": [_step(step, results, failed.get("key"), check_mode) for step in steps],
        "checks": list((results.get("smoke_tests") or {}).get("checks") or []),
        "verification": list((results.get("feature_checks") or {}).get("sentences") or []),
        "left": left,
        "failure": {key: value for key, value in failed.items() if key != "key"},
    }
    return {**report, "msg": as_text(report, failure=False)}


def sentence(report: Mapping[str, Any]) -> str:
    """What failed and the way out, in a sentence or two: the last thing on the screen."""
    failure = report["failure"]
    done = [step["name"] for step in report["steps"] if step["status"] in ("done", "unchanged", "ok")]
    before = f" Done before: {', '.join(done)}." if done else ""
    not_reached = [step["name"] for step in report["steps"] if step["status"] == "not reached"]
    after = f" Not reached: {', '.join(not_reached)}." if not_reached else ""
    return f"{failure['step']}: {failure['message'].strip()}{before}{after} {failure['hint']}".rstrip()


def _steps(described: Sequence[str], run: Mapping[str, Any]) -> list[str]:
    """The steps that this run takes, in their order."""
    if run.get("plan_file"):
        return ["columns"]
    if run.get("verifies"):
        return ["columns", *(step for step in described if step in _TESTS)]
    if not run.get("goes_back"):
        return ["columns", *described]
    off = () if run.get("only_shows") else ("model_fields", "workflows")
    return [*(step for step in off if step in described), "columns"]


def _facts(definition: Mapping[str, Any], run: Mapping[str, Any], failed: bool) -> dict[str, Any]:
    """What belongs to the record beside the outcome; C(instead) is what this run did, where it is not for all."""
    started, now = (datetime.fromisoformat(time) for time in (definition["started"], run["now"]))
    instead = "so far only read" if run.get("only_shows") else ""
    if run.get("verifies"):
        instead = "not verified" if failed else "verified"
    if run.get("plan_file"):
        dry_run = "dry run, " if run.get("check_mode") else ""
        instead = f"{dry_run}plan {'not ' if failed or dry_run else ''}written to {run['plan_file']}"
    return {
        "title": f"{'rollback of ' if run.get('goes_back') else ''}{definition['title']}",
        "who": definition["who"],
        "where": run["where"],
        "instead": instead,
        "started": started.isoformat(timespec="seconds"),
        "finished": now.isoformat(timespec="seconds"),
        "seconds": (now - started).total_seconds(),
    }


def _outcome(failed: bool, left: bool, changed: bool, check_mode: bool) -> str:
    if failed:
        return FAILED
    if check_mode and changed:
        return DRY_RUN
    if left:
        return WAITING
    return COMPLETE if changed else UNCHANGED


def _failure(results: Results, run: Mapping[str, Any], steps: Sequence[str], check_mode: bool) -> dict[str, str]:
    columns = results.get("columns") or {}
    # The task of the columns is not allowed to fail by itself, so that its result is shown once, as text.
    failed = columns if "failure" in columns else run.get("failure")
    if not failed:
        return {}
    key = "columns" if failed is columns else _failed_step(results, failed, steps, check_mode)
    # Of a loop the items say what is wrong, and the task only that something is.
    items = [str(item["msg"]) for item in failed.get("results") or [] if item.get("failed") and "msg" in item]
    message = " ".join(dict.fromkeys(items)) or str(failed.get("msg") or "The task gave no reason.")
    return {"key": key, "step": TITLES[key], "message": message, "hint": _hint(key, failed, run, check_mode)}


def _hint(step: str, failed: Mapping[str, Any], run: Mapping[str, Any], check_mode: bool) -> str:
    """What to do after a failure; only a run that changes something does what is left to do."""
    # A plan that does not hold any more, a lock, and a confirmation that is missing say themselves what to do.
    if failed.get("failure") in ("plan_changed", "locked") or "migration_confirm" in str(failed.get("assertion")):
        return ""
    if run.get("verifies"):
        return "The playbook migrate does what is left to do."
    again = "Correct this, then run the same command again"
    return f"{again}." if check_mode or step == "preparation" else f"{again}: it does what is left to do."


def _failed_step(results: Results, failure: Mapping[str, Any], steps: Sequence[str], check_mode: bool) -> str:
    """The last step with a result if that is a failure, and else the one after it: it failed before it had a result.

    What the migration itself requires before it goes on is asserted, and belongs to the step before it.
    """
    reached = [place for place, step in enumerate(steps) if step in results and not _ahead(results[step], check_mode)]
    if not reached:
        return "columns" if "assertion" in failure else steps[0]
    result = results[steps[reached[-1]]]
    by_itself = result.get("failed") or result.get("outcome") == "failed" or "assertion" in failure
    return steps[reached[-1] if by_itself else min(reached[-1] + 1, len(steps) - 1)]


def _ahead(result: Mapping[str, Any], check_mode: bool) -> bool:
    """Whether this only was read so far: a rollback reads what it will drop before it touches the application."""
    return "plan" in result and _changed(result) and not check_mode


def _tables(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = ("keyspace", "table", "changed", "columns", "changes", "statements", "verified_by", "values")
    return [{key: table[key] for key in keys if key in table} for table in columns.get("results") or []]


def _step(step: str, results: Results, failed: str | None, check_mode: bool) -> dict[str, str]:
    result = results.get(step)
    if step == failed:
        status = "failed"
    elif result is None or _ahead(result, check_mode):
        status = WAITING if step in _TESTS and _by_hand(results) else "not reached"
    elif step == "workflows" and result.get("left"):
        status = WAITING
    elif "outcome" in result:
        status = str(result["outcome"]).replace("_", " ")
    else:
        status = ("would be done" if check_mode else "done") if _changed(result) else "unchanged"
    return {"name": TITLES[step], "status": status, "detail": _detail(step, result or {})}


def _detail(step: str, result: Mapping[str, Any]) -> str:
    """More about a step than its status, in a few words."""
    if step != "workflows":
        return ""
    return ", ".join(f"{one['name']} {str(one['status']).replace('_', ' ')}" for one in result.get("workflows") or [])


def _left(results: Results, steps: Sequence[str]) -> Iterator[str]:
    for one in _by_hand(results):
        yield f"{one['name']}: {' '.join(str(one[key]) for key in ('instructions', 'confirm') if one.get(key))}"
    # As long as the old code runs, a test of the application is a test of the old code.
    untested = [TITLES[step] for step in _TESTS if step in steps and step not in results]
    if _by_hand(results) and untested:
        yield f"{', '.join(untested)}: run the same command again, since these steps wait for it."


def _by_hand(results: Results) -> Sequence[Mapping[str, Any]]:
    """The workflows that wait for a person."""
    return (results.get("workflows") or {}).get("left") or []


def _changed(result: Mapping[str, Any]) -> bool:
    return bool(result.get("changed"))
