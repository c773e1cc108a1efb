# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an option comes from, the task or its environment, and which of two that exclude each other counts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .._errors import InvalidInput

# The environment variable that gives an option where the task does not.
ENVIRONMENT = {
    "login_host": "CASSANDRA_HOST",
    "login_port": "CASSANDRA_PORT",
    "login_user": "CASSANDRA_USER",
    "login_password": "CASSANDRA_PASSWORD",
    "secure_connect_bundle": "ASTRA_DB_SECURE_BUNDLE_PATH",
    "login_token": "ASTRA_DB_TOKEN",
}
# Each replaces the others, which go together.
_EITHER_OR = (("secure_connect_bundle", ("login_host",)), ("login_token", ("login_user", "login_password")))


def nearest(params: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The options without those of the environment that the task replaces; raises InvalidInput where it gives both."""
    left = dict(params)
    for one, others in _EITHER_OR:
        other = next((name for name in others if params[name]), None)
        if not params[one] or not other:
            continue
        is_inherited = {name: _is_inherited(name, params[name], environment) for name in (one, other)}
        if is_inherited[one] == is_inherited[other]:
            origins = " and ".join(f"{name} ({_origin(name, is_inherited[name])})" for name in (one, other))
            raise InvalidInput(f"{origins} exclude each other: remove one of them.")
        for name in (one,) if is_inherited[one] else others:
            left[name] = None
    token = left["login_token"]
    # It belongs to a bundle: the server at the task's address gets it only where the task says so.
    if token and not left["secure_connect_bundle"] and _is_inherited("login_token", token, environment):
        left["login_token"] = None
    return left


def _is_inherited(name: str, value: Any, environment: Mapping[str, str]) -> bool:
    found = environment.get(ENVIRONMENT[name])
    if found is None:
        return False
    if isinstance(value, list):
        return bool(value == [part.strip() for part in found.split(",")])
    return bool(value in (found, os.path.expanduser(os.path.expandvars(found))))


def _origin(name: str, is_inherited: bool) -> str:
    return f"of the environment, {ENVIRONMENT[name]}" if is_inherited else "of the task"
