# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a run has come: its steps in their order, the results that are its own, and whether it goes on; pure.

The steps come in an order, and one follows only if those before it did not fail. So what is registered for a later step is
not of this run, and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .failed import Progress, Result, Run, failure_of, is_failure, listed, unproven, waits, would_change
from .report import FAILED


def read_progress(definition: Mapping[str, Any], results: Mapping[str, Result], run: Run) -> Progress:
    """The run by what its steps returned so far."""
    order = ["preparation"] if definition.get("failure") else _order(definition, run)
    return _reached(Progress(definition, run, order, {}), results)


def so_far(
    definition: Mapping[str, Any], results: Mapping[str, Result], run: Run, following: str = "smoke_tests"
) -> dict[str, Any]:
    """What decides how a run goes on before a step: whether a change is only predicted, and what is not proven."""
    order = _order(definition, run)
    ends = [order.index(step) for step in (following, "apply") if step in order]
    before = order[: ends[0]] if ends else order
    reached = _reached(Progress(definition, run, before, {}), results).reached
    failed = any(map(is_failure, reached.values())) or any(step not in reached for step in before)
    return {
        "goes_on": not failed and not waits(reached) and not unproven(reached, run),
        "pending": bool(definition["dry"]) and would_change(reached),
    }


def _order(definition: Mapping[str, Any], run: Run) -> list[str]:
    steps, apply = definition["steps"], ["apply"] if definition.get("applies_later") else []
    if definition.get("host"):
        return ["columns", *steps]
    before = ["preflight"] if "preflight" in definition else []
    look = ["look"] if apply and "hosts" in steps else []
    return [*before, "columns", *look, *([*apply, *steps] if run.mode == "migrate" else [*steps, *apply])]


def _reached(progress: Progress, results: Mapping[str, Result]) -> Progress:
    """The run with the results that are its own: up to the first failure, and without what waits for a person."""
    definition, run, order, reached = progress
    for step in order:
        # What the steps need is looked at as the migration file is read.
        result = definition.get(step) if step == "preflight" else results.get(step)
        if result and step in ("look", "hosts"):
            result = _of_hosts(step, result, definition, run)
        waiting = waits(reached) and not run.check_mode
        # A loop over nothing is skipped too, and has its results: the step had nothing to do, and the next one was taken.
        skipped = bool(result and result.get("skipped") and result.get("results") != [])
        if not result or skipped or (step in ("smoke_tests", "apply") and waiting):
            break
        reached[step] = result
        if is_failure(result) or (step == "services" and run.mode == "rollback" and unproven(reached, run)):
            break
    return progress


def host_results(reached: Mapping[str, Result]) -> list[Result]:
    """What became of the hosts; one that the look at all of them found to fail is one that failed."""
    return [*filter(is_failure, listed(reached, "look")), *listed(reached, "hosts")]


def host_steps(progress: Progress) -> Iterator[dict[str, str]]:
    """A line for each host."""
    found = {one["host"]: one for one in host_results(progress.reached)}
    for host in (*progress.definition["hosts"], *progress.definition["left_out"]):
        one = found.get(host) or {"status": "not reached"}
        yield {"key": "host", "name": host, "status": one["status"], "detail": one.get("detail", "")}


def _of_hosts(step: str, result: Result, definition: Mapping[str, Any], run: Run) -> Result:
    """The results of the hosts, as far as they are of this run, and with the host at which it crashed."""
    if step == "look":
        looked = [(str(one.get("item")), one) for one in result.get("results") or []]
        return {"results": [_failed(host, one) if is_failure(one) else {"host": host} for host, one in looked]}
    if result.get("run") != definition["started_at"]:
        return {}
    done = {one["host"] for one in result["results"]}
    current = [host for host in result["open"] if host not in done]
    if not run.crash or not current:
        return result
    return {**result, "results": [*result["results"], _failed(current[0], run.crash)]}


def _failed(host: str, result: Result) -> Result:
    """What became of a host by the result of the task that failed there."""
    kind, why = failure_of(result)
    return {"host": host, "status": FAILED, "changed": False, "failure": kind, "msg": f"{host}: {why}"}
