# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of all workflows, what is left for a person, and the sentence of a failure: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_CHANGED = ("restarted", "reloaded", "would_restart", "would_reload")


def make_report(
    workflows: Sequence[Mapping[str, Any]],
    plan: Sequence[Mapping[str, Any]],
    outcomes: Sequence[Mapping[str, Any]],
    failure: Mapping[str, Any],
) -> dict[str, Any]:
    """What became of each workflow; C(failure) has C(place), C(kind), C(reason) and C(log), or nothing."""
    entries = [_entry(place, step, outcomes, failure) for place, step in enumerate(plan)]
    waiting = {entry["name"] for entry in entries if entry["status"] == "waiting"}
    report = {
        "changed": any(entry["status"] in _CHANGED for entry in entries),
        "workflows": entries,
        "left": [_left(workflow) for workflow in workflows if workflow["name"] in waiting],
    }
    if failure:
        report.update(failed=True, failure=failure["kind"], msg=_sentence(failure))
    return report


def first_failure(plan: Sequence[Mapping[str, Any]], message: str) -> dict[str, Any]:
    """The failure of a plan that cannot be carried out, or of descriptions that cannot be right."""
    for place, step in enumerate(plan):
        if step["error"]:
            return {"place": place, "kind": step["failure"], "reason": f"{step['name']}: {step['error']}.", "log": []}
    return {"place": -1, "kind": "invalid_input", "reason": message, "log": []}


def _entry(
    place: int, step: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]], failure: Mapping[str, Any]
) -> dict[str, Any]:
    if place < len(outcomes):
        return dict(outcomes[place])
    entry = {name: step[name] for name in ("name", "manager", "status", "reason", "proven")}
    if failure and place == failure["place"]:
        return {**entry, "status": "failed", "reason": failure["reason"], "proven": False, "log": failure["log"]}
    if step["status"] != "skipped":
        entry.update(status="not_reached", reason="", proven=False)
    return {**entry, "log": []}


def _left(workflow: Mapping[str, Any]) -> dict[str, str]:
    name = workflow["name"]
    said = json.dumps({"workflows_done": [name]}, ensure_ascii=False)
    shown = "or run the play again once its pid_file names the new process" if workflow["pid_file"] else ""
    return {
        "name": name,
        "instructions": f"{(workflow['instructions'] or f'Restart {name}').rstrip('. ')}.",
        "confirm": ", ".join(filter(None, [f"Confirm it with -e '{said}'", shown])) + ".",
    }


def _sentence(failure: Mapping[str, Any]) -> str:
    reason, log = failure["reason"], failure["log"]
    return "\n".join([f"{reason} Its last log lines:", *log]) if log else str(reason)
