# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands on this host, each with a deadline."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from os.path import isfile, join
from typing import NamedTuple

from .code import interpreted

_GRACE = 10.0


class Ran(NamedTuple):
    """What a command came to. C(status) is None if it did not end in time, and 127 if it could not be started."""

    status: int | None
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        return "\n".join(filter(None, (self.stdout, self.stderr)))


def run(argv: Sequence[str], seconds: float, environment: Mapping[str, str], chdir: str = "/") -> Ran:
    """Run a command without a shell. If it does not end in time, it is stopped with all that it has not detached.

    It writes to files, because a daemon that it starts may keep its output open for ever.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=chdir,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        except OSError as error:
            return Ran(127, "", f"{error.filename or argv[0]}: {error.strerror}")
        status = _wait(process, max(seconds, 0.1))
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
        return Ran(status, *texts)


def missing(argv: Sequence[str], environment: Mapping[str, str], chdir: str) -> str:
    """What is not there to run a command in this folder, as a sentence, or an empty text."""
    program = argv[0]
    if not os.access(chdir, os.X_OK) or not os.path.isdir(chdir):
        return f"its folder {chdir} cannot be entered"
    path = environment.get("PATH", os.environ.get("PATH", os.defpath))
    if not shutil.which(join(chdir, program) if "/" in program else program, path=path):
        return f"{program} is no program that can be executed"
    script = interpreted(argv)
    if script and not (isfile(join(chdir, script)) and os.access(join(chdir, script), os.R_OK)):
        return f"{script} is no file that can be read"
    return ""


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        for number, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        return None
