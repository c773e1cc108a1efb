# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is due to each service, from what is seen, what changed and what was confirmed; and whether it is back: pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from .code import Application
from .log import mask, secrets_of
from .managers import State
from .memory import Remembered
from .options import Request, Service
from .processes import Host, Process

# A process that is younger may be one of many that a manager starts after each crash.
YOUNG = 10.0
_SUSPECT = 60.0
_THIS_RUN = "what this run "
_PRELOADED = (
    "gunicorn preloads the application, so after a reload new workers run the code that its main process has loaded. Restart "
    "the main process, for example with argv, a restart command, instead of reload; or run gunicorn without --preload"
)


class Run(NamedTuple):
    """One call of the module: what is asked, what is remembered by the key of a service, and what stays while it runs.

    C(environments) are by the name of their service, C(changed_at) has the change time of each watched file.
    """

    request: Request
    check_mode: bool
    environments: Mapping[str, Mapping[str, str]]
    remembered: Mapping[str, Remembered]
    changed_at: Mapping[str, float]
    application: Application | None
    warn: Callable[[str], None]

    def known(self, service: Service) -> Remembered:
        return self.remembered.get(service.key, Remembered())

    def secrets(self, service: Service) -> set[str]:
        return secrets_of(self.environments[service.name])

    def mask(self, service: Service, text: str) -> str:
        return mask(text, self.secrets(service))


class Step(NamedTuple):
    """What happens to one service.

    C(action) is C(restart), C(reload) or nothing. C(proven) says that no process serves it that is older than a change.
    C(news) is what has to be remembered: that something changed which only this run knows, and a confirmation.
    C(failure) names the kind of the reason if nothing can be done.
    """

    status: str
    reason: str
    action: str = ""
    proven: bool = False
    news: Mapping[str, float] = {}
    failure: str = ""


def plan_step(run_: Run, service: Service, state: State, now: float) -> Step:
    """What is due to the service, and why."""
    if not service.enabled:
        return Step("skipped", "it is not enabled", proven=True)
    if state.failure:
        return Step("failed", state.text, failure=state.failure)
    asked = run_.request
    confirmed = service.name in asked.confirmed and not state.everyone
    # If no process shows it, what is remembered counts.
    shown = run_.known(service).started if state.started is None else state.started
    since = now if confirmed else shown
    changes = known_changes(run_, service, asked.changes)
    step = Step("unchanged", "", news={"changed": now} if asked.changed and not newer(changes, since) else {})
    if asked.changed and not confirmed:
        this_run = f"{_THIS_RUN}would change" if run_.check_mode else f"{_THIS_RUN}changed"
        changes = known_changes(run_, service, {**asked.changes, this_run: now})
    reason = _reason(state, since, changes, asked.restart)
    if not reason:
        news = {**step.news, "started": now} if confirmed else step.news
        step = step._replace(reason=_unchanged(state, since), proven=bool(state.everyone) or confirmed, news=news)
        if service.manager != "manual" or state.everyone or since is None:
            return step
        return step._replace(status="confirmed", reason=f"confirmed on {_date(since)}", proven=True)
    if service.manager == "manual":
        contradicted = "it was confirmed, but " if service.name in asked.confirmed else ""
        return step._replace(status="waiting", reason=f"{contradicted}{reason}")
    return _act(service, step, reason, state, run_.check_mode)


def known_changes(run_: Run, service: Service, others: Mapping[str, float]) -> dict[str, float]:
    """What changed and when: its files, these others, and what an earlier call or run changed and only it could know."""
    remembered = run_.known(service).changed
    earlier = {} if remembered is None else {f"the change of {_date(remembered)}": remembered}
    return {**{path: run_.changed_at[path] for path in service.watch}, **others, **earlier}


def newer(changes: Mapping[str, float], since: float | None) -> str:
    """The name of a change after this time, or of any if the time is unknown."""
    return next((name for name, time in changes.items() if since is None or time > since), "")


def restart_problem(action: str, before: State, host: Host, after: State, changes: Mapping[str, float]) -> str:
    """Why the service is not back, or an empty text: it does not run, or what ran before still does."""
    if not after.running:
        return after.text
    if action == "reload":
        workers = set(after.everyone) - set(after.mains)
        if before.mains and not workers:
            return "no worker shows the reload; a program without worker processes has to be restarted"
        left = _left_over([one for one in before.everyone if one not in before.mains], host)
    elif {*before.identities} & {*after.identities}:
        return f"it still is the old process: {after.text}"
    else:
        left = _left_over(before.everyone, host)
    older = newer(changes, after.started) if after.started is not None else ""
    return left or (f"its process is older than {older}" if older else "")


def stability_problem(identities: Sequence[str], after: State, seconds: float) -> str:
    """Why the service did not stay up since it had these main processes, or an empty text."""
    if not after.running:
        return f"it ran, and ended within {round(seconds, 1):g} s: {after.text}"
    if list(identities) != after.identities:
        return f"it was started again within {round(seconds, 1):g} s"
    return ""


def seconds_to_watch(state: State, now: float, remembered: Remembered) -> float:
    """How long a service that nothing restarted has to be watched before it counts as unchanged."""
    if not state.mains or not state.running:
        return 0
    age = now - max(one.started for one in state.mains)
    if age < YOUNG:
        return YOUNG - max(age, 0)
    return YOUNG if age < _SUSPECT and (state.restarts or remembered.failed is not None) else 0


def _reason(state: State, since: float | None, changes: Mapping[str, float], asked: bool) -> str:
    if not state.running:
        return f"it is not running: {state.text}"
    change = newer(changes, since)
    if change.startswith(_THIS_RUN):
        return f"it uses {change}"
    if change:
        unknown = f"nobody knows whether its process is newer than {change}"
        return unknown if since is None else f"its process is older than {change}"
    return state.elsewhere or ("services_restart asks for it" if asked else "")


def _act(service: Service, step: Step, reason: str, state: State, check_mode: bool) -> Step:
    action = "reload" if service.reload and state.running and not state.preloads else "restart"
    if service.manager == "command" and action == "restart" and not service.argv:
        if state.preloads:
            return Step("failed", f"{reason}. {_PRELOADED}", failure="old_code")
        return Step("failed", f"{reason}, and without argv nothing can start it", failure="restart_failed")
    return step._replace(status=f"would_{action}" if check_mode else f"{action}ed", reason=reason, action=action)


def _unchanged(state: State, since: float | None) -> str:
    if state.everyone:
        return "its process is newer than every change"
    return "nothing that it uses has changed" + (f" since {_date(since)}" if since is not None else "")


def _left_over(processes: Iterable[Process], host: Host) -> str:
    alive = {process.identity for process in host.processes.values()}
    left = [str(process.pid) for process in processes if process.identity in alive]
    return f"the old process {', '.join(left)} still runs" if left else ""


def _date(time: float) -> str:
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
