#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cassandra_column
short_description: Ensure that columns are present in a Cassandra table, or absent
version_added: 0.1.0
description:
  - Ensures that each listed column is present in a table, and says truthfully changed, ok or why not.
  - All columns which are missing are added by one C(ALTER TABLE), which the server executes wholly or not at all. Existing
    data is not touched.
  - A column which exists with another type, as static instead of regular, or as part of the primary key is a failure
    which shows both sides. All conflicts are reported at once, and nothing is executed.
  - After a change the module waits until all nodes hold one schema version, reads the table again, and succeeds only if
    nothing is left to do.
  - With O(state=absent) columns are dropped, which destroys their data, and is refused unless O(allow_data_loss) says
    otherwise.
  - Types are compared as the server understands them. C(varchar) is C(text), spaces and case do not matter, and
    C(frozen<map<text, list<int>>>) is what Cassandra makes of it.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._connection
  - stellarmap.cassandra._attributes
  - stellarmap.cassandra._attributes.action_group
options:
  keyspace:
    description:
      - The keyspace of the table, and of those of O(tables) which name no other. It must exist.
    type: str
    required: true
  table:
    description:
      - The table. It must exist; this module never creates one.
      - Required with O(columns), unless O(tables) is given.
    type: str
  columns:
    description:
      - The columns, each a dictionary with C(name), C(type) and optionally C(static) (a boolean, V(false) by default).
      - C(type) is any CQL type that a column can have, such as V(text), V(map<text, frozen<list<int>>>), V(vector<float,
        1536>), a user-defined type of the same keyspace, or the quoted class name of a custom type.
      - A single pair C(name:type), the form of community.cassandra, is understood as well.
      - With O(state=absent) only C(name) is needed. If C(type) or C(static) is given and the column is another, nothing is
        dropped.
    type: list
    elements: dict
  tables:
    description:
      - Several tables instead of O(table) and O(columns), over one connection. All of them are looked at before anything is
        executed, so that a conflict or a refusal in one keeps the others as they are. Each gets one C(ALTER TABLE), in the
        order of the list.
      - A failure in the middle says which of them are done; the next run goes on from there.
      - The result of each is in RV(results) then.
    type: list
    elements: dict
    suboptions:
      keyspace:
        description: The keyspace of this table, if it is not O(keyspace).
        type: str
      table:
        description: As O(table).
        type: str
        required: true
      columns:
        description: As O(columns).
        type: list
        elements: dict
        required: true
  state:
    description:
      - V(present) adds the columns which are missing.
      - V(absent) drops the columns which are there. Columns of the primary key, columns with an index and columns of a
        table with materialized views are refused.
    type: str
    choices: [present, absent]
    default: present
  allow_data_loss:
    description:
      - With O(state=absent), whether columns may be dropped. Their data is gone then, also for a column of that name which
        is added later.
    type: bool
    default: false
  only_if_empty:
    description:
      - With O(state=absent), whether the drop is refused if a value is found in one of the columns, or if the table has more
        rows than O(rows_to_read), so that it is not known.
    type: bool
    default: false
  rows_to_read:
    description:
      - With O(state=absent), how many rows are read, in pages, to say in RV(values) what would be lost. V(0) reads none.
    type: int
    default: 10000
  lock_keyspace:
    description:
      - A keyspace for an advisory lock, so that two runs with this option never change the schema at the same time.
      - Cassandra up to 5.0 tells both of two clients "success" which add one column with different types at the same moment,
        and the nodes never agree again. Use it where that can happen, that is where more than one pipeline may run.
      - The table C(stellarmap_schema_lock) must exist in it. A run without it says how to make it, once.
      - The lock is taken by a lightweight transaction only when there is something to change, is renewed while it is held,
        and expires by itself after a minute if its owner is killed.
    type: str
  lock_timeout:
    description:
      - How long to wait for the lock, in seconds. By default long enough to outlive the lock of a run which was killed.
    type: float
    default: 120.0
  schema_agreement_timeout:
    description:
      - How long to wait until all nodes hold one schema version, in seconds, before and after the change.
      - The default is the time after which Cassandra itself has every node fetch a schema it has missed.
    type: float
    default: 60.0
  allow_mixed_versions:
    description:
      - Whether to change the schema of a cluster whose nodes run different versions of Cassandra, as they do in the middle
        of a rolling upgrade. Such a change is lost on some nodes, so it is refused by default.
    type: bool
    default: false
  allow_unreachable_nodes:
    description:
      - Whether to change the schema although known nodes do not answer. They need not agree then, and get the columns when
        they come back.
    type: bool
    default: false
  ask_nodes_limit:
    description:
      - In a cluster of up to this many nodes, each is asked by itself before a change whether it answers, and after it
        whether it has the columns. In a larger one no node but the contact point is asked, and the agreement of the schema
        versions is relied on.
      - The nodes of Astra DB are never asked, since they are hidden behind its proxy.
      - Nodes are asked only when there is something to change, or when schema versions differ.
    type: int
    default: 32
