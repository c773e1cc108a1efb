#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: cassandra_query_info
short_description: Read rows of a Cassandra table with one SELECT
version_added: 0.1.0
description:
  - Runs one C(SELECT) with bound parameters. Returns its rows as values that JSON can hold.
  - Only reads, so it runs in check mode as well. It refuses everything but one C(SELECT) before it opens a connection.
  - Reads page by page and stops at O(max_rows). RV(truncated) tells whether there are more rows.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._connection
  - stellarmap.cassandra._attributes.info
  - stellarmap.cassandra._attributes.action_group
options:
  query:
    description:
      - One C(SELECT) in CQL. C(SELECT JSON), comments and a semicolon at the end are allowed.
      - Write C(?) or C(:name) where a value of O(parameters) belongs. The module binds the value, which never becomes a
        part of the query's text.
    type: str
    required: true
  parameters:
    description:
      - The values for the markers of O(query), as a list in their order, or for C(:name) as a dictionary. A name folds to
        lower case unless it is in double quotes, as all names of this collection.
      - The server tells the type of each value. O(parameters) accepts for a type what RV(rows) shows for it, and the
        following.
      - A whole number may also be text of digits, because templates of older versions of Ansible return text.
      - A C(timestamp) is ISO 8601 text, such as V(2024-02-29), V(2024-02-29 13:30), V(2024-02-29T13:30:54.234Z) or
        V(2024-02-29T13:30:54+02:00), or a whole number of milliseconds since 1970-01-01 UTC. Text without an offset is in
        UTC. Digits after the milliseconds are cut off.
      - A C(time) needs quotes, because V(13:30:54) is the number 48654 in YAML.
      - A C(decimal) in quotes is exact.
      - For a list, a set, a vector, or after C(IN), it is a list of such values. For a map, a tuple, a user-defined type,
        or one type inside of another, write C(fromJson(?)) in O(query), and give the value as JSON text, for example with the
        filter C(to_json). The server reads it.
      - Ansible shows the values in the invocation at C(-vvv), and an error shows a value that is not of its type. Use
        C(no_log) on the task for confidential values.
    type: raw
  keyspace:
    description:
      - The keyspace of the names in O(query) that have none.
    type: str
  consistency:
    description:
      - The consistency level of the read.
      - V(ANY) is missing, because it is for writes only.
    type: str
    aliases: [consistency_level]
    choices: [ONE, TWO, THREE, QUORUM, ALL, LOCAL_QUORUM, EACH_QUORUM, SERIAL, LOCAL_SERIAL, LOCAL_ONE]
    default: LOCAL_QUORUM
  max_rows:
    description:
      - The maximum number of rows to return.
    type: int
    default: 1000
  expect:
    description:
      - What the rows must hold. The module fails if they do not, with RV(failure=checks_failed).
      - RV(status), RV(reason) and RV(facts) are the verdict. They replace RV(rows).
      - Names of columns are those of the query, spelled as all names of this collection.
    type: dict
    version_added: 0.1.0
    suboptions:
      min_rows:
        description: The least number of rows.
        type: int
      max_rows:
        description: The greatest number of rows.
        type: int
      allowed:
        description:
          - Columns, each with the list of values that it may have. The rows are counted by these values.
          - Null and an empty text both mean that nothing has written the value yet. V(0) and V(false) are values.
        type: dict
        default: {}
      counted:
        description: Columns by whose values the rows are counted, whatever these are.
        type: list
        elements: str
        default: []
      newest:
        description: A time that must have been written.
        type: dict
        suboptions:
          column:
            description: A column with times.
            type: str
            required: true
          within:
            description:
              - How old its newest value may be, such as V(90s), V(15m), V(2h), V(7d) or V(1w).
              - By default any value will do. That is right if the column is new.
            type: str
      older:
        description: Rows that are too old, such as those whose work was started and never ended.
        type: dict
        suboptions:
          column:
            description: A column with times.
            type: str
            required: true
          than:
            description: From which age a row counts, such as V(1h).
            type: str
            required: true
          where:
            description: >-
              Columns and the lists of values that a row must have to count, such as C(status) with the list C([PROCESSING]).
            type: dict
            default: {}
          at_most:
            description: How many such rows may be there. By default they are only counted and listed.
            type: int
      wait:
        description: How long to read again while RV(status=not_yet), in seconds.
        type: int
        default: 0
