# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Refuses a play that would do nothing, or something that nobody meant, before it begins."""

from __future__ import annotations

DOCUMENTATION = r"""
name: playbook_hosts
short_description: The hosts of a playbook of this collection, if its variables can be meant
version_added: 0.2.0
description:
  - Returns the pattern for the keyword C(hosts) of a play. It is that of the variable C(fleet_hosts), or V(all), for the playbook
    V(fleet), and that of C(migration_hosts), or V(localhost), for the others.
  - It fails if the pattern names no host of the inventory, or none that C(--limit) leaves. Ansible itself skips such a play and
    ends with success.
  - It warns if a playbook that works once gets several hosts.
  - It fails if an extra variable has nearly the name of a variable that the playbooks of this collection read. It also fails if
    another playbook reads the variable, and this one has another name for the same.
  - The playbooks of this collection use it.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
options:
  _terms:
    description: The name of the playbook.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show which hosts the playbook migrate would take
  ansible.builtin.debug:
    msg: "{{ lookup('stellarmap.cassandra.playbook_hosts', 'migrate') }}"
"""

RETURN = r"""
_raw:
  description: The pattern.
  type: list
  elements: str
"""

from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.inventory.manager import InventoryManager
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.given import (
    check_hosts,
    check_names,
    hosts_variable,
)


class LookupModule(LookupBase):  # type: ignore[misc]
    """It reads the inventory and the command line only."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:
        (playbook,), known = terms, variables or {}
        variable, default = hosts_variable(playbook)
        # Where its own template fails, a variable with a default would be the default: all clusters, for one.
        given = self._templar.template(known[variable]) if variable in known else default
        pattern = ",".join(given) if isinstance(given, list) else str(given)
        if context.CLIARGS.get("syntax"):
            # Whoever checks the syntax of a site has no inventory there, and no run that could do nothing.
            return [pattern]
        limit = known.get("ansible_limit")
        inventory = InventoryManager(self._loader, parse=False)
        for group, names in known["groups"].items():
            inventory.add_group(group)
            for name in names:
                inventory.add_host(name, group=group)
        hosts = inventory.get_hosts(pattern)
        inventory.subset(limit)
        try:
            check_names(playbook, load_extra_vars(self._loader))
            note = check_hosts(playbook, pattern, _names(hosts), _names(inventory.get_hosts(pattern)), limit)
        except InvalidInput as error:
            raise AnsibleLookupError(error.message) from error
        if note:
            Display().warning(note)
        return [pattern]


def _names(hosts: list[Any]) -> list[str]:
    return [host.name for host in hosts]
