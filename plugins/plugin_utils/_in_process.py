# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The base of the action plugins: the module's job runs in the controller's worker process, or as a module."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.utils.display import Display

from ..module_utils._clean import one_line
from ..module_utils._driver import load_driver
from ..module_utils._errors import MissingDriver
from ..module_utils._module import LocalJob, result_of
from ..module_utils._runner import Job, perform
from ._ansible_core import ModuleAction, dump_keywords, keywords, renderer, run_as_module
from ._obstacles import Task, find_obstacle, hint_of_interpreter, unreachable

MODE = "stellarmap_cassandra_in_process"
_MODES = ("auto", "always", "never")
_OURS = "stellarmap.cassandra"
# A message about options may have to hide a secret of theirs, and it explains what was likely to be meant.
WRONG_OPTIONS = "the module says what is wrong with its options"

display = Display()

# A strategy loads this file in the parent of all workers: each of them inherits the driver instead of importing it.
with contextlib.suppress(MissingDriver):
    load_driver()


class InProcessAction(ModuleAction):  # type: ignore[misc]
    """Runs the job of a module in this process, or the module as Ansible does."""

    job: Job | LocalJob

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; raises AnsibleActionFail if the mode that is asked for is not possible."""
        variables = task_vars or {}
        task, mode = read_task(self, variables), renderer(self, variables)(variables.get(MODE, "auto"))
        if mode not in _MODES:
            raise AnsibleActionFail(f"{MODE} is one of {', '.join(_MODES)}, got: {mode}")
        obstacle, host = _obstacle(mode, task, variables), variables.get("inventory_hostname")
        if task and not obstacle:
            display.v(f"{task.keywords['action']} runs in the controller's process", host=host)
            # ansible-core 2.21 and later have this setting.
            shown = variables.get("ansible_inject_invocation", getattr(constants, "INJECT_INVOCATION", True))
            done = self._run_here(bool(task.keywords["check_mode"]), bool(shown))
            if not isinstance(done, str):
                return done
            mode, obstacle = "auto", done
        if mode == "always":
            raise AnsibleActionFail(f"{MODE} is always, which is not possible here: {obstacle}.")
        display.v(f"This task runs as a module in a process of its own: {obstacle}", host=host)
        result = self._on_host(variables)
        if result.get("failed"):
            # A process that came to no result, such as one without a Python, has no kind either.
            result.setdefault("failure", "unexpected")
        if task and result.get("msg"):
            result["msg"] += hint_of_interpreter(task, result)
        return result

    def _on_host(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The result of the module; for a role of this collection, which reports once, a host out of reach is a failure."""
        try:
            return run_as_module(self, task_vars)
        except AnsibleConnectionFailure as error:
            if task_vars.get("ansible_collection_name") != _OURS:
                raise
            return unreachable(error, keywords(self, task_vars), task_vars)

    def _run_here(self, check_mode: bool, with_invocation: bool) -> dict[str, Any] | str:
        """The result, or why only the module can give it: files are moved by AnsibleModule alone."""
        moves_files = isinstance(self.job, LocalJob) and self.job.moves_files
        result = run_here(self.job, check_mode or moves_files, self._task.args, with_invocation)
        if moves_files and not check_mode and not isinstance(result, str) and result.get("changed"):
            return "it changes a file"
        return result


def read_task(action: Any, task_vars: Mapping[str, Any]) -> Task | None:
    """What decides where the task runs; None if this version of ansible-core does not tell."""
    found = dump_keywords(action)
    return None if found is None else Task(found, task_vars, renderer(action, task_vars))


def is_here(action: Any, task_vars: Mapping[str, Any]) -> bool:
    """Whether what another action would do on its host can be done in this process, as a task of ours would be."""
    mode = renderer(action, task_vars)(task_vars.get(MODE, "auto"))
    return _obstacle(str(mode), read_task(action, task_vars), task_vars) is None


