# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock of a file or a folder, which keeps two runs on one host apart and ends with the process; imports nothing of ours."""

from __future__ import annotations

import fcntl
import time
from typing import IO

_PAUSE = 0.05


def lock(file: int | IO[str], patience: float) -> bool:
    """Whether the file is locked now, or another run still holds it after some seconds; raises OSError if nothing can lock it."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
        time.sleep(_PAUSE)
