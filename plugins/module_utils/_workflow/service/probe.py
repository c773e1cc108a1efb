# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks whether a workflow answers: by HTTP, by TCP."""

from __future__ import annotations

import socket
from urllib.error import HTTPError

from ansible.module_utils.urls import open_url

from .model import UpCheck

_PATIENCE = 5.0


def why_not_up(check: UpCheck) -> str:
    """What is wrong with how the workflow answers, or an empty text."""
    return _port_problem(check) or _url_problem(check)


def _port_problem(check: UpCheck) -> str:
    if check.port is None:
        return ""
    try:
        socket.create_connection((check.host, check.port), _PATIENCE).close()
    except OSError as error:
        return f"nothing answers on {check.host}:{check.port} ({error})"
    return ""


def _url_problem(check: UpCheck) -> str:
    if not check.url:
        return ""
    try:
        answer = open_url(
            check.url,
            headers=dict(check.headers),
            validate_certs=check.validate_certs,
            timeout=_PATIENCE,
            # What is asked is whether this very workflow answers.
            follow_redirects="none",
        )
        status = answer.code
        answer.close()
    except HTTPError as error:
        status = error.code
    # Anything else is a server which does not speak HTTP (yet).
    except Exception as error:
        return f"{check.url} does not answer ({error})"
    return "" if status in check.status else f"{check.url} answers {status}, not {', '.join(map(str, check.status))}"
