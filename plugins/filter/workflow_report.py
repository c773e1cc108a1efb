# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reports what became of the workflows, for the role C(workflows)."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workflow_report
short_description: Report what became of workflows
version_added: 0.1.0
description:
  - Makes the result of the role C(stellarmap.cassandra.workflows) from its plan and what became of it.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: workflows, outcomes, failure
options:
  _input:
    description: The plan, as P(stellarmap.cassandra.workflow_plan#filter) returns it.
    type: list
    elements: dict
    required: true
  workflows:
    description: The workflows, as P(stellarmap.cassandra.workflow_list#filter) returns them.
    type: list
    elements: dict
    required: true
  outcomes:
    description: What became of the workflows that were reached.
    type: list
    elements: dict
    required: true
  failure:
    description:
      - Nothing, or C(place), C(kind), C(reason) and C(log) of the failure; or C(message) alone where no workflow was reached.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show the result of no workflows
  ansible.builtin.debug:
    msg: "{{ [] | stellarmap.cassandra.workflow_report([], []) }}"
"""

RETURN = r"""
_value:
  description: C(changed), C(workflows) and C(left); after a failure C(failed), C(failure) and C(msg) as well.
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.report import first_failure, make_report


class FilterModule:
    """The filter C(workflow_report)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"workflow_report": workflow_report}


def workflow_report(
    plan: Sequence[Mapping[str, Any]],
    workflows: Sequence[Mapping[str, Any]],
    outcomes: Sequence[Mapping[str, Any]],
    failure: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result of the role."""
    known = first_failure(plan, failure["message"]) if failure and "message" in failure else failure or {}
    return make_report(workflows, plan, outcomes, known)
