# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the command-line tools of the managers, with a time limit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from .model import Argv, ManagerSilent


@dataclass(frozen=True)
class Completed:
    """What a command said."""

    rc: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """All it said, in one line."""
        return " ".join(f"{self.err} {self.out}".split())


Run = Callable[[Argv, float], Completed]


def run_command(argv: Argv, timeout: float) -> Completed:
    """Run a command in the C locale; raises ManagerSilent if it is not installed, TimeoutExpired if it is too slow."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
            # Its words are parsed.
            env={**os.environ, "LC_ALL": "C"},
        )
    except OSError as error:
        raise ManagerSilent(f"{argv[0]} cannot be run on this host: {error.strerror}.") from error
    return Completed(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
