# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a task out of the controller's process, by its keywords and by the variables of the host that executes it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._ansible_core import Task
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._obstacles import find_obstacle

KEYWORDS = {"become": None, "environment": [{}], "async_val": 0, "delegate_to": None}


class Connection:
    """As Ansible has one to this machine, or to another one."""

    transport = "local"


class Remote(Connection):
    transport = "ssh"


Connection.__module__ = "ansible.plugins.connection.local"


@pytest.mark.parametrize(
    ("keywords", "variables", "connection", "obstacle"),
    [
        ({}, {}, Connection, None),
        ({}, {}, Remote, "the connection is ssh"),
        ({"become": True}, {}, Connection, "become is set"),
        ({}, {"ansible_become": True}, Connection, "become is set"),
        ({"delegate_to": "db1"}, {"hostvars": {"db1": {"ansible_become": True}}}, Connection, "become is set"),
        ({"delegate_to": "db1"}, {"hostvars": {"db1": {}}, "ansible_become": True}, Connection, None),
        ({"environment": [{"A": "b"}]}, {}, Connection, "the task has an environment"),
        ({"async_val": 60}, {}, Connection, "the task is asynchronous"),
        ({}, {"ansible_python_interpreter": "/opt/python"}, Connection, "its interpreter is /opt/python"),
        ({}, {"ansible_python_interpreter": "auto_silent"}, Connection, None),
    ],
)
def test_what_keeps_a_task_out(
    keywords: dict[str, Any], variables: dict[str, Any], connection: type, obstacle: str | None
) -> None:
    task = Task({**KEYWORDS, **keywords}, connection(), lambda value: value)
    assert find_obstacle(task, variables) == obstacle
