# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows which are services of Docker Compose, or of a tool with the same command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .command import Run
from .model import Argv, ManagerSilent, Observation, Workflow, WorkflowUnknown


def restart(workflow: Workflow) -> tuple[Argv, ...]:
    """How the service is rebuilt and recreated, and nothing else; a failed build leaves the old one running."""
    compose, service = _compose(workflow), workflow.options["service"]
    build = ((*compose, "build", service),) if workflow.options["build"] else ()
    return (*build, (*compose, "up", "--detach", "--no-deps", "--force-recreate", service))


def observe(workflow: Workflow, run: Run) -> Observation:
    """The containers of the service; raises ManagerSilent or WorkflowUnknown."""
    docker, service = workflow.options["docker"], workflow.options["service"]
    listed = run((*_compose(workflow), "ps", "--all", "--quiet", service), workflow.timeout)
    if "no such service" in listed.words:
        raise WorkflowUnknown(f"The project has no service {service} for {workflow.name}.")
    if listed.rc:
        raise ManagerSilent(f"{docker} cannot be asked about {workflow.name}: {listed.words}")
    containers = tuple(listed.out.split())
    if not containers:
        return Observation(running=False, final=True, text="no container")
    states = run((docker, "inspect", "--format", "{{json .State}}", *containers), workflow.timeout)
    if states.rc:
        raise ManagerSilent(f"{docker} cannot be asked about {workflow.name}: {states.words}")
    return read_states(containers, [json.loads(line) for line in states.out.splitlines() if line.strip()])


def read_states(containers: Sequence[str], states: Sequence[Mapping[str, Any]]) -> Observation:
    """The observation in the states of the containers; a health check, where there is one, must have passed."""
    healths = [(state.get("Health") or {}).get("Status") or "none" for state in states]
    running = all(state.get("Status") == "running" for state in states) and {*healths} <= {"none", "healthy"}
    started = [str(state.get("StartedAt", "")) for state in states]
    return Observation(
        running=running,
        identity=" ".join(f"{name}@{time}" for name, time in zip(containers, started)),
        started=min(map(_seconds, started)) if running else None,
        final=any(state.get("Status") in ("exited", "dead") for state in states),
        text="; ".join(f"{state.get('Status')} (health: {health})" for state, health in zip(states, healths)),
    )


def logs(workflow: Workflow, _seen: Observation) -> tuple[Argv, ...]:
    """What shows the last lines of the service's log."""
    return (
        (*_compose(workflow), "logs", "--no-color", "--tail", str(workflow.log_lines), workflow.options["service"]),
    )


def _compose(workflow: Workflow) -> Argv:
    files = tuple(part for file in workflow.options["files"] for part in ("--file", file))
    return (workflow.options["docker"], "compose", "--project-directory", workflow.options["project_dir"], *files)


def _seconds(text: str) -> float:
    # Docker writes up to nine digits and a Z; Python 3.9 reads neither.
    whole, _dot, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp() + float(f"0.{fraction or 0}")
