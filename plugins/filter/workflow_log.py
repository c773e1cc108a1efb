# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Picks the lines of a log that say why a workflow failed, for the role C(workflows)."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workflow_log
short_description: Pick the last lines of a log, with the reason of a failure among them
version_added: 0.1.0
description:
  - Returns what was written between two readings of the log, without the lines that the readiness probe caused.
  - Values that look like secrets of the environment are masked.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: workflow, before, environment
options:
  _input:
    description: The end of the log now.
    type: str
    required: true
  workflow:
    description: The workflow, as P(stellarmap.cassandra.workflow_list#filter) returns it.
    type: dict
    required: true
  before:
    description: The end of the log before.
    type: str
    default: ""
  environment:
    description: The environment of its commands.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what a worker wrote
  ansible.builtin.debug:
    msg: "{{ 'old\nstarting\nno such column' | stellarmap.cassandra.workflow_log(worker, 'old') }}"
  vars:
    worker: "{{ ([{'name': 'Worker', 'manager': 'manual'}] | stellarmap.cassandra.workflow_list)[0] }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.log import last_lines


class FilterModule:
    """The filter C(workflow_log)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"workflow_log": workflow_log}


def workflow_log(
    after: str, workflow: Mapping[str, Any], before: str = "", environment: Mapping[str, Any] | None = None
) -> list[str]:
    """The lines that say why the workflow failed."""
    return last_lines(workflow, after, before, {name: str(value) for name, value in (environment or {}).items()})
