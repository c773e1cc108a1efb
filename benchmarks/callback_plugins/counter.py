# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what each task of a run came to and how long it took, and which modules ran as processes, to COUNTER_FILE."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """C(tasks) are names with seconds, the result of an item is none of its own; C(processes) are names of modules."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "counter"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._tasks: list[tuple[str, float]] = []
        self._began = time.monotonic()
        self._modules = Path(os.environ["COUNTER_FILE"] + ".modules")
        self._modules.write_text("")
        _watch(self._modules)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._began = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._tasks.append((result._task.get_name(), time.monotonic() - self._began))
        self._began = time.monotonic()

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self.v2_runner_on_ok(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self.v2_runner_on_ok(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self.v2_runner_on_ok(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        counted = {"tasks": self._tasks, "processes": self._modules.read_text().split()}
        Path(os.environ["COUNTER_FILE"]).write_text(json.dumps(counted))


def _watch(file: Path) -> None:
    """Have each module that is about to run as a process of the host named in the file; the workers are forks of this one."""
    configure = ActionBase._configure_module

    def noted(self: Any, module_name: str, *args: Any, **options: Any) -> Any:
        with file.open("a", encoding="utf-8") as log:
            log.write(f"{module_name}\n")
        return configure(self, module_name, *args, **options)

    ActionBase._configure_module = noted
