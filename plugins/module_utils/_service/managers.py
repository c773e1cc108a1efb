# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each manager is asked about a service, what its answer and the processes say, and how it is told to restart: pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import NamedTuple

from .commands import Ran
from .log import BYTES_A_LINE, LINES
from .options import Service
from .processes import Host, Process

_SHOWN = "LoadState,ActiveState,SubState,Result,MainPID,NRestarts,CanReload,ExecMainStartTimestamp,ExecStart"
_SUPERVISORD = re.compile(
    r"^(\S+)\s+(STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)\s*(?:pid (\d+), )?(.*)$", re.MULTILINE
)
_ERROR = re.compile(r"^(\S+: ERROR \((.*)\))\s*$", re.MULTILINE)
# That it did not run before is no failure of a restart.
_NO_ERROR = ("not running", "already started")
Ask = Callable[[list[str]], Ran]


class State(NamedTuple):
    """A service as its manager and the processes show it; C(started) is None if nothing shows it.

    C(mains) are its main processes, C(everyone) these with all that descend from them. If there is no answer, C(text) says
    why, and C(failure) names its kind. C(final) says that the service does not come back by itself, C(programs) what its next
    start needs, C(restarts) how often its manager started it again. C(elsewhere) says that it runs other files than those of
    the application, and C(vanished) that a process which the manager named was gone when the processes were read.
    """

    running: bool
    text: str
    started: float | None = None
    mains: tuple[Process, ...] = ()
    everyone: tuple[Process, ...] = ()
    programs: tuple[str, ...] = ()
    final: bool = False
    restarts: int = 0
    failure: str = ""
    preloads: bool = False
    elsewhere: str = ""
    vanished: bool = False

    @property
    def identities(self) -> list[str]:
        return [process.identity for process in self.mains]


def ask_manager(service: Service, ask: Ask) -> Ran | None:
    """The answer of the manager, or None if only a pid file shows the service."""
    if service.manager == "systemd":
        return ask([*_systemctl(service), "show", f"--property={_SHOWN}", service.unit])
    if service.manager == "supervisord":
        return ask([*_supervisorctl(service), "status", service.program])
    if service.manager != "docker_compose":
        return None
    listed = ask([*_compose(service), "ps", "--all", "--quiet", service.service])
    # Warnings about the project are on standard error.
    return (
        ask([service.docker, "inspect", *listed.stdout.split()])
        if listed.status == 0 and listed.stdout.split()
        else listed
    )


def read_state(service: Service, answer: Ran | None, host: Host, by_pid_file: Process | None) -> State:
    """The state of the service, from what its manager answers and what its pid file names."""
    if answer is None:
        return _recorded(service, host, by_pid_file)
    if answer.status is None:
        return _silent(service, "it gives no answer in time")
    try:
        return _READERS[service.manager](service, answer, host)
    except (ValueError, KeyError, TypeError):
        return _silent(service, " ".join(answer.said.split()) or "it gives no answer")


def commands(service: Service, action: str) -> list[list[str]]:
    """The commands which restart or reload the service; none if its process gets the signal from us."""
    if service.manager == "systemd":
        told = [*_systemctl(service), action, service.unit]
        # A unit that failed too often is not started again without this.
        return [*([[*_systemctl(service), "reset-failed", service.unit]] if action == "restart" else []), told]
    if service.manager == "supervisord":
        words = ["restart"] if action == "restart" else ["signal", "HUP"]
        return [[*_supervisorctl(service), *words, service.program]]
    if service.manager == "docker_compose":
        build = ["--build"] if service.build else []
        up = ["up", "--detach", "--force-recreate", *build, "--no-deps", "--", service.service]
        return [[*_compose(service), *up]]
    return [list(service.argv)] if service.argv else []


def command_problem(service: Service, argv: list[str], ran: Ran, seconds: float) -> str:
    """Why a command that restarts the service failed, or an empty text. An exit status of 0 alone is no success."""
    if argv[-2:-1] == ["reset-failed"]:
        return ""
    shown = " ".join(argv)
    if ran.status is None:
        endless = "A restart command starts the program in the background and ends."
        advice = f" {endless}" if service.manager == "command" else ""
        return f"{shown} did not end within {seconds:g} s, and was stopped with all that it had not detached.{advice}"
    if service.manager == "supervisord":
        wrong = [text for text, why in _ERROR.findall(ran.said) if why not in _NO_ERROR]
        if wrong or (not _ERROR.search(ran.said) and ran.status):
            return f"supervisord says: {'; '.join(wrong) or ' '.join(ran.said.split())}."
        return ""
    said = "" if service.manager == "command" else " ".join(ran.said.split()).rstrip(".")
    return f"{shown} ended with status {ran.status}{': ' + said if said else ''}." if ran.status else ""


def log_commands(service: Service, ask: Ask) -> list[list[str]]:
    """The commands which show the end of the log that the manager keeps."""
    if service.manager == "systemd":
        unit = ["--user-unit" if service.scope == "user" else "--unit", service.unit]
        return [["journalctl", "--quiet", "--no-pager", "--output=cat", f"--lines={LINES}", *unit]]
    if service.manager == "supervisord":
        status = ask([*_supervisorctl(service), "status", service.program]).stdout
        names = [match.group(1) for match in _SUPERVISORD.finditer(status)]
        tail = [*_supervisorctl(service), "tail", f"-{BYTES_A_LINE * LINES}"]
        return [[*tail, name, stream] for name in names for stream in ("stdout", "stderr")]
    if service.manager == "docker_compose":
        return [[*_compose(service), "logs", "--no-color", "--tail", str(LINES), service.service]]
    return []


