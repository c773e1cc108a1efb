# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of the module app_service: read, decide and try; act on one service; see that all of them stay up."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Failure
from .._module import ModuleApi
from .act import Checks, ServiceFailed, act_on, entry_of, failed, result, try_replacement
from .commands import Deadline, not_ready
from .decide import Run, plan_step, seconds_to_watch, stability_problem
from .log import secrets_of
from .look import begin, look, show_log, unlisted_workers
from .managers import State
from .memory import read_memory, remember, try_memory
from .options import read_request
from .processes import Host

_SHORTEST_SECRET = 4
_ACTED = ("restarted", "reloaded")
Entries = Sequence[Mapping[str, Any]]
Identities = Mapping[str, Sequence[str]]


def ensure_services(params: dict[str, Any], check_mode: bool, module: ModuleApi) -> dict[str, Any]:
    """The result of one call: of the first, of one for each service that is due, or of the last; raises Failure."""
    given = dict(params)
    _hide(params, module)
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
    request, services = run_.request, run_.request.services
    if any(service.enabled for service in services):
        try_memory(request.state_file)
    host, states = look(run_, services)
    steps = {one.name: plan_step(run_, one, states.get(one.name, State(False, "")), host.now) for one in services}
    entries = [entry_of(service, steps[service.name]) for service in services]
    # Until it is acted on, what is due is not reached.
    unreached = {"status": "not_reached", "proven": False}
    shown = [{**entry, **(unreached if steps[entry["name"]].action else {})} for entry in entries]
    due = [service for service in services if steps[service.name].action]
    restarted = [one for one in services if one.enabled and one.manager != "manual"]
    try:
        for name, step in steps.items():
            if step.failure:
                raise ServiceFailed(name, step.failure, f"{name}: {step.reason}.")
        if not (run_.check_mode or request.try_only):
            news = {service.key: steps[service.name].news for service in services}
            remember(request.state_file, {key: times for key, times in news.items() if times})
        passed: Checks = []
        for service in restarted if request.try_only else due:
            try_replacement(run_, service, states[service.name], passed)
    except ServiceFailed as failure:
        # Nothing was stopped.
        raise failure.among(services, shown) from None
    if not request.try_only and (not due or run_.check_mode):
        return _conclude(run_, entries, host, states, {})
    acts = [{"name": one.name, "action": steps[one.name].action, "reason": steps[one.name].reason} for one in due]
    return result(services, shown, due=acts, seen={})


def _conclude_acts(run_: Run) -> dict[str, Any]:
    """The result of the whole run, from what the earlier calls of it came to."""
    first, *acts = run_.request.earlier
    outcomes = {entry["name"]: entry for act in acts for entry in act.get("services") or []}
    entries = [outcomes.get(entry["name"], entry) for entry in first["services"]]
    for act in acts:
        if any(act.get(key) for key in ("failure", "failed", "unreachable")):
            facts = result(run_.request.services, entries)
            failure = Failure(str(act.get("msg")), **facts, failed_service=act.get("failed_service"))
            failure.kind = act.get("failure") or ("host_unreachable" if act.get("unreachable") else "unexpected")
            raise failure
    seen = {name: identities for act in acts for name, identities in (act.get("seen") or {}).items()}
    # Those that were restarted are looked at once they had the time to fail.
    acted = {entry["name"] for entry in entries if entry["status"] in _ACTED}
    host, states = look(run_, [one for one in run_.request.services if one.name not in acted])
    return _conclude(run_, entries, host, states, seen)


def _conclude(run_: Run, entries: Entries, host: Host, states: Mapping[str, State], seen: Identities) -> dict[str, Any]:
    """Ask those that nothing restarted whether they are ready, and watch all at once that have to stay up."""
    services = {service.name: service for service in run_.request.services}
    quiet = [services[entry["name"]] for entry in entries if entry["status"] in ("unchanged", "confirmed")]
    acted = [services[entry["name"]] for entry in entries if entry["status"] in _ACTED]
    seconds = {one.name: seconds_to_watch(states[one.name], host.now, run_.known(one)) for one in quiet}
    seconds.update({one.name: one.ready.stable_for for one in acted})
    watched = [service for service in (*quiet, *acted) if seconds.get(service.name)]
    began = time.monotonic()
    for service in quiet:
        environment = run_.environments[service.name]
        wrong = not_ready(service, environment, run_.secrets(service), Deadline(service.timeout))
        if wrong:
            log = show_log(run_, service, "")
            raise failed(run_, service, "not_ready", wrong, log).among(run_.request.services, entries)
    if watched:
        longest = max(seconds.values())
        time.sleep(max(0.0, longest - (time.monotonic() - began)))
        identities = {**{name: state.identities for name, state in states.items()}, **seen}
        host, after = look(run_, watched)
        for service in watched:
            name = service.name
            wrong = stability_problem(identities[name], after[name], longest)
            if wrong:
                failure = failed(run_, service, "not_stable", f"did not stay up: {wrong}.", show_log(run_, service, ""))
                raise failure.among(run_.request.services, entries)
        states = {**states, **after}
    if not run_.check_mode:
        failed_before = [one for one in quiet if run_.known(one).failed is not None]
        remember(run_.request.state_file, {one.key: {"failed": None} for one in failed_before})
    warning = unlisted_workers(run_, host, states)
    if warning:
        run_.warn(warning)
    return result(run_.request.services, entries, due=[], seen={})


def _hide(params: dict[str, Any], module: ModuleApi) -> None:
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
