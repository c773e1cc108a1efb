# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of C(workflow_restart) as an argument spec; their documentation is in the module, its twin."""

from __future__ import annotations

from typing import Any

_UP: dict[str, Any] = {
    "url": {"type": "str"},
    "status": {"type": "list", "elements": "int", "default": [200]},
    "headers": {"type": "dict", "default": {}},
    "validate_certs": {"type": "bool", "default": True},
    "host": {"type": "str", "default": "127.0.0.1"},
    "port": {"type": "int"},
    "stable_for": {"type": "float", "default": 2.0},
}
_COMMON: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "enabled": {"type": "bool", "default": True},
    "manager": {
        "type": "str",
        "required": True,
        "choices": ["systemd", "supervisord", "docker_compose", "command", "manual"],
    },
    "one_shot": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 60.0},
    "up": {"type": "dict", "options": _UP},
    "log_file": {"type": "path"},
    "log_lines": {"type": "int", "default": 20},
    "instructions": {"type": "str"},
}
_OF_THE_MANAGERS: dict[str, Any] = {
    "unit": {"type": "str"},
    "scope": {"type": "str", "choices": ["system", "user"], "default": "system"},
    "program": {"type": "str"},
    "config": {"type": "path"},
    "supervisorctl": {"type": "path", "default": "supervisorctl"},
    "service": {"type": "str"},
    "project_dir": {"type": "path"},
    "files": {"type": "list", "elements": "path", "default": []},
    "build": {"type": "bool", "default": True},
    "docker": {"type": "path", "default": "docker"},
    "argv": {"type": "list", "elements": "str"},
    "chdir": {"type": "path", "default": "/"},
    "environment": {"type": "dict", "default": {}},
    "pid_file": {"type": "path"},
    "grace": {"type": "float", "default": 10.0},
}
_REQUIRED_IF = [
    ("manager", "systemd", ["unit"]),
    ("manager", "supervisord", ["program"]),
    ("manager", "docker_compose", ["service", "project_dir"]),
    ("manager", "command", ["argv", "pid_file", "log_file"]),
]


def restart_options() -> dict[str, Any]:
    """The options of the module."""
    workflow = {**_COMMON, **_OF_THE_MANAGERS}
    return {
        "workflows": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": workflow,
            "required_if": _REQUIRED_IF,
        },
        "restart": {"type": "bool", "default": False},
        "watch": {"type": "list", "elements": "path", "default": []},
    }
