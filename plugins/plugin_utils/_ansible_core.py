# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The only names of ansible-core that its documentation does not offer. Without one of them a task runs as a module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.plugins.action import ActionBase

try:
    # It knows what every module needs, such as asynchronous tasks.
    from ansible.plugins.action.normal import ActionModule as NormalAction

    ModuleAction = NormalAction
except ImportError:

    class ModuleAction(ActionBase):  # type: ignore[misc, no-redef]
        """What the documentation offers in its place; it runs no asynchronous tasks."""

        def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
            result: dict[str, Any] = super().run(tmp, task_vars)
            return {**result, **self._execute_module(task_vars=task_vars)}


class Name(NamedTuple):
    """A private name, what has it, and what it is used for: all save the second that a module's process of its own takes."""

    owner: str
    name: str
    use: str


NAMES = (
    Name("ansible.plugins.action", "normal", "the action of all modules without one of their own"),
    Name("Task", "dump_attrs", "the keywords of the task: check_mode, become, environment, delegate_to"),
    Name("ActionBase", "_connection", "whether the task connects to another machine"),
    Name("ActionBase", "_templar", "the value of a variable that is a template, such as ansible_python_interpreter"),
)


class Task(NamedTuple):
    """What decides where a task runs: its C(keywords), the connection plugin, and what renders the value of a variable."""

    keywords: Mapping[str, Any]
    connection: Any
    render: Any


def read_task(action: Any) -> Task | str:
    """What the action knows of its task, or the name that this version of ansible-core does not have."""
    for owner, name in ((action._task, "dump_attrs"), (action, "_connection"), (action, "_templar")):
        if not hasattr(owner, name):
            return name
    return Task(action._task.dump_attrs(), action._connection, action._templar.template)
