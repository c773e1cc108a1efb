# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that ask each manager about a workflow and its log: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SYSTEMD = "LoadState,ActiveState,SubState,Result,MainPID,ExecMainStartTimestamp,ExecStart"
# Asks for the containers of a service, and prints all that Docker knows of them.
_DOCKER = 'ids=$("$@" 2>&1) || { echo "$ids"; exit 1; }; test -z "$ids" || "$0" inspect $ids'
# Of a group the names of its programs are asked for first.
_SUPERVISORD_LOGS = """\
program=$1; bytes=$2; shift 2
"$@" status "$program" | while read -r name rest; do
  for log in stdout stderr; do "$@" tail "$bytes" "$name" "$log" </dev/null; done
done
"""
_BYTES_A_LINE = 200


def query(workflow: Mapping[str, Any]) -> list[str]:
    """The command that asks the manager; empty where only the pid file tells."""
    if workflow["manager"] == "systemd":
        return [*_systemctl(workflow), "show", f"--property={_SYSTEMD}", workflow["unit"]]
    if workflow["manager"] == "supervisord":
        return [*_supervisorctl(workflow), "status", workflow["program"]]
    if workflow["manager"] == "docker_compose":
        listed = [*_compose(workflow), "ps", "--all", "--quiet", workflow["service"]]
        return ["sh", "-c", _DOCKER, workflow["docker"], *listed]
    return []


def log_command(workflow: Mapping[str, Any], lines: int) -> list[str]:
    """The command that shows the last lines of the log; empty where there is none."""
    if workflow["log_file"]:
        return ["tail", "-n", str(lines), "--", workflow["log_file"]]
    if workflow["manager"] == "systemd":
        unit = ["--user-unit" if workflow["scope"] == "user" else "--unit", workflow["unit"]]
        return ["journalctl", "--quiet", "--no-pager", "--output=cat", f"--lines={lines}", *unit]
    if workflow["manager"] == "supervisord":
        size = f"-{_BYTES_A_LINE * lines}"
        return ["sh", "-c", _SUPERVISORD_LOGS, "sh", workflow["program"], size, *_supervisorctl(workflow)]
    if workflow["manager"] == "docker_compose":
        return [*_compose(workflow), "logs", "--no-color", "--tail", str(lines), workflow["service"]]
    return []


def _systemctl(workflow: Mapping[str, Any]) -> list[str]:
    return ["systemctl", "--user"] if workflow["scope"] == "user" else ["systemctl"]


def _supervisorctl(workflow: Mapping[str, Any]) -> list[str]:
    return [workflow["supervisorctl"], *(["-c", workflow["config"]] if workflow["config"] else [])]


def _compose(workflow: Mapping[str, Any]) -> list[str]:
    files = [part for file in workflow["files"] for part in ("--file", file)]
    return [workflow["docker"], "compose", "--project-directory", workflow["project_dir"], *files]
