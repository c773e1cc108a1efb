# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The base of the action plugins: the module's C(main) runs in the controller's worker process, or as a module.

Which of the two is decided here, and nowhere else; docs/docsite/rst/guide_speed.rst describes it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

from ..module_utils._driver import load_driver
from ..module_utils._errors import MissingDriver
from ._ansible_core import as_result, is_known, run_main
from ._imports import import_main
from ._obstacles import find_obstacle

__all__ = ["MODE", "InProcessAction", "import_main"]

MODE = "stellarmap_cassandra_in_process"
_MODES = ("auto", "always", "never")

display = Display()

# A strategy loads this file in the parent of all workers: each of them inherits the driver instead of importing it.
with contextlib.suppress(MissingDriver):
    load_driver()


class InProcessAction(NormalAction):  # type: ignore[misc]
    """Ansible's action for modules, with another way to execute one."""

    main: Callable[[], None]

    def _execute_module(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The module's result; raises AnsibleActionFail where the mode that is asked for is not possible."""
        task_vars = kwargs.get("task_vars") or {}
        mode = self._templar.template(task_vars.get(MODE, "auto"))
        if mode not in _MODES:
            raise AnsibleActionFail(f"{MODE} is one of {', '.join(_MODES)}, got: {mode}")
        obstacle = f"{MODE} is never" if mode == "never" else self._find_obstacle(task_vars)
        host = task_vars.get("inventory_hostname")
        if not obstacle:
            display.v(f"{self._task.action} runs in the controller's process", host=host)
            return self._execute_in_process(task_vars)
        if mode == "always":
            raise AnsibleActionFail(f"{MODE} is always, which is not possible here: {obstacle}.")
        display.v(f"{self._task.action} runs as a module in a process of its own: {obstacle}", host=host)
        result: dict[str, Any] = super()._execute_module(*args, **kwargs)
        return result

    def _find_obstacle(self, task_vars: Mapping[str, Any]) -> str | None:
        if not is_known():
            return "this version of ansible-core is not one that the collection is tested with"
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        return find_obstacle(self._task, self._connection, self._templar, task_vars, environment)

    def _execute_in_process(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        self._update_module_args(self._task.action, self._task.args, task_vars)
        return as_result(self, run_main(self.main, self._task.args))
