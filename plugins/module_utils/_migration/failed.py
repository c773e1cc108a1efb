# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a run failed, at which step, and the one sentence that says why and what to do; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._clean import one_line
from .._errors import sentence as ended
from .._schema.options import safety_options
from .counts import count_words, entries, table_name, would_be_done

_NO_RESULT = "The step left no result, so nobody knows what became of it"
TITLES = {
    "preparation": "Preparation",
    "columns": "Columns",
    "model_fields": "Model fields",
    "services": "Services",
    "smoke_tests": "Smoke tests",
    "apply": "Columns",
    "look": "Hosts",
    "hosts": "Hosts",
    "notify": "Notification",
}
# The step that a reader knows, of one that only looks or only repeats.
_SHOWN_AS = {"apply": "columns", "look": "hosts"}
_DONE = ("restarted", "reloaded", "would_restart", "would_reload")

# Each of them says by itself that a task failed, even one that was told not to fail.
_FAILED = ("failure", "failed", "unreachable", "traceback")

Result = Mapping[str, Any]


class Run(NamedTuple):
    """What a run is beside its results; C(crash) is what failed outside of the steps."""

    mode: str
    now: str
    host: str
    check_mode: bool = False
    crash: Mapping[str, Any] | None = None
    plan_file: str = ""


class Progress(NamedTuple):
    """How far a run has come: its steps in their C(order), and the results of those that it reached."""

    definition: Mapping[str, Any]
    run: Run
    order: Sequence[str]
    reached: dict[str, Result]

    @property
    def dry(self) -> bool:
        return bool(self.definition.get("dry", self.run.check_mode))


class Failed(NamedTuple):
    """The step that failed, the kind of the failure, its sentence, and what to do."""

    step: str
    kind: str
    message: str
    hint: str


def is_failure(result: Result) -> bool:
    """Whether a step failed, whether or not its task was allowed to."""
    return any(one.get(key) for one in (result, *_items(result)) for key in _FAILED)


def _items(result: Result) -> Sequence[Result]:
    """The results of a loop, which say what is wrong; that of its task says only that something is."""
    return result.get("results") or []


def listed(reached: Mapping[str, Result], step: str, key: str = "results") -> list[Any]:
    """What the result of a step lists; nothing if the step was not reached."""
    return list((reached.get(step) or {}).get(key) or [])


def columns_of(reached: Mapping[str, Result]) -> Result:
    """What the run says last of the columns."""
    return reached.get("apply") or reached.get("columns") or {}


def failure_of(result: Result) -> tuple[str, str]:
    """The kind of the failure of a task, and its sentence."""
    message = str(result.get("msg") or "The task gave no reason.")
    if result.get("unreachable"):
        return "host_unreachable", f"Ansible could not reach this host: {whole(message)}"
    return str(result.get("failure") or "unexpected"), whole(message)


def would_change(reached: Mapping[str, Result]) -> bool:
    """Whether the run changed something, or would without its dry run: a task that only predicts is never changed."""
    return bool(
        columns_of(reached).get("statements")
        or any(field.get("changed") for field in _fields(reached))
        or any(one["status"] in _DONE for one in listed(reached, "services", "services"))
        or any(one["changed"] for one in listed(reached, "hosts"))
    )


def _fields(reached: Mapping[str, Result]) -> list[Result]:
    return [field for one in listed(reached, "model_fields") for field in one.get("fields") or []]


def waits(reached: Mapping[str, Result]) -> list[Mapping[str, Any]]:
    """The services that wait for a person, on all hosts."""
    parts = [reached.get("services") or {}, *listed(reached, "hosts")]
    return [one for part in parts for one in part.get("remaining") or []]


def find_failure(progress: Progress) -> Failed | None:
    definition, run, order, reached = progress
    again = "Correct this, then run the same command again"
    if definition.get("failure"):
        return Failed("preparation", str(definition["failure"]), str(definition["msg"]), "")
    columns = reached.get("columns") or {}
    if run.mode == "verify" and columns.get("statements") and not is_failure(columns):
        return Failed("columns", "not_as_listed", _not_as_listed(columns), "The playbook migrate makes them so.")
    for step, result in reached.items():
        if is_failure(result):
            hint = again if progress.dry else f"{again}: it does what remains to be done"
            failed = _step_failure(step, result, hint, progress.dry)
            named = in_the_file(failed.message) if definition.get("path") else ""
            return failed._replace(message=f"{failed.message}{named}")
    if run.crash:
        step = [*order, "notify"][len(reached)]
        return Failed(step, *failure_of(run.crash), f"{again}.")
    if run.mode == "rollback" and not definition["confirmed"] and not run.check_mode and would_change(reached):
        return Failed("confirmation", "not_confirmed", _unconfirmed(definition, columns), "")
    missing = unproven(reached, run)
    if missing and ("apply" in order or (definition.get("host") and not progress.dry)):
        hint = "Then run the same command again: the fields are off, and it continues with the columns."
        return Failed("services" if "services" in reached else "model_fields", "not_proven", " ".join(missing), hint)
    lost = [step for step in order if step not in reached]
    if lost and not waits(reached):
        # A step that left no result is never taken for a step that had nothing to do.
        return Failed(_SHOWN_AS.get(lost[0], lost[0]), "unexpected", _NO_RESULT, f"{again}.")
    return None


