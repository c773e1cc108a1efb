# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Compares the rows of queries with what is expected of them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: row_checks
short_description: Compare the rows of queries with what is expected
version_added: 0.1.0
description:
  - Takes the results of a loop over M(stellarmap.cassandra.cassandra_query_info), whose items say what is expected, and says
    what is not as expected.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
options:
  _input:
    description:
      - The results of the loop. Each C(item) has a C(name), and optionally C(min_rows), by default 1; C(no_more_than), a number
        of rows; C(first_row), columns and the values that they must have in the first row.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Read
  stellarmap.cassandra.cassandra_query_info:
    login_host: db1.example.com
    query: "{{ item.query }}"
  loop:
    - name: Orders
      query: SELECT id FROM shop.orders
      min_rows: 3
  register: answers

- name: What is not as expected?
  ansible.builtin.debug:
    msg: "{{ answers.results | stellarmap.cassandra.row_checks | rejectattr('ok') }}"
"""

RETURN = r"""
_value:
  description: For each result C(name), C(ok), C(findings) (a list of sentences) and C(row_count).
  type: list
  elements: dict
  sample: [{"name": "Orders", "ok": false, "findings": ["expected at least 3 rows, found 1"], "row_count": 1}]
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.rows import row_check


class FilterModule:
    """The filter C(row_checks)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"row_checks": row_checks}


def row_checks(results: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The checks of the results of a loop."""
    return [row_check(result["item"], result) for result in results]
