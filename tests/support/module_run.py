# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module cassandra_column, or another one, in a process of its own, without Ansible around it."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import multiprocessing
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2] / ".cache" / "collections"))
_MODULE = "ansible_collections.stellarmap.cassandra.plugins.modules.cassandra_column"


# One process imports Ansible and the driver, and the others are its copies: half a second less for each.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["module_run", "ansible.module_utils.testing", _MODULE, "cassandra.cluster"])


class ForkedModule:
    """It runs in a fork of a process that has it loaded already. It waits for C(begin), so that C(pid) is known before."""

    def __init__(self, params: dict[str, Any]) -> None:
        self._params = params
        self._pipe, theirs = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_run_forked, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def begin(self) -> None:
        self._pipe.send(self._params)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    @property
    def has_ended(self) -> bool:
        return self._pipe.poll()

    def result(self) -> dict[str, Any] | None:
        """Waits for its end; None if it was killed."""
        try:
            output = self._pipe.recv()
        except EOFError:
            return None
        finally:
            self._process.join()
            self._pipe.close()
        return {"failed": False, **json.loads(output)}


def _run_forked(pipe: Connection) -> None:
    params = pipe.recv()
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.suppress(SystemExit):
        _run(params)
    pipe.send(output.getvalue())


def _run(params: dict[str, Any], name: str = _MODULE) -> None:
    from module_args import module_args

    module = importlib.import_module(name)
    with module_args(params):
        module.main()


# With a driver of its own, a module runs in a Python of its own.
if __name__ == "__main__":
    _run(json.loads(sys.argv[1]), *sys.argv[2:])
