# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses as people write them, and where those that nodes advertise are reached from here; pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import InvalidInput

# Of the native protocol: Cassandra's, and the one for TLS.
_USUAL_PORTS = ("9042", "9142")
_ADDRESS = re.compile(r"(?:\[([^]]+)\]|([^:\[\]]+))(?::([0-9]{1,5}))?")
_OPTION = "login_address_map"


def contact_point(text: str, default_port: int) -> tuple[str, int]:
    """host, host:port, [ipv6]:port or a bare ipv6 address as a name and a port; raises InvalidInput."""
    host, port = _split(text, default_port)
    return host, _require_port(text, default_port if port is None else port)


def join(host: str, port: int | None) -> str:
    """The address as people write it."""
    name = f"[{host}]" if ":" in host and port is not None else host
    return name if port is None else f"{name}:{port}"


@dataclass(frozen=True)
class AddressMap:
    """Where advertised addresses are reached, by address and port; an entry without a port (None) holds for each port."""

    entries: Mapping[tuple[str, int | None], tuple[str, int]] = field(default_factory=dict)

    def reach(self, address: str, port: int) -> tuple[str, int]:
        """Where to connect for this address: to itself if no entry is for it, and if it is where an entry leads."""
        if (address, port) in self.entries.values():
            return address, port
        known = _normal(address)
        return self.entries.get((known, port)) or self.entries.get((known, None)) or (address, port)

    def unused(self, advertised: Iterable[tuple[str, int | None]]) -> list[str]:
        """The entries that are for none of these addresses, and lead to none; of one whose port is None any may be meant."""
        known = {(_normal(address), port) for address, port in advertised}
        names = {address for address, _port in known}
        return [
            join(address, port)
            for (address, port), place in self.entries.items()
            if place not in known
            if address not in names or not (port is None or {(address, port), (address, None)} & known)
        ]


def read_address_map(given: Mapping[Any, Any] | None) -> AddressMap:
    """The map that the option login_address_map holds; raises InvalidInput."""
    entries = {_advertised(str(key)): _reached(str(key), value) for key, value in (given or {}).items()}
    for address, place in entries.items():
        others = [other for other, found in entries.items() if found == place and other != address]
        if others:
            raise InvalidInput(
                f"{_OPTION} leads from {join(*address)} and from {join(*others[0])} to {join(*place)}, and behind one port "
                "there is one node: give each node a port of its own."
            )
    return AddressMap(entries)


def _advertised(text: str) -> tuple[str, int | None]:
    host, port = _split(text.strip(), 0)
    if _version(host) is None:
        raise InvalidInput(
            f"{_OPTION} has {text!r} as the address that a node advertises: nodes advertise IP addresses, so write one, as in "
            "10.0.0.1, 10.0.0.1:9042 or [2001:db8::1]:9042."
        )
    return _normal(host), None if port is None else _require_port(text, port)


def _reached(address: str, value: Any) -> tuple[str, int]:
    host, port = _split(str(value).strip(), 0)
    if port is None:
        raise InvalidInput(
            f"{_OPTION} leads from {address} to {value}: write the address and the port behind which that node is, as in "
            "127.0.0.1:9142 or [::1]:9142."
        )
    return host, _require_port(str(value), port)


def _split(text: str, default_port: int) -> tuple[str, int | None]:
    if "://" in text:
        raise InvalidInput(f"{text!r} is not an address. Write the name or address and its port alone.")
    found = _ADDRESS.fullmatch(text)
    if found:
        return found[1] or found[2], int(found[3]) if found[3] else None
    if text.count(":") > 1:
        _require_address(text, default_port)
        return text, None
    return text, 0


def _require_port(text: str, port: int) -> int:
    if not 0 < port < 65536:
        # The port may come from an option of its own.
        shown = text if str(port) in text else join(text, port)
        raise InvalidInput(f"{shown!r} is not an address with a port from 1 to 65535.")
    return port


def _require_address(text: str, default_port: int) -> None:
    """Raises InvalidInput for what has several colons and is no IPv6 address, or one that may have been meant with a port."""
    start, _colon, last = text.rpartition(":")
    if _version(text) != 6:
        raise InvalidInput(f"{text!r} is neither an IPv6 address nor a name with a port: write [address]:port.")
    if last in {*_USUAL_PORTS, str(default_port)} and _version(start) == 6:
        raise InvalidInput(
            f"{text!r} may be an address, or one with a port: write [{start}]:{last} for the port {last} of {start}, or "
            f"[{text}] for the address."
        )


def _version(text: str) -> int | None:
    """4 or 6; None if it is no IP address."""
    try:
        return ipaddress.ip_address(text).version
    except ValueError:
        return None


def _normal(address: str) -> str:
    """The one form of an IP address that stands for all of them; anything else is itself."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address
