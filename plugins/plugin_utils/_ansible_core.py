# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The only names of ansible-core that its guides for plugins do not show. Without the first two a task runs as a module.

The guides show C(run), C(_execute_module) and C(_task.args) of an action, C(_loader), C(Display) and what ansible.errors has;
C(Templar), C(DataLoader) and C(InventoryManager) say of themselves that they are for others, or stand in the guide to the API.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible import context
from ansible.inventory.manager import InventoryManager, split_host_pattern
from ansible.template import Templar
from ansible.utils import vars as core_vars


class Name(NamedTuple):
    """A name, what has it, and what it is used for."""

    owner: str
    name: str
    use: str


NAMES = (
    Name("Task", "dump_attrs", "the keywords of the task: check_mode, diff, become, environment, delegate_to, async"),
    Name("ActionBase", "_task.check_mode", "to look at what the application needs before anything is changed"),
    Name("ActionBase", "_connection", "whether the task connects to another machine"),
    Name(
        "ansible.context", "CLIARGS", "what the playbook was started with, to refuse options that leave nothing to do"
    ),
    Name("HostVars", "raw_get", "the variables of a host of the application, for the templates of the migration file"),
    Name("ansible.utils.vars", "load_extra_vars", "which variables are of the command line, and so are meant for us"),
)


class Task(NamedTuple):
    """What decides where a task runs: its C(keywords), the connection plugin, and what renders the value of a variable."""

    keywords: Mapping[str, Any]
    connection: Any
    render: Any


def read_task(action: Any, task_vars: Mapping[str, Any]) -> Task | str:
    """What the action knows of its task, or the name that this version of ansible-core does not have."""
    for owner, name in ((action._task, "dump_attrs"), (action, "_connection")):
        if not hasattr(owner, name):
            return name
    return Task(action._task.dump_attrs(), action._connection, renderer(action, task_vars))


def renderer(plugin: Any, variables: Mapping[str, Any]) -> Any:
    """What renders the templates in a value with these variables."""
    return Templar(loader=plugin._loader, variables=variables).template


def keywords(action: Any, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keywords of the task; without the name, what variables tell that Ansible documents, which know the command line."""
    if hasattr(action._task, "dump_attrs"):
        found: Mapping[str, Any] = action._task.dump_attrs()
        return found
    return {"check_mode": task_vars.get("ansible_check_mode"), "diff": task_vars.get("ansible_diff_mode")}


@contextlib.contextmanager
def in_check_mode(action: Any) -> Iterator[bool]:
    """Whether modules run in check mode meanwhile, whatever the task says; not without the name."""
    task = action._task
    before = getattr(task, "check_mode", None)
    if before is not None:
        task.check_mode = True
    try:
        yield before is not None
    finally:
        if before is not None:
            task.check_mode = before


def is_local(action: Any) -> bool:
    """Whether the task runs on this machine; not if that is not known."""
    return getattr(getattr(action, "_connection", None), "transport", "") == "local"


def command_line() -> Mapping[str, Any]:
    """The options of the command line; nothing without the name."""
    return getattr(context, "CLIARGS", {})


def variables_of(host: str, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
    """What templates see for another host: its variables, and those of the task; without the name each is rendered first."""
    hosts = task_vars["hostvars"]
    return {**task_vars, **(hosts.raw_get(host) if hasattr(hosts, "raw_get") else hosts[host])}


def patterns_of(pattern: Any) -> list[str]:
    """The parts of a pattern of hosts."""
    found: list[str] = split_host_pattern(pattern)
    return found


def inventory_hosts(loader: Any, groups: Mapping[str, Sequence[str]], pattern: Any, limit: str | None) -> list[str]:
    """The hosts of the inventory that a pattern names, as far as C(--limit) leaves them."""
    inventory = InventoryManager(loader, parse=False)
    for group, names in groups.items():
        inventory.add_group(group)
        for name in names:
            inventory.add_host(name, group=group)
    inventory.subset(limit)
    return [host.name for host in inventory.get_hosts(pattern)]


def extra_variables(loader: Any) -> dict[str, Any]:
    """The variables of the command line; none without the name."""
    load = getattr(core_vars, "load_extra_vars", None)
    return dict(load(loader)) if load else {}
