# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Makes the SELECT that reads the columns of a feature."""

from __future__ import annotations

DOCUMENTATION = r"""
name: feature_query
short_description: Make the SELECT that reads the columns of a feature
version_added: 0.1.0
description:
  - Takes names of columns as all options of this collection do, and makes the C(SELECT) for
    M(stellarmap.cassandra.cassandra_query_info). Names are folded or quoted as CQL needs it. A column that is named twice
    is read once.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: keyspace, table
options:
  _input:
    description: The names of the columns.
    type: list
    elements: str
    required: true
  keyspace:
    description: The keyspace of the table.
    type: str
    required: true
  table:
    description: The table.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the query
  ansible.builtin.debug:
    msg: "{{ ['id', 'Order', 'Größe'] | stellarmap.cassandra.feature_query('shop', 'orders') }}"
"""

RETURN = r"""
_value:
  description: The query.
  type: str
  sample: SELECT id, "order", "Größe" FROM shop.orders
"""

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.identifier import parse_name
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.rows import select_rows
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._filters import explained


class FilterModule:
    """The filter C(feature_query)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"feature_query": explained(feature_query)}


def feature_query(columns: Sequence[str], keyspace: str, table: str) -> str:
    """The SELECT of these columns; raises InvalidInput where a name cannot be one."""
    names = list(dict.fromkeys(parse_name(column, "column") for column in columns))
    return select_rows(parse_name(keyspace, "keyspace"), parse_name(table, "table"), names).text
