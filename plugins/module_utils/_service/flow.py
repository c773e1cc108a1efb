# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of the module app_service: read, decide and try; act on one service; see that all of them stay up."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Failure
from .._module import ModuleApi
from .act import Checks, Entries, ServiceFailed, act_on, entry_of, failed, result, try_replacement
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
Identities = Mapping[str, Sequence[str]]


def ensure_services(params: dict[str, Any], check_mode: bool, module: ModuleApi) -> dict[str, Any]:
    """The result of one call: of the first, of one for each service that is due, or of the last; raises Failure."""
    given = dict(params)
    _hide(params, module)
    request = read_request(given)
    remembered, damaged = read_memory(request.state_file)
    run_ = begin(request, check_mode, remembered, module.warn)
    if damaged and not (request.act or request.earlier):
        module.warn(damaged)
    entries: Entries = {}
    try:
        if request.act is not None:
            return act_on(run_, next(one for one in request.services if one.name == request.act), entries)
        return _conclude_acts(run_, entries) if request.earlier else _decide(run_, entries)
    except ServiceFailed as failure:
        failure.facts = failure.show_in(run_, entries)
        raise


def _decide(run_: Run, entries: Entries) -> dict[str, Any]:
    """The result if nothing is due or check mode predicts, or else what is due and can be replaced."""
    request, services = run_.request, run_.request.services
    if any(service.enabled for service in services):
        try_memory(request.state_file)
    host, states = look(run_, services)
    steps = {one.name: plan_step(run_, one, states.get(one.name, State(False, "")), host.now) for one in services}
    planned = {service.name: entry_of(service, steps[service.name]) for service in services}
    due = [service for service in services if steps[service.name].action]
    # Until it is acted on, what is due is not reached.
    entries.update(planned)
    entries.update({one.name: {**planned[one.name], "status": "not_reached", "proven": False} for one in due})
    for name, step in steps.items():
        if step.failure:
            raise ServiceFailed(name, step.failure, f"{name}: {step.reason}.")
    if not (run_.check_mode or request.try_only):
        news = {service.key: steps[service.name].news for service in services}
        remember(request.state_file, {key: times for key, times in news.items() if times})
    passed: Checks = []
    restarted = [one for one in services if one.enabled and one.manager != "manual"]
    for service in restarted if request.try_only else due:
        try_replacement(run_, service, states[service.name], passed)
    if not request.try_only and (not due or run_.check_mode):
        entries.update(planned)
        return _conclude(run_, entries, host, states, {})
    acts = [{"name": one.name, "action": steps[one.name].action, "reason": steps[one.name].reason} for one in due]
    return result(run_, entries, due=acts, seen={})


def _conclude_acts(run_: Run, entries: Entries) -> dict[str, Any]:
    """The result of the whole run, from what the earlier calls of it came to."""
    acts = run_.request.earlier[1:]
    for earlier in run_.request.earlier:
        entries.update({entry["name"]: entry for entry in earlier.get("services") or []})
    for act in acts:
        if any(act.get(key) for key in ("failure", "failed", "unreachable")):
            facts = result(run_, entries, failed_service=act.get("failed_service"))
            failure = Failure(str(act.get("msg")), **facts)
            failure.kind = act.get("failure") or ("host_unreachable" if act.get("unreachable") else "unexpected")
            raise failure
    seen = {name: identities for act in acts for name, identities in (act.get("seen") or {}).items()}
    # Those that were restarted are looked at once they had the time to fail.
    host, states = look(run_, [one for one in run_.request.services if entries[one.name]["status"] not in _ACTED])
    return _conclude(run_, entries, host, states, seen)


def _conclude(run_: Run, entries: Entries, host: Host, states: Mapping[str, State], seen: Identities) -> dict[str, Any]:
    """Ask those that nothing restarted whether they are ready, and watch all at once that have to stay up."""
    services = run_.request.services
    quiet = [one for one in services if entries[one.name]["status"] in ("unchanged", "confirmed")]
    acted = [one for one in services if entries[one.name]["status"] in _ACTED]
    seconds = {one.name: seconds_to_watch(states[one.name], host.now, run_.known(one)) for one in quiet}
    seconds.update({one.name: one.ready.stable_for for one in acted})
    watched = [service for service in (*quiet, *acted) if seconds[service.name]]
    began = time.monotonic()
    for service in quiet:
        environment = run_.environments[service.name]
        wrong = not_ready(service, environment, run_.secrets(service), Deadline(service.timeout))
        if wrong:
            raise failed(run_, service, "not_ready", wrong, show_log(run_, service, ""))
    if watched:
        longest = max(seconds.values())
        time.sleep(max(0.0, longest - (time.monotonic() - began)))
        identities = {**{name: state.identities for name, state in states.items()}, **seen}
        host, after = look(run_, watched)
        for service in watched:
            wrong = stability_problem(identities[service.name], after[service.name], longest)
            if wrong:
                wrong = f"did not stay up: {wrong}."
                raise failed(run_, service, "not_stable", wrong, show_log(run_, service, ""))
        states = {**states, **after}
    if not run_.check_mode:
        failed_before = [one for one in quiet if run_.known(one).failed is not None]
        remember(run_.request.state_file, {one.key: {"failed": None} for one in failed_before})
    warning = unlisted_workers(run_, host, states)
    if warning:
        run_.warn(warning)
    return result(run_, entries, due=[], seen={})


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
