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
from typing import Any, NamedTuple

from .clean import clean, one_line
from .report import COMPLETE, DRY_RUN, FAILED, UNCHANGED, WAITING, as_text, count_words, summary

TITLES = {
    "preflight": "Services",
    "preparation": "Preparation",
    "columns": "Columns",
    "model_fields": "Model fields",
    "services": "Services",
    "smoke_tests": "Smoke tests",
    "drop": "Columns",
}
_DONE = ("restarted", "reloaded", "confirmed", "would_restart", "would_reload")

Result = Mapping[str, Any]


class Run(NamedTuple):
    """What a run is beside its results; C(crash) is what failed outside of the steps."""

    mode: str
    now: str
    host: str
    user: str = ""
    check_mode: bool = False
    crash: Mapping[str, Any] | None = None
    plan_file: str = ""


class Failed(NamedTuple):
    """The step that failed, the kind of the failure, its sentence, and what to do."""

    step: str
    kind: str
    message: str
    hint: str


def make_report(definition: Mapping[str, Any], results: Mapping[str, Result], run: Run) -> dict[str, Any]:
    """The report; C(definition) is the migration file as the run read it, or a failure, C(results) what each step returned."""
    order = ["preparation"] if definition.get("failure") else _order(definition, run)
    reached = _reached(order, results, run)
    failed = _failure(definition, reached, order, run)
    columns = reached.get("drop") or reached.get("columns") or {}
    remaining = [] if failed else list(_remaining(reached, order))
    dry = bool(definition.get("dry", run.check_mode))
    report = {
        **_facts(definition, run),
        "outcome": _outcome(failed, remaining, would_change(reached), dry),
        "mode": "check" if run.mode == "migrate" and run.check_mode else run.mode,
        "check_mode": run.check_mode,
        "fingerprint": columns.get("fingerprint", ""),
        "cluster": columns.get("cluster") or {},
        "verified_by": _verified_by(columns),
        "tables": _tables(columns),
        "not_checked": list(columns.get("not_checked") or []),
        "warnings": _warnings(reached),
        "steps": [_step(step, reached, failed, dry) for step in order if step not in ("preflight", "drop")],
        "services": list((reached.get("services") or {}).get("services") or []),
        "checks": list((reached.get("smoke_tests") or {}).get("checks") or []),
        "remaining": remaining,
        "plan_file": run.plan_file,
        "migration_file": str(definition.get("path") or ""),
    }
    report = clean(report)
    if failed:
        report |= clean({"failed_step": failed.step, "failure": failed.kind, "hint": failed.hint})
    text = as_text(report)
    return {**report, "text": text, "msg": clean(_sentence(report, failed, dry)) if failed else summary(report)}


def file_report(definition: Mapping[str, Any], result: Result, host: str, check_mode: bool) -> dict[str, Any]:
    """The report of a file that was written for a DBA; C(result) is that of C(copy)."""
    base = {"mode": "render_cql", "host": host, "user": definition.get("user", ""), "check_mode": check_mode}
    if definition.get("failure"):
        sentence = _whole(str(definition["msg"]))
        facts = {
            "failure": definition["failure"],
            "failed_step": "preparation",
            "hint": "",
            "msg": sentence,
            "text": "",
        }
        return dict(clean({**base, "outcome": FAILED, **facts}))
    path = str(result.get("dest") or result.get("path") or "")
    text = f"{'The file would be' if check_mode else 'The file is'} {path}. Nothing was changed in any cluster."
    outcome = DRY_RUN if check_mode else COMPLETE
    return dict(clean({**base, "outcome": outcome, "path": path, "text": text, "msg": text}))


def so_far(definition: Mapping[str, Any], results: Mapping[str, Result], run: Run) -> dict[str, Any]:
    """What decides how a run goes on after its services: whether a change is only predicted, and what is not proven."""
    reached = _reached(_order(definition, run), results, run)
    waits = bool((reached.get("services") or {}).get("remaining"))
    failed = any(map(is_failure, reached.values()))
    return {
        "goes_on": not failed and not waits and not _unproven(reached, run),
        "pending": bool(definition["dry"]) and would_change(reached),
    }


