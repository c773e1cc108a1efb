# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Says whether a workflow is back after its restart, for the role C(workflows)."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workflow_problem
short_description: Say why a workflow is not back after its restart
version_added: 0.1.0
description:
  - Compares what the role C(stellarmap.cassandra.workflows) read before a restart with what it reads now.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: workflow, before, action
options:
  _input:
    description: The state that was read now.
    type: str
    required: true
  workflow:
    description: The workflow, as P(stellarmap.cassandra.workflow_list#filter) returns it.
    type: dict
    required: true
  before:
    description: The state that was read before.
    type: str
    required: true
  action:
    description: What was done in between; with V(stay) nothing, since it is to be up still.
    type: str
    choices: [restart, reload, stay]
    required: true
"""

EXAMPLES = r"""
- name: Fail while the old process still runs
  ansible.builtin.assert:
    that: (now_read.stdout | stellarmap.cassandra.workflow_problem(worker, read_before.stdout, 'restart')).problem == ''
"""

RETURN = r"""
_value:
  description:
    - C(problem), a text or nothing.
    - C(final), whether waiting is of no use.
    - C(seen), whether a process shows that it is new, and C(main), the numbers of its main processes.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.outcome import (
    restart_problem,
    stability_problem,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.snapshot import read_snapshot
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.state import read_state


class FilterModule:
    """The filter C(workflow_problem)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"workflow_problem": workflow_problem}


def workflow_problem(now: str, workflow: Mapping[str, Any], before: str, action: str) -> dict[str, Any]:
    """Why the workflow is not back, and whether it can still come."""
    if not now:
        # ansible-core 2.16 to 2.18 resolve each name of a template first, also one that is not needed then.
        return {"problem": "its state was not read again", "final": False, "seen": False, "main": []}
    snapshot = read_snapshot(now)
    old, new = read_state(workflow, read_snapshot(before)), read_state(workflow, snapshot)
    stays = action == "stay"
    problem = stability_problem(workflow, old, new) if stays else restart_problem(workflow, old, snapshot, new, action)
    mains = [identity.partition("@")[0] for identity in new.main]
    return {"problem": problem, "final": new.final, "seen": bool(new.processes), "main": mains}
