# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From connection options to checked settings; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from .._errors import InvalidInput
from .addresses import AddressMap, contact_point, read_address_map
from .options import ENVIRONMENT, nearest

DEFAULT_HOST = "localhost"
_TLS_OPTIONS = (
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_validate_certs",
    "ssl_check_hostname",
    "ssl_server_names",
    "ssl_cert_reqs",
)
# A bundle has its own way to connect, which would silently take the place of these.
_REPLACED_BY_BUNDLE = ("login_address_map", "ssl_ca_certs", "ssl_certfile", "ssl_check_hostname", "ssl_server_names")


@dataclass(frozen=True)
class Tls:
    """How to encrypt, whom to trust and how to present oneself; the paths are those of PEM files.

    C(server_names) are the names that certificates carry, by the address that is met; that of C(*) is for all others.
    """

    ca_certs: str | None
    certfile: str | None
    keyfile: str | None
    keyfile_password: str | None = field(repr=False)
    validate_certs: bool
    check_hostname: bool
    server_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Everything a session needs; C(contact_points) is empty exactly if C(bundle) is given; timeouts are in seconds.

    C(sigv4) signs the login with AWS credentials for C(region), or for that in the name of the endpoint.
    """

    contact_points: tuple[tuple[str, int], ...]
    bundle: str | None
    user: str | None
    password: str | None = field(repr=False)
    tls: Tls | None
    local_datacenter: str | None
    protocol_version: int | None
    connect_timeout: float
    request_timeout: float
    sigv4: bool = False
    region: str | None = None
    address_map: AddressMap = field(default_factory=AddressMap)

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing says who the client is: such a session exists only if the server asks nobody for a login."""
        return not (self.user or self.sigv4 or self.bundle or (self.tls and self.tls.certfile))

    def only(self, node: tuple[str, int]) -> Settings:
        """The same for one node, whatever its datacenter."""
        return replace(self, contact_points=(node,), local_datacenter=None)


def read_settings(given: Mapping[str, Any], environment: Mapping[str, str] = MappingProxyType({})) -> Settings:
    """The settings that the options ask for, given by the task or its environment; raises InvalidInput."""
    params = nearest(given, environment)
    for name in ("connect_timeout", "request_timeout"):
        if not 0 < params[name] < float("inf"):
            raise InvalidInput(f"{name} is a positive number of seconds, got {params[name]}.")
    bundle = params["secure_connect_bundle"]
    others = [name for name in ("login_user", "login_token", "secure_connect_bundle") if params[name]]
    if params["login_sigv4"] and others:
        raise InvalidInput(
            f"login_sigv4 is a login of its own: leave out {', '.join(others)}, or the variable of its name."
        )
    if bundle:
        _require_no_tls_beside(params)
    user, password = params["login_user"], params["login_password"]
    if params["login_token"]:
        user, password = "token", params["login_token"]
    for name, value, other in (("login_user", user, password), ("login_password", password, user)):
        if other is not None and value is None:
            raise InvalidInput(f"{name} is missing. Give it, or set {ENVIRONMENT[name]}.")
    return Settings(
        contact_points=() if bundle else _contact_points(params["login_host"], params["login_port"]),
        bundle=bundle,
        user=user,
        password=password,
        tls=None if bundle else _tls(params),
        local_datacenter=params["local_datacenter"],
        protocol_version=params["protocol_version"],
        connect_timeout=params["connect_timeout"],
        request_timeout=params["request_timeout"],
        sigv4=params["login_sigv4"],
        region=params["login_region"],
        address_map=read_address_map(params["login_address_map"]),
    )


def _contact_points(hosts: list[str] | None, default_port: int) -> tuple[tuple[str, int], ...]:
    names = [name.strip() for name in hosts or [DEFAULT_HOST]]
    if "" in names:
        raise InvalidInput(
            "login_host has an empty entry. Without it in the task, it comes from CASSANDRA_HOST of the environment."
        )
    return tuple(dict.fromkeys(contact_point(name, default_port) for name in names))


def _tls(params: Mapping[str, Any]) -> Tls | None:
    """TLS if C(ssl) or any option of it asks for that; raises InvalidInput if both yes and no are said."""
    asking = (*_TLS_OPTIONS, "login_sigv4")
    proof = [name for name in asking if params[name] and params[name] != "CERT_NONE"]
    if params["ssl"] is False and proof:
        raise InvalidInput(
            f"ssl is false, and {' and '.join(proof)} asks for an encrypted connection. Remove one of them: without TLS "
            "the password would go over the network as it is. Nothing was sent."
        )
    is_wanted = proof or params["ssl"] or any(params[name] is not None for name in _TLS_OPTIONS)
    if params["ssl"] is False or not is_wanted:
        return None
    # community.cassandra's ssl_cert_reqs: only an explicit CERT_NONE switches verification off.
    validate = params["ssl_validate_certs"] is not False and params["ssl_cert_reqs"] != "CERT_NONE"
    checked = validate and params["ssl_check_hostname"] is not False
    if params["ssl_server_names"] and not checked:
        raise InvalidInput(
            "ssl_server_names are the names to check, and the check of names is switched off: remove one of them."
        )
    return Tls(
        ca_certs=params["ssl_ca_certs"] or None,
        certfile=params["ssl_certfile"] or None,
        keyfile=params["ssl_keyfile"] or None,
        keyfile_password=params["ssl_keyfile_password"],
        validate_certs=validate,
        check_hostname=checked,
        server_names=_server_names(params["ssl_server_names"] or {}),
    )


def _require_no_tls_beside(params: Mapping[str, Any]) -> None:
    wrong = [name for name in _REPLACED_BY_BUNDLE if params[name]]
    wrong += ["ssl"] if params["ssl"] is False else []
    if wrong:
        raise InvalidInput(
            f"secure_connect_bundle says how to connect and whom to trust: {' and '.join(wrong)} has no effect beside it. "
            "Remove one of them."
        )


def _server_names(given: Mapping[Any, Any]) -> dict[str, str]:
    wrong = [name for name in given.values() if not isinstance(name, str) or not name.strip()]
    if wrong:
        raise InvalidInput(f"ssl_server_names maps an address to the name in its certificate, got: {wrong[0]!r}.")
    return {str(address): name for address, name in given.items()}
