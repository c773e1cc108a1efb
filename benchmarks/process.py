# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One process, measured: its time on the wall and its memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_LIMIT = 300


class Cost(NamedTuple):
    """Seconds on the wall, and the largest resident set of the process itself in MiB."""

    seconds: float
    mebibytes: float


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """The cost of a command which has to succeed; raises RuntimeError with its output if it does not."""
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise RuntimeError(
                f"{' '.join(command)} ended with {process.returncode}:\n{output.read().decode()[-3000:]}"
            )
    return Cost(seconds, usage.ru_maxrss / 1024)
