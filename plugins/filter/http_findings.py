# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Compares the answers of web addresses with what is expected of them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: http_findings
short_description: Compare the answers of web addresses with what is expected
version_added: 0.1.0
description:
  - Takes the results of a loop over M(ansible.builtin.uri), and says what is not as the checks expect. The C(item) of each
    result is the position of its request in O(requests).
  - C(uri) must have read the content, and must have accepted every status, V(-1) too, which means that no answer came.
  - What it returns holds no secret of a request, even if an answer repeats one.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: requests, before
options:
  _input:
    description: The results of the loop.
    type: list
    elements: dict
    required: true
  requests:
    description: The requests, as P(stellarmap.cassandra.http_requests#filter) returns them.
    type: list
    elements: dict
    required: true
  before:
    description: What this filter returned after the attempt before. A new answer replaces its result.
    type: list
    elements: dict
    default: []
  retries:
    description: How often a check that failed is sent again.
    type: int
    default: 3
  delay:
    description: How long to wait before a check is sent again, in seconds.
    type: float
    default: 2
  max_wait:
    description: How long to wait at most if the server asks for it, in seconds.
    type: float
    default: 120
"""

EXAMPLES = r"""
- name: Ask the application
  ansible.builtin.uri:
    url: "{{ requests[item].url }}"
    return_content: true
    status_code: "{{ range(-1, 1000) | list }}"
  loop: [0]
  register: answers
  vars: &shop
    requests: "{{ [{'name': 'Health', 'url': 'http://127.0.0.1:8000/health/'}] | stellarmap.cassandra.http_requests }}"

- name: What is not as expected?
  ansible.builtin.debug:
    msg: "{{ answers.results | stellarmap.cassandra.http_findings(requests) | rejectattr('ok') }}"
  vars: *shop
"""

RETURN = r"""
_value:
  description:
    - For each check C(name), C(url) (without its secrets), C(ok), C(findings) (a list of sentences), C(status) (V(0) without
      an answer), C(values) (what the JSON holds at the paths of the check), and C(attempts).
    - C(retry_in) is the number of seconds after which the check is to be sent again. It is V(none) where the result is final.
  type: list
  elements: dict
  sample:
    - name: Health
      url: http://127.0.0.1:8000/health/
      ok: false
      findings: ["expected status 200, found status 500: Internal Server Error"]
      status: 500
      values: {}
      attempts: 1
      retry_in: 2
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_result import http_results
from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_retry import RetryPolicy


class FilterModule:
    """The filter C(http_findings)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"http_findings": http_findings}


def http_findings(
    answers: Sequence[Mapping[str, Any]],
    requests: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]] = (),
    retries: int = 3,
    delay: float = 2.0,
    max_wait: float = 120.0,
) -> list[dict[str, Any]]:
    """The results of the checks after this attempt."""
    policy = RetryPolicy(int(retries), float(delay), float(max_wait))
    return http_results(answers, requests, before, policy, datetime.now(timezone.utc))
