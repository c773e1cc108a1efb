# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options as an argument spec, and which of two that exclude each other counts, by where they come from.

Their documentation is plugins/doc_fragments/_connection.py, its twin.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import env_fallback

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


def connection_options() -> dict[str, Any]:
    """The options that all modules of this collection share."""
    return {
        "login_host": {
            "type": "list",
            "elements": "str",
            "aliases": ["contact_points"],
            "fallback": (env_fallback, [ENVIRONMENT["login_host"]]),
        },
        "login_port": {"type": "int", "default": 9042, "fallback": (env_fallback, [ENVIRONMENT["login_port"]])},
        "login_address_map": {"type": "dict"},
        "login_user": {"type": "str", "fallback": (env_fallback, [ENVIRONMENT["login_user"]])},
        "login_password": {"type": "str", "no_log": True, "fallback": (env_fallback, [ENVIRONMENT["login_password"]])},
        "secure_connect_bundle": {"type": "path", "fallback": (env_fallback, [ENVIRONMENT["secure_connect_bundle"]])},
        "login_token": {"type": "str", "no_log": True, "fallback": (env_fallback, [ENVIRONMENT["login_token"]])},
        "login_sigv4": {"type": "bool", "default": False},
        "login_region": {"type": "str", "fallback": (env_fallback, ["AWS_REGION", "AWS_DEFAULT_REGION"])},
        "ssl": {"type": "bool"},
        "ssl_ca_certs": {"type": "path", "aliases": ["ca_cert", "ca_path"]},
        "ssl_certfile": {"type": "path", "aliases": ["client_cert"]},
        "ssl_keyfile": {"type": "path", "aliases": ["client_key"]},
        "ssl_keyfile_password": {"type": "str", "no_log": True},
        "ssl_validate_certs": {"type": "bool", "aliases": ["validate_certs"]},
        "ssl_check_hostname": {"type": "bool"},
        "ssl_server_names": {"type": "dict"},
        "ssl_cert_reqs": {"type": "str", "choices": ["CERT_NONE", "CERT_OPTIONAL", "CERT_REQUIRED"]},
        "local_datacenter": {"type": "str"},
        "protocol_version": {"type": "int", "choices": [3, 4, 5]},
        "connect_timeout": {"type": "float", "default": 5.0},
        "request_timeout": {"type": "float", "default": 12.0},
    }


def connection_rules() -> dict[str, Any]:
    """How the options depend on one another, as keyword arguments of AnsibleModule; C(nearest) decides what excludes what."""
    return {"required_by": {"ssl_keyfile": ["ssl_certfile"], "ssl_keyfile_password": ["ssl_keyfile"]}}


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
