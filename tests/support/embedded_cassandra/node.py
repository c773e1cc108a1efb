# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One node: a JVM which ends with whoever started it."""

from __future__ import annotations

import ctypes
import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from .config import CQL_PORT, LOGBACK, NodeConfig, command, yaml_settings

_START_LIMIT = 180.0
_STOP_LIMIT = 20.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Have the kernel kill the JVM with its parent: a killed test run cleans nothing up.

    The signal follows the thread which forked, so nodes are to be started from a thread that lasts (the main thread).
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Node:
    """A node with its process; C(start) begins, C(wait) returns when the port of the native protocol is open."""

    port = CQL_PORT

    def __init__(self, config: NodeConfig, java: Path, jars: list[Path]) -> None:
        self.config = config
        self.address = config.address
        self.version = config.release.number
        self._command = command(config, java, jars)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"The node {self.address} is not running.")
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.config.work / "output.log"

    def start(self) -> Node:
        """Start the JVM, on the node's data if it has some."""
        work = self.config.work
        work.mkdir(parents=True, exist_ok=True)
        (work / "cassandra.yaml").write_text(json.dumps(yaml_settings(self.config), indent=1))
        (work / "logback.xml").write_text(LOGBACK)
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=work,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        return self

    def wait(self) -> Node:
        """Wait until the node takes connections; raises RuntimeError with its last errors if it does not."""
        deadline = time.monotonic() + _START_LIMIT
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"Cassandra {self.version} at {self.address} ended at its start:\n{self.errors()}")
            try:
                socket.create_connection((self.address, CQL_PORT), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise RuntimeError(f"Cassandra {self.version} at {self.address} did not start:\n{self.errors()}")

    def errors(self) -> str:
        """The last errors of its log, or its last lines."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(
            [line for line in lines if re.search("ERROR|Exception|Error|FATAL", line)][-10:] or lines[-10:]
        )

    def pause(self) -> None:
        """Stop the node in the middle of everything: its connections stay open and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused node go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the node at once, as a power cut would; its data stay."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End the node in good order; its data stay."""
        if self._process is None:
            return
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(_STOP_LIMIT)
            self._process = None
        except subprocess.TimeoutExpired:
            self.kill()

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
