#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cassandra_query_info
short_description: Read rows of a Cassandra table with one SELECT
version_added: 0.1.0
description:
  - Runs one C(SELECT) with bound parameters and returns its rows as values which JSON can hold.
  - It only reads. Whatever is not exactly one C(SELECT) is refused before a connection is opened. So it runs in check mode
    as well.
  - It asks for rows page by page, and stops at O(max_rows). RV(truncated) tells whether there were more.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._connection
  - stellarmap.cassandra._attributes.info
  - stellarmap.cassandra._attributes.action_group
options:
  query:
    description:
      - One C(SELECT) in CQL. C(SELECT JSON), comments and a semicolon at the end are fine.
      - Write C(?) or C(:name) where a value of O(parameters) belongs. The value is sent beside the query and never becomes
        a part of its text.
    type: str
    required: true
  parameters:
    description:
      - The values for the markers of O(query). A list for C(?), in their order, or a dictionary for C(:name). The name folds
        to lower case unless it is in double quotes, as all names of this collection.
      - The server tells which type each value must have. What O(parameters) accepts for a type is what RV(rows) shows for
        it, and what is named below.
      - Whole numbers may be text of digits as well, since templates of older versions of Ansible make text of them.
      - A C(timestamp) is ISO 8601 text, such as V(2024-02-29), V(2024-02-29 13:30), V(2024-02-29T13:30:54.234Z) or
        V(2024-02-29T13:30:54+02:00), or a whole number of milliseconds since 1970-01-01 UTC. Without an offset it is in UTC.
        Digits after the milliseconds are cut off.
      - A C(time) needs quotes in YAML, or V(13:30:54) is the number 48654. It needs no seconds.
      - Quote a C(decimal) to keep it exact.
      - A C(map) is a dictionary, or a list of dictionaries with C(key) and C(value). Elements of a C(set) may be in any order.
      - A user-defined type is a dictionary. Fields which are left out are null.
      - They are shown in the invocation at C(-vvv). Use C(no_log) on the task for confidential values.
    type: raw
  keyspace:
    description:
      - The keyspace of names in O(query) which are written without one.
    type: str
  consistency:
    description:
      - The consistency level of the read.
      - All levels of the driver but C(ANY), which is for writes only.
    type: str
    choices: [ONE, TWO, THREE, QUORUM, ALL, LOCAL_QUORUM, EACH_QUORUM, SERIAL, LOCAL_SERIAL, LOCAL_ONE]
    default: LOCAL_QUORUM
  max_rows:
    description:
      - How many rows to return at most.
    type: int
    default: 1000
  fetch_size:
    description:
      - How many rows to ask for at once. Use less where rows are large.
      - For a query which counts, groups or calls other functions the server reads as many rows at once by itself, so a small
        number makes it slow.
    type: int
    default: 1000
notes:
  - With O(login_password) Ansible replaces the password by asterisks wherever it appears in a result, so in RV(rows) too.
seealso:
  - module: stellarmap.cassandra.cassandra_schema_info
    description: Read keyspaces, tables and columns.
  - module: stellarmap.cassandra.cassandra_column
    description: Ensure that columns are present.
"""

EXAMPLES = r"""
- name: Has the pipeline tracked anything since the migration?
  stellarmap.cassandra.cassandra_query_info:
    login_host: db1.example.com
    query: >-
      SELECT stellar_account, pipeline_source
      FROM stellarmapweb_keyspace.stellar_creator_account_lineage
      WHERE last_pipeline_attempt >= :since
      ALLOW FILTERING
    parameters:
      since: "{{ migrated_at }}"
    max_rows: 1
  register: tracked
  failed_when: tracked.row_count == 0

- name: Read one order
  stellarmap.cassandra.cassandra_query_info:
    login_host: db1.example.com
    keyspace: shop
    query: SELECT * FROM orders WHERE id = ?
    parameters:
      - 6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47
  register: order

- name: Show when it was shipped
  ansible.builtin.debug:
    msg: "{{ order.rows[0].shipped_at }}"

- name: Find some orders by a collection and a user-defined type, on one replica
  stellarmap.cassandra.cassandra_query_info:
    login_host: db1.example.com
    keyspace: shop
    query: SELECT id FROM orders WHERE labels CONTAINS KEY :label AND address = :address ALLOW FILTERING
    parameters:
      label: gift
      address:
        street: Rue de la Paix 2
        city: Paris
    consistency: LOCAL_ONE
    max_rows: 10

