#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: cassandra_type
short_description: Ensure that fields are present in Cassandra user-defined types
version_added: 0.1.0
description:
  - Ensures that each listed field is present in a user-defined type, and reports truthfully changed, ok, or why not.
  - One C(ALTER TYPE) adds one field, since no version of Cassandra takes several. A run that stops between two of them says
    which fields are there, and the next run adds the others.
  - Cassandra cannot drop a field, and so neither can this module. A field stays for good once it is added. A warning says so
    before, in check mode too.
  - A field that exists with another type is a failure that shows both sides. The module reports all conflicts at once and
    executes nothing.
  - The module never creates a type. It refuses what the server would refuse, such as a field of a type that is part of a
    partition key, types that would be parts of each other, and more fields than a guardrail allows.
  - It also refuses a field that is a collection without C(frozen) if a table uses the type without C(frozen). Cassandra takes
    that, and refuses such a type in every table that is made later.
  - After a change the module waits until all nodes hold one schema version, reads the type again on each node, and succeeds
    only if nothing is left to do.
  - To change types and the tables that use them with one plan, list the types in
    O(stellarmap.cassandra.cassandra_column#module:tables), or in a migration file.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._connection
  - stellarmap.cassandra._change
  - stellarmap.cassandra._attributes
  - stellarmap.cassandra._attributes.action_group
options:
  keyspace:
    description:
      - The keyspace of the type. It must exist.
      - With O(types) it is the keyspace of the types that name no other.
    type: str
  type:
    description:
      - The user-defined type. It must exist.
      - Required with O(fields), unless O(types) is given.
    type: str
  fields:
    description:
      - The fields, each a dictionary with C(name) and C(type), or a single pair C(name:type).
      - C(type) is any CQL type that a field can have, such as V(text), V(frozen<list<int>>), or another user-defined type of the
        same keyspace, which must be frozen.
      - Fields that the type has besides stay as they are. New fields come after them, in the order of the list.
    type: list
    elements: dict
  types:
    description:
      - Several types instead of O(type) and O(fields), over one connection.
      - The module plans all of them before it executes anything. A conflict or a refusal in one keeps the others as they are.
      - A type comes before those whose listed fields use it.
    type: list
    elements: dict
    suboptions:
      keyspace:
        description: The keyspace of this type, if it is not O(keyspace).
        type: str
      type:
        description: As O(type).
        type: str
        required: true
      fields:
        description: As O(fields).
        type: list
        elements: dict
        required: true
seealso:
  - module: stellarmap.cassandra.cassandra_column
    description: Add columns to tables, and fields to types in the same plan.
"""

EXAMPLES = r"""
- name: Track the country of each address
  stellarmap.cassandra.cassandra_type:
    login_host: [db1.example.com, db2.example.com]
    keyspace: shop
    type: address
    fields:
      - {name: country, type: text}
      - {name: confirmed_at, type: timestamp}

- name: See the exact CQL, and change nothing
  stellarmap.cassandra.cassandra_type:
    login_host: db1.example.com
    keyspace: shop
    type: address
    fields:
      - phones: frozen<set<text>>
  check_mode: true
  diff: true
  register: plan

- name: Several types over one connection
  stellarmap.cassandra.cassandra_type:
    login_host: db1.example.com
    keyspace: shop
    types:
      - type: address
        fields:
          - {name: floor, type: int}
      - type: customer
        fields:
          - {name: invoices_to, type: frozen<address>}

- name: A type and a table that uses it, with one plan
  stellarmap.cassandra.cassandra_column:
    login_host: db1.example.com
    keyspace: shop
    tables:
      - type: address
        fields:
          - {name: district, type: text}
      - table: orders
        columns:
          - {name: delivered_to, type: frozen<address>}
"""

RETURN = r"""
tables:
  description: The types, each after those that its listed fields use; with O(type) a list of one.
  returned: when they could be read
  type: list
  elements: dict
  contains:
    keyspace:
      description: The keyspace, as the server stores its name.
      type: str
      sample: shop
    table:
      description: The type, as the server stores its name.
      type: str
      sample: address
    kind:
      description: Always V(type).
      type: str
      sample: type
    changed:
      description: Whether this run changed the type, or in check mode would change it.
      type: bool
      sample: true
    columns:
      description: What happened to each listed field, in the order in which they are listed.
      type: list
      elements: dict
      contains:
        name:
          description: The name as the server stores it.
          type: str
          sample: country
        type:
          description: The type in the server's canonical form.
          type: str
          sample: text
        kind:
          description: V(field).
          type: str
          sample: field
        status:
          description:
            - V(present) if it existed, or appeared because another user added it.
            - V(added) if this run added it and a node shows it, or in check mode V(would_add).
            - V(conflict) if it exists with another type, see RV(tables[].columns[].found).
            - V(missing) if the module failed before it was added.
            - V(unknown) if its change was sent and no node has shown it. It may still show. RV(ignore:msg) says whether the
              server accepted the change.
          type: str
          sample: added
        found:
          description: The field as it is, with C(name), C(type) and C(kind).
          returned: for a conflict
          type: dict
    statements:
      description: As RV(statements), of this type.
      type: list
      elements: str
statements:
  description:
    - The exact CQL that was executed, or in check mode would be. Empty if there was nothing to do.
    - It names a statement that was sent although its outcome is unknown.
  returned: when the types could be read
  type: list
  elements: str
  sample:
    - ALTER TYPE shop.address ADD country text
diff:
  description: For each type its fields before and after, as RV(stellarmap.cassandra.cassandra_column#module:diff).
  returned: when the types could be read
  type: list
  elements: dict
verified_by:
  description:
    - The nodes that showed all fields as listed, each asked itself, after all nodes agreed. Each has its C(host_id), its
      C(address) and its C(port).
    - If there was nothing to do, the module asks the contact point alone. Empty for a dry run that would change something.
  returned: when the types could be read
  type: list
  elements: dict
  sample: [{"host_id": "8d5ed9f4-7764-4dbd-bad8-43fddce94b7c", "address": "10.0.0.1", "port": 9042}]
cluster:
  description:
    - The cluster as last read, with its C(name) and the C(release_versions) of its nodes.
    - C(nodes) are its nodes, C(schema_agreed) is whether all of them hold one schema version, and C(disagreeing_nodes) are those
      with another one. Each node is described as in RV(verified_by).
  returned: when the types could be read
  type: dict
  sample: {"name": "Production", "release_versions": ["5.0.9"], "nodes": [], "schema_agreed": true, "disagreeing_nodes": []}
not_checked:
  description:
    - The checks that could not be made. They forbid nothing. Each has its name as C(check), the C(reason), and C(nodes), as in
      RV(verified_by), if it is about single nodes.
    - A Cassandra-compatible database lacks some system tables or some of their columns, a role may not read others, and a node
      may not be asked.
  returned: when the types could be read
  type: list
  elements: dict
  sample:
    - check: the guardrails of the cluster
      reason: "system_views.settings cannot be read here (the server: unconfigured table settings)"
      nodes: []
plan:
  description:
    - The plan as plain data, to be saved, approved and given to O(approved_plan). A plan that was edited is refused.
    - It holds what was asked for, the statements for each type, the definition before and after, all else that
      the plan depends on, the C(warnings) to read before it is approved, and what was C(checked) and found in order.
  returned: in check mode, when the types could be read
  type: dict
fingerprint:
  description: The fingerprint of the plan of this run, or of O(approved_plan) if it was given.
  returned: when the types could be read
  type: str
  sample: sha256:0f343b0931126a20f133d67c2b018a3b5f8c5a0e4d1d0e9c0b0d8c0f3b1a2c4d
failure:
  description:
    - What kind of failure it is, for playbooks that tell them apart. V(unexpected) is an error in the module itself.
    - One of V(invalid_input), V(missing_driver), V(not_reachable), V(not_authenticated), V(not_authorized),
      V(keyspace_missing), V(type_missing), V(conflict), V(refused), V(plan_changed), V(mixed_versions), V(nodes_unreachable),
      V(statement_failed), V(locked), V(schema_disagreement), V(not_verified), V(outcome_unknown).
    - RV(ignore:msg) says what happened, why, and what to do. It always says which statements were executed or sent, or that
      nothing was executed.
  returned: failure
  type: str
  sample: type_missing
attempts:
  description: Each address that was tried, with the reason why it could not be used.
  returned: when no node could be reached
  type: dict
  sample:
    "10.0.0.1:9042": connection refused
available:
  description: The keyspaces that exist, or the user-defined types of the keyspace, the most similar name first.
  returned: when the keyspace or the type does not exist
  type: list
  elements: str
  sample: [address, address_line]
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import Job, run
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.ensure import ensure_columns
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.options import (
    read_type_request,
    rules,
    type_options,
)

JOB = Job(type_options(), read_type_request, ensure_columns, rules("types", "type", "fields"), "Nothing was executed.")


def main() -> None:
    run(JOB)


if __name__ == "__main__":
    main()
