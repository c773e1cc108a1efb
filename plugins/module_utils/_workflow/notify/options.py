# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of C(notification) as an argument spec; their documentation is in the module, its twin."""

from __future__ import annotations

from typing import Any

_CHANNEL: dict[str, Any] = {
    "name": {"type": "str"},
    "type": {"type": "str", "choices": ["webhook", "slack", "mail", "file"], "required": True},
    "timeout": {"type": "float", "default": 10.0},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "url": {"type": "str", "no_log": True},
    "headers": {"type": "dict", "default": {}, "no_log": True},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "security": {"type": "str", "choices": ["starttls", "tls", "none"], "default": "starttls"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "sender": {"type": "str"},
    "recipients": {"type": "list", "elements": "str", "default": []},
    "path": {"type": "path"},
    "format": {"type": "str", "choices": ["text", "json", "markdown"], "default": "text"},
}


def notification_options() -> dict[str, Any]:
    """The options of the module."""
    return {
        "channels": {"type": "list", "elements": "dict", "required": True, "options": _CHANNEL},
        "subject": {"type": "str", "required": True},
        "text": {"type": "str", "required": True},
        "markdown": {"type": "str", "default": ""},
        "data": {"type": "dict", "default": {}},
    }
