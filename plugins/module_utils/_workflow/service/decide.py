# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a workflow has to be restarted: pure, so that check mode and the real run cannot disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import Observation, Workflow


@dataclass(frozen=True)
class Wanted:
    """Why there could be something to do: it was asked for, or a file, with its time of change, is newer."""

    restart: bool = False
    changed_at: Mapping[str, float] = field(default_factory=dict)


def reason_to_restart(workflow: Workflow, seen: Observation, wanted: Wanted) -> str:
    """Why the workflow has to be restarted, or an empty text."""
    if wanted.restart:
        return "asked for"
    if not seen.running:
        # What ends by itself is allowed to have ended; its next run reads the new code anyway.
        return "" if workflow.one_shot else "it is not running"
    newer = [path for path, time in wanted.changed_at.items() if seen.started is not None and time > seen.started]
    return f"it runs since before {newer[0]} changed" if newer else ""


def reason_to_leave(seen: Observation, wanted: Wanted) -> str:
    """Why the workflow is left alone, for the reader of the result."""
    if wanted.changed_at and seen.running and seen.started is None:
        return "nothing asks for a restart; nobody knows when it was started"
    return "runs, and nothing changed since it was started" if seen.running else "ended, and nothing asks for a new run"
