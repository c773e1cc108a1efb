# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the proxies share: a port of their own, a connection to the target for each one which comes, and nothing left."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def relay(
    listener: socket.socket, target: tuple[str, int], join: Callable[[socket.socket, socket.socket], None]
) -> Iterator[None]:
    """Call C(join) with each client of the listener and a connection to C(target), and close all of it at the end."""
    open_sockets: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(target)
            except OSError:
                # The target is down, and may come back.
                client.close()
                continue
            open_sockets.extend((client, server))
            join(client, server)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield
    finally:
        # Closing alone does not wake who waits in accept().
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for one in open_sockets:
            one.close()


def pass_on(client: socket.socket, server: socket.socket, seen: Callable[[bytes], None] = lambda data: None) -> None:
    """Give each side what the other one sends, until one of them ends; C(seen) is told what the client sends."""
    for source, sink, read in ((client, server, seen), (server, client, None)):
        threading.Thread(target=_carry, args=(source, sink, read), daemon=True).start()


def end(*sockets: socket.socket) -> None:
    """End connections; who waits for one of them wakes up."""
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _carry(source: socket.socket, sink: socket.socket, seen: Callable[[bytes], None] | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if seen:
                seen(data)
            sink.sendall(data)
    end(source, sink)
