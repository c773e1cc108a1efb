#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: cassandra_column
short_description: Ensure that columns are present in Cassandra tables, or absent
version_added: 0.1.0
description:
  - Ensures that each listed column is present in a table, and reports truthfully changed, ok, or why not.
  - One C(ALTER TABLE) adds all missing columns of a table. The server executes it wholly or not at all. Existing data is
    not touched.
  - A column that exists with another type, as static instead of regular, or as part of the primary key is a failure that
    shows both sides. The module reports all conflicts of all tables at once and executes nothing.
  - After a change the module waits until all nodes hold one schema version, reads the table again on each node, and
    succeeds only if nothing is left to do.
  - A column can ask for an index. The module creates it after the column and waits until each node can query it.
  - With O(state=absent) the module drops columns. This destroys their data, so the module refuses it unless
    O(allow_data_loss) allows it.
  - The module compares types as the server understands them. V(varchar) is V(text), spaces and case do not matter, and
    V(frozen<map<text, list<int>>>) is what Cassandra makes of it.
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
      - The keyspace of the table. It must exist.
      - With O(tables) it is the keyspace of the tables that name no other.
    type: str
  table:
    description:
      - The table. It must exist, since this module never creates one.
      - Required with O(columns), unless O(tables) is given.
    type: str
  columns:
    description:
      - The columns, each a dictionary with C(name), C(type) and optionally C(static) (a boolean, V(false) by default).
      - C(type) is any CQL type that a column can have, such as V(text), V(map<text, frozen<list<int>>>), V(vector<float,
        1536>), a user-defined type of the same keyspace, or the quoted class of a type that has no name in CQL, with its
        package, as the server prints it.
      - C(index) asks for an index on the column, V(true) or a dictionary with C(name), C(kind) and C(options). The module creates
        it after the column, and waits until each node has built it and can query it, at most O(index_build_timeout).
      - The C(kind) is V(sai) (a storage-attached index, Cassandra 5.0 and later and Astra DB) unless it is V(legacy). The
        C(name) is V(<table>_<column>_idx) by default. The C(options) are those of the server. Of a collection the index holds
        the values, of a frozen one the whole.
      - An index that holds the same and is of the same kind is left alone, whatever its name is. Another kind on the column,
        another column under the name, and another value of a listed option are conflicts.
      - A column of the primary key can be listed for its index, with its type. The module never changes the column itself.
      - With O(state=absent), C(index) drops the index before the column. With C(only=true) in it the column stays.
      - A single pair C(name:type), the form of community.cassandra, works as well.
      - With O(state=absent) only C(name) is required. If C(type) or C(static) is given and the column is another one, the
        module drops nothing.
    type: list
    elements: dict
  tables:
    description:
      - Several tables instead of O(table) and O(columns), over one connection.
      - The module plans all of them before it executes anything. A conflict or a refusal in one keeps the others as they are.
      - Each table gets one C(ALTER TABLE), in the order of the list. A failure after that says which tables are done, and
        the next run continues from there.
      - RV(tables) holds the result of each table.
    type: list
    elements: dict
    suboptions:
      keyspace:
        description: The keyspace of this table, if it is not O(keyspace).
        type: str
      table:
        description: As O(table). Each entry has it with O(tables[].columns), or O(tables[].type) with O(tables[].fields).
        type: str
      columns:
        description: As O(columns).
        type: list
        elements: dict
      type:
        description:
          - A user-defined type of this keyspace that is to have O(tables[].fields), as
            O(stellarmap.cassandra.cassandra_type#module:type).
          - Types are changed before the tables, wherever they stand in the list, and are part of the same plan.
        type: str
      fields:
        description:
          - The fields of the type, as O(stellarmap.cassandra.cassandra_type#module:fields).
          - Cassandra cannot drop a field. A field stays for good once it is added.
        type: list
        elements: dict
      state:
        description: The state of these columns, if it is not O(state).
        type: str
        choices: [present, absent]
  state:
    description:
      - V(present) adds the columns that are missing.
      - V(absent) drops the columns that exist. The module refuses to drop columns of the primary key, columns with an index
        that is not listed, and columns of a table with materialized views, as the server does.
    type: str
    choices: [present, absent]
    default: present
  allow_data_loss:
    description:
      - With O(state=absent), whether the module may drop columns. Their data is gone then, also for a column of that name
        that is added later.
    type: bool
    default: false
  only_if_empty:
    description:
      - With O(state=absent), whether the module refuses the drop if one of the columns holds a value.
      - It also refuses if the table has more rows than O(rows_to_read), since then nobody knows.
    type: bool
    default: false
  rows_to_read:
    description:
      - With O(state=absent), how many rows the module reads, in pages, to report in RV(tables[].values) what a drop destroys.
        V(0) reads none.
    type: int
    default: 10000
  index_build_timeout:
    description:
      - How long to wait until each node has built the indexes that the columns ask for, in seconds. The module waits also for
        an index that another run created and that is not built yet. After this time it fails with V(not_verified), and the
        nodes go on building.
      - The module holds the lock of O(lock_keyspace) while it waits.
    type: float
    default: 3600.0
notes:
  - Where there are indexes, add O(index_build_timeout) to the time that a run takes at most.
  - A rollback that is made from a plan, and given as O(approved_plan), depends on the table and on its own columns, and not on
    columns that others added later.
seealso:
  - module: stellarmap.cassandra.cassandra_schema_info
    description: Read what this module would read.
  - module: stellarmap.cassandra.cassandra_type
    description: Add fields to user-defined types.
"""

EXAMPLES = r"""
- name: Track when and by whom an order was shipped
  stellarmap.cassandra.cassandra_column:
    login_host: [db1.example.com, db2.example.com]
    keyspace: shop
    table: orders
    columns:
      - {name: shipped_at, type: timestamp}
      - {name: carrier, type: text}

- name: See the exact CQL and what it would change, and change nothing
  stellarmap.cassandra.cassandra_column:
    login_host: db1.example.com
    keyspace: shop
    table: orders
    columns:
      - name: labels
        type: map<text, frozen<list<int>>>
      - name: customer_tier
        type: text
        static: true
  check_mode: true
  diff: true
  register: plan

- name: The same on Astra DB
  stellarmap.cassandra.cassandra_column:
    secure_connect_bundle: /etc/astra/secure-connect-shop.zip
    login_token: "{{ astra_token }}"
    keyspace: shop
    table: orders
    columns:
      - name: note
        type: text

- name: Drop a column that nobody used
  stellarmap.cassandra.cassandra_column:
    login_host: db1.example.com
    keyspace: shop
    table: orders
    columns:
      - name: note
    state: absent
    allow_data_loss: true
    only_if_empty: true

- name: A column with an index, and an index on a column that is there
  stellarmap.cassandra.cassandra_column:
    login_host: db1.example.com
    keyspace: shop
    table: orders
    columns:
      - {name: source, type: text, index: true}
      - name: customer_tier
        type: text
        static: true
        index:
          name: orders_by_tier
          options: {case_sensitive: false}

- name: Several tables over one connection
  stellarmap.cassandra.cassandra_column:
    login_host: db1.example.com
    keyspace: shop
    tables:
      - table: orders
        columns:
          - {name: shipped_at, type: timestamp}
      - table: customers
        columns:
          - {name: last_seen, type: timestamp}

- name: Plan on Monday
  stellarmap.cassandra.cassandra_column:
    login_host: db1.example.com
    keyspace: shop
    table: orders
    columns:
      - {name: delivered_at, type: timestamp}
  check_mode: true
  register: monday

- name: Apply on Tuesday exactly what was approved, or nothing
  stellarmap.cassandra.cassandra_column:
    login_host: db1.example.com
    keyspace: shop
    table: orders
    columns:
      - {name: delivered_at, type: timestamp}
    approved_plan: "{{ monday.plan }}"

- name: Several tasks, the connection written once
  module_defaults:
    group/stellarmap.cassandra.cassandra:
      login_host: db1.example.com
      login_user: migrator
      login_password: "{{ migrator_password }}"
      ssl_ca_certs: /etc/ssl/cassandra-ca.pem
  block:
    - name: Orders
      stellarmap.cassandra.cassandra_column:
        keyspace: shop
        table: orders
        columns:
          - shipped_at: timestamp
    - name: Customers
      stellarmap.cassandra.cassandra_column:
        keyspace: shop
        table: customers
        columns:
          - last_seen: timestamp
"""

RETURN = r"""
tables:
  description: The user-defined types, then the tables in the order of O(tables); with O(table) a list of one.
  returned: when they could be read
  type: list
  elements: dict
  contains:
    keyspace:
      description: The keyspace, as the server stores its name.
      type: str
      sample: shop
    table:
      description: The table or user-defined type, as the server stores its name.
      type: str
      sample: orders
    kind:
      description: V(table), or V(type) for a user-defined type, whose C(columns) are its fields.
      type: str
      sample: table
    changed:
      description: Whether this run changed the table, or in check mode would change it.
      type: bool
      sample: true
    columns:
      description: What happened to each listed column, in the order in which they are listed.
      type: list
      elements: dict
      contains:
        name:
          description: The name as the server stores it.
          type: str
          sample: shipped_at
        type:
          description: The type in the server's canonical form; none if the column does not exist and no type was given.
          type: str
          sample: map<text, frozen<list<int>>>
        kind:
          description:
            - V(regular) or V(static), or V(field) in a user-defined type.
            - V(partition_key) or V(clustering) if it is listed for its index.
          type: str
          sample: regular
        status:
          description:
            - V(present) if it existed, or appeared because another user added it.
            - V(added) if this run added it and a node shows it, or in check mode V(would_add).
            - V(dropped) or, in check mode, V(would_drop); V(absent) if it did not exist.
            - V(conflict) if it exists in another form, see RV(tables[].columns[].found).
            - V(missing) if the module failed before it was added.
            - V(unknown) if its change was sent and no node has shown it. It may still show. RV(ignore:msg) says whether the
              server accepted the change.
          type: str
          sample: added
        index:
          description:
            - The index, with C(name), C(kind), C(target), C(options) and C(status). The C(name) of one that was there is its own.
            - The C(status) is V(present), V(created), V(would_create), V(dropped), V(would_drop), V(absent), V(conflict),
              V(missing) or V(unknown), as for a column, or V(building) if it is there and a node cannot query it yet.
            - For a conflict it has C(found) too, the index as it is.
          returned: if the column asks for an index
          type: dict
          sample: {"name": "orders_source_idx", "kind": "sai", "target": "source", "options": {}, "status": "created"}
        found:
          description: The column as it is, with C(name), C(type) and C(kind).
          returned: for a conflict
          type: dict
    statements:
      description: As RV(statements), of this table.
      type: list
      elements: str
    values:
      description:
        - What a drop would destroy, or destroyed. C(found) maps the columns to drop to the number of rows that hold a value,
          C(rows_read) is the number of rows that were read, and C(complete) is whether these were all rows of the table.
      returned: with O(state=absent), if there was a column to drop and O(rows_to_read) is not V(0)
      type: dict
      sample: {"found": {"note": 12}, "rows_read": 1204, "complete": true}
statements:
  description:
    - The exact CQL that was executed, or in check mode would be. Empty if there was nothing to do.
    - It names a statement that was sent although its outcome is unknown.
  returned: when the tables could be read
  type: list
  elements: str
  sample:
    - ALTER TABLE shop.orders ADD (shipped_at timestamp, carrier text)
diff:
  description:
    - For each table its definition before and after, as the server describes it (C(DESCRIBE TABLE)), with all options. In check
      mode the definition after is the one before with the changes.
    - If the server does not describe tables, or nothing is to be done, the text holds the columns and the primary key only.
      Then the headers say C(from the catalog).
    - If the server described the table before and not after the change, the header says C(by the statements).
  returned: when the tables could be read
  type: list
  elements: dict
verified_by:
  description:
    - The nodes that showed all columns as listed, each asked itself, after all nodes agreed. Each has its C(host_id), its
      C(address) and its C(port).
    - If there was nothing to do, the module asks the contact point alone. Empty for a dry run that would change something.
  returned: when the tables could be read
  type: list
  elements: dict
  sample: [{"host_id": "8d5ed9f4-7764-4dbd-bad8-43fddce94b7c", "address": "10.0.0.1", "port": 9042}]
cluster:
  description:
    - The cluster as last read, with its C(name) and the C(release_versions) of its nodes.
    - C(nodes) are its nodes, C(schema_agreed) is whether all of them hold one schema version, and C(disagreeing_nodes) are those
      with another one. Each node is described as in RV(verified_by).
  returned: when the tables could be read
  type: dict
  sample: {"name": "Production", "release_versions": ["5.0.9"], "nodes": [], "schema_agreed": true, "disagreeing_nodes": []}
not_checked:
  description:
    - The checks that could not be made. They forbid nothing. Each has its name as C(check), the C(reason), and C(nodes), as in
      RV(verified_by), if it is about single nodes.
    - A Cassandra-compatible database lacks some system tables or some of their columns, a role may not read others, and a node
      may not be asked.
  returned: when the tables could be read
  type: list
  elements: dict
  sample:
    - check: the guardrails of the cluster
      reason: "system_views.settings cannot be read here (the server: unconfigured table settings)"
      nodes: []
plan:
  description:
    - The plan as plain data, to be saved, approved and given to O(approved_plan). A plan that was edited is refused.
    - It holds what was asked for, the statement for each table and its reverse, the definition before and after, all else that
      the plan depends on, the C(warnings) to read before it is approved, what was C(checked) and found in
      order, and as C(described) what RV(diff) shows of the tables that change.
  returned: in check mode, when the tables could be read
  type: dict
fingerprint:
  description: The fingerprint of the plan of this run, or of O(approved_plan) if it was given.
  returned: when the tables could be read
  type: str
  sample: sha256:0f343b0931126a20f133d67c2b018a3b5f8c5a0e4d1d0e9c0b0d8c0f3b1a2c4d
failure:
  description:
    - What kind of failure it is, for playbooks that tell them apart. V(unexpected) is an error in the module itself.
    - One of V(invalid_input), V(missing_driver), V(not_reachable), V(not_authenticated), V(not_authorized),
      V(keyspace_missing), V(table_missing), V(type_missing), V(conflict), V(refused), V(data_loss), V(plan_changed),
      V(mixed_versions), V(nodes_unreachable), V(statement_failed), V(locked), V(schema_disagreement), V(not_verified),
      V(outcome_unknown).
    - RV(ignore:msg) says what happened, why, and what to do. It always says which statements were executed or sent, or that
      nothing was executed.
  returned: failure
  type: str
  sample: table_missing
attempts:
  description: Each address that was tried, with the reason why it could not be used.
  returned: when no node could be reached
  type: dict
  sample:
    "10.0.0.1:9042": connection refused
available:
  description: The keyspaces that exist, or the tables or types of the keyspace, the most similar name first.
  returned: when the keyspace, the table or the type does not exist
  type: list
  elements: str
  sample: [orders, order_lines]
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import Job, run
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.ensure import ensure_columns
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.options import (
    column_options,
    read_request,
    rules,
)

JOB = Job(column_options(), read_request, ensure_columns, rules("tables", "table", "columns"), "Nothing was executed.")


def main() -> None:
    run(JOB)


if __name__ == "__main__":
    main()
