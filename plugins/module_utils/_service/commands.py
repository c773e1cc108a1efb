# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands on this host, and whether a service is ready: each within a deadline."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from os.path import isfile, join
from typing import NamedTuple

from .code import interpreted
from .log import last_lines
from .options import Service

_GRACE = 10.0
_ONE_TRY = 5.0
# A service that is back at once is seen at once.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5


class Deadline:
    """A time that all steps of one service share."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self._pause = seconds, _FIRST_PAUSE
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def wait(self) -> None:
        """Pause before the next look, longer each time."""
        time.sleep(min(self._pause, self.left))
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def restart(self) -> None:
        """Begin again, because what took so long does not count."""
        self._end = time.monotonic() + self.seconds


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
    program, script = argv[0], interpreted(argv)
    if not os.access(chdir, os.X_OK) or not os.path.isdir(chdir):
        return f"its folder {chdir} cannot be entered"
    path = environment.get("PATH", os.environ.get("PATH", os.defpath))
    if not shutil.which(join(chdir, program) if "/" in program else program, path=path):
        return f"{program} is no program that can be executed"
    if script and not (isfile(join(chdir, script)) and os.access(join(chdir, script), os.R_OK)):
        return f"{script} is no file that can be read"
    return ""


def not_ready(service: Service, environment: Mapping[str, str], secrets: Iterable[str], deadline: Deadline) -> str:
    """Why the service is not ready when the deadline is over, as the end of a sentence, or an empty text.

    Its port, its address and its own command are asked again until then.
    """
    while True:
        problem = (
            _ask_port(service, deadline)
            or _ask_url(service, deadline)
            or _ask_command(service, environment, secrets, deadline)
        )
        if not problem or deadline.left <= _LONGEST_PAUSE:
            return f"is not ready: {problem}" if problem else ""
        deadline.wait()


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


def _ask_port(service: Service, deadline: Deadline) -> str:
    ready = service.ready
    try:
        if ready.port:
            socket.create_connection((ready.host, ready.port), timeout=_limit(deadline)).close()
    except OSError:
        return f"nothing answers on {ready.host}:{ready.port} within {deadline.seconds:g} s."
    return ""


def _ask_url(service: Service, deadline: Deadline) -> str:
    if not service.ready.url:
        return ""
    # It takes time to import, and many services have no address.
    from .._http.send import Patience, send_checks

    options = {"validate_certs": service.ready.validate_certs}
    (entry,) = send_checks([service.http_check()], options, Patience(timeout=_limit(deadline), retries=0))
    return f"{entry['facts']['url']}: {entry['reason']}." if entry["reason"] else ""


def _ask_command(service: Service, environment: Mapping[str, str], secrets: Iterable[str], deadline: Deadline) -> str:
    if not service.ready.argv:
        return ""
    ran, shown = run(service.ready.argv, deadline.left, environment, service.chdir), " ".join(service.ready.argv)
    if ran.status is None:
        return f"{shown} did not end within {deadline.seconds:g} s."
    said = " ".join(last_lines(service, ran.said, "", secrets))
    return f"{shown} ended with status {ran.status} ({said})." if ran.status else ""


def _limit(deadline: Deadline) -> float:
    return min(_ONE_TRY, max(deadline.left, 0.1))