notes:
  - Ansible replaces O(login_password) by asterisks wherever it appears in a result, so in RV(rows) too.
seealso:
  - module: stellarmap.cassandra.cassandra_schema_info
    description: Read keyspaces, tables and columns.
  - module: stellarmap.cassandra.cassandra_column
    description: Ensure that columns are present.
"""

EXAMPLES = r"""
- name: Check that the application writes the new column, with the right values
  stellarmap.cassandra.cassandra_query_info:
    login_host: db1.example.com
    query: SELECT id, shipped_at FROM shop.orders
    max_rows: 10000
    expect:
      min_rows: 1
      newest: {column: shipped_at, within: 52w}
  register: shipping

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ shipping.status }}: {{ shipping.reason }}"

- name: Check that the application writes the new column since the migration
  stellarmap.cassandra.cassandra_query_info:
    login_host: db1.example.com
    query: >-
      SELECT id, shipped_at
      FROM shop.orders
      WHERE shipped_at >= :since
      ALLOW FILTERING
    parameters:
      since: "{{ migrated_at }}"
    max_rows: 1
  register: shipped
  failed_when: shipped.row_count == 0

- name: Read one order
  stellarmap.cassandra.cassandra_query_info:
    login_host: db1.example.com
    keyspace: shop
    query: SELECT * FROM orders WHERE id = ?
    parameters:
      - 6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47
  register: order

- name: Show when the order was shipped
  ansible.builtin.debug:
    msg: "{{ order.rows[0].shipped_at }}"

- name: Find some orders by a collection and a user-defined type, on one replica
  stellarmap.cassandra.cassandra_query_info:
    login_host: db1.example.com
    keyspace: shop
    query: SELECT id FROM orders WHERE labels CONTAINS KEY :label AND address = fromJson(:address) ALLOW FILTERING
    parameters:
      label: gift
      address: '{"street": "Rue de la Paix 2", "city": "Paris"}'
    consistency: LOCAL_ONE
    max_rows: 10

- name: Count the orders on Astra DB
  stellarmap.cassandra.cassandra_query_info:
    secure_connect_bundle: /etc/astra/secure-connect-shop.zip
    login_token: "{{ astra_token }}"
    query: SELECT count(*) FROM shop.orders
"""

RETURN = r"""
status:
  description:
    - V(passed), V(failed), or V(not_yet) if nothing has written a column of O(expect.allowed) or O(expect.newest) so far,
      which is neither a failure nor a success.
  returned: with O(expect)
  type: str
  sample: passed
reason:
  description: What the rows hold, and what of it is not as expected.
  returned: with O(expect)
  type: str
  sample: "source: PHONE 1, WEB 2; without a value 1"
facts:
  description:
    - The numbers behind RV(reason). C(row_count) and C(truncated); C(counts) and C(without_value) for each counted column;
      C(newest) and C(written), how many rows have a value; C(older) with C(count) and the C(rows) themselves, at most 50.
  returned: with O(expect)
  type: dict
  sample:
    row_count: 4
    truncated: false
    counts: {source: {PHONE: 1, WEB: 2}}
    without_value: {source: 1}
seconds:
  description: How long it took, with what O(expect.wait) allows.
  returned: with O(expect)
  type: float
  sample: 0.021
