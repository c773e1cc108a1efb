# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result: what became of each service, what remains for a person, and the sentence of a failure: pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import Failure
from .decide import Step
from .options import Service

_CHANGED = ("restarted", "reloaded", "would_restart", "would_reload")
Entry = Mapping[str, Any]


class ServiceFailed(Failure):
    """A service cannot be restarted, did not come back, or is not ready; the kind is that of the problem."""

    def __init__(self, problem: Problem, **facts: Any) -> None:
        said = [f"{problem.sentence} Its last log lines:", *problem.log] if problem.log else [problem.sentence]
        super().__init__("\n".join(said), failed_service=problem.name, **facts)
        self.kind = problem.kind


class Problem(NamedTuple):
    """What went wrong with one service: a whole sentence, its kind, and the log lines that say why."""

    name: str
    kind: str
    sentence: str
    log: Sequence[str] = ()


def entry_of(service: Service, step: Step, **more: Any) -> dict[str, Any]:
    """One service of the result."""
    shown = {"status": step.status, "reason": step.reason, "proven": step.proven, "log": []}
    return {"name": service.name, "manager": service.manager, **shown, **more}


def not_reached(entry: Entry) -> dict[str, Any]:
    """The entry of a service that a failure of another one left alone, with what is due to it."""
    return {**entry, "status": "not_reached", "proven": False}


def result(services: Sequence[Service], entries: Sequence[Entry], **more: Any) -> dict[str, Any]:
    """The result of a call, or the facts of its failure."""
    waiting = {entry["name"] for entry in entries if entry["status"] == "waiting"}
    return {
        "changed": any(entry["status"] in _CHANGED for entry in entries),
        "services": list(entries),
        "remaining": [_remaining(service) for service in services if service.name in waiting],
        **more,
    }


def failure(services: Sequence[Service], entries: Sequence[Entry], problem: Problem) -> ServiceFailed:
    """The failure of a call with what became of each service."""
    failed = {"status": "failed", "reason": problem.sentence, "proven": False, "log": list(problem.log)}
    shown = [{**entry, **failed} if entry["name"] == problem.name else entry for entry in entries]
    return ServiceFailed(problem, **result(services, shown))


def _remaining(service: Service) -> dict[str, str]:
    given = shlex.quote(json.dumps({"services_confirmed": [service.name]}, ensure_ascii=False))
    shown = ", or run the play again once its pid_file names the new process" if service.pid_file else ""
    return {
        "name": service.name,
        "instructions": f"{(service.instructions or f'Restart {service.name}').rstrip('. ')}.",
        "confirm": f"Confirm it with -e {given}{shown}.",
    }
