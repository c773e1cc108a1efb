# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses: every cluster has a 127.x.y.0/24 block of its own, so that runs at the same time do not meet."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from .config import CQL_PORT, STORAGE_PORT

_FIRST, _BLOCKS = 80 * 256, 4096
# No node has this address of a block: who holds its port holds the block.
_HOLDER = "254"


@contextlib.contextmanager
def address_block() -> Iterator[str]:
    """The first three numbers of a block that nobody else has, C(127.80.7.) say; free again after the block of code.

    A bound socket holds it. It needs no file, every checkout on the machine sees it, and it ends with its process.
    """
    for number in range(_FIRST, _FIRST + _BLOCKS):
        prefix = f"127.{number // 256}.{number % 256}."
        with socket.socket() as holder:
            if _binds(holder, prefix + _HOLDER, STORAGE_PORT) and _is_free(prefix + "1"):
                yield prefix
                return
    raise RuntimeError("No block of loopback addresses is free.")


def beside(address: str, by: int) -> str:
    """The address so many numbers further in the same block: C(127.80.7.101) is beside C(127.80.7.1) by 100."""
    prefix, _dot, last = address.rpartition(".")
    return f"{prefix}.{int(last) + by}"


def _is_free(address: str) -> bool:
    for port in (CQL_PORT, STORAGE_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if not _binds(probe, address, port):
                return False
    return True


def _binds(one: socket.socket, address: str, port: int) -> bool:
    try:
        one.bind((address, port))
    except OSError:
        return False
    return True