rows:
  description:
    - The rows, each a dictionary of its columns. Null in Cassandra is null. The types are shown as follows.
    - C(text), C(ascii) - text.
    - C(tinyint), C(smallint), C(int), C(bigint), C(counter), C(varint) - a number, exact in Ansible. Other readers of JSON
      may round beyond 2^53. A C(varint) of more than 14,000 bits, which Python refuses to read, is text such as V(0x1f...)
      or V(-0x1f...).
    - C(float), C(double) - a number, for a C(float) the shortest one that is the same float. V(NaN), V(Infinity) and
      V(-Infinity) are text, because JSON has no number for them.
    - C(decimal) - text, exact, such as V(12.50) or V(1E+3).
    - C(boolean) - true or false.
    - C(uuid), C(timeuuid) - text in lower case.
    - C(inet) - text, V(192.0.2.1) or V(2001:db8::1).
    - C(blob) and custom types - text of hexadecimal digits, such as V(0xcafe), as in CQL. A C(CompositeType) is a list.
    - C(timestamp) - text in UTC, always with milliseconds, such as V(2024-02-29T13:30:54.234Z).
    - C(date) - text, such as V(2024-02-29). Beyond the years 1 to 9999 it is the number of days since 1970-01-01, as text.
    - C(time) - text, always with nanoseconds, such as V(13:30:54.234000000).
    - C(duration) - text of its months, days and nanoseconds, as in CQL, such as V(14mo3d14706007008009ns).
    - C(list), C(set), C(tuple), C(vector) - a list. A C(set) is sorted as Python sorts it, and shows one of V(0.0) and
      V(-0.0).
    - C(map) - a dictionary if all its keys are text here. Otherwise, for keys that are numbers, booleans or compound, a
      list of dictionaries with C(key) and C(value).
    - User-defined types - a dictionary with all fields of the type. A field whose name is no identifier of Python, such as
      C(class), is called C(field_0_) after its place.
    - A value without any bytes is null, except for text and blobs. Only very old clients wrote such values of other types.
    - In a column that holds both C(float) and C(double), such as C(map<float, double>), each float has the digits of a
      double.
    - The module fails, and names the column, if the Python driver has no value for what the query finds. Examples are a
      C(timestamp) beyond the years 1 to 9999, some keys of a C(map) that are such times after the year 2242, a C(decimal) of
      more than 4300 digits, and bytes that are not of their type.
      Select C(toJson(...)) of the column then, which is text, or C(toUnixTimestamp(...)) of such a timestamp.
    - Rows of more than 64 MiB are refused.
  returned: success, without O(expect)
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
  description: Whether there are more rows than O(max_rows).
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
        - The word C(frozen) is left out around it, because servers do not tell whether the type of a column is frozen.
      type: str
      sample: map<text, frozen<list<int>>>
statement:
  description: The statement, without comments and semicolons at its end.
  returned: when the server refused it
  type: str
  sample: SELECT nope FROM shop.orders
failure:
  description:
    - The kind of the failure, for playbooks that tell them apart. The same words as in
      M(stellarmap.cassandra.cassandra_column).
  returned: failure
  type: str
  sample: statement_failed
keyspaces:
  description: The keyspaces that exist, the most similar name first.
  returned: when the keyspace does not exist
  type: list
  elements: str
tables:
  description: The tables of the keyspace, the most similar name first.
  returned: when the table does not exist
  type: list
  elements: str
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.expect import EXPECT
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.request import read_request
from ansible_collections.stellarmap.cassandra.plugins.module_utils._query.select import run_query
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import Job, run

_CONSISTENCY_LEVELS = "ONE TWO THREE QUORUM ALL LOCAL_QUORUM EACH_QUORUM SERIAL LOCAL_SERIAL LOCAL_ONE"

_OPTIONS = {
    "query": {"type": "str", "required": True},
    "parameters": {"type": "raw"},
    "keyspace": {"type": "str", "no_log": False},
    "consistency": {
        "type": "str",
        "aliases": ["consistency_level"],
        "choices": _CONSISTENCY_LEVELS.split(),
        "default": "LOCAL_QUORUM",
    },
    "max_rows": {"type": "int", "default": 1000},
    "expect": {"type": "dict", "options": EXPECT},
}
JOB = Job(_OPTIONS, read_request, run_query)


def main() -> None:
    run(JOB)


if __name__ == "__main__":
    main()
