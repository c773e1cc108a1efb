#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: cassandra_schema_info
short_description: Read the schema and the schema versions of a Cassandra cluster
version_added: 0.1.0
description:
  - Reads the keyspaces, the tables of a keyspace, or the columns and the C(CREATE TABLE) text of one table, and for every
    node its release version and schema version.
  - It answers what C(DESCRIBE KEYSPACES), C(DESCRIBE TABLES) and C(DESCRIBE TABLE) answer in a console, without one.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._connection
  - stellarmap.cassandra._attributes.info
  - stellarmap.cassandra._attributes.action_group
options:
  keyspace:
    description:
      - The keyspace whose tables to list.
    type: str
  table:
    description:
      - The table of O(keyspace) to describe.
    type: str
seealso:
  - module: stellarmap.cassandra.cassandra_column
    description: Ensure that columns are present.
"""

EXAMPLES = r"""
- name: Is every node on the same schema?
  stellarmap.cassandra.cassandra_schema_info:
    login_host: db1.example.com
  register: schema
  failed_when: not schema.cluster.schema_agreed

- name: Which tables are there?
  stellarmap.cassandra.cassandra_schema_info:
    login_host: db1.example.com
    keyspace: shop

- name: Describe one table
  stellarmap.cassandra.cassandra_schema_info:
    login_host: db1.example.com
    keyspace: shop
    table: orders
  register: orders

- name: Show its CREATE TABLE text
  ansible.builtin.debug:
    msg: "{{ orders.table.create_statement }}"
"""

RETURN = r"""
cluster:
  description: The cluster, as seen by the node that was asked.
  returned: success
  type: dict
  contains:
    name:
      description: The name of the cluster.
      type: str
      sample: Production
    release_versions:
      description: The different release versions of its nodes.
      type: list
      elements: str
      sample: ["5.0.9"]
    schema_agreed:
      description: Whether all nodes hold one schema version.
      type: bool
      sample: true
    nodes:
      description:
        - The nodes, each with C(address), C(port), C(datacenter), C(host_id), C(release_version) and C(schema_version).
        - The remains of decommissioned nodes are left out.
      type: list
      elements: dict
keyspaces:
  description:
    - The keyspaces, each with C(name), C(replication) and C(durable_writes).
    - Virtual keyspaces are listed too. They have no replication, and C(durable_writes) is null.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "shop", "replication": {"class": "NetworkTopologyStrategy", "dc1": "3"}, "durable_writes": true}]
tables:
  description: The names of the keyspace's tables, as the server stores them.
  returned: when O(keyspace) is given without O(table)
  type: list
  elements: str
  sample: [customers, orders]
table:
  description: The table.
  returned: when O(table) is given
  type: dict
  contains:
    keyspace:
      description: The keyspace, as the server stores its name.
      type: str
      sample: shop
    name:
      description: The table, as the server stores its name.
      type: str
      sample: orders
    columns:
      description: The columns, the partition key first, then the clustering columns, then the others by name.
      type: list
      elements: dict
      contains:
        name:
          description: The name as the server stores it.
          type: str
          sample: Order Id
        cql_name:
          description: The name as it is written in CQL, and as the options of this collection take it.
          type: str
          sample: '"Order Id"'
        type:
          description: The type in the server's canonical form.
          type: str
          sample: map<text, frozen<list<int>>>
        kind:
          description: V(partition_key), V(clustering), V(static) or V(regular).
          type: str
          sample: regular
        position:
          description: The place within the partition key or the clustering columns, from 0; V(-1) outside of them.
          type: int
          sample: -1
        clustering_order:
          description: V(asc) or V(desc) for a clustering column, V(none) otherwise.
          type: str
          sample: none
        added_at:
          description:
            - When the column was added to a table that was there already, in ISO 8601 and UTC, by the clock of the node that
              added it. Null where the server does not tell.
            - Cassandra 6.0 forgets it when a node starts.
          type: str
          sample: "2026-11-26T07:52:21.574+00:00"
    create_statement:
      description:
        - The table as C(CREATE TABLE) text, with its indexes and materialized views.
        - Cassandra 3.11 does not describe tables itself. There the text holds the columns and the primary key only.
      type: str
      sample: "CREATE TABLE shop.orders (id uuid PRIMARY KEY, note text) WITH ..."
failure:
  description:
    - What kind of failure it is, for playbooks that want to tell them apart. The same words as in
      M(stellarmap.cassandra.cassandra_column).
  returned: failure
  type: str
  sample: keyspace_missing
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import Job, run
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.info import describe_schema, read_scope

JOB = Job({"keyspace": {"type": "str", "no_log": False}, "table": {"type": "str"}}, read_scope, describe_schema)


def main() -> None:
    run(JOB)


if __name__ == "__main__":
    main()
