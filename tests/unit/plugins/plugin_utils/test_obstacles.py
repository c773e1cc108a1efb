# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a task out of the controller's process, by its keywords and by the variables of the host that executes it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._obstacles import Task, find_obstacle

KEYWORDS = {"become": None, "environment": [{}], "async_val": 0, "delegate_to": None}
LOCAL = {"ansible_connection": "local"}


def on_db1(**variables: Any) -> dict[str, Any]:
    """The variables of a task of this machine that is delegated to a host with these."""
    return {"hostvars": {"db1": variables}}


@pytest.mark.parametrize(
    ("keywords", "variables", "obstacle"),
    [
        ({}, {}, None),
        ({}, {"ansible_connection": "ansible.builtin.local"}, None),
        ({}, {"ansible_connection": "ssh"}, "the connection is ssh"),
        ({"delegate_to": "db1"}, on_db1(ansible_connection="ssh"), "the connection is ssh"),
        # What a task gets that is delegated to a host without the variable is not known.
        ({"delegate_to": "db1"}, on_db1(), "the connection is not known"),
        ({"delegate_to": "db1"}, {"hostvars": {}}, "the connection is not known"),
        ({"become": True}, {}, "become is set"),
        ({}, {"ansible_become": True}, "become is set"),
        ({"delegate_to": "db1"}, on_db1(**LOCAL, ansible_become=True), "become is set"),
        ({"delegate_to": "db1"}, {**on_db1(**LOCAL), "ansible_become": True}, None),
        ({"environment": [{"A": "b"}]}, {}, "the task has an environment"),
        ({"async_val": 60}, {}, "the task is asynchronous"),
        ({}, {"ansible_python_interpreter": "/opt/python"}, "its interpreter is /opt/python"),
        ({}, {"ansible_python_interpreter": "auto_silent"}, None),
    ],
)
def test_what_keeps_a_task_out(keywords: dict[str, Any], variables: dict[str, Any], obstacle: str | None) -> None:
    task = Task({**KEYWORDS, **keywords}, {**LOCAL, **variables}, lambda value: value)
    assert find_obstacle(task) == obstacle
