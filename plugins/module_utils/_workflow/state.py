# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a manager's answer and the processes say about a workflow: pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .queries import query
from .snapshot import Process, Snapshot

_SUPERVISORD = re.compile(
    r"^(\S+)\s+(STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)\s*(?:pid (\d+), )?(.*)$"
)


class State(NamedTuple):
    """A workflow as its manager and the processes show it; C(started) is None where nobody knows it.

    C(processes) are identities: those of the running copy, with all that descend from it. C(error) says why there is no
    answer, C(failure) names its kind, C(final) says that the workflow will not come back by itself,
    C(programs) what its next start needs.
    """

    running: bool
    text: str
    started: float | None = None
    processes: tuple[str, ...] = ()
    main: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    final: bool = False
    error: str = ""
    failure: str = ""


def read_state(workflow: Mapping[str, Any], snapshot: Snapshot) -> State:
    """The state of the workflow in a snapshot."""
    if not query(workflow):
        return _recorded(workflow, snapshot)
    if snapshot.status in (126, 127):
        tool = (workflow["docker"] if workflow["manager"] == "docker_compose" else query(workflow)[0]).strip()
        return _silent(workflow, f"{tool} cannot be run on this host")
    try:
        return _READERS[workflow["manager"]](workflow, snapshot)
    except (ValueError, KeyError, TypeError):
        return _silent(workflow, " ".join(snapshot.answer.split()) or "it gives no answer")


def _recorded(workflow: Mapping[str, Any], snapshot: Snapshot) -> State:
    if not workflow["pid_file"]:
        return State(running=True, text="no pid_file shows its process")
    process = snapshot.recorded
    if process is None:
        return State(False, f"{workflow['pid_file']} names no running process")
    return _running(workflow, snapshot, [process.pid], f"process {process.pid}")


def _systemd(workflow: Mapping[str, Any], snapshot: Snapshot) -> State:
    found = dict(line.split("=", 1) for line in snapshot.answer.splitlines() if "=" in line)
    if found["LoadState"] != "loaded":
        return _unknown(f"systemd has no usable unit {workflow['unit']}: it is {found['LoadState']}")
    programs = tuple(re.findall(r"path=(\S+) ;", found.get("ExecStart", "")))
    text = f"{found['ActiveState']} ({found['SubState']}), result: {found['Result']}"
    started = _systemd_time(found["ExecMainStartTimestamp"])
    if found["ActiveState"] not in ("active", "reloading"):
        ended = found["ActiveState"] in ("failed", "inactive")
        return State(False, text, started, programs=programs, final=ended)
    state = _running(workflow, snapshot, [int(found["MainPID"])], text)
    shown = started if state.started is None else state.started
    return state._replace(started=shown, programs=programs)


def _supervisord(workflow: Mapping[str, Any], snapshot: Snapshot) -> State:
    found = [match.groups() for match in map(_SUPERVISORD.match, snapshot.answer.splitlines()) if match]
    if "no such process" in snapshot.answer or "no such group" in snapshot.answer:
        return _unknown(f"supervisord has no program {workflow['program']}")
    if not found:
        raise ValueError
    states = {state for _name, state, _pid, _text in found}
    text = "; ".join(f"{name} {state} {more}".strip() for name, state, _pid, more in found)
    if states != {"RUNNING"}:
        return State(False, text, final="FATAL" in states)
    state = _running(workflow, snapshot, [int(pid) for _name, _state, pid, _text in found], text)
    # A process can call itself anything; what looks like no path says nothing about its program.
    return state._replace(
        programs=tuple(name for name in snapshot.programs if name.startswith("/") and " " not in name)
    )


def _docker(workflow: Mapping[str, Any], snapshot: Snapshot) -> State:
    if "no such service" in snapshot.answer:
        return _unknown(f"the project has no service {workflow['service']}")
    if snapshot.status:
        raise ValueError
    containers = json.loads(snapshot.answer.strip() or "[]")
    if not containers:
        return State(False, "no container", final=True)
    states = [container["State"] for container in containers]
    healths = [(state.get("Health") or {}).get("Status") or "none" for state in states]
    identities = tuple(f"{container['Id']}@{container['State']['StartedAt']}" for container in containers)
    return State(
        running=all(state["Status"] == "running" for state in states) and {*healths} <= {"none", "healthy"},
        text="; ".join(f"{state['Status']} (health: {health})" for state, health in zip(states, healths)),
        started=min(_docker_time(state["StartedAt"]) for state in states),
        processes=identities,
        main=identities,
        final=any(state["Status"] in ("exited", "dead") for state in states),
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any], Snapshot], State]] = {
    "systemd": _systemd,
    "supervisord": _supervisord,
    "docker_compose": _docker,
}


def _running(workflow: Mapping[str, Any], snapshot: Snapshot, pids: list[int], text: str) -> State:
    mains = [snapshot.processes[pid] for pid in pids if pid in snapshot.processes]
    everyone = snapshot.descendants(pids)
    # A reload replaces the workers below a main process that stays; the oldest of what serves is the first to run old code.
    workers = [one for one in everyone if one not in mains] if workflow["reload"] else []
    serving = workers or mains
    return State(
        running=True,
        text=text,
        started=min(one.started for one in serving) if serving and len(mains) == len(pids) else None,
        processes=_identities(everyone),
        main=_identities(mains),
    )


def _identities(processes: Iterable[Process]) -> tuple[str, ...]:
    return tuple(process.identity for process in processes)


def _silent(workflow: Mapping[str, Any], why: str) -> State:
    return State(False, "unknown", error=f"{workflow['manager']} cannot be asked: {why}", failure="manager_unavailable")


def _unknown(why: str) -> State:
    return State(False, "unknown", error=why, failure="workflow_unknown")


def _systemd_time(text: str) -> float | None:
    # The script asks in UTC, so that "Wed 2026-11-25 01:48:28 UTC" needs no table of time zones.
    if not text.endswith(" UTC"):
        return None
    return datetime.strptime(text[4:-4], "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp()


def _docker_time(text: str) -> float:
    # Docker writes up to nine digits and a Z; Python 3.9 reads neither.
    whole, _dot, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp() + float(f"0.{fraction or 0}")
