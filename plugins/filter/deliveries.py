# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Says which channels took a notification."""

from __future__ import annotations

DOCUMENTATION = r"""
name: deliveries
short_description: Say which channels took a notification
version_added: 0.1.0
description:
  - Takes the results of a loop over M(ansible.builtin.uri), M(stellarmap.cassandra.mail) or a module that writes a file, and
    says of each channel whether it took the notification. The C(item) of each result is the position of its channel.
  - What it returns holds neither an address nor a password.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
positional: channels
options:
  _input:
    description: The results of the loop.
    type: list
    elements: dict
    required: true
  channels:
    description: The channels, as O(stellarmap.cassandra.notify#role:main:notify_channels) describes them.
    type: list
    elements: dict
    required: true
  check_mode:
    description: Whether nothing was sent, since the play runs in check mode.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Who was told?
  ansible.builtin.debug:
    msg: "{{ [{'item': 0, 'status': 200}] | stellarmap.cassandra.deliveries(channels) }}"
  vars:
    channels:
      - type: slack
        url: https://hooks.example.com/services/T0/B0/x
"""

RETURN = r"""
_value:
  description: For each result C(name), C(type), C(status) (V(sent), V(failed) or V(would_send)) and C(detail).
  type: list
  elements: dict
  sample: [{"name": "slack", "type": "slack", "status": "failed", "detail": "hooks.example.com answers 404"}]
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.delivery import delivery


class FilterModule:
    """The filter C(deliveries)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"deliveries": deliveries}


def deliveries(
    results: Sequence[Mapping[str, Any]], channels: Sequence[Mapping[str, Any]], check_mode: bool = False
) -> list[dict[str, Any]]:
    """What became of the notification in the channels of a loop."""
    return [delivery(channels[result["item"]], result, check_mode) for result in results]
