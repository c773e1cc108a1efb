# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Decides what is owed to each workflow, for the role C(workflows)."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workflow_plan
short_description: Decide which workflows are owed a restart, and why
version_added: 0.1.0
description:
  - Compares the time at which each workflow was started with the times at which its files changed.
  - Says where a manager needs a collection that the controller does not have.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: snapshots, wanted
options:
  _input:
    description: The workflows, as P(stellarmap.cassandra.workflow_list#filter) returns them.
    type: list
    elements: dict
    required: true
  snapshots:
    description: For each workflow the result of the command that read its state.
    type: list
    elements: dict
    required: true
  wanted:
    description:
      - C(asked), C(changed) and C(check_mode); C(done), the names that a person has confirmed; C(kept), what earlier runs kept.
      - C(changed_at) is the change time of each file, C(changes) the time of each change that no file shows.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show that a workflow out of use is skipped
  ansible.builtin.debug:
    msg: "{{ (workflows | stellarmap.cassandra.workflow_plan([{}], {}))[0].status }}"
  vars:
    workflows: "{{ [{'name': 'Loader', 'manager': 'manual', 'enabled': false}] | stellarmap.cassandra.workflow_list }}"
"""

RETURN = r"""
_value:
  description:
    - For each workflow C(name), C(manager), C(status), C(reason), C(action), C(proven), and C(error) where its state is unknown.
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.description import read_changes, read_done
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.plan import Wanted, plan_step
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._filters import explained


class FilterModule:
    """The filter C(workflow_plan)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"workflow_plan": explained(workflow_plan)}


def workflow_plan(
    workflows: Sequence[Mapping[str, Any]], snapshots: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What is owed to each workflow; raises InvalidInput."""
    done = read_done(wanted.get("done", []), [workflow["name"] for workflow in workflows])
    read = Wanted(**{**wanted, "done": done, "changes": read_changes(wanted.get("changes", {}))})
    return [
        plan_step(workflow, snapshot.get("stdout", ""), read, _installed)._asdict()
        for workflow, snapshot in zip(workflows, snapshots)
    ]


def _installed(module: str) -> bool:
    namespace, collection, name = module.split(".")
    try:
        return find_spec(f"ansible_collections.{namespace}.{collection}.plugins.modules.{name}") is not None
    except ModuleNotFoundError:
        return False