seealso:
  - module: stellarmap.cassandra.cassandra_schema_info
    description: Read what this module would read.
"""

EXAMPLES = r"""
- name: Track which pipeline created each account
  stellarmap.cassandra.cassandra_column:
    login_host: [db1.example.com, db2.example.com]
    keyspace: stellarmapweb_keyspace
    table: stellar_creator_account_lineage
    columns:
      - {name: pipeline_source, type: text}
      - {name: last_pipeline_attempt, type: timestamp}
      - {name: processing_started_at, type: timestamp}

- name: See the exact CQL and what it would change, without changing anything
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

- name: Drop a column which nobody used
  stellarmap.cassandra.cassandra_column:
    login_host: db1.example.com
    keyspace: shop
    table: orders
    columns:
      - name: note
    state: absent
    allow_data_loss: true
    only_if_empty: true

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
keyspace:
  description: The keyspace, as the server stores its name.
  returned: when the table could be read
  type: str
  sample: shop
table:
  description: The table, as the server stores its name.
  returned: when the table could be read
  type: str
  sample: orders
columns:
  description: What happened to each listed column, in the order of O(columns).
  returned: when the table could be read
  type: list
  elements: dict
  contains:
    name:
      description: The name as the server stores it.
      type: str
      sample: pipeline_source
    type:
      description: The type in the server's canonical form; none if the column is not there and was not asked for.
      type: str
      sample: map<text, frozen<list<int>>>
    static:
      description: Whether the column is static.
      type: bool
      sample: false
    kind:
      description: V(regular) or V(static).
      type: str
      sample: regular
    status:
      description:
        - V(present) if it was there, or came to be there by somebody else's change.
        - V(added) or, in check mode, V(would_add).
        - V(dropped) or, in check mode, V(would_drop); V(absent) if it was not there.
        - V(conflict) if it is there in another form, see RV(columns[].found) and RV(columns[].wanted).
        - V(missing) if the module failed before it was added.
      type: str
      sample: added
    found:
      description: The column as it is, with C(name), C(type), C(static) and C(kind).
      returned: for a conflict
      type: dict
    wanted:
      description: The column as it was asked for; none with O(state=absent).
      returned: for a conflict
      type: dict
changes:
  description:
    - The plan for this table as it was first read. It is empty if there was nothing to do, and holds one change otherwise.
    - With O(tables) it is part of each of RV(results).
  returned: when the table could be read
  type: list
  elements: dict
  contains:
    cql:
      description: The C(ALTER TABLE) statement.
      type: str
      sample: ALTER TABLE shop.orders ADD (note text)
    reverse:
      description: The statement that reverses it. It brings back no data.
      type: str
      sample: ALTER TABLE shop.orders DROP (note)
    comment:
      description: What it does, in words.
      type: str
      sample: Add note to shop.orders
    unsafe:
      description: Why it destroys data; empty if it does not.
      type: str
      sample: ""
    columns:
      description: The columns that it adds or drops, each with C(name), C(type), C(kind), C(position) and C(clustering_order).
      type: list
      elements: dict
