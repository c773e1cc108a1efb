# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is seen of the services at one moment: files, processes, managers and logs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from os.path import abspath, dirname, exists, isabs, isfile, islink, join, realpath

from .._errors import Failure, InvalidInput
from .code import Application, elsewhere, preloads, unlisted, unlisted_warning
from .commands import run
from .decide import Run, newer
from .log import BYTES_A_LINE, LINES, last_lines, whole_environment
from .managers import Ask, State, ask_manager, log_commands, read_state
from .memory import Remembered
from .options import Request, Service
from .processes import Host, Process, read_host, read_place, recorded

_PATIENCE = 20.0
_ATTEMPTS = 3


def begin(request: Request, check_mode: bool, remembered: Mapping[str, Remembered], warn: Callable[[str], None]) -> Run:
    """What does not change while the module runs; raises InvalidInput for a file that cannot be read."""
    used = [service for service in request.services if service.enabled]
    environments = {service.name: _environment(service) for service in used}
    changed_at = {path: _changed_at(path) for service in used for path in service.watch}
    application = _application(request.path, changed_at) if request.path else None
    return Run(request, check_mode, environments, remembered, changed_at, application, warn)


def look(run_: Run, services: Iterable[Service]) -> tuple[Host, dict[str, State]]:
    """The processes of the host and the state of each service that is in use; raises NoProcesses."""
    used = [service for service in services if service.enabled]
    for _attempt in range(_ATTEMPTS):
        # The processes are read last, so that those that the managers name are among them.
        answers = {service.name: ask_manager(service, _asker(run_, service)) for service in used}
        host = read_host()
        states = {
            one.name: _with_code(run_, one, read_state(one, answers[one.name], host, _shown(one, host))) for one in used
        }
        # A process that has just ended says nothing; one on another host is never seen.
        if not any(state.vanished for state in states.values()):
            break
    return host, states


def read_log(run_: Run, service: Service) -> str:
    """The end of what the service wrote."""
    if not service.log_file:
        ask = _asker(run_, service)
        return "\n".join(ask(argv).stdout for argv in log_commands(service, ask))
    try:
        with open(service.log_file, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LINES * BYTES_A_LINE))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def show_log(run_: Run, service: Service, before: str, said: str = "") -> list[str]:
    """The new lines of the log that say why it failed, and what its command printed."""
    written = "\n".join(filter(None, (read_log(run_, service), said)))
    return last_lines(service, written, before, run_.secrets(service))


def unlisted_workers(run_: Run, host: Host, states: Mapping[str, State]) -> str:
    """A warning about processes of the application that are older than a change and belong to no service, or an empty text."""
    application, request = run_.application, run_.request
    changes = {**run_.changed_at, **request.changes, **({"what this run changes": host.now} if request.changed else {})}
    if application is None or not changes:
        return ""
    mains = [process.pid for state in states.values() for process in state.mains]
    listed = {process.pid for state in states.values() for process in state.everyone}
    listed |= {above for pid in [os.getpid(), *mains] for above in host.ancestors(pid)}
    places = {pid: read_place(pid) for pid in host.processes if pid not in listed}
    used = [read_place(pid).argv[:1] for pid in mains] + [service.check_argv[:1] for service in request.services]
    folders = {dirname(join(application.path, word)) for words in used for word in words if "/" in word}
    programs = [folder for folder in folders if isfile(join(dirname(folder), "pyvenv.cfg"))]
    workers = unlisted(host, places, application, programs, exists)
    found = [one for one in workers if newer(changes, one[0].started)]
    oldest = min((process.started for process, _command in found), default=0)
    return unlisted_warning(found, newer(changes, oldest), application) if found else ""


def _shown(service: Service, host: Host) -> Process | None:
    return recorded(service.pid_file, host) if service.pid_file else None


def _asker(run_: Run, service: Service) -> Ask:
    """Runs a command that asks a manager, in English and UTC."""
    environment = {**run_.environments[service.name], "LC_ALL": "C", "TZ": "UTC"}
    return lambda argv: run(argv, min(_PATIENCE, max(5.0, service.timeout)), environment)


def _with_code(run_: Run, service: Service, state: State) -> State:
    """The state with what its processes show about their code: when the oldest that serves was started, and from where."""
    places = {one.pid: read_place(one.pid) for one in state.everyone if one.pid}
    mains = [places[one.pid] for one in state.mains if one.pid]
    loaded = service.reload and any(preloads(place, _read_text) for place in mains)
    serving: Sequence[Process] = state.everyone
    if service.reload and not loaded:
        # A reload replaces the workers below a main process that stays.
        workers = [one for one in state.everyone if one not in state.mains]
        serving = workers or serving
        if workers:
            state = state._replace(started=min(one.started for one in workers))
    named = [place.argv[0] for place in mains if place.argv] if service.manager == "supervisord" else []
    # A process can call itself anything; what looks like no path says nothing about its program.
    programs = state.programs or tuple(name for name in named if name.startswith("/") and " " not in name)
    here = run_.application
    told = [elsewhere(here, one, places[one.pid], exists) for one in serving if one.pid and here]
    return state._replace(preloads=loaded, programs=programs, elsewhere=next(filter(None, told), ""))


def _environment(service: Service) -> Mapping[str, str]:
    """The environment of the commands of a service."""
    path, text = service.environment_file, ""
    try:
        if path:
            with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                text = file.read()
        given = whole_environment(text, path or "", service.environment)
    except OSError as error:
        why = f"This environment_file cannot be read: {path} ({error.strerror})."
        raise InvalidInput(f"{service.name}: {why}") from error
    except Failure as error:
        raise InvalidInput(f"{service.name}: {error.message}") from error
    is_missing = service.scope == "user" and "XDG_RUNTIME_DIR" not in os.environ
    return {**({"XDG_RUNTIME_DIR": f"/run/user/{os.geteuid()}"} if is_missing else {}), **given}


def _changed_at(path: str) -> float:
    """When a file changed, or a link on the way to it, because another file is found there since then."""
    if not isabs(path):
        raise InvalidInput(f"{path} is to be watched, and is no absolute path.")
    try:
        times = [os.stat(path).st_ctime]
        while path != "/":
            times += [os.lstat(path).st_ctime] if islink(path) else []
            path = dirname(path)
    except OSError as error:
        raise InvalidInput(f"{path} is to be watched, and cannot be read: {error.strerror}.") from error
    return max(times)


def _application(path: str, watched: Iterable[str]) -> Application:
    path = abspath(path)
    resolved = realpath(path)
    prefixes = (path + "/", resolved + "/")
    markers = [file[len(prefix) :] for file in watched for prefix in prefixes if file.startswith(prefix)]
    if not markers:
        with contextlib.suppress(OSError):
            markers = sorted(name for name in os.listdir(resolved) if name.endswith(".py"))
    return Application(path, resolved, tuple(dict.fromkeys(markers)))


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LINES * BYTES_A_LINE)
    except OSError:
        return ""