def is_failure(result: Result) -> bool:
    """Whether a step failed, whether or not its task was allowed to."""
    items = [item for item in result.get("results") or [] if isinstance(item, Mapping)]
    return bool(
        result.get("failure")
        or result.get("failed")
        or result.get("unreachable")
        or any(item.get("failure") or item.get("failed") for item in items)
    )


def would_change(reached: Mapping[str, Result]) -> bool:
    """Whether the run changed something, or would without its dry run: a task that only predicts is never changed."""
    columns = reached.get("drop") or reached.get("columns") or {}
    fields = reached.get("model_fields") or {}
    services = (reached.get("services") or {}).get("services") or []
    return bool(
        columns.get("statements")
        or any(field.get("changed") for one in fields.get("results") or [] for field in one.get("fields") or [])
        or any(one["status"] in _DONE for one in services)
    )


def _order(definition: Mapping[str, Any], run: Run) -> list[str]:
    last = ["drop"] if run.mode == "rollback" and not definition["dry"] else []
    before = ["preflight"] if "services" in definition["steps"] else []
    return [*before, "columns", *definition["steps"], *last]


def _reached(order: Sequence[str], results: Mapping[str, Result], run: Run) -> dict[str, Result]:
    """The results of this run: up to the first failure, and without what waits for a person."""
    reached: dict[str, Result] = {}
    for step in order:
        result = results.get(step)
        waits = (reached.get("services") or {}).get("remaining") and not run.check_mode
        if not result or result.get("skipped") or (step in ("smoke_tests", "drop") and waits):
            break
        reached[step] = result
        if is_failure(result) or (step == "services" and run.mode == "rollback" and _unproven(reached, run)):
            break
    return reached


def _facts(definition: Mapping[str, Any], run: Run) -> dict[str, Any]:
    title = definition.get("title") or "migration"
    started, now = (datetime.fromisoformat(time) for time in (definition.get("started_at") or run.now, run.now))
    return {
        "title": f"rollback of {title}" if run.mode == "rollback" else title,
        "user": definition.get("user") or run.user,
        "host": run.host,
        "started_at": started.isoformat(timespec="seconds"),
        "finished_at": now.isoformat(timespec="seconds"),
        "seconds": round((now - started).total_seconds(), 3),
    }


def _outcome(failed: Failed | None, remaining: Sequence[str], changes: bool, dry: bool) -> str:
    if failed:
        return FAILED
    if dry and changes:
        return DRY_RUN
    if remaining:
        return WAITING
    return COMPLETE if changes else UNCHANGED


def _failure(
    definition: Mapping[str, Any], reached: Mapping[str, Result], order: Sequence[str], run: Run
) -> Failed | None:
    again = "Correct this, then run the same command again"
    if definition.get("failure"):
        return Failed("preparation", str(definition["failure"]), str(definition["msg"]), "")
    columns = reached.get("columns") or {}
    if run.mode == "verify" and columns.get("statements") and not is_failure(columns):
        return Failed("columns", "not_as_listed", _not_as_listed(columns), "The playbook migrate makes them so.")
    for step, result in reached.items():
        if is_failure(result):
            return _step_failure(
                step, result, again if definition["dry"] else f"{again}: it does what remains to be done"
            )
    if run.crash:
        step = order[min(len(reached), len(order) - 1)]
        return Failed(step, "unexpected", str(run.crash.get("msg") or "A task gave no reason."), f"{again}.")
    if run.mode == "rollback" and not definition["confirmed"] and not run.check_mode and would_change(reached):
        return Failed("confirmation", "not_confirmed", _unconfirmed(definition, columns), "")
    unproven = _unproven(reached, run)
    if unproven and "drop" in order:
        hint = "Then run the same command again: the fields are off, and it continues with the columns."
        return Failed("services" if "services" in reached else "model_fields", "not_proven", " ".join(unproven), hint)
    return None


