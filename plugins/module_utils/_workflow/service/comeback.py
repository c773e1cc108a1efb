# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restarts one workflow, and waits until it is up and stays up."""

from __future__ import annotations

import re
import time
from subprocess import TimeoutExpired
from types import ModuleType

from . import plain
from .command import Completed, run_command
from .log import last_lines, log_size
from .model import NotBack, Observation, Workflow
from .probe import why_not_up

_POLL = 0.25
# A build has its own pace; it is not part of coming back.
_BUILD_TIMEOUT = 3600.0
_STARTED = re.compile("abnormal termination|Exited too quickly|STARTING|RUNNING|EXITED")


def restart_and_wait(workflow: Workflow, manager: ModuleType, before: Observation) -> float:
    """Restart and wait; the seconds it took, or NotBack with the last lines of the log."""
    begin, since = time.monotonic(), log_size(workflow)
    try:
        _tell(workflow, manager)
        if not workflow.one_shot:
            _wait_until_up(workflow, manager, before)
    except (NotBack, TimeoutExpired) as error:
        reason = f"{str(error).rstrip('.')}."
        lines = last_lines(workflow, manager.logs(workflow, before), run_command, since)
        said = "Its last log lines:\n" + "\n".join(lines) if lines else "Its log says nothing."
        raise NotBack(f"{reason} {said}", reason=reason, log=lines) from error
    return time.monotonic() - begin


def _tell(workflow: Workflow, manager: ModuleType) -> None:
    if manager is plain:
        plain.stop(workflow)
        plain.start(workflow)
        return
    for argv in manager.restart(workflow):
        done = run_command(argv, _BUILD_TIMEOUT if "build" in argv else workflow.timeout)
        if done.rc and not (workflow.one_shot and _was_started(workflow, manager, done)):
            raise NotBack(f"{workflow.name} could not be restarted: {' '.join(argv)}: {done.words}")


def _was_started(workflow: Workflow, manager: ModuleType, done: Completed) -> bool:
    """Whether it was started all the same: that a program ended before it looked for it, supervisorctl calls an error."""
    return bool(_STARTED.search(f"{done.words} {manager.observe(workflow, run_command).text}"))


def _wait_until_up(workflow: Workflow, manager: ModuleType, before: Observation) -> None:
    """Return when it runs anew, answers, and still does after a while; raises NotBack when its time is over."""
    deadline = time.monotonic() + workflow.timeout
    while True:
        seen = manager.observe(workflow, run_command)
        problem = _problem(workflow, seen, before)
        if not problem:
            time.sleep(workflow.up.stable_for)
            after = manager.observe(workflow, run_command)
            problem = _problem(workflow, after, before)
            if not problem and after.identity == seen.identity:
                return
            problem = problem or f"it was started again within {workflow.up.stable_for:g} s"
            seen = after
        if seen.final or time.monotonic() > deadline:
            how = "ended" if seen.final else f"did not come back within {workflow.timeout:g} s"
            raise NotBack(f"{workflow.name} {how}: {problem}.")
        time.sleep(_POLL)


def _problem(workflow: Workflow, seen: Observation, before: Observation) -> str:
    if not seen.running:
        return f"{workflow.manager} says: {seen.text}"
    if seen.identity == before.identity:
        return "it still is the old process"
    return why_not_up(workflow.up)
