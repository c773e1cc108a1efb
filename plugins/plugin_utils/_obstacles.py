# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What keeps a task out of the controller's process: whatever would make the module's process differ from it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible import constants

from ..module_utils._driver import load_driver
from ..module_utils._errors import MissingDriver
from ._ansible_core import LOCAL

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_INTERPRETER = "ansible_python_interpreter"
# With one of these Ansible looks for an interpreter by itself, so that the user has named none.
_DISCOVERY = ("", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent")


class Task(NamedTuple):
    """What decides where a task runs: its C(keywords), its variables, and what renders the value of a variable."""

    keywords: Mapping[str, Any]
    task_vars: Mapping[str, Any]
    render: Any

    def variable(self, name: str, default: Any = None) -> str:
        """The value that a variable has for the host that executes the task; an empty text if it has none."""
        return str(self.render(self._variables().get(name, default)) or "").strip()

    def _variables(self) -> Mapping[str, Any]:
        host, hosts = self.keywords["delegate_to"], self.task_vars.get("hostvars", {})
        if not host:
            return self.task_vars
        # By the operator: what C(get) returns for an unknown host differs between the versions of ansible-core.
        found: Mapping[str, Any] = hosts[host] if host in hosts else {}  # noqa: SIM401
        return found


def find_obstacle(task: Task) -> str | None:
    """Why the task has to run as a module, in words that end a sentence; None if nothing is against the controller."""
    connection = task.variable("ansible_connection")
    if connection not in LOCAL:
        return f"the connection is {connection or 'not known'}"
    if task.keywords["become"] or task.variable("ansible_become"):
        return "become is set"
    if any(task.keywords["environment"] or ()):
        return "the task has an environment"
    if task.keywords["async_val"]:
        return "the task is asynchronous"
    if constants.DEFAULT_KEEP_REMOTE_FILES:
        return "ANSIBLE_KEEP_REMOTE_FILES is set"
    interpreter = task.variable(_INTERPRETER, constants.INTERPRETER_PYTHON)
    if interpreter not in _DISCOVERY and not is_this_interpreter(interpreter):
        return f"its interpreter is {interpreter}"
    try:
        load_driver()
    except MissingDriver:
        return "the controller's Python cannot import the driver"
    return None


def hint_of_interpreter(task: Task, result: Mapping[str, Any]) -> str:
    """What to add to the message of a module that found no driver on the controller, although Ansible's own Python has it."""
    if result.get("failure") != "missing_driver" or task.variable("ansible_connection") not in LOCAL:
        return ""
    try:
        load_driver()
    except MissingDriver:
        return ""
    return (
        f" Ansible itself runs with {sys.executable}, which has the driver: to use that, set ansible_python_interpreter to "
        "{{ ansible_playbook_python }} for this host."
    )


def unreachable(reason: object, keywords: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """The failed result of a task whose host Ansible could not reach, with what to do if that host is this machine."""
    host = str(keywords.get("delegate_to") or task_vars.get("inventory_hostname", ""))
    message = f"Ansible could not reach this host: {str(reason).rstrip('. ')}."
    if host in _THIS_MACHINE:
        message += (
            f" The inventory lists {host}, so Ansible connects to it as to any other host. To run on this machine, give "
            "-c local, set ansible_connection to local for it, or leave it out of the inventory."
        )
    return {"failed": True, "failure": "host_unreachable", "msg": message}


def is_this_interpreter(path: str) -> bool:
    """Whether a path, or a name to be found in PATH, is the Python that executes this.

    Links within a folder may differ, as C(python3) does from C(python). Links between folders may not: they lead out of a
    virtual environment.
    """
    found = shutil.which(os.path.expanduser(path))
    return found is not None and _identity(found) == _identity(sys.executable)


def _identity(path: str) -> tuple[str, str]:
    return os.path.realpath(os.path.dirname(os.path.abspath(path))), os.path.realpath(path)