def _obstacle(mode: str, task: Task | None, task_vars: Mapping[str, Any]) -> str | None:
    if mode == "never":
        return f"{MODE} is never"
    if task is None:
        return "this version of ansible-core does not tell the keywords of a task"
    return find_obstacle(task)


class Validated(NamedTuple):
    """The options after validation, what to warn of, and the values to hide."""

    params: dict[str, Any]
    warnings: list[str]
    secrets: set[str]


def validate(arguments: Mapping[str, Any], args: Mapping[str, Any]) -> Validated | None:
    """What the module would make of the options; None if it would refuse them, or if Ansible cannot send them."""
    try:
        given = as_json(args)
    except TypeError:
        return None
    spec, validated = arguments["argument_spec"], ArgumentSpecValidator(**arguments).validate(given)
    if validated.error_messages:
        return None
    params = {**given, **validated.validated_parameters}
    return Validated(params, list(_alias_warnings(spec, given)), {*_secrets(spec, {**params, **given})})


class _Api:
    """What the work of a job without a session needs of AnsibleModule: the values to hide, and warnings."""

    def __init__(self, secrets: set[str]) -> None:
        self.no_log_values = secrets
        self.warnings: list[str] = []

    def warn(self, warning: str) -> None:
        self.warnings.append(one_line(warning))


def run_here(
    job: Job | LocalJob, check_mode: bool, args: Mapping[str, Any], with_invocation: bool = True
) -> dict[str, Any] | str:
    """The result that the module would return, in JSON's types and without secrets, or why only the module can give it."""
    options = validate(job.arguments(), args)
    if options is None:
        return WRONG_OPTIONS
    api = _Api(options.secrets)
    if isinstance(job, LocalJob):
        work = job.work
        result = result_of(lambda: work(options.params, check_mode, api))  # type: ignore[arg-type]
    else:
        with tempfile.TemporaryDirectory(prefix="in-process-", dir=constants.DEFAULT_LOCAL_TMP) as folder:
            result, api.warnings = perform(job, options.params, check_mode, lambda: folder, display.display)
    if with_invocation:
        result["invocation"] = {"module_args": options.params}
    warnings = [*options.warnings, *api.warnings]
    if warnings:
        result["warnings"] = warnings
    censored: dict[str, Any] = remove_values(as_json(result), api.no_log_values)
    return censored


def as_json(value: Mapping[str, Any]) -> Any:
    """The value in JSON's types, as what goes to a module and comes from it."""
    return json.loads(json.dumps(value, default=_in_json))


def _in_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, bytes):
        raise TypeError("bytes have no JSON form")
    # A vaulted value is its text in the clear.
    return str(value)


def _alias_warnings(spec: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    for option, facts in spec.items():
        # As in the module, one of the environment counts, and of two aliases the second.
        is_given = option in given or any(name in os.environ for name in facts.get("fallback", ("", ()))[1])
        for alias in facts.get("aliases", ()):
            if alias in given and is_given:
                yield f"Both option {option} and its alias {alias} are set."
            is_given = is_given or alias in given


def _secrets(spec: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[str]:
    """The values of the options that are not to be logged, at any depth, as the task gives them."""
    for name, facts in spec.items():
        for key in (name, *facts.get("aliases", ())):
            value = params.get(key)
            if facts.get("no_log"):
                yield from _texts(value)
            for entry in (value if isinstance(value, list) else [value]) if "options" in facts else ():
                yield from _secrets(facts["options"], entry) if isinstance(entry, Mapping) else ()


def _texts(value: Any) -> Iterator[str]:
    """A text, or each one in a collection; words such as true and null are no secret."""
    if isinstance(value, (Mapping, list)):
        yield from (text for one in (value.values() if isinstance(value, Mapping) else value) for text in _texts(one))
    elif value not in (None, "") and not isinstance(value, bool):
        yield str(value)
