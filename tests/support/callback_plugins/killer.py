# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends the play that it runs in a signal, as its n-th task or one of a name begins, or after some seconds."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """KILLER_SIGNAL is a name; KILLER_TASK is a number, KILLER_NAME what a task is called, KILLER_SECONDS a duration."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "killer"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._tasks = 0
        if seconds := os.environ.get("KILLER_SECONDS"):
            timer = threading.Timer(float(seconds), self._kill)
            timer.daemon = True
            timer.start()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """The tasks of handlers and of included files come here as well."""
        self._tasks += 1
        if str(self._tasks) == os.environ.get("KILLER_TASK") or task.name == os.environ.get("KILLER_NAME"):
            self._kill()

    @staticmethod
    def _kill() -> None:
        os.kill(os.getpid(), getattr(signal, os.environ["KILLER_SIGNAL"]))
