# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Says what to send for checks of web addresses."""

from __future__ import annotations

DOCUMENTATION = r"""
name: http_requests
short_description: Say what to send for checks of web addresses
version_added: 0.1.0
description:
  - Takes checks as the variable O(stellarmap.cassandra.smoke_tests#role:main:smoke_tests_http) describes them, and returns the
    requests for M(ansible.builtin.uri).
  - Fails where a request cannot be sent, or where its answer cannot be judged. The message holds no secret.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
options:
  _input:
    description: The checks.
    type: list
    elements: dict
    required: true
  base_url:
    description: The address that precedes each address that starts with V(/).
    type: str
    default: ""
  host_header:
    description: The C(Host) header of all requests.
    type: str
    default: ""
  secret_headers:
    description: Headers of all requests whose values must not be shown.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show the addresses without their secrets
  ansible.builtin.debug:
    msg: "{{ checks | stellarmap.cassandra.http_requests(base_url='http://127.0.0.1:8000') | map(attribute='shown_url') }}"
  vars:
    checks:
      - name: Health
        url: /health/
"""

RETURN = r"""
_value:
  description:
    - For each check C(check) (as it was given), C(url), C(user), C(password), C(method), C(headers), C(follow_redirects),
      C(shown_url) (the address without its secrets), and C(secrets).
    - It holds secrets. Use it only in tasks that set C(no_log).
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_request import http_request
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._filters import explained


class FilterModule:
    """The filter C(http_requests)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"http_requests": explained(http_requests)}


def http_requests(
    checks: Sequence[Mapping[str, Any]],
    base_url: str = "",
    host_header: str = "",
    secret_headers: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The requests of the checks; raises InvalidInput."""
    return [http_request(check, base_url, host_header, secret_headers) for check in checks]
