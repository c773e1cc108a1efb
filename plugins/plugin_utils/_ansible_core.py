# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The only names of ansible-core that its documentation does not offer. Each saves something, and each may be missing.

Documented are: C(run), C(_execute_module), C(_task.args) and C(_loader) of a plugin, C(Display), C(Templar), what ansible.errors
has, settings of ansible.constants, special variables, and for arguments C(ArgumentSpecValidator) with its C(ValidationResult).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.plugins.action import ActionBase
from ansible.template import Templar

try:
    from ansible.plugins.action import normal
except ImportError:
    normal = None
# What runs a module for the actions of this collection.
ModuleAction = getattr(normal, "ActionModule", ActionBase)

HIDDEN = "_ansible_no_log"
STATISTICS = "ansible_stats"
_KEYWORDS = ("action", "check_mode", "diff", "become", "environment", "delegate_to", "async_val")
# The connection plugin that runs a task on this machine.
LOCAL = ("local", "ansible.builtin.local")


class Name(NamedTuple):
    """A private name, what has it, and what it is used for; what it saves stands above it, and what is done without it."""

    owner: str
    name: str
    use: str


NAMES = (
    # 0.6 s for each task, which can run in the controller's process. Without it tasks run as modules, and reports know the
    # check mode of the command line only.
    Name("Task", "dump_attrs", "the keywords of a task: check_mode, diff, become, environment, delegate_to, and async"),
    # No time. Without it C(_execute_module) runs the module, and a task that is asynchronous fails.
    Name("ansible.plugins.action.normal", "ActionModule", "runs a module as if it had no action, so also with async"),
    # Time for each variable that the migration file does not use. Without it C(hostvars) renders each by those of its host.
    Name("HostVars", "raw_get", "the variables of a host of the application, which may need those of the play"),
    # No time. Without it the screen shows such a result if -v is given.
    Name("the result of a task", HIDDEN, "the screen does not show what holds passwords for the next tasks"),
    # A task of C(set_stats) after each report. Without it the play has no statistic.
    Name("the result of a task", STATISTICS, "a statistic of the play, which a workflow of AWX sees"),
)


def keywords(action: Any, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keywords of the task; without the name, what special variables tell, which know the command line."""
    found = dump_keywords(action)
    known = {"check_mode": task_vars.get("ansible_check_mode"), "diff": task_vars.get("ansible_diff_mode")}
    return known if found is None else found


def dump_keywords(action: Any) -> Mapping[str, Any] | None:
    """The keywords of the task, or None without the name, or without one that is read here."""
    dump = getattr(action._task, "dump_attrs", None)
    found: Mapping[str, Any] = dump() if dump else {}
    return found if set(_KEYWORDS) <= set(found) else None


def run_as_module(action: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """The result of the module of the task."""
    if ModuleAction is ActionBase:
        result: dict[str, Any] = action._execute_module(task_vars=task_vars)
    else:
        result = ModuleAction.run(action, None, task_vars)
    return result


def renderer(plugin: Any, variables: Mapping[str, Any]) -> Any:
    """What renders the templates in a value with these variables."""
    return Templar(loader=plugin._loader, variables=variables).template


def is_local(plugin: Any, variables: Mapping[str, Any]) -> bool:
    """Whether a task which these variables are for runs on this machine; not if that is not known."""
    return str(renderer(plugin, variables)(variables.get("ansible_connection", ""))) in LOCAL


def variables_of(host: str, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
    """What templates see for another host: its variables, and those of the task; without the name each is rendered first."""
    hosts = task_vars["hostvars"]
    return {**task_vars, **(hosts.raw_get(host) if hasattr(hosts, "raw_get") else hosts[host])}
