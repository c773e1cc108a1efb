# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a workflow came back after its restart: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .snapshot import Snapshot
from .state import State


def restart_problem(
    workflow: Mapping[str, Any], before: State, snapshot: Snapshot, after: State, action: str = "restart"
) -> str:
    """Why the workflow is not back, or an empty text: it does not run, or what ran before still does."""
    if after.error:
        return after.error
    if not after.running:
        return f"{workflow['manager']} says: {after.text}" if workflow["manager"] != "command" else after.text
    if action == "reload":
        return _reload_problem(before, snapshot, after)
    if set(before.main) & set(after.main):
        return f"it still is the old process: {after.text}"
    return _left_over(before.processes, snapshot)


def stability_problem(workflow: Mapping[str, Any], settled: State, after: State) -> str:
    """Why the workflow did not stay up, or an empty text."""
    if after.error or not after.running:
        return f"it ran, and ended within {workflow['ready']['stable_for']:g} s: {after.error or after.text}"
    if settled.main != after.main:
        return f"it was started again within {workflow['ready']['stable_for']:g} s"
    return ""


def _reload_problem(before: State, snapshot: Snapshot, after: State) -> str:
    workers = set(after.processes) - set(after.main)
    if before.main and not workers:
        return "no worker shows the reload; a program without worker processes has to be restarted"
    return _left_over([one for one in before.processes if one not in before.main], snapshot)


def _left_over(processes: Sequence[str], snapshot: Snapshot) -> str:
    alive = {process.identity for process in snapshot.processes.values()}
    left = [identity.partition("@")[0] for identity in processes if identity in alive]
    return f"the old process {', '.join(left)} still runs" if left else ""
