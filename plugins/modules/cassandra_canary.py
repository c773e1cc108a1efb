#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: cassandra_canary
short_description: Insert one row that an application must count, and delete it again
version_added: 0.1.0
description:
  - Inserts one row under a key that nobody uses, so that a check can see whether the running application counts it, and
    deletes it.
  - The row is inserted by a lightweight transaction, only if there is no row under its key. Of two runs at once, one inserts.
  - The row has a time to live. If nobody deletes it, the server does.
  - A deletion removes the row only while a column in it still has the write time of the insertion and a time to live. It
    then removes what the application added to the row, too.
  - It refuses the keyspaces of Cassandra itself, counter tables and static columns. The server refuses materialized views.
  - This is the only module of this collection that writes to tables of the application. It needs the permissions C(SELECT) and
    C(MODIFY).
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._connection
  - stellarmap.cassandra._attributes
  - stellarmap.cassandra._attributes.action_group
attributes:
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: A second O(state=present) is refused, since there is a row already.
options:
  keyspace:
    description: The keyspace of the table.
    type: str
    required: true
  table:
    description: The table.
    type: str
    required: true
  row:
    description:
      - The columns of the row with their values, as in C(INSERT ... JSON). All key columns must be among them, and at least
        one regular column that is no collection, since only such a column has a write time.
      - Choose values that the application leaves alone. What it writes to the row has no time to live.
    type: dict
    required: true
  state:
    description:
      - V(present) inserts the row. It is refused if there is a row under its key.
      - V(absent) deletes the row that V(present) inserted. It is no change if the row has expired, and it is refused if
        something else has written the row since.
    type: str
    choices: [present, absent]
    default: present
  write_time:
    description: The RV(write_time) that the insertion returned. Required with O(state=absent).
    type: int
  ttl:
    description: After how many seconds the server removes the row by itself, at most a day.
    type: int
    default: 300
  wait:
    description:
      - With O(state=present), how many seconds an earlier canary under the key has to expire or to be deleted. It is that of a
        run that was killed, or of another run at the same time.
      - A row without a time to live is refused at once.
    type: int
    default: 0
    version_added: 0.1.0
seealso:
  - module: stellarmap.cassandra.cassandra_query_info
    description: Read rows.
"""

EXAMPLES = r"""
- name: Prove that the running application counts a new row
  vars:
    canary:
      id: 00000000-0000-4000-8000-000000000001
      customer: canary
      source: WEB
  block:
    - name: Insert the canary
      stellarmap.cassandra.cassandra_canary:
        login_host: db1.example.com
        keyspace: shop
        table: orders
        row: "{{ canary }}"
      register: inserted

    - name: Check that it is counted
      ansible.builtin.uri:
        url: http://127.0.0.1:8000/api/stats/
      register: stats
      until: stats.json.web_total >= 1
      retries: 3
      delay: 1
  always:
    - name: Delete the canary
      stellarmap.cassandra.cassandra_canary:
        login_host: db1.example.com
        keyspace: shop
        table: orders
        row: "{{ canary }}"
        write_time: "{{ inserted.write_time }}"
        state: absent
      when: inserted.inserted | default(false)
"""

RETURN = r"""
inserted:
  description: Whether the row was inserted; V(false) in check mode.
  returned: success with O(state=present)
  type: bool
  sample: true
write_time:
  description: When the server wrote the row, in microseconds since 1970. It tells this row from any other.
  returned: success with O(state=present), but not in check mode
  type: int
  sample: 1795571489985000
failure:
  description:
    - What kind of failure it is, for playbooks that tell them apart. The same words as in
      M(stellarmap.cassandra.cassandra_column).
  returned: failure
  type: str
  sample: refused
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._canary.ensure import ensure_canary
from ansible_collections.stellarmap.cassandra.plugins.module_utils._canary.request import read_canary
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import Job, run

_OPTIONS = {
    "keyspace": {"type": "str", "required": True, "no_log": False},
    "table": {"type": "str", "required": True},
    "row": {"type": "dict", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "write_time": {"type": "int"},
    "ttl": {"type": "int", "default": 300},
    "wait": {"type": "int", "default": 0},
}
_RULES = {"required_if": [["state", "absent", ["write_time"]]]}
JOB = Job(_OPTIONS, read_canary, ensure_canary, _RULES)


def main() -> None:
    run(JOB)


if __name__ == "__main__":
    main()
