# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of a module that changes a schema; the twin of C(change_options) in plugins/module_utils/_schema/options.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  approved_plan:
    description:
      - A plan that was approved, as RV(plan) of a run in check mode returned it. Give the plan itself, or the path of a file that
        holds it as JSON, on the host on which the module runs.
      - The module executes exactly the statements of this plan, or nothing. It refuses if anything that the plan depends on
        has changed since then, and names each difference. A table or type that already is as the plan leaves it
        counts as done.
      - What the plan depends on is compared again before a statement is sent after a wait or a lost answer.
    type: raw
  plan_source:
    description:
      - A text that identifies what the plan is for, such as the digest of a migration file. It becomes part of RV(plan), and
        must be the same when O(approved_plan) is applied.
    type: str
    default: ""
  lock_keyspace:
    description:
      - A keyspace for an advisory lock, so that two runs with this option never change the schema at the same time.
      - Use it where more than one pipeline may run. If two clients add one column with different types at the same moment,
        Cassandra up to 5.0 reports success to both, and the nodes never agree again.
      - The table C(stellarmap_schema_lock) must exist in it. Without it the module fails and shows how to create it, once.
      - The module takes the lock only if there is something to change, and renews it while it holds it. A lightweight
        transaction takes it. It expires by itself within a minute if its owner is killed.
    type: str
  lock_timeout:
    description:
      - How long to wait for the lock, in seconds. The default is longer than the lock of a killed run lives.
      - The failure, or a warning after a wait that ended well, says who holds the lock, since when, and until when at most.
    type: float
    default: 120.0
  schema_agreement_timeout:
    description:
      - How long to wait until all nodes hold one schema version, in seconds, before and after the change.
      - As long is the wait for a service that answers before it makes the change (Amazon Keyspaces), until its answers
        show it.
      - The default is longer than the 60 seconds after which each node of Cassandra fetches a schema that it missed.
    type: float
    default: 90.0
  allow_mixed_versions:
    description:
      - Whether to change the schema of a cluster whose nodes run different versions of Cassandra, as during a rolling
        upgrade. Some nodes lose such a change, so the module refuses it by default.
    type: bool
    default: false
  allow_unreachable_nodes:
    description:
      - Whether to change the schema although known nodes do not answer. They need not agree then, and receive the change
        when they return. RV(not_checked) names them.
      - A node is told apart by its C(host_id). If another node answers at its address, it does not answer.
      - Without this option, a node that is lost after the statement was executed makes the run fail with
        V(nodes_unreachable), which says that it was executed and which nodes show it.
    type: bool
    default: false
  ask_nodes_limit:
    description:
      - In a cluster of up to this many nodes, the module asks each node before a change whether it answers, and after it
        whether it shows what was changed. In a larger cluster it asks the contact point alone and relies on the schema versions;
        RV(not_checked) names the other nodes.
      - The module never asks the nodes of Astra DB one by one, since its proxy hides them.
      - It asks nodes only if there is something to change, or if schema versions differ.
    type: int
    default: 32
notes:
  - Each wait has an end. A question to the cluster takes at most three times O(request_timeout) and one O(connect_timeout), with
    all that is tried elsewhere when a node is lost. To this add O(lock_timeout) where there is a lock, and
    O(schema_agreement_timeout) before the change, while it is tried, and after it.
  - If the answer to a change is lost, the module asks the nodes what became of it. If none can be asked, it fails with
    V(outcome_unknown). RV(ignore:changed) is true then, because the change is likely to be made, and
    RV(tables[].columns[].status) is V(unknown).
"""
