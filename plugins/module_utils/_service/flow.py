# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of the module app_service: read, decide and try; act on one service; see that all of them stay up."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from .._errors import Failure
from .act import act_on, try_replacement
from .decide import Step, plan_step, seconds_to_watch, stability_problem
from .environment import secrets_of
from .look import Run, begin, command_environment, look, masked, read_log, show_log, unlisted_workers
from .managers import State
from .memory import Remembered, read_memory, remember, try_memory
from .options import Service, read_request
from .outcome import Problem, entry_of, failure, not_reached, result
from .processes import Host
from .ready import Deadline, not_ready

_SHORTEST_SECRET = 4
_ACTED = ("restarted", "reloaded")
Entries = Sequence[Mapping[str, Any]]
Identities = Mapping[str, Sequence[str]]


class Module(Protocol):
    """What is needed of AnsibleModule: the values that it hides in everything that it prints, and warnings."""

    no_log_values: set[str]

    def warn(self, warning: str) -> None:
        """Show a warning."""


def ensure_services(params: Mapping[str, Any], check_mode: bool, api: object) -> dict[str, Any]:
    """The result of one call: of the first, of one for each service that is due, or of the last; raises Failure."""
    given, module = dict(params), cast(Module, api)
    _hide(cast("dict[str, Any]", params), module)
    request = read_request(given)
    remembered, damaged = read_memory(request.state_file)
    run_ = begin(request, check_mode, remembered, module.warn)
    if request.act is not None:
        return act_on(run_, next(service for service in request.services if service.name == request.act))
    if request.earlier:
        return _conclude_acts(run_)
    if damaged:
        module.warn(damaged)
    return _decide(run_)


def _decide(run_: Run) -> dict[str, Any]:
    """The result if nothing is due or check mode predicts, or else what is due and can be replaced."""
    request = run_.request
    if any(service.enabled for service in request.services):
        try_memory(request.state_file)
    host, states = look(run_, request.services)
    facts = run_.facts(host)
    steps = {one.name: plan_step(one, states.get(one.name, State(False, "")), facts) for one in request.services}
    entries = [entry_of(service, steps[service.name]) for service in request.services]
    for service in request.services:
        if steps[service.name].error:
            step = steps[service.name]
            _refuse(run_, entries, Problem(service.name, step.failure, f"{service.name}: {step.error}."))
    if not (run_.check_mode or request.try_only):
        remember(request.state_file, _news(request.services, steps, host.now))
    due = [service for service in request.services if steps[service.name].action]
    restarted = [one for one in request.services if one.enabled and one.manager != "manual"]
    for service in restarted if request.try_only else due:
        problem = try_replacement(run_, service, states[service.name])
        if problem:
            _refuse(run_, entries, problem._replace(sentence=masked(run_, service, problem.sentence)))
    if not request.try_only and (not due or run_.check_mode):
        return _conclude(run_, entries, host, states, {})
    named = {service.name for service in due}
    shown = [not_reached(entry) if entry["name"] in named else entry for entry in entries]
    acts = [{"name": one.name, "action": steps[one.name].action, "reason": steps[one.name].reason} for one in due]
    return result(request.services, shown, due=acts, seen={})


def _conclude_acts(run_: Run) -> dict[str, Any]:
    """The result of the whole run, from what the earlier calls of it came to."""
    first, *acts = run_.request.earlier
    outcomes = {entry["name"]: entry for act in acts for entry in act.get("services") or []}
    entries = [outcomes.get(entry["name"], entry) for entry in first["services"]]
    for act in acts:
        if act.get("failure"):
            facts = result(run_.request.services, entries)
            failed = Failure(str(act.get("msg")), **facts, failed_service=act.get("failed_service"))
            failed.kind = act["failure"]
            raise failed
    seen = {name: identities for act in acts for name, identities in (act.get("seen") or {}).items()}
    host, states = look(run_, run_.request.services)
    return _conclude(run_, entries, host, states, seen)


