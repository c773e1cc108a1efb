#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cassandra_canary
short_description: Insert one row which an application must see, and delete it again
version_added: 0.1.0
description:
  - Inserts one row under a key which nobody uses, so that one can look whether a running application sees it, and
    deletes it.
  - The row is inserted with a time to live. Should nobody delete it, the server does.
  - A row which is there already is never touched, and a deletion never takes more than the one row.
  - This is the only module of this collection which writes data.
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
    details: A second O(state=present) is refused, since it cannot know the row for its own.
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
      - The columns of the row with their values, as in C(INSERT ... JSON). All key columns must be among them.
      - Choose values which the application leaves alone. What it writes to the row has no time to live.
    type: dict
    required: true
  state:
    description:
      - V(present) inserts the row. It is refused if there is a row under its key.
      - V(absent) deletes the row. Use it only after V(present), and only if that returned RV(inserted).
    type: str
    choices: [present, absent]
    default: present
  ttl:
    description: After how many seconds the server removes the row by itself, at most a day.
    type: int
    default: 300
seealso:
  - module: stellarmap.cassandra.cassandra_query_info
    description: Read rows.
"""

EXAMPLES = r"""
- name: Does the running application see a new row?
  vars:
    canary:
      id: 00000000-0000-4000-8000-000000000001
      customer: canary
      source: WEB
  block:
    - name: Insert
      stellarmap.cassandra.cassandra_canary:
        login_host: db1.example.com
        keyspace: shop
        table: orders
        row: "{{ canary }}"
      register: inserted

    - name: See
      stellarmap.cassandra.http_check:
        checks:
          - name: Counted
            url: http://127.0.0.1:8000/api/stats/
            json: {min: {web_total: 1}}
  always:
    - name: Delete
      stellarmap.cassandra.cassandra_canary:
        login_host: db1.example.com
        keyspace: shop
        table: orders
        row: "{{ canary }}"
        state: absent
      when: inserted.inserted | default(false)
"""

RETURN = r"""
inserted:
  description: Whether the row was sent to the server. It is V(true) as well after a failure which leaves that open.
  returned: with O(state=present), unless it was refused
  type: bool
  sample: true
failure:
  description:
    - What kind of failure it is, for playbooks which want to tell them apart. The same words as in
      M(stellarmap.cassandra.cassandra_column).
  returned: failure
  type: str
  sample: refused
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._canary import (
    ensure_canary,
    read_canary,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import run


def main() -> None:
    options = {
        "keyspace": {"type": "str", "required": True, "no_log": False},
        "table": {"type": "str", "required": True},
        "row": {"type": "dict", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "ttl": {"type": "int", "default": 300},
    }
    run(options, read_canary, ensure_canary)


if __name__ == "__main__":
    main()
