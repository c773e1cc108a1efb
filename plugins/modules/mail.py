#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: mail
short_description: Send a mail over verified TLS
version_added: 0.1.0
description:
  - Sends one mail. It verifies the certificate of the server and the host name in it, which C(community.general.mail) does not.
  - A user and a password are not sent without TLS.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._attributes
attributes:
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run sends the mail.
options:
  host:
    description: The mail server.
    type: str
    required: true
  port:
    description: Its port. By default V(587) for O(security=starttls), V(465) for V(tls), and V(25) for V(none).
    type: int
  security:
    description: How the connection is protected. With V(starttls), a server that does not offer it is refused.
    type: str
    choices: [starttls, tls, none]
    default: starttls
  ca_path:
    description: A file with the certificates of the authorities to trust, in place of those of the system.
    type: path
  username:
    description: The user to log in as.
    type: str
  password:
    description: The password of O(username).
    type: str
  timeout:
    description: How long to wait for an answer, in seconds.
    type: int
    default: 10
  sender:
    description: The address of the sender.
    type: str
    required: true
  recipients:
    description: The addresses of the recipients.
    type: list
    elements: str
    required: true
  subject:
    description: The subject.
    type: str
    required: true
  body:
    description: The text.
    type: str
    required: true
  attachments:
    description: Texts to attach as files.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the file.
        type: str
        required: true
      content:
        description: The text.
        type: str
        required: true
      subtype:
        description: What follows C(text/) in its media type.
        type: str
        default: plain
"""

EXAMPLES = r"""
- name: Tell the DBA
  stellarmap.cassandra.mail:
    host: mail.example.com
    username: ansible
    password: "{{ vault_mail_password }}"
    sender: ansible@example.com
    recipients: [dba@example.com]
    subject: "Columns added: shop.orders"
    body: "{{ columns_result.statements | join('\n') }}"
"""

RETURN = r"""
sent:
  description: Whether the server took the mail for all recipients. V(false) in check mode.
  returned: success
  type: bool
  sample: true
failure:
  description: What kind of failure it is, V(not_sent) or V(invalid_input).
  returned: failure
  type: str
  sample: not_sent
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._mail import compose, send_mail
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import ModuleApi, run_local


def mail_options() -> dict[str, Any]:
    """The options of the module."""
    attachment = {
        "name": {"type": "str", "required": True},
        "content": {"type": "str", "required": True},
        "subtype": {"type": "str", "default": "plain"},
    }
    return {
        "host": {"type": "str", "required": True},
        "port": {"type": "int"},
        "security": {"type": "str", "choices": ["starttls", "tls", "none"], "default": "starttls"},
        "ca_path": {"type": "path"},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "timeout": {"type": "int", "default": 10},
        "sender": {"type": "str", "required": True},
        "recipients": {"type": "list", "elements": "str", "required": True},
        "subject": {"type": "str", "required": True},
        "body": {"type": "str", "required": True},
        "attachments": {"type": "list", "elements": "dict", "default": [], "options": attachment},
    }


def work(options: Mapping[str, Any], check: bool, _host: ModuleApi) -> dict[str, Any]:
    """Whether the mail was sent."""
    if check:
        compose(options)
    else:
        send_mail(options)
    # A mail changes nothing on the host, as with ansible.builtin.uri.
    return {"changed": False, "sent": not check}


def main() -> None:
    run_local(mail_options(), work)


if __name__ == "__main__":
    main()
