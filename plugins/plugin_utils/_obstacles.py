# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What keeps a task out of the controller's process: whatever would make the module's process differ from it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from ansible import constants

from ..module_utils._driver import load_driver
from ..module_utils._errors import MissingDriver

_LOCAL = "ansible.plugins.connection.local"
# With one of these Ansible looks for an interpreter by itself, so that the user has named none.
_DISCOVERY = ("", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent")


def find_obstacle(
    task: Any, connection: Any, templar: Any, task_vars: Mapping[str, Any], environment: Mapping[str, Any]
) -> str | None:
    """Why the task has to run as a module, in words that end a sentence; None if nothing is against the controller."""
    if type(connection).__module__ != _LOCAL:
        return f"the connection is {connection.transport}"
    if connection.become:
        return "become is set"
    if environment:
        return "the task has an environment"
    if task.async_val:
        return "the task is asynchronous"
    if constants.DEFAULT_KEEP_REMOTE_FILES:
        return "ANSIBLE_KEEP_REMOTE_FILES is set"
    interpreter = _interpreter(task, templar, task_vars)
    if interpreter not in _DISCOVERY and not is_this_interpreter(interpreter):
        return f"its interpreter is {interpreter}"
    try:
        load_driver()
    except MissingDriver as missing:
        return f"the controller's Python cannot import the driver ({missing.message})"
    return None


def _interpreter(task: Any, templar: Any, task_vars: Mapping[str, Any]) -> str:
    """The interpreter that the task would get, as it is configured for the host that executes it."""
    delegated = task_vars.get("ansible_delegated_vars") or {}
    variables = delegated.get(task.delegate_to, task_vars) if task.delegate_to else task_vars
    configured = constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
    return str(templar.template(configured) or "").strip()


def is_this_interpreter(path: str) -> bool:
    """Whether a path, or a name to be found in PATH, is the Python that executes this.

    Links within a folder may differ, as C(python3) does from C(python). Links between folders may not: they lead out of a
    virtual environment.
    """
    found = shutil.which(os.path.expanduser(path))
    return found is not None and _identity(found) == _identity(sys.executable)


def _identity(path: str) -> tuple[str, str]:
    return os.path.realpath(os.path.dirname(os.path.abspath(path))), os.path.realpath(path)
