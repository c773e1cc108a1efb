# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of C(http_check) as an argument spec; their documentation is in the module, its twin."""

from __future__ import annotations

from typing import Any

_JSON: dict[str, Any] = {
    "keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "absent": {"type": "list", "elements": "str", "default": []},
    "values": {"type": "dict", "default": {}},
    "min": {"type": "dict", "default": {}},
    "min_items": {"type": "dict", "default": {}},
}
_CHECK: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "method": {"type": "str", "choices": ["GET", "HEAD"], "default": "GET"},
    "host_header": {"type": "str"},
    "request_headers": {"type": "dict", "default": {}},
    "follow_redirects": {"type": "bool", "default": True},
    "status": {"type": "list", "elements": "int", "default": [200]},
    "headers": {"type": "dict", "default": {}},
    "contains": {"type": "list", "elements": "str", "default": []},
    "not_contains": {"type": "list", "elements": "str", "default": []},
    "min_matches": {"type": "dict", "default": {}},
    "json": {"type": "dict", "options": _JSON},
}


def check_options() -> dict[str, Any]:
    """The options of the module."""
    return {
        "checks": {"type": "list", "elements": "dict", "required": True, "options": _CHECK},
        "base_url": {"type": "str"},
        "host_header": {"type": "str"},
        "secret_headers": {"type": "dict", "default": {}, "no_log": True},
        "timeout": {"type": "float", "default": 10.0},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "use_proxy": {"type": "bool", "default": True},
        "retries": {"type": "int", "default": 3},
        "delay": {"type": "float", "default": 2.0},
        "max_wait": {"type": "float", "default": 120.0},
    }
