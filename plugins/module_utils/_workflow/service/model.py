# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a workflow is, what is seen of it, and what became of it: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..._errors import Failure, InvalidInput

Argv = tuple[str, ...]

MANUAL = "manual"


class NotBack(Failure):
    """A workflow did not come back after its restart; C(facts) say which, with its last log lines."""

    kind = "workflow_not_back"


class ManagerSilent(Failure):
    """The manager cannot be asked: not installed here, not running, or not for this user."""

    kind = "manager_silent"


class WorkflowUnknown(Failure):
    """The manager answers, and does not know this workflow."""

    kind = "workflow_unknown"


@dataclass(frozen=True)
class UpCheck:
    """How one sees, beyond what its manager says, that a workflow is up."""

    url: str | None = None
    status: tuple[int, ...] = (200,)
    headers: Mapping[str, str] = field(default_factory=dict)
    validate_certs: bool = True
    host: str = "127.0.0.1"
    port: int | None = None
    stable_for: float = 2.0


@dataclass(frozen=True)
class Workflow:
    """One workflow; C(options) are those of its manager."""

    name: str
    manager: str
    enabled: bool = True
    one_shot: bool = False
    timeout: float = 60.0
    log_file: str | None = None
    log_lines: int = 20
    instructions: str | None = None
    up: UpCheck = UpCheck()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Observation:
    """A workflow as its manager sees it now.

    C(identity) differs from run to run, C(started) is seconds since the epoch or None where nobody knows, C(final) says
    that it will not come back by itself, C(text) is the manager's word for it.
    """

    running: bool
    identity: str = ""
    started: float | None = None
    final: bool = False
    text: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one workflow."""

    name: str
    manager: str
    status: str
    reason: str = ""
    commands: tuple[Argv, ...] = ()
    seconds: float = 0.0
    log: tuple[str, ...] = ()

    def as_result(self) -> dict[str, Any]:
        """The outcome for the module's result."""
        return {
            "name": self.name,
            "manager": self.manager,
            "status": self.status,
            "reason": self.reason,
            "commands": [list(argv) for argv in self.commands],
            "seconds": round(self.seconds, 1),
            "log": list(self.log),
        }


def read_workflows(items: Sequence[Mapping[str, Any]]) -> tuple[Workflow, ...]:
    """The workflows of a task; raises InvalidInput where two have one name."""
    workflows = tuple(_read_workflow(item) for item in items)
    names = [workflow.name for workflow in workflows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"Each workflow needs a name of its own; more than one is called: {', '.join(twice)}.")
    return workflows


def _read_workflow(item: Mapping[str, Any]) -> Workflow:
    common = ("name", "manager", "enabled", "one_shot", "timeout", "log_file", "log_lines", "instructions")
    up = {key: value for key, value in (item["up"] or {}).items() if value is not None}
    if "status" in up:
        up["status"] = tuple(up["status"])
    rest = {key: value for key, value in item.items() if key not in (*common, "up")}
    return Workflow(**{key: item[key] for key in common}, up=UpCheck(**up), options=rest)
