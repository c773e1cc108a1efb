# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Writes a name as CQL takes it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cql_name
short_description: Write a name as CQL takes it
version_added: 0.1.0
description:
  - Takes the name of a keyspace, table or column as all options of this collection do, and writes it for a CQL
    statement, in double quotes where it needs them.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
options:
  _input:
    description: The name.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Order needs quotes, note does not
  ansible.builtin.debug:
    msg: "SELECT {{ 'order' | stellarmap.cassandra.cql_name }}, {{ 'note' | stellarmap.cassandra.cql_name }} FROM
      shop.orders"
"""

RETURN = r"""
_value:
  description: The name as CQL.
  type: str
  sample: '"order"'
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.identifier import parse_name, quote
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure


class FilterModule:
    """The filter C(cql_name)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cql_name": cql_name}


def cql_name(name: str) -> str:
    """The name as CQL; raises AnsibleFilterError where it is none."""
    try:
        return quote(parse_name(name))
    except Failure as error:
        raise AnsibleFilterError(error.message) from error
