# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Completes and checks the descriptions of workflows, for the role C(workflows)."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workflow_list
short_description: Complete and check the descriptions of workflows
version_added: 0.1.0
description:
  - Takes the C(workflows_list) of the role C(stellarmap.cassandra.workflows), and returns it with its defaults.
  - Fails with a sentence where a description cannot be right.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: watch
options:
  _input:
    description: The workflows.
    type: list
    elements: dict
    required: true
  watch:
    description: Files that every workflow reads when it starts.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show how the worker would be asked for its state
  ansible.builtin.debug:
    msg: "{{ (workflows | stellarmap.cassandra.workflow_list)[0].read }}"
  vars:
    workflows:
      - {name: Worker, manager: systemd, unit: worker.service}
"""

RETURN = r"""
_value:
  description: The workflows, each with every option, and with C(read), the command that reads its state.
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.description import describe
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._filters import explained


class FilterModule:
    """The filter C(workflow_list)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"workflow_list": explained(workflow_list)}


def workflow_list(items: Sequence[Mapping[str, Any]], watch: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The workflows with their defaults; raises InvalidInput."""
    return describe(items, watch)
