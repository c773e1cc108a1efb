#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: http_check
short_description: Check what web addresses answer
version_added: 0.1.0
description:
  - Asks each address and compares status, headers, JSON and text with what is expected. All checks are made, and all
    that failed are reported at once, with what was expected and what was found.
  - It sends C(GET) and C(HEAD) only. Whether the application writes on a C(GET) is for you to know.
  - A check which fails is asked again, at the pace the server asks for.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._attributes.info
options:
  checks:
    description: The checks.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What people call it; in messages and in the result.
        type: str
        required: true
      url:
        description: The address. One which begins with C(/) is appended to O(base_url).
        type: str
        required: true
      method:
        description: The method. An answer to V(HEAD) has no text to look at.
        type: str
        choices: [GET, HEAD]
        default: GET
      host_header:
        description: The C(Host) header of the request, for a server which has several names. Overrides O(host_header).
        type: str
      request_headers:
        description: Headers of the request. See O(secret_headers) for those which nobody should see.
        type: dict
        default: {}
      follow_redirects:
        description: Whether redirects are followed.
        type: bool
        default: true
      status:
        description: The status codes which are right.
        type: list
        elements: int
        default: [200]
      headers:
        description:
          - Headers which the answer must have, each with a text which its value must contain. Case does not matter.
          - An empty text asks only for the header.
        type: dict
        default: {}
      contains:
        description: Texts which must be in the answer.
        type: list
        elements: str
        default: []
      not_contains:
        description: Texts which must not be in the answer.
        type: list
        elements: str
        default: []
      min_matches:
        description:
          - Regular expressions of Python, each with how often it must be found at least. It counts the rows of a page
            of HTML.
        type: dict
        default: {}
      json:
        description:
          - What the JSON of the answer must hold.
          - A place in it is a dotted path (C(last_24h.api), C(items.0.name)) or a JSON pointer (C(/a.b/0)). An empty
            path is the whole document.
        type: dict
        suboptions:
          keys:
            description: Places which must be there, whatever their value.
            type: list
            elements: str
            default: []
          absent:
            description: Places which must not be there, such as C(error).
            type: list
            elements: str
            default: []
          values:
            description: Places and the values which they must have.
            type: dict
            default: {}
          min:
            description: Places and the numbers which they must at least hold.
            type: dict
            default: {}
          min_items:
            description: Places of lists and how many items they must at least have.
            type: dict
            default: {}
  base_url:
    description: What addresses which begin with C(/) are appended to.
    type: str
  host_header:
    description: The C(Host) header of all requests.
    type: str
  secret_headers:
    description: Headers of all requests which nobody should see, such as C(Authorization).
    type: dict
    default: {}
  timeout:
    description: How long to wait for an answer, in seconds.
    type: float
    default: 10
  validate_certs:
    description: Whether certificates are verified.
    type: bool
    default: true
  ca_path:
    description: A file with the certificates of the authorities to trust, in addition to those of the system.
    type: path
  use_proxy:
    description: Whether to use the proxy which the environment of the host names.
    type: bool
    default: true
  retries:
    description: How often a check which failed is asked again.
    type: int
    default: 3
  delay:
    description:
      - How long to wait before asking again, in seconds.
      - After the status 429 or 503 the server's C(Retry-After) counts; without one the wait doubles each time.
    type: float
    default: 2
  max_wait:
    description: How long to wait at most because the server asks for it, in seconds. If it asks for more, the check
      fails.
    type: float
    default: 120
"""

EXAMPLES = r"""
- name: The shop works
  stellarmap.cassandra.http_check:
    base_url: http://127.0.0.1:8000
    host_header: shop.example.com
    checks:
      - name: Health
        url: /health/
        json: {values: {status: healthy}}
      - name: Statistics
        url: /api/stats/
        json:
          keys: [total, last_24h.orders]
          min: {total: 1}
          absent: [error]
      - name: Bestsellers
        url: /bestsellers/
        contains: [Teapot]
        not_contains: [Traceback]
        min_matches: {'<tr class="item">': 3}
"""

RETURN = r"""
checks:
  description: The checks in the order of the task.
  returned: always, unless the options are wrong
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: Health
    url:
      description: The address, without a user and password.
      type: str
      sample: http://127.0.0.1:8000/health/
    ok:
      description: Whether everything is as expected.
      type: bool
      sample: false
    status:
      description: The status of the last answer, V(0) if there was none.
      type: int
      sample: 500
    findings:
      description: What is not as expected.
      type: list
      elements: str
      sample: ["expected status 200, found status 500: Internal Server Error"]
    values:
      description: What stands at the places of the JSON which the check looks at.
      type: dict
      sample: {"total": 12}
    attempts:
      description: How often it was asked.
      type: int
      sample: 4
    seconds:
      description: How long it took.
      type: float
      sample: 6.2
failure:
  description: What kind of failure it is, V(checks_failed) or V(invalid_input).
  returned: failure
  type: str
  sample: checks_failed
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import run_local
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.http.flow import check_urls
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.http.options import check_options


def main() -> None:
    run_local(check_options(), check_urls)


if __name__ == "__main__":
    main()
