# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that connect: a job is what one of them does, run in a process of its own or in the controller's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ._clean import one_line
from ._connection.connect import open_session
from ._connection.options import connection_options, connection_rules
from ._connection.session import Session
from ._connection.settings import read_settings
from ._driver import silent_driver
from ._errors import Failure
from ._module import Module, Result, finish, result_of


class Job(NamedTuple):
    """What a module that connects does: C(read) checks its parameters, C(work) gets a session, what was read, and whether it
    is a dry run. C(options) and C(rules) are those of its argument spec, next to those of the connection. C(outcome) is what
    became of its work if there is no session for it, as a sentence.
    """

    options: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], Any]
    work: Callable[[Session, Any, bool], Mapping[str, Any]]
    rules: Mapping[str, list[list[Any]]] = {}
    outcome: str = ""

    def arguments(self) -> dict[str, Any]:
        """The argument spec and its rules, as keyword arguments of C(AnsibleModule) and of C(ArgumentSpecValidator)."""
        rules = connection_rules()
        for name, groups in self.rules.items():
            rules[name] = [*rules.get(name, []), *groups]
        return {"argument_spec": {**connection_options(), **self.options}, **rules}


def run(job: Job) -> None:
    """Run a module."""
    module = Module(**job.arguments())
    result, warnings = perform(job, module.params, module.check_mode, lambda: module.tmpdir)
    for warning in warnings:
        module.warn(warning)
    finish(module, result)


def perform(
    job: Job,
    params: Mapping[str, Any],
    check: bool,
    folder: Callable[[], str | None],
    tell: Callable[[str], None] | None = None,
) -> tuple[Result, list[str]]:
    """The result of a job with validated parameters, or that of its failure, and the warnings.

    C(folder) is asked for a place that Ansible removes, even if this process is killed: the driver unpacks a bundle there.
    C(tell) shows at once what a long wait waits for; without it the warnings say that.
    """
    warnings: list[str] = []

    def begin() -> tuple[Any, Session]:
        wanted, settings = job.read(params), read_settings(params, os.environ)
        before = tempfile.tempdir
        tempfile.tempdir = folder() if settings.bundle else before
        try:
            return wanted, open_session(settings)
        finally:
            tempfile.tempdir = before

    def work() -> Mapping[str, Any]:
        try:
            wanted, session = begin()
        except Failure as failure:
            failure.message = f"{failure.message} {job.outcome}".rstrip()
            raise
        with session:
            nonlocal warnings
            warnings = session.warnings
            session.tell = (lambda line: tell(one_line(line))) if tell else None
            return job.work(session, wanted, check)

    with silent_driver():
        result = result_of(work)
    if result.get("failed"):
        # It may hold the words of a server, and no line of these may look like one of Ansible's.
        result["msg"] = one_line(result["msg"])
    return result, list(dict.fromkeys(map(one_line, warnings)))