def _step_failure(step: str, result: Result, again: str) -> Failed:
    # Of a loop the items say what is wrong, and the task only that something is.
    items = [item for item in result.get("results") or [] if item.get("failure") or item.get("failed")]
    messages = dict.fromkeys(str(item["msg"]) for item in items if "msg" in item)
    message = " ".join(messages) or str(result.get("msg") or "The task gave no reason.")
    kind = str(result.get("failure") or next((item["failure"] for item in items if item.get("failure")), "unexpected"))
    if result.get("unreachable"):
        kind, message = "host_unreachable", f"Ansible could not reach this host: {message}"
    # A plan that does not hold any more and a lock say themselves what to do.
    hint = str(result.get("hint") or ("" if kind in ("plan_changed", "locked") else f"{again}."))
    return Failed({"drop": "columns", "preflight": "services"}.get(step, step), kind, message, hint)


def _sentence(report: Mapping[str, Any], failed: Failed, dry: bool) -> str:
    """What failed, what became of the other steps, and what to do: the last thing on the screen."""
    place = "" if failed.step in ("columns", "preparation", "confirmation") else f"{TITLES[failed.step]}: "
    steps = report["steps"]
    done = [step["name"] for step in steps if step["status"] in ("done", "unchanged", "passed")] if not dry else []
    later = [step["name"] for step in steps if step["status"] == "not reached"]
    parts = [
        f"{place}{_whole(failed.message)}",
        f"Done before: {', '.join(done)}." if done else "",
        f"Not reached: {', '.join(later)}." if later and failed.kind != "not_confirmed" else "",
        failed.hint,
    ]
    return " ".join(part for part in parts if part)


def _whole(message: str) -> str:
    text = message.strip()
    return text if text.endswith((".", "!", "?", ":")) or "\n" in text else f"{text}."


def _not_as_listed(columns: Result) -> str:
    tables = [
        f"{_name(table)}: {count_words(table, 'verify')}" for table in _tables(columns) if table.get("statements")
    ]
    return f"The tables are not as listed. {'; '.join(tables)}."


def _unconfirmed(definition: Mapping[str, Any], columns: Result) -> str:
    counts = {_name(table): _pending(table) for table in _tables(columns) if table.get("statements")}
    drops = [f"{len(drop)} column{'s' * (len(drop) != 1)} of {name}" for name, (drop, _add) in counts.items() if drop]
    adds = [f"{len(add)} column{'s' * (len(add) != 1)} of {name}" for name, (_drop, add) in counts.items() if add]
    parts = [
        *(["comment out fields of the models"] if "model_fields" in definition["steps"] else []),
        *([f"drop {', '.join(drops)} with all data in them"] if drops else []),
        *([f"add {', '.join(adds)} again, without data"] if adds else []),
    ]
    return (
        f"Nothing was changed. This rollback would {' and '.join(parts)}. To allow it, run the same command with "
        f"-e rollback_confirm={definition['confirmation']}."
    )


def _pending(table: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The columns that would be dropped, and those that would be added."""
    columns = table.get("columns") or []
    drop, add = ([one["name"] for one in columns if one["status"] == status] for status in ("would_drop", "would_add"))
    return drop, add


def _unproven(reached: Mapping[str, Result], run: Run) -> list[str]:
    """Why columns must not be dropped yet: a running model with the fields would fail on every query without them."""
    if run.mode != "rollback":
        return []
    results = (reached.get("model_fields") or {}).get("results") or []
    on = [field["name"] for one in results for field in one.get("fields") or [] if field["state"] != "disabled"]
    services = reached.get("services") or {}
    by_hand = {one["name"] for one in services.get("remaining") or []}
    unseen = [one["name"] for one in services.get("services") or [] if not one.get("proven", True)]
    return [
        *(
            f"It is not proven that the model does not use {name}: the class has no commented-out field of this name. "
            "If nothing uses it, remove it from model_fields."
            for name in on
        ),
        *(
            f"Nothing shows whether an old process of {name} still runs. Give its pid_file, or stop it and confirm it "
            "with services_confirmed."
            for name in unseen
            if name not in by_hand
        ),
    ]


def _tables(columns: Result) -> list[dict[str, Any]]:
    return [
        dict(table) for table in columns.get("tables") or columns.get("results") or [] if isinstance(table, Mapping)
    ]


def _verified_by(columns: Result) -> list[Any]:
    if "verified_by" in columns:
        return list(columns["verified_by"])
    return next((table["verified_by"] for table in columns.get("results") or [] if table.get("verified_by")), [])


def _name(table: Mapping[str, Any]) -> str:
    return f"{table['keyspace']}.{table['table']}"


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
