# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.addresses import (
    AddressMap,
    join,
    read_address_map,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput

RING = {
    "10.0.0.1": "127.0.0.1:9141",
    "10.0.0.2:9042": "bastion.example.com:9142",
    "10.0.0.2:9043": "[::1]:9143",
    "[2001:db8::1]:9042": " localhost:9144 ",
    "2001:DB8:0::2": "127.0.0.1:9145",
}


@pytest.mark.parametrize(
    ("address", "port", "reached"),
    [
        ("10.0.0.1", 9042, ("127.0.0.1", 9141)),
        ("10.0.0.1", 1, ("127.0.0.1", 9141)),
        ("10.0.0.2", 9042, ("bastion.example.com", 9142)),
        ("10.0.0.2", 9043, ("::1", 9143)),
        ("10.0.0.2", 9044, ("10.0.0.2", 9044)),
        ("2001:db8::1", 9042, ("localhost", 9144)),
        ("2001:db8::2", 9042, ("127.0.0.1", 9145)),
        ("db1.example.com", 9042, ("db1.example.com", 9042)),
        ("127.0.0.1", 9141, ("127.0.0.1", 9141)),
    ],
)
def test_where_an_address_is_reached(address: str, port: int, reached: tuple[str, int]) -> None:
    assert read_address_map(RING).reach(address, port) == reached
    assert AddressMap().reach(address, port) == (address, port)


def test_where_an_entry_leads_is_no_advertised_address() -> None:
    """The nodes of a ring on one machine advertise its loopback addresses."""
    local = read_address_map({"127.0.0.1": "127.0.0.1:9141", "127.0.0.2": "127.0.0.1:9142"})
    assert local.reach("127.0.0.1", 9042) == ("127.0.0.1", 9141)
    assert local.reach("127.0.0.1", 9142) == ("127.0.0.1", 9142)


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_map(nothing: Any) -> None:
    assert read_address_map(nothing) == AddressMap()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"db1.example.com": "127.0.0.1:9142"}, "'db1.example.com' as the address that a node advertises: nodes advertise IP"),
        ({9042: "127.0.0.1:9142"}, "'9042' as the address"),
        ({"": "127.0.0.1:9142"}, "'' as the address"),
        ({"10.0.0.1:70000": "127.0.0.1:9142"}, "'10.0.0.1:70000' is not an address with a port from 1 to 65535."),
        ({"10.0.0.1": "127.0.0.1"}, "from 10.0.0.1 to 127.0.0.1: write the address and the port"),
        ({"10.0.0.1": "::1"}, "from 10.0.0.1 to ::1: write the address and the port behind"),
        ({"10.0.0.1": "127.0.0.1:0"}, "'127.0.0.1:0' is not an address with a port"),
        ({"10.0.0.1": "cql://127.0.0.1:1"}, "Write the name or address and its port alone."),
        ({"10.0.0.1": "127.0.0.1:"}, "'127.0.0.1:' is not an address with a port"),
        ({"10.0.0.1": 9142}, "leads from 10.0.0.1 to 9142: write the address and the port"),
        ({"10.0.0.1": None}, "leads from 10.0.0.1 to None: write the address and the port"),
        ({"10.0.0.1": "::1:9142"}, "'::1:9142' may be an address, or one with a port: write [::1]:9142"),
        (
            {"10.0.0.1": "127.0.0.1:9142", "10.0.0.2": "127.0.0.1:9142"},
            "leads from 10.0.0.1 and from 10.0.0.2 to 127.0.0.1:9142, and behind one port there is one node: give each",
        ),
    ],
)  # fmt: skip
def test_what_is_no_map(given: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_address_map(given)
    assert sentence in caught.value.message
    assert "login_address_map" in caught.value.message or "port" in caught.value.message


@pytest.mark.parametrize(
    ("entry", "is_unused"),
    [
        ("10.0.0.1", False),
        ("10.0.0.1:9142", False),
        ("10.0.0.2", False),
        ("10.0.0.2:9042", False),
        ("10.0.0.2:9043", True),
        ("10.0.0.3", True),
        ("2001:db8::1", False),
    ],
)
def test_entries_that_are_for_no_node(entry: str, is_unused: bool) -> None:
    found = read_address_map({entry: "127.0.0.1:1"})
    advertised = [("10.0.0.1", None), ("10.0.0.2", 9042), ("2001:db8:0::1", 9042)]
    assert found.unused(advertised) == ([entry] if is_unused else [])
    # Up to Cassandra 4.0 the node that answers does not tell what it advertises: it is where the entry leads.
    assert found.unused([*advertised, ("127.0.0.1", 1)]) == []


@pytest.mark.parametrize(
    ("host", "port", "text"), [("a", 1, "a:1"), ("::1", 1, "[::1]:1"), ("::1", None, "::1"), ("a", None, "a")]
)
def test_an_address_as_people_write_it(host: str, port: int | None, text: str) -> None:
    assert join(host, port) == text
