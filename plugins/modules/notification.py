#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: notification
short_description: Tell people and machines what was done
version_added: 0.1.0
description:
  - Sends one message to any number of channels. Webhooks, chats which understand the incoming webhooks of Slack, mail,
    files.
  - A channel which does not take it is a warning and part of the result, never a failure. What the message tells of has
    happened all the same.
  - Neither the addresses of webhooks nor passwords appear in the output. They are named by their host.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._attributes
attributes:
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run sends the message.
options:
  channels:
    description: Where to send it.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What people call the channel; in warnings and in the result. By default its type.
        type: str
      type:
        description:
          - V(webhook) posts O(data) as JSON.
          - V(slack) posts O(subject) and O(text) as Slack, Mattermost, Rocket.Chat and others take them.
          - V(mail) sends O(text), with O(markdown) attached.
          - V(file) keeps one of them on the host.
        type: str
        choices: [webhook, slack, mail, file]
        required: true
      timeout:
        description: How long to wait for an answer, in seconds.
        type: float
        default: 10
      validate_certs:
        description: Whether the certificate of a webhook is verified. That of a mail server always is.
        type: bool
        default: true
      ca_path:
        description: A file with the certificates of the authorities to trust.
        type: path
      url:
        description: For V(webhook) and V(slack), the address. It is treated as a secret.
        type: str
      headers:
        description: For V(webhook) and V(slack), headers of the request, such as C(Authorization). They are treated as
          secrets.
        type: dict
        default: {}
      host:
        description: For V(mail), the mail server.
        type: str
      port:
        description: For V(mail), its port. By default the usual one of O(channels[].security), 587, 465 or 25.
        type: int
      security:
        description:
          - For V(mail), how the connection is protected. With V(starttls) a server which does not offer it is refused.
          - With V(none) no password is sent.
        type: str
        choices: [starttls, tls, none]
        default: starttls
      username:
        description: For V(mail), the user to log in as.
        type: str
      password:
        description: For V(mail), the password of O(channels[].username).
        type: str
      sender:
        description: For V(mail), the address of the sender.
        type: str
      recipients:
        description: For V(mail), the addresses of the recipients.
        type: list
        elements: str
        default: []
      path:
        description: For V(file), the file. Its directory must exist.
        type: path
      format:
        description:
          - For V(file), V(text) is appended to it. V(json) (that is O(data)) and V(markdown) replace it.
        type: str
        choices: [text, json, markdown]
        default: text
  subject:
    description: The message in one line.
    type: str
    required: true
  text:
    description: The message for people.
    type: str
    required: true
  markdown:
    description: The message as Markdown, as it is put into a ticket.
    type: str
    default: ""
  data:
    description: The message for machines.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Tell the team
  stellarmap.cassandra.notification:
    subject: "Columns added: shop.orders"
    text: "{{ result.statements | join('\n') }}"
    data: "{{ {'columns': result.columns} }}"
    channels:
      - type: slack
        url: "{{ vault_slack_url }}"
      - name: change management
        type: webhook
        url: https://change.example.com/api/records
        headers: {Authorization: "Bearer {{ vault_token }}"}
      - type: mail
        host: mail.example.com
        username: ansible
        password: "{{ vault_mail_password }}"
        sender: ansible@example.com
        recipients: [dba@example.com]
      - type: file
        path: /var/log/migrations/shop.json
        format: json
"""

RETURN = r"""
channels:
  description: What became of the message, by channel.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the channel.
      type: str
      sample: slack
    type:
      description: Its type.
      type: str
      sample: slack
    status:
      description: V(sent), V(failed), or V(would_send) in check mode.
      type: str
      sample: failed
    detail:
      description: What the other side said, or why it was not sent.
      type: str
      sample: hooks.example.com answers 404
all_sent:
  description: Whether no channel failed.
  returned: success
  type: bool
  sample: false
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import run_local
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.notify.flow import notify
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.notify.options import notification_options


def main() -> None:
    run_local(notification_options(), notify)


if __name__ == "__main__":
    main()