statements:
  description: The exact CQL which was executed, or in check mode would be. Empty if there was nothing to do.
  returned: when the table could be read
  type: list
  elements: str
  sample:
    - ALTER TABLE shop.orders ADD (pipeline_source text, last_pipeline_attempt timestamp)
diff:
  description: The columns and primary key before and after as CREATE TABLE text; a list of such with O(tables).
  returned: when the table could be read
  type: raw
verified_by:
  description:
    - The addresses of the nodes which were asked themselves and showed all columns as listed, after they agreed.
    - Where there was nothing to do only the contact point is asked. Empty for a dry run which would change something.
  returned: when the table could be read
  type: list
  elements: str
  sample: [10.0.0.1, 10.0.0.2, 10.0.0.3]
results:
  description:
    - For each table its C(keyspace), C(table), C(columns), C(changed), C(changes), C(verified_by) and C(values), as described
      here.
    - RV(statements), RV(diff), RV(cluster) and C(changed) are those of all together.
  returned: with O(tables), when they could be read
  type: list
  elements: dict
values:
  description: What a drop would destroy, or destroyed.
  returned: with O(state=absent), if there was a column to drop and O(rows_to_read) is not V(0)
  type: dict
  contains:
    found:
      description: The columns to drop, and in how many of the rows each holds a value.
      type: dict
      sample: {"note": 12}
    rows_read:
      description: The number of rows which were read.
      type: int
      sample: 1204
    complete:
      description: Whether these were all rows of the table.
      type: bool
      sample: true
cluster:
  description: The cluster, as seen by the node which was asked.
  returned: when the table could be read
  type: dict
  contains:
    name:
      description: The name of the cluster.
      type: str
      sample: Production
    release_versions:
      description: The release versions of its nodes.
      type: list
      elements: str
      sample: ["5.0.9"]
    nodes:
      description: The number of nodes, without the remains of decommissioned ones.
      type: int
      sample: 3
    schema_version_before:
      description: The schema version of the node which was asked, before the change.
      type: str
      sample: 6831777a-afd2-3b33-96a4-71c40d64b5ab
    schema_version_after:
      description: The same after the change.
      type: str
      sample: 2daa2752-cb18-3b81-88e3-7a6ba5e2026c
    schema_agreed:
      description: Whether all nodes held one schema version when the module ended.
      type: bool
      sample: true
    agreement_seconds:
      description: How long it took until they did, after the last change.
      type: float
      sample: 0.013
    disagreeing_nodes:
      description: The nodes with another schema version, each with C(address), C(release_version) and C(schema_version).
      type: list
      elements: dict
      sample: []
failure:
  description:
    - What kind of failure it is, for playbooks which want to tell them apart.
    - One of V(invalid_input), V(missing_driver), V(not_reachable), V(not_authenticated), V(not_authorized),
      V(keyspace_missing), V(table_missing), V(conflict), V(refused), V(data_loss), V(mixed_versions), V(nodes_unreachable),
      V(statement_failed), V(locked), V(schema_disagreement), V(not_verified), V(outcome_unknown), V(unexpected).
  returned: failure
  type: str
  sample: table_missing
attempts:
  description: Each address which was tried, with the reason why it could not be used.
  returned: when no node could be reached
  type: dict
  sample:
    "10.0.0.1:9042": connection refused
keyspaces:
  description: The keyspaces which exist, the most similar name first.
  returned: when the keyspace does not exist
  type: list
  elements: str
tables:
  description: The tables of the keyspace, the most similar name first.
  returned: when the table does not exist
  type: list
  elements: str
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import run
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.ensure import ensure_columns
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import column_options, read_request


def main() -> None:
    run(
        column_options(),
        read_request,
        ensure_columns,
        mutually_exclusive=[["tables", "table"], ["tables", "columns"]],
        required_one_of=[["table", "tables"]],
        required_together=[["table", "columns"]],
    )


if __name__ == "__main__":
    main()
