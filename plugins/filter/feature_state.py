# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Judges by its rows whether a feature that tracks its work in columns works."""

from __future__ import annotations

DOCUMENTATION = r"""
name: feature_state
short_description: Judge by its rows whether a feature works
version_added: 0.1.0
description:
  - Takes the result of M(stellarmap.cassandra.cassandra_query_info) and says which sources its rows have, how many of
    them were tracked, and which are stuck.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: feature
options:
  _input:
    description: The result of the query.
    type: dict
    required: true
  feature:
    description:
      - Which columns tell what. C(now); C(source_column) and C(allowed_sources); C(tracking_column),
        C(tracking_sources) and C(since); C(started_column), C(stuck_after) in seconds and C(stuck_where);
        C(key_columns); C(fail_on_stuck).
      - They are described by the variables of the role C(stellarmap.cassandra.feature_checks).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Which sources are there?
  ansible.builtin.debug:
    msg: "{{ (orders | stellarmap.cassandra.feature_state(feature)).sources.counts }}"
  vars:
    feature:
      now: "{{ now(utc=true).isoformat() }}"
      source_column: source
      allowed_sources: [WEB, PHONE]
"""

RETURN = r"""
_value:
  description:
    - C(outcome), which is V(ok), V(not_yet) or V(failed); C(sources), C(tracking) and C(stuck), each with a C(status),
      numbers and a C(sentence); C(rows_read); C(complete), whether these were all rows; C(sentences).
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.feature import judge, read_feature
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._filters import explained


class FilterModule:
    """The filter C(feature_state)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"feature_state": explained(feature_state)}


def feature_state(answer: Mapping[str, Any], feature: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome for the rows of the answer; raises InvalidInput."""
    return judge(read_feature(feature), answer["rows"], not answer["truncated"])
