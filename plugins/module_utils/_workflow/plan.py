# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is owed to each workflow, from what is seen, what changed and what a person has confirmed: pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .description import MANUAL, missing_collection, programs
from .snapshot import read_snapshot
from .state import State, read_state


class Wanted(NamedTuple):
    """Why there could be something to do.

    C(changed_at) has the change time of each watched file, C(changes) that of what no file shows, by its name. C(kept) holds by
    key what nobody but the role remembers: C(started), when it was last started or confirmed, and C(changed), when a run last
    changed what it uses.
    """

    asked: bool = False
    changed: bool = False
    check_mode: bool = False
    changed_at: Mapping[str, float] = {}
    changes: Mapping[str, float] = {}
    done: Sequence[str] = ()
    kept: Mapping[str, Mapping[str, float]] = {}


class Step(NamedTuple):
    """What happens to one workflow.

    C(key) is its name among what is kept. C(action) is C(restart), C(reload) or nothing; C(tries) is what it needs.
    C(proven) says that no process serves it that is older than a change.
    C(mark) says that only this run knows that something changed, C(confirm) that a person's word has to be kept.
    """

    name: str
    manager: str
    key: str
    status: str
    reason: str
    action: str = ""
    proven: bool = False
    mark: bool = False
    confirm: bool = False
    tries: Sequence[str] = ()
    error: str = ""
    failure: str = ""


def plan_step(
    workflow: Mapping[str, Any], printed: str, wanted: Wanted, installed: Callable[[str], bool] = bool
) -> Step:
    """What is owed to the workflow, and why.

    C(printed) is what the script of the snapshot printed, C(installed) says whether the controller has a module.
    """
    step = Step(workflow["name"], workflow["manager"], workflow["key"], "unchanged", "")
    if not workflow["enabled"]:
        return step._replace(status="skipped", reason="it is not enabled", proven=True)
    missing = missing_collection(workflow, installed)
    if missing:
        return _failed(step, missing, "collection_missing")
    try:
        snapshot = read_snapshot(printed)
    except (ValueError, IndexError):
        return _failed(step, "its host shows no processes: it needs Linux with /proc", "manager_unavailable")
    state = read_state(workflow, snapshot)
    if state.error:
        return _failed(step, state.error, state.failure)
    done = workflow["name"] in wanted.done
    since = snapshot.now if done and not state.processes else _last_start(workflow, state, wanted)
    changes = _changes(workflow, wanted)
    step = step._replace(mark=wanted.changed and not _newer(changes, since))
    if wanted.changed and not (done and not state.processes):
        changes["what this run would change" if wanted.check_mode else "what this run changed"] = snapshot.now
    reason = _reason(workflow, state, since, changes, wanted)
    if workflow["manager"] == MANUAL:
        return _by_hand(step, reason, state, since, done)
    if not reason:
        proven = workflow["one_shot"] or bool(state.processes) or done
        return step._replace(reason=_unchanged(workflow, state, since), proven=proven, confirm=done)
    return _act(workflow, step, reason, state, wanted.check_mode)


def _last_start(workflow: Mapping[str, Any], state: State, wanted: Wanted) -> float | None:
    """When the oldest process that serves it was started; of what no process shows, what was kept."""
    kept = wanted.kept.get(workflow["key"], {}).get("started")
    if workflow["one_shot"] and state.started is not None and kept is not None:
        return max(state.started, kept)
    return kept if state.started is None else state.started


def _changes(workflow: Mapping[str, Any], wanted: Wanted) -> dict[str, float]:
    """What changed and when: its files, what has a time of its own, and what an earlier run changed and only it could know."""
    found = {**{path: wanted.changed_at[path] for path in workflow["watch"]}, **wanted.changes}
    kept = wanted.kept.get(workflow["key"], {}).get("changed")
    return found if kept is None else {**found, f"the change of {_date(kept)}": kept}


def _newer(changes: Mapping[str, float], since: float | None) -> str:
    """The name of a change after this time, or of any where the time is unknown."""
    return next((name for name, time in changes.items() if since is None or time > since), "")


def _reason(
    workflow: Mapping[str, Any], state: State, since: float | None, changes: Mapping[str, float], wanted: Wanted
) -> str:
    if not state.running and not workflow["one_shot"]:
        return f"it is not running: {state.text}"
    newer = _newer(changes, since)
    if newer.startswith("what this run"):
        return f"it uses {newer}"
    if newer:
        subject = "its last run" if workflow["one_shot"] else "its process"
        unknown = f"nobody knows whether {subject} is newer than {newer}"
        return unknown if since is None else f"{subject} is older than {newer}"
    return "workflows_restart asks for it" if wanted.asked else ""


def _by_hand(step: Step, reason: str, state: State, since: float | None, done: bool) -> Step:
    if not reason:
        if state.processes or since is None:
            seen = "its process is newer than every change" if state.processes else "nothing that it uses has changed"
            return step._replace(reason=seen, proven=bool(state.processes))
        return step._replace(status="confirmed", reason=f"confirmed on {_date(since)}", proven=True, confirm=done)
    doubt = f"it was confirmed, but {reason}" if done else reason
    return step._replace(status="waiting", reason=doubt)


def _act(workflow: Mapping[str, Any], step: Step, reason: str, state: State, check_mode: bool) -> Step:
    action = "reload" if workflow["reload"] and state.running else "restart"
    if workflow["manager"] == "command" and action == "restart" and not workflow["argv"]:
        error = f"{reason}, and without argv nothing can start it"
        return _failed(step, error, "restart_failed")
    status = f"would_{action}" if check_mode else f"{action}ed"
    tries = programs(workflow["argv"]) + [f"x:{program}" for program in state.programs]
    return step._replace(status=status, reason=reason, action=action, tries=tries)


def _failed(step: Step, error: str, failure: str) -> Step:
    return step._replace(status="failed", reason=error, error=error, failure=failure)


def _unchanged(workflow: Mapping[str, Any], state: State, since: float | None) -> str:
    if workflow["one_shot"]:
        return "its last run is newer than every change" if since is not None else "nothing that it uses has changed"
    if state.processes:
        return "its process is newer than every change"
    return f"nothing that it uses has changed since {_date(since)}" if since else "nothing that it uses has changed"


def _date(time: float) -> str:
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
