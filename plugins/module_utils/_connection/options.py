# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options as an argument spec; their documentation is plugins/doc_fragments/_connection.py, its twin."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback

from .origin import ENVIRONMENT


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
        "login_user": {"type": "str", "fallback": (env_fallback, [ENVIRONMENT["login_user"]])},
        "login_password": {"type": "str", "no_log": True, "fallback": (env_fallback, [ENVIRONMENT["login_password"]])},
        "secure_connect_bundle": {"type": "path", "fallback": (env_fallback, [ENVIRONMENT["secure_connect_bundle"]])},
        "login_token": {"type": "str", "no_log": True, "fallback": (env_fallback, [ENVIRONMENT["login_token"]])},
        "login_sigv4": {"type": "bool", "default": False},
        "login_region": {"type": "str", "fallback": (env_fallback, ["AWS_REGION", "AWS_DEFAULT_REGION"])},
        "ssl": {"type": "bool"},
        "ssl_ca_certs": {"type": "path"},
        "ssl_certfile": {"type": "path"},
        "ssl_keyfile": {"type": "path"},
        "ssl_keyfile_password": {"type": "str", "no_log": True},
        "ssl_validate_certs": {"type": "bool"},
        "ssl_check_hostname": {"type": "bool"},
        "ssl_server_names": {"type": "dict"},
        "ssl_cert_reqs": {"type": "str", "choices": ["CERT_NONE", "CERT_OPTIONAL", "CERT_REQUIRED"]},
        "local_datacenter": {"type": "str"},
        "protocol_version": {"type": "int", "choices": [3, 4, 5]},
        "connect_timeout": {"type": "float", "default": 5.0},
        "request_timeout": {"type": "float", "default": 12.0},
    }


def connection_rules() -> dict[str, Any]:
    """How the options depend on one another, as keyword arguments of AnsibleModule.

    What excludes what is decided in C(origin) where one of two may come from the environment.
    """
    return {
        "mutually_exclusive": [
            ["secure_connect_bundle", "ssl_ca_certs"],
            ["secure_connect_bundle", "ssl_certfile"],
        ],
        "required_by": {"ssl_keyfile": ["ssl_certfile"], "ssl_keyfile_password": ["ssl_keyfile"]},
    }