def _recorded(service: Service, host: Host, process: Process | None) -> State:
    if not service.pid_file:
        return State(running=True, text="no pid_file shows its process")
    if process is None:
        return State(False, f"{service.pid_file} names no running process")
    return _running(host, [process.pid], f"process {process.pid}")


def _systemd(service: Service, answer: Ran, host: Host) -> State:
    found = dict(line.split("=", 1) for line in answer.stdout.split("\n") if "=" in line)
    if found["LoadState"] != "loaded":
        return _unknown(f"systemd has no usable unit {service.unit}: it is {found['LoadState']}")
    if service.reload and found.get("CanReload") == "no":
        return _unknown(f"the unit {service.unit} has no ExecReload, so systemd cannot reload it. Leave reload out")
    programs = tuple(re.findall(r"path=(\S+) ;", found.get("ExecStart", "")))
    text = f"{found['ActiveState']} ({found['SubState']}), result: {found['Result']}"
    started, restarts = _systemd_time(found["ExecMainStartTimestamp"]), int(found.get("NRestarts") or 0)
    if found["ActiveState"] not in ("active", "reloading", "refreshing"):
        ended = found["ActiveState"] in ("failed", "inactive")
        return State(False, text, started, programs=programs, final=ended, restarts=restarts)
    pid = int(found["MainPID"])
    state = _running(host, [pid] if pid else [], text)
    shown = started if state.started is None else state.started
    return state._replace(started=shown, programs=programs, restarts=restarts)


def _supervisord(service: Service, answer: Ran, host: Host) -> State:
    if "no such process" in answer.said or "no such group" in answer.said:
        return _unknown(f"supervisord has no program {service.program}")
    found = [match.groups() for match in _SUPERVISORD.finditer(answer.stdout)]
    if not found:
        raise ValueError
    states = {state for _name, state, _pid, _text in found}
    text = "; ".join(f"{name} {state} {more}".strip() for name, state, _pid, more in found)
    if states != {"RUNNING"}:
        return State(False, text, final="FATAL" in states)
    return _running(host, [int(pid) for _name, _state, pid, _text in found], text)


def _docker(service: Service, answer: Ran, host: Host) -> State:
    if "no such service" in answer.said:
        return _unknown(f"the project has no service {service.service}")
    if answer.status:
        raise ValueError
    containers = json.loads(answer.stdout.strip() or "[]")
    if not containers:
        return State(False, "no container", final=True)
    states = [container["State"] for container in containers]
    healths = [(state.get("Health") or {}).get("Status") or "none" for state in states]
    processes = tuple(
        Process(0, 0, 0, _docker_time(one["State"]["StartedAt"]), f"{one['Id']}@{one['State']['StartedAt']}")
        for one in containers
    )
    return State(
        running=all(state["Status"] == "running" for state in states) and {*healths} <= {"none", "healthy"},
        text="; ".join(f"{state['Status']} (health: {health})" for state, health in zip(states, healths)),
        started=min(process.started for process in processes),
        mains=processes,
        everyone=processes,
        final=any(state["Status"] in ("exited", "dead") for state in states),
        restarts=sum(int(container.get("RestartCount") or 0) for container in containers),
    )


_READERS: Mapping[str, Callable[[Service, Ran, Host], State]] = {
    "systemd": _systemd,
    "supervisord": _supervisord,
    "docker_compose": _docker,
}


def _running(host: Host, pids: Iterable[int], text: str) -> State:
    wanted = list(pids)
    mains = tuple(host.processes[pid] for pid in wanted if pid in host.processes)
    everyone = tuple(host.descendants(wanted))
    vanished = len(mains) < len(wanted)
    started = min(one.started for one in mains) if mains and not vanished else None
    return State(True, text, started, mains, everyone, vanished=vanished)


def _systemctl(service: Service) -> list[str]:
    return ["systemctl", "--user"] if service.scope == "user" else ["systemctl"]


def _supervisorctl(service: Service) -> list[str]:
    return [service.supervisorctl, *(["-c", service.config] if service.config else [])]


def _compose(service: Service) -> list[str]:
    files = [part for file in service.files for part in ("--file", file)]
    return [service.docker, "compose", "--project-directory", service.project_dir, *files]


def _silent(service: Service, why: str) -> State:
    return State(False, f"{service.manager} cannot be asked: {why}", failure="manager_unavailable")


def _unknown(why: str) -> State:
    return State(False, why, failure="service_unknown")


def _systemd_time(text: str) -> float | None:
    # It is asked in UTC, so that "Wed 2026-11-25 01:48:28 UTC" needs no table of time zones.
    if not text.endswith(" UTC"):
        return None
    return datetime.strptime(text[4:-4], "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp()


def _docker_time(text: str) -> float:
    # Docker writes up to nine digits and a Z; Python 3.9 reads neither.
    whole, _dot, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp() + float(f"0.{fraction or 0}")
