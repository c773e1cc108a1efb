# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play of a role at the highest verbosity, with a log, and everything in which a secret could show."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# What the role leaves behind, among it what it registered.
_KEEP = {
    "name": "Keep all variables of the host",
    "ansible.builtin.copy": {"content": "{{ hostvars[inventory_hostname] | to_json }}", "dest": "{{ kept }}"},
    "no_log": True,
}


@contextlib.contextmanager
def command_lines(marker: str) -> Iterator[list[str]]:
    """The command lines with the marker of all processes that run meanwhile."""
    found: list[str] = []
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(0.005):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    line = path.read_bytes().decode(errors="replace")
                    if marker in line:
                        found.append(line)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def play_and_watch(
    folder: Path, environment: dict[str, str], role: str, variables: dict[str, Any], marker: str
) -> dict[str, str]:
    """What can be seen of a play: its output, its log, the variables afterwards, the processes.

    The variables come by the environment of ansible-playbook, so that the marker is nowhere unless the role puts it there.
    """
    (folder / "given.json").write_text(json.dumps(variables))
    play = {
        "name": "Watched",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {name: f"{{{{ _given.{name} }}}}" for name in variables} | {"kept": str(folder / "kept.json")},
        "vars_files": [],
        "tasks": [
            {"block": [{"ansible.builtin.include_role": {"name": role}}], "ignore_errors": True, "name": "Play"},
            _KEEP,
        ],
    }
    play["vars"]["_given"] = f"{{{{ lookup('ansible.builtin.file', '{folder}/given.json') | from_json }}}}"
    (folder / "watched.json").write_text(json.dumps([play]))
    log = folder / "watched.log"
    with command_lines(marker) as lines:
        done = subprocess.run(
            ["ansible-playbook", "-vvvv", str(folder / "watched.json")],
            env={**environment, "ANSIBLE_LOG_PATH": str(log)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert (folder / "kept.json").exists(), done.stdout + done.stderr
    return {
        "output": done.stdout + done.stderr,
        "log": log.read_text(),
        "variables": (folder / "kept.json").read_text(),
        "processes": "\n".join(lines),
    }
