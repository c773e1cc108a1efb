# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One service: whether its replacement can work, its restart or reload, and its return within one deadline."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

from .commands import Ran, missing, run
from .decide import known_changes, plan_step, restart_problem
from .look import Run, command_environment, look, masked, read_log, show_log
from .managers import State, command_problem, commands
from .memory import remember
from .options import Service
from .outcome import Problem, entry_of, failure, result
from .ready import Deadline, not_ready

# Building an image is no part of the restart, but it ends too.
_LONGEST_BUILD = 3600.0
_PAUSE = 0.25


def try_replacement(run_: Run, service: Service, state: State) -> Problem | None:
    """Why what would be started cannot work, or None. Nothing was stopped so far.

    Before the play changes what the services use, their own check would say nothing about what is started then.
    """
    environment = command_environment(run_, service)
    argv = list(service.argv) if service.manager == "command" else []
    wanted = [(argv, service.chdir)] if argv else []
    wanted += [([program], "/") for program in state.programs]
    wanted += [(list(service.check_argv), service.chdir)] if service.check_argv else []
    reasons = [why for words, folder in wanted for why in [missing(words, environment, folder)] if why]
    if not argv and service.manager == "command" and state.running and not _may_signal(state):
        reasons.append(f"this user may not send a signal to {state.text}")
    if reasons:
        return _stopped_nothing(service, reasons[0])
    if not service.check_argv or run_.request.try_only:
        return None
    ran = run(service.check_argv, service.timeout, environment, service.chdir)
    if ran.status == 0:
        return None
    ended = f"did not end within {service.timeout:g} s" if ran.status is None else f"ended with status {ran.status}"
    lines = show_log(run_, service, "", ran.said, file=False)
    return _stopped_nothing(service, f"the check {' '.join(service.check_argv)} {ended}")._replace(log=lines)


def act_on(run_: Run, service: Service) -> dict[str, Any]:
    """The result of the restart or reload of one service; raises ServiceFailed."""
    deadline = Deadline(service.timeout)
    host, states = look(run_, [service])
    state = states[service.name]
    step = plan_step(service, state, run_.facts(host))
    entry = entry_of(service, step)
    if step.error:
        problem = Problem(service.name, step.failure, f"{service.name}: {step.error}.")
        raise failure([service], [entry], problem)
    if not step.action:
        return result([service], [entry], due=[], seen={service.name: _identities(state)})
    before = read_log(run_, service)
    said, after, kind = "", State(True, ""), "restart_failed"
    wrong, ran = _tell(run_, service, state, step.action, deadline)
    if not wrong and not service.one_shot:
        after, wrong = _wait(run_, service, state, step.action, deadline)
        wrong = wrong or not_ready(service, command_environment(run_, service), run_.secrets(service), deadline)
        if not wrong and after.elsewhere:
            wrong, kind = f"was {step.action}ed, but {after.elsewhere}. {_from_where(step.action)}", "old_code"
    if wrong:
        remember(run_.request.state_file, {service.key: {"failed": host.now}})
        said = ran.said if ran else ""
        sentence = masked(run_, service, f"{service.name} {wrong}")
        raise failure([service], [entry], Problem(service.name, kind, sentence, show_log(run_, service, before, said)))
    unseen = service.one_shot or after.started is None
    news: dict[str, float | None] = {**({"started": host.now} if unseen else {}), **_forget(run_, service)}
    remember(run_.request.state_file, {service.key: news} if news else {})
    proven = service.one_shot or bool(after.everyone)
    return result([service], [{**entry, "proven": proven}], due=[], seen={service.name: _identities(after)})


def _tell(run_: Run, service: Service, state: State, action: str, deadline: Deadline) -> tuple[str, Ran | None]:
    """Tell the manager, or the process itself; what went wrong and what the last command said."""
    environment, ran = command_environment(run_, service), None
    told = commands(service, action)
    builds = service.manager == "docker_compose" and service.build
    for argv in told:
        seconds = _LONGEST_BUILD if builds else deadline.left
        ran = run(argv, seconds, environment, service.chdir)
        wrong = command_problem(service, argv, ran, _LONGEST_BUILD if builds else service.timeout)
        if wrong:
            return f"could not be {action}ed: {wrong}", ran
    if builds:
        deadline.restart()
    try:
        for process in () if told else state.mains:
            os.kill(process.pid, signal.SIGHUP)
    except OSError as error:
        return f"could not be {action}ed: {state.text} cannot get a signal ({error.strerror}).", ran
    return "", ran


def _wait(run_: Run, service: Service, before: State, action: str, deadline: Deadline) -> tuple[State, str]:
    """The state of the service once it is back, or why it is not."""
    while True:
        host, states = look(run_, [service])
        after = states[service.name]
        # Another clock wrote the times of other changes: they decide what is due, and prove nothing.
        changes = known_changes(service, run_.facts(host)._replace(changes={}))
        wrong = restart_problem(action, before, host, after, changes)
        if not wrong:
            return after, ""
        by_manager = wrong == after.text and service.manager not in ("command", "manual")
        said = f"{service.manager} says: {wrong}" if by_manager else wrong
        if after.final:
            return after, f"ended: {said}."
        if not deadline.left:
            return after, f"did not come back within {deadline.seconds:g} s: {said}."
        time.sleep(min(_PAUSE, deadline.left))


def _forget(run_: Run, service: Service) -> Mapping[str, None]:
    remembered = run_.remembered.get(service.key)
    return {"failed": None} if remembered and remembered.failed is not None else {}


def _may_signal(state: State) -> bool:
    try:
        for process in state.mains:
            os.kill(process.pid, 0)
    except OSError:
        return False
    return True


def _stopped_nothing(service: Service, why: str) -> Problem:
    return Problem(service.name, "check_failed", f"{service.name}: nothing was stopped, because {why}.")


def _from_where(action: str) -> str:
    if action == "reload":
        return "A reload keeps the folder of the main process: restart that, from where the path leads now."
    return "Start it from where the path leads now."


def _identities(state: State) -> list[str]:
    return [process.identity for process in state.mains]
