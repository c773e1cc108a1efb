#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: http_check
short_description: Check what web addresses answer
version_added: 0.1.0
description:
  - Sends a list of requests, at most four at the same time, and compares each answer with what you expect.
  - It sends all checks before it fails, and says of each check that failed what was expected and what was found.
  - It only sends C(GET) and C(HEAD), in check mode as well. Do not name an address that writes on a C(GET).
  - User and password of an address, the values of its query, and the headers of requests are not shown. If an answer repeats
    one of them, it is shown without it. A secret of fewer than four characters cannot be told from other text, so it is not
    replaced in answers. A secret in the path of an address is shown.
  - A redirect to another scheme, host or port gets no cookie, no login and no header but those that are in every browser.
  - Cookies of an answer are sent with the redirects of the same check, and with nothing else.
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
        description: The name of the check, for messages and results.
        type: str
        required: true
      url:
        description: The address. An address that starts with V(/) is appended to O(base_url). It may hold a user and a password.
        type: str
        required: true
      method:
        description: The method. The answer to V(HEAD) has no body.
        type: str
        choices: [GET, HEAD]
        default: GET
      headers:
        description: Headers of this request, in addition to O(headers).
        type: dict
        default: {}
      follow_redirects:
        description: Whether redirects are followed, at most ten.
        type: bool
        default: true
      status:
        description: The status codes that are right.
        type: list
        elements: int
        default: [200]
      response_headers:
        description:
          - Headers that the answer must have, each with a text that its value must contain. Case does not matter.
          - An empty text requires only the header.
        type: dict
        default: {}
      contains:
        description: A text, or a list of texts, that must be in the answer.
        type: raw
      not_contains:
        description: A text, or a list of texts, that must not be in the answer.
        type: raw
      min_matches:
        description:
          - Regular expressions of Python, each with the least number of matches. Use it to count the rows of a page of HTML.
        type: dict
        default: {}
      json:
        description:
          - What the JSON of the answer must hold.
          - A path is dotted (C(last_24h.api), C(items.0.name)) or a JSON pointer (C(/a.b/0)). An empty path is the whole
            document.
        type: dict
        suboptions:
          keys:
            description: A path, or a list of paths, that must exist, whatever their value. RV(checks[].facts.values) has them.
            type: raw
          absent:
            description: A path, or a list of paths, that must not exist, such as C(error).
            type: raw
          values:
            description: Paths and their values.
            type: dict
            default: {}
          min:
            description: Paths and the least number that each must hold.
            type: dict
            default: {}
          min_items:
            description: Paths of lists and the least number of their items.
            type: dict
            default: {}
  base_url:
    description: The address that precedes each address that starts with V(/).
    type: str
    default: ''
  headers:
    description: Headers of all requests, such as C(Host) or C(Authorization). A header whose value is empty is not sent.
    type: dict
    default: {}
  timeout:
    description: How long to wait for one answer, in seconds.
    type: float
    default: 10
  retries:
    description: How often a check that failed is sent again.
    type: int
    default: 3
  delay:
    description:
      - How long to wait before a check that failed is sent again, in seconds.
      - After the status 429 or 503, the wait is at least the seconds that the server asks for with C(Retry-After). Without
        them, the wait
        doubles each time.
    type: float
    default: 2
  deadline:
    description:
      - After how many seconds a check is over, with all its repetitions. A check is not sent again if the wait would end later.
    type: float
    default: 120
  validate_certs:
    description: Whether certificates are verified.
    type: bool
    default: true
  ca_path:
    description: A file with the certificates of the authorities to trust, in addition to those of the system.
    type: path
  client_cert:
    description: A PEM file with the certificate that the server asks for. It may hold the key as well.
    type: path
  client_key:
    description: A PEM file with the key of O(client_cert).
    type: path
  use_proxy:
    description: Whether to use the proxy that the environment of the host names.
    type: bool
    default: true
seealso:
  - module: ansible.builtin.uri
    description: One request of any method.
"""

EXAMPLES = r"""
- name: Check that the shop still works
  stellarmap.cassandra.http_check:
    base_url: http://127.0.0.1:8000
    checks:
      - name: Health
        url: /health/
        json: {values: {status: healthy}}
      - name: Bestsellers
        url: /bestsellers/
        min_matches: {'class="item"': 3}
        not_contains: Traceback

- name: Wait up to a minute until the shop answers, and read a number
  stellarmap.cassandra.http_check:
    checks:
      - name: Statistics
        url: http://127.0.0.1:8000/api/stats/
        json: {keys: total}
    retries: 30
    deadline: 60
  register: shop

- name: Show the number
  ansible.builtin.debug:
    msg: "{{ shop.checks[0].facts['values'].total }}"
"""

RETURN = r"""
checks:
  description: What came of each check, in the order of O(checks).
  returned: when the checks were sent
  type: list
  elements: dict
  contains:
    name:
      description: The name of the check.
      type: str
    kind:
      description: Always V(http). Results of the role C(stellarmap.cassandra.smoke_tests) have other kinds, too.
      type: str
    status:
      description: V(passed) or V(failed).
      type: str
    seconds:
      description: How long the check took with all its repetitions.
      type: float
    reason:
      description: What was expected and what was found, if the check failed.
      type: str
    facts:
      description: Facts about the last answer.
      type: dict
      contains:
        url:
          description: The address without its secrets.
          type: str
        http_status:
          description: The status code, V(0) without an answer.
          type: int
        attempts:
          description: How often the check was sent.
          type: int
        values:
          description: What the JSON holds at the paths of C(keys), C(values) and C(min).
          type: dict
  sample:
    - name: Health
      kind: http
      status: failed
      seconds: 6.031
      reason: "expected status 200, found status 500: Internal Server Error"
      facts: {url: "http://127.0.0.1:8000/health/", http_status: 500, attempts: 4, values: {}}
msg:
  description: A line for each check, or a sentence for each check that failed.
  returned: always
  type: str
failure:
  description:
    - The kind of the failure. V(checks_failed) means that an answer is not as expected, V(invalid_input) that nothing was sent,
      because an option is wrong.
  returned: failure
  type: str
  sample: checks_failed
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.check import CHECK
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.send import run_checks
from ansible_collections.stellarmap.cassandra.plugins.module_utils._module import LocalJob, run_local

_OPTIONS = {
    "checks": {"type": "list", "elements": "dict", "required": True, "options": CHECK},
    "base_url": {"type": "str", "default": "", "no_log": True},
    "headers": {"type": "dict", "default": {}, "no_log": True},
    "timeout": {"type": "float", "default": 10},
    "retries": {"type": "int", "default": 3},
    "delay": {"type": "float", "default": 2},
    "deadline": {"type": "float", "default": 120},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "use_proxy": {"type": "bool", "default": True},
}
JOB = LocalJob(_OPTIONS, run_checks)


def main() -> None:
    run_local(JOB)


if __name__ == "__main__":
    main()