def _conclude(run_: Run, entries: Entries, host: Host, states: Mapping[str, State], seen: Identities) -> dict[str, Any]:
    """Ask those that nothing restarted whether they are ready, and watch all at once that have to stay up."""
    request = run_.request
    services = {service.name: service for service in request.services}
    quiet = [services[entry["name"]] for entry in entries if entry["status"] in ("unchanged", "confirmed")]
    watched = {
        **{one.name: seconds_to_watch(one, states[one.name], host.now, _known(run_, one)) for one in quiet},
        **{entry["name"]: services[entry["name"]].ready.stable_for for entry in entries if entry["status"] in _ACTED},
    }
    watched = {name: seconds for name, seconds in watched.items() if not services[name].one_shot}
    before = {name: read_log(run_, services[name]) for name, seconds in watched.items() if seconds}
    began = time.monotonic()
    for service in quiet:
        wrong = not_ready(service, command_environment(run_, service), run_.secrets(service), Deadline(service.timeout))
        if wrong:
            _fail(run_, entries, service, "not_ready", wrong, "")
    mains = {name: [one.identity for one in state.mains] for name, state in states.items()}
    if before:
        longest = max(watched.values())
        time.sleep(max(0.0, longest - (time.monotonic() - began)))
        _watch(run_, entries, before, {**mains, **seen}, longest)
    if not run_.check_mode:
        failed_before = [one for one in quiet if _known(run_, one).failed is not None]
        remember(request.state_file, {one.key: {"failed": None} for one in failed_before})
    for warning in unlisted_workers(run_, host, states):
        run_.warn(warning)
    return result(request.services, entries, due=[], seen={})


def _watch(run_: Run, entries: Entries, before: Mapping[str, str], identities: Identities, longest: float) -> None:
    """Raise ServiceFailed if one of these services, with what their logs held before, is not what it was."""
    services = [service for service in run_.request.services if service.name in before]
    _host, states = look(run_, services)
    for service in services:
        wrong = stability_problem(identities[service.name], states[service.name], longest)
        if wrong:
            _fail(run_, entries, service, "not_stable", f"did not stay up: {wrong}.", before[service.name])


def _fail(run_: Run, entries: Entries, service: Service, kind: str, wrong: str, before: str) -> None:
    if not run_.check_mode:
        remember(run_.request.state_file, {service.key: {"failed": time.time()}})
    log = show_log(run_, service, before) or show_log(run_, service, "")
    problem = Problem(service.name, kind, masked(run_, service, f"{service.name} {wrong}"), log)
    raise failure(run_.request.services, entries, problem)


def _refuse(run_: Run, entries: Entries, problem: Problem) -> None:
    """Fail before anything is stopped."""
    left = [entry if entry["status"] in ("skipped", "waiting") else not_reached(entry) for entry in entries]
    raise failure(run_.request.services, left, problem)


def _news(services: Sequence[Service], steps: Mapping[str, Step], now: float) -> dict[str, dict[str, float | None]]:
    """What only this run knows: that something changed, and what was confirmed."""
    return {
        one.key: {**({"changed": now} if step.mark else {}), **({"started": now} if step.confirm else {})}
        for one, step in ((service, steps[service.name]) for service in services)
        if step.mark or step.confirm
    }


def _known(run_: Run, service: Service) -> Remembered:
    return run_.remembered.get(service.key, Remembered())


def _hide(params: dict[str, Any], module: Module) -> None:
    """Keep secrets out of what Ansible shows of a call.

    AnsibleModule would hide each value of an environment, even a 0 or a path, wherever it stands in a result.
    """
    hidden: set[str] = set()
    for entry in params["services"]:
        ready = entry.get("ready") or {}
        hidden |= secrets_of({name: str(value) for name, value in (entry.get("environment") or {}).items()})
        hidden |= {str(value) for value in (ready.get("headers") or {}).values() if len(str(value)) >= _SHORTEST_SECRET}
    module.no_log_values = hidden
    params["services"] = [{"name": entry["name"], "manager": entry["manager"]} for entry in params["services"]]
    params["earlier"] = [{}] * len(params["earlier"])
