# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a service is ready: its port, its address and its own command, asked again until the deadline."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPException
from urllib.error import HTTPError

from .commands import run
from .log import last_lines
from .options import Service

_ONE_TRY = 5.0
_PAUSE = 0.5


class Deadline:
    """A time that all steps of one service share."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def restart(self) -> None:
        """Begin again, because what took so long does not count."""
        self._end = time.monotonic() + self.seconds


def not_ready(service: Service, environment: Mapping[str, str], secrets: Iterable[str], deadline: Deadline) -> str:
    """Why the service is not ready when the deadline is over, as the end of a sentence, or an empty text."""
    probes: list[tuple[bool, Callable[[], str]]] = [
        (bool(service.ready.port), lambda: _ask_port(service, deadline)),
        (bool(service.ready.url), lambda: _ask_url(service, deadline)),
        (bool(service.ready.argv), lambda: _ask_command(service, environment, secrets, deadline)),
    ]
    for is_wanted, probe in probes:
        problem = _ask_until(deadline, probe) if is_wanted else ""
        if problem:
            return f"is not ready: {problem}"
    return ""


def _ask_until(deadline: Deadline, probe: Callable[[], str]) -> str:
    while True:
        problem = probe()
        if not problem or deadline.left <= _PAUSE:
            return problem
        time.sleep(_PAUSE)


def _ask_port(service: Service, deadline: Deadline) -> str:
    try:
        socket.create_connection((service.ready.host, service.ready.port or 0), timeout=_limit(deadline)).close()
    except OSError:
        return f"nothing answers on {service.ready.host}:{service.ready.port} within {deadline.seconds:g} s."
    return ""


def _ask_url(service: Service, deadline: Deadline) -> str:
    from ansible.module_utils.urls import ConnectionError as NoConnection
    from ansible.module_utils.urls import open_url

    ready = service.ready
    shown = re.sub(r"[?#].*", "", re.sub(r"://[^/@]*@", "://", ready.url or ""))
    try:
        answer = open_url(
            ready.url,
            headers={name: str(value) for name, value in ready.headers.items()},
            validate_certs=ready.validate_certs,
            # The question is whether this very service answers.
            follow_redirects="none",
            timeout=_limit(deadline),
        )
        status = answer.code
        answer.close()
    except HTTPError as error:
        status = error.code
    except (OSError, HTTPException, ValueError, NoConnection) as error:
        return f"{shown} does not answer within {deadline.seconds:g} s ({getattr(error, 'reason', error)})."
    wanted = " or ".join(map(str, ready.status))
    return "" if status in ready.status else f"{shown} answers {status}, not {wanted}."


def _ask_command(service: Service, environment: Mapping[str, str], secrets: Iterable[str], deadline: Deadline) -> str:
    ran = run(service.ready.argv, deadline.left, environment, service.chdir)
    shown = " ".join(service.ready.argv)
    if ran.status is None:
        return f"{shown} did not end within {deadline.seconds:g} s."
    said = " ".join(last_lines(service, ran.said, "", secrets))
    return f"{shown} ended with status {ran.status} ({said})." if ran.status else ""


def _limit(deadline: Deadline) -> float:
    return min(_ONE_TRY, max(deadline.left, 0.1))
