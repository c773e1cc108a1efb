# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One service: whether its replacement can work, its restart or reload, and its return within one deadline."""

from __future__ import annotations

import json
import os
import shlex
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Failure
from .commands import Deadline, missing, not_ready, run
from .decide import Run, Step, known_changes, plan_step, restart_problem
from .log import last_lines
from .look import look, read_log, show_log
from .managers import State, command_problem, commands
from .memory import remember
from .options import Service

# What a check ran: its command, its folder and its environment.
Checks = list[tuple[Sequence[str], str, Mapping[str, str]]]

# Building an image is no part of the restart, but it ends too.
_LONGEST_BUILD = 3600.0
# A reload keeps the folder of the main process.
_FROM_WHERE = "Restart its main process from where the path leads now."
_CHANGED = ("restarted", "reloaded", "would_restart", "would_reload")
# What is known of each service, by its name.
Entries = dict[str, dict[str, Any]]


class ServiceFailed(Failure):
    """A service cannot be restarted, did not come back, or is not ready: a whole sentence, and the log lines that say why."""

    def __init__(self, name: str, kind: str, sentence: str, log: Sequence[str] = ()) -> None:
        super().__init__("\n".join([f"{sentence} Its last log lines:", *log] if log else [sentence]))
        self.kind, self.name, self.sentence, self.log = kind, name, sentence, list(log)

    def show_in(self, run_: Run, entries: Entries) -> dict[str, Any]:
        """What became of each service, with this one as failed."""
        entries[self.name].update(status="failed", reason=self.sentence, proven=False, log=self.log)
        return result(run_, entries, failed_service=self.name)


def entry_of(service: Service, step: Step) -> dict[str, Any]:
    """One service of the result."""
    shown = {"status": step.status, "reason": step.reason, "proven": step.proven, "log": []}
    return {"name": service.name, "manager": service.manager, **shown}


def result(run_: Run, entries: Entries, **more: Any) -> dict[str, Any]:
    """The result of a call, or the facts of its failure."""
    services = [service for service in run_.request.services if service.name in entries]
    shown = [entries[service.name] for service in services]
    return {
        "changed": any(entry["status"] in _CHANGED for entry in shown),
        "services": shown,
        "remaining": [_remaining(one) for one in services if entries[one.name]["status"] == "waiting"],
        **more,
    }


def try_replacement(run_: Run, service: Service, state: State, passed: Checks) -> None:
    """Raise ServiceFailed if what would be started cannot work. Nothing was stopped so far.

    Services of one application share a check: what has C(passed) for one of them is not run again for the next.

    Before the play changes what the services use, their own check would say nothing about what is started then.
    """
    environment, argv = run_.environments[service.name], list(service.argv) if service.manager == "command" else []
    wanted = [(argv, service.chdir), (list(service.check_argv), service.chdir)]
    wanted += [([program], "/") for program in state.programs]
    reasons = [missing(words, environment, folder) for words, folder in wanted if words]
    if service.manager == "command" and not argv and state.running:
        reasons += [_signal(state, 0)]
    why, said = next(filter(None, reasons), ""), ""
    check = (service.check_argv, service.chdir, environment)
    if not why and service.check_argv and not run_.request.try_only and check not in passed:
        passed.append(check)
        ran = run(service.check_argv, service.timeout, environment, service.chdir)
        ended = f"did not end within {service.timeout:g} s" if ran.status is None else f"ended with status {ran.status}"
        why, said = f"the check {' '.join(service.check_argv)} {ended}" if ran.status != 0 else "", ran.said
    if why:
        sentence = run_.mask(service, f"{service.name}: nothing was stopped, because {why}.")
        raise ServiceFailed(
            service.name, "check_failed", sentence, last_lines(service, said, "", run_.secrets(service))
        )