def _step_failure(step: str, result: Result, again: str, dry: bool) -> Failed:
    wrong = [one for one in _items(result) if is_failure(one)] or [result]
    message = " ".join(dict.fromkeys(str(one["msg"]) for one in wrong if one.get("msg")))
    kind = next((str(one["failure"]) for one in wrong if one.get("failure")), "unexpected")
    kind, message = failure_of({**result, "failure": kind, "msg": message})
    if (
        step in ("columns", "apply")
        and not dry
        and "tables" not in result
        and kind in ("unexpected", "host_unreachable")
    ):
        # The module itself says what became of the change; here it said nothing.
        message = f"{message} Whether a statement was sent is not known: the next run reads the tables first."
    # A plan that does not hold any more and a lock say themselves what to do.
    known = next((str(one["hint"]) for one in (result, *wrong) if one.get("hint")), "")
    hint = known or ("" if kind in ("plan_changed", "locked") else f"{again}.")
    if step == "preflight":
        # A step that something is missing for has not begun.
        return Failed(str(result["step"]), kind, f"{message} Nothing was changed.", hint)
    return Failed(_SHOWN_AS.get(step, step), kind, message, hint)


def in_the_file(message: str) -> str:
    """Where a migration file has the option of the module that the message names."""
    for name, option in safety_options().items():
        if name != "only_if_empty" and re.search(rf"\b{name}\b", message):
            value = "true" if option["type"] == "bool" else "..."
            return f" In the migration file, {name} is written as options: {{{name}: {value}}}."
    return ""


def sentence(report: Mapping[str, Any], failed: Failed, dry: bool) -> str:
    """What failed, what became of the other steps, and what to do: the last thing on the screen."""
    place = "" if failed.step in ("columns", "preparation", "confirmation", "hosts") else f"{TITLES[failed.step]}: "
    steps = report["steps"]
    done = [step["name"] for step in steps if step["status"] in ("done", "unchanged", "passed")] if not dry else []
    later = [step["name"] for step in steps if step["status"] == "not reached"]
    parts = [
        f"{place}{whole(failed.message)}",
        f"Done before: {', '.join(done)}." if done else "",
        f"Not reached: {', '.join(later)}." if later and failed.kind != "not_confirmed" else "",
        failed.hint,
    ]
    return " ".join(part for part in parts if part)


def whole(message: str) -> str:
    """The message as one that another sentence can follow; lines below one another stay as they are."""
    text = message.strip()
    return text if text.endswith(":") or "\n" in text else ended(text)


def _not_as_listed(columns: Result) -> str:
    tables = [f"{table_name(one)}: {count_words(one, 'verify')}" for one in columns["tables"] if one["statements"]]
    return f"The tables are not as listed. {'; '.join(tables)}."


def _unconfirmed(definition: Mapping[str, Any], columns: Result) -> str:
    parts = ["comment out fields of the models"] if {"model_fields", "hosts"} & set(definition["steps"]) else []
    tables = columns.get("tables") or []
    parts += would_be_done(tables)
    loses = any(("column", "would_drop") in entries(table) for table in tables)
    keep = (
        "To be able to read the values later, first take a snapshot of each table on each node, as with "
        "community.cassandra.cassandra_snapshot. "
    )
    given = one_line(definition.get("confirmed_as") or "")
    other = f"rollback_confirm is {given}, which does not name each table of this rollback. " if given else ""
    return (
        f"Nothing was changed. {other}This rollback would {' and '.join(parts)}. {keep if loses else ''}To allow it, run "
        f"the same command with -e rollback_confirm={definition['confirmation']}."
    )


def unproven(reached: Mapping[str, Result], run: Run) -> list[str]:
    """Why columns must not be dropped yet: a running model with the fields would fail on every query without them."""
    if run.mode != "rollback":
        return []
    on = [field["name"] for field in _fields(reached) if field["state"] != "disabled"]
    by_hand = {one["name"] for one in listed(reached, "services", "remaining")}
    unseen = [one["name"] for one in listed(reached, "services", "services") if not one.get("proven", True)]
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
