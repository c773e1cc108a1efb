# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Writes a migration as a file for cqlsh."""

from __future__ import annotations

DOCUMENTATION = r"""
name: migration_cql
short_description: Write a migration as a file for cqlsh
version_added: 0.1.0
description:
  - Writes the statement which adds columns to a table, with comments on what it does, how to verify it and how to take it
    back, for a person who runs it with C(cqlsh).
  - It needs no cluster. Names and types are checked and written as M(stellarmap.cassandra.cassandra_column) does.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: keyspace, table, release_version
options:
  _input:
    description: The columns, as O(stellarmap.cassandra.cassandra_column#module:columns). With none the file only verifies.
    type: list
    elements: dict
    required: true
  keyspace:
    description: The keyspace of the table.
    type: str
    required: true
  table:
    description: The table.
    type: str
    required: true
  release_version:
    description:
      - The version of Cassandra, if it is known. From 4.1 on the file may be run again, since C(IF NOT EXISTS) is used; without
        a version, or with an earlier one, the file says what a second run would do.
    type: str
    default: ""
  verify:
    description: The columns which the verification looks for, where they are more than those to add. By default the same.
    type: list
    elements: dict
"""

EXAMPLES = r"""
- name: Write the file for the DBA
  ansible.builtin.copy:
    content: "{{ columns | stellarmap.cassandra.migration_cql('shop', 'orders') }}"
    dest: ./orders.cql
    mode: "0644"
  vars:
    columns:
      - {name: source, type: text}
"""

RETURN = r"""
_value:
  description: The content of the file.
  type: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.cql_file import cql_file


class FilterModule:
    """The filter C(migration_cql)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"migration_cql": migration_cql}


def migration_cql(
    columns: Sequence[Mapping[str, Any]],
    keyspace: str,
    table: str,
    release_version: str = "",
    verify: Sequence[Mapping[str, Any]] | None = None,
) -> str:
    """The content of the file; raises AnsibleFilterError where a name or a type is none."""
    try:
        return cql_file(keyspace, table, columns, columns if verify is None else verify, release_version)
    except Failure as error:
        raise AnsibleFilterError(error.message) from error
