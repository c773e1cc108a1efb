# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses: every cluster has a 127.x.y.0/24 block of its own, so that runs at the same time do not meet."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .config import CQL_PORT, STORAGE_PORT

_FIRST, _BLOCKS = 64 * 256, 4096


@contextlib.contextmanager
def address_block() -> Iterator[str]:
    """The first three numbers of a block which nobody else has, C(127.64.7.) say; free again after the block of code.

    A lock of the file system goes with the process that holds it, however that ends.
    """
    folder = Path(tempfile.gettempdir(), f"embedded-cassandra-addresses-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    for number in range(_FIRST, _FIRST + _BLOCKS):
        prefix = f"127.{number // 256}.{number % 256}."
        with open(folder / f"{prefix}lock", "w", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            if _is_free(prefix + "1"):
                yield prefix
                return
    raise RuntimeError("No block of loopback addresses is free.")


def _is_free(address: str) -> bool:
    for port in (CQL_PORT, STORAGE_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