- name: The same on Astra DB
  stellarmap.cassandra.cassandra_query_info:
    secure_connect_bundle: /etc/astra/secure-connect-shop.zip
    login_token: "{{ astra_token }}"
    query: SELECT count(*) FROM shop.orders
"""

RETURN = r"""
rows:
  description:
    - The rows, each a dictionary of its columns. What is null in Cassandra is null. Types are shown as follows.
    - C(text), C(ascii) - text.
    - C(tinyint), C(smallint), C(int), C(bigint), C(counter), C(varint) - a number, exact. Ansible is exact; other readers of
      JSON may not be beyond 2^53. A C(varint) of more than 14,000 bits, which Python refuses to read, is text such as
      V(0x1f...) or V(-0x1f...).
    - C(float), C(double) - a number, for a C(float) the shortest one which is the same float. V(NaN), V(Infinity) and
      V(-Infinity) are text, since JSON has no number for them.
    - C(decimal) - text, exact, such as V(12.50) or V(1E+3).
    - C(boolean) - true or false.
    - C(uuid), C(timeuuid) - text in lower case.
    - C(inet) - text, V(192.0.2.1) or V(2001:db8::1).
    - C(blob) and custom types - text of hexadecimal digits, such as V(0xcafe), as in CQL.
    - C(timestamp) - text in UTC, always with milliseconds, such as V(2024-02-29T13:30:54.234Z).
    - C(date) - text, such as V(2024-02-29).
    - Years before 0 and after 9999, which both types can hold, have a sign, as in V(+12024-02-29) and V(-0044-03-15).
    - C(time) - text, always with nanoseconds, such as V(13:30:54.234000000).
    - C(duration) - text, as in CQL, such as V(1y2mo3d4h5m6s7ms8us9ns).
    - C(list), C(set), C(tuple), C(vector) - a list. A C(set) is in the order of its type.
    - C(map) - a dictionary if its keys are of a type which is text here. Otherwise, for keys which are numbers, booleans or
      compound, a list of dictionaries with C(key) and C(value). In the order of the type of the keys.
    - User-defined types - a dictionary with all fields of the type.
    - A value without any bytes, which text and blobs can be and other types only if very old clients wrote them, is null for
      the other types.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47
      price: "12.50"
      shipped_at: "2024-02-29T13:30:54.234Z"
      labels: {gift: [1, 2]}
      quantities: [{key: 1, value: 3}]
      note: null
row_count:
  description: The number of RV(rows).
  returned: success
  type: int
  sample: 1
truncated:
  description: Whether there were more rows than O(max_rows).
  returned: success
  type: bool
  sample: false
columns:
  description: The columns in the order of the query.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name, as the server stores it or as C(AS) gives it.
      type: str
      sample: labels
    type:
      description:
        - The type.
        - Servers do not tell whether the type of a column is frozen; this word is left out around it.
      type: str
      sample: map<text, frozen<list<int>>>
statement:
  description: The statement, without comments and semicolons at its end.
  returned: when the server refused it
  type: str
  sample: SELECT nope FROM shop.orders
failure:
  description:
    - What kind of failure it is, for playbooks which want to tell them apart. The same words as in
      M(stellarmap.cassandra.cassandra_column).
  returned: failure
  type: str
  sample: statement_failed
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

from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.request import read_request
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.select import run_query
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import run

_CONSISTENCY_LEVELS = "ONE TWO THREE QUORUM ALL LOCAL_QUORUM EACH_QUORUM SERIAL LOCAL_SERIAL LOCAL_ONE"


def main() -> None:
    options = {
        "query": {"type": "str", "required": True},
        "parameters": {"type": "raw"},
        "keyspace": {"type": "str", "no_log": False},
        "consistency": {"type": "str", "choices": _CONSISTENCY_LEVELS.split(), "default": "LOCAL_QUORUM"},
        "max_rows": {"type": "int", "default": 1000},
        "fetch_size": {"type": "int", "default": 1000},
    }
    run(options, read_request, run_query)


if __name__ == "__main__":
    main()
