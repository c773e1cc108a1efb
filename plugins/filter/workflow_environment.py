# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads the environment of a workflow's commands, for the role C(workflows)."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workflow_environment
short_description: Read the environment of a workflow's commands
version_added: 0.1.0
description:
  - Reads the C(NAME=value) lines of a file as systemd's C(EnvironmentFile) and dotenv do. Nothing is expanded or executed.
  - Variables of the workflow's own C(environment) win over those of the file.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: text
options:
  _input:
    description: The workflow, as P(stellarmap.cassandra.workflow_list#filter) returns it.
    type: dict
    required: true
  text:
    description: The text of its C(environment_file).
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show an environment
  ansible.builtin.debug:
    msg: "{{ (worker | stellarmap.cassandra.workflow_environment('DEBUG=0')).variables }}"
  vars:
    worker: "{{ ([{'name': 'Worker', 'manager': 'manual'}] | stellarmap.cassandra.workflow_list)[0] }}"
"""

RETURN = r"""
_value:
  description:
    - C(variables), and C(script), a shell script that sets them and becomes the command in its arguments. Given on standard
      input, it keeps the values out of the list of processes.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.environment import (
    read_environment,
    shell_words,
)
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._filters import explained


class FilterModule:
    """The filter C(workflow_environment)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"workflow_environment": explained(workflow_environment)}


def workflow_environment(workflow: Mapping[str, Any], text: str = "") -> dict[str, Any]:
    """The variables and the script that sets them; raises InvalidInput."""
    found = {**read_environment(text, workflow["environment_file"]), **workflow["environment"]}
    return {"variables": found, "script": shell_words(found, workflow["chdir"])}