def act_on(run_: Run, service: Service, entries: Entries) -> dict[str, Any]:
    """The result of the restart or reload of one service; raises ServiceFailed."""
    deadline = Deadline(service.timeout)
    host, states = look(run_, [service])
    state = states[service.name]
    step = plan_step(run_, service, state, host.now)
    entries[service.name] = entry_of(service, step)
    if step.failure:
        raise ServiceFailed(service.name, step.failure, f"{service.name}: {step.reason}.")
    if not step.action or run_.check_mode:
        return result(run_, entries, due=[], seen={service.name: state.identities})
    before = read_log(run_, service)
    after, kind = State(True, ""), "restart_failed"
    wrong, said = _tell(run_, service, state, step.action, deadline)
    if not wrong:
        after, wrong = _wait(run_, service, state, step.action, deadline)
        wrong = wrong or not_ready(service, run_.environments[service.name], run_.secrets(service), deadline)
        if not wrong and after.elsewhere:
            wrong, kind = f"was {step.action}ed, but {after.elsewhere}. {_FROM_WHERE}", "old_code"
    if wrong:
        raise failed(run_, service, kind, wrong, show_log(run_, service, before, said))
    news: dict[str, float | None] = {"failed": None} if run_.known(service).failed is not None else {}
    if after.started is None:
        news["started"] = host.now
    remember(run_.request.state_file, {service.key: news} if news else {})
    entries[service.name]["proven"] = bool(after.everyone)
    return result(run_, entries, due=[], seen={service.name: after.identities})


def failed(run_: Run, service: Service, kind: str, wrong: str, log: Sequence[str]) -> ServiceFailed:
    """The failure of a service that is there: the next run has to know of it."""
    if not run_.check_mode:
        remember(run_.request.state_file, {service.key: {"failed": time.time()}})
    return ServiceFailed(service.name, kind, run_.mask(service, f"{service.name} {wrong}"), log)


def _tell(run_: Run, service: Service, state: State, action: str, deadline: Deadline) -> tuple[str, str]:
    """Tell the manager, or the process itself; what went wrong and what the last command said."""
    told, said, wrong = commands(service, action), "", ""
    builds = service.manager == "docker_compose" and service.build
    for argv in told:
        seconds = _LONGEST_BUILD if builds else deadline.left
        ran = run(argv, seconds, run_.environments[service.name], service.chdir)
        said, wrong = ran.said, command_problem(service, argv, ran, _LONGEST_BUILD if builds else service.timeout)
        if wrong:
            break
    if builds:
        deadline.restart()
    unsignaled = "" if told else _signal(state, signal.SIGHUP)
    wrong = f"{unsignaled}." if unsignaled else wrong
    return f"could not be {action}ed: {wrong}" if wrong else "", said


def _wait(run_: Run, service: Service, before: State, action: str, deadline: Deadline) -> tuple[State, str]:
    """The state of the service once it is back, or why it is not."""
    while True:
        host, states = look(run_, [service])
        after = states[service.name]
        # Another clock wrote the times of other changes: they decide what is due, and prove nothing.
        wrong = restart_problem(action, before, host, after, known_changes(run_, service, {}))
        if not wrong:
            return after, ""
        by_manager = wrong == after.text and not after.failure and service.manager not in ("command", "manual")
        said = f"{service.manager} says: {wrong}" if by_manager else wrong
        if after.final:
            return after, f"ended: {said}."
        if not deadline.left:
            return after, f"did not come back within {deadline.seconds:g} s: {said}."
        deadline.wait()


def _signal(state: State, number: int) -> str:
    """Send a signal to the main processes; why that is impossible, or an empty text. The number 0 only tries it."""
    try:
        for process in state.mains:
            os.kill(process.pid, number)
    except OSError as error:
        return f"{state.text} cannot get a signal ({error.strerror})"
    return ""


def _remaining(service: Service) -> dict[str, str]:
    given = shlex.quote(json.dumps({"services_confirmed": [service.name]}, ensure_ascii=False))
    shown = ", or run the play again once its pid_file names the new process" if service.pid_file else ""
    return {
        "name": service.name,
        "instructions": f"{(service.instructions or f'Restart {service.name}').rstrip('. ')}.",
        "confirm": f"Confirm it with -e {given}{shown}.",
    }
