# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One deadline for connecting: names, addresses of both families and any number of contact points share it."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Result, RunningNode, run_module_here

SECONDS = 4


@pytest.fixture
def silent() -> Iterator[list[str]]:
    """Twelve addresses that take connections and say nothing."""
    with contextlib.ExitStack() as stack:
        yield [
            f"127.0.0.1:{stack.enter_context(socket.create_server(('127.0.0.1', 0))).getsockname()[1]}"
            for _number in range(12)
        ]


def timed(*hosts: str, **changes: Any) -> tuple[Result, float]:
    started = time.monotonic()
    task = {"login_host": list(hosts), "connect_timeout": SECONDS, "keyspace": "system", "table": "local", **changes}
    return run_module_here("cassandra_schema_info", task), time.monotonic() - started


def test_a_dozen_that_say_nothing_leave_time_for_the_next(node: RunningNode, silent: list[str]) -> None:
    result, seconds = timed(*silent, f"{node.address}:{node.port}")
    assert not result["failed"], result["msg"]
    assert seconds < SECONDS


def test_a_dozen_that_say_nothing_take_no_longer_than_one(silent: list[str]) -> None:
    result, seconds = timed(*silent)
    assert result["failure"] == "not_reachable"
    assert set(result["attempts"].values()) == {"no answer in time"}
    assert len(result["attempts"]) == len(silent)
    assert SECONDS - 1 < seconds < SECONDS + 2


def test_a_name_that_nobody_resolves_takes_no_longer(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def slow(host: Any, *args: Any, **options: Any) -> Any:
        if host == "slow.example":
            time.sleep(2 * SECONDS)
        return resolve(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    result, seconds = timed("slow.example", f"{node.address}:{node.port}")
    assert not result["failed"], result["msg"]
    assert seconds < SECONDS
    alone, seconds = timed("slow.example")
    assert alone["attempts"] == {"slow.example:9042": "no answer in time"}
    assert seconds < SECONDS + 2


def test_a_name_with_addresses_of_both_families(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens on the first address, of IPv6, and the second one answers."""
    resolve = socket.getaddrinfo

    def both(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host != "both.example":
            return resolve(host, port, *args, **options)
        kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [
            (socket.AF_INET6, *kind, ("::1", port, 0, 0)),
            (socket.AF_INET, *kind, (node.address, port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    result, _seconds = timed("both.example", login_port=node.port)
    assert not result["failed"], result["msg"]
    refused, _seconds = timed("both.example", login_port=1)
    assert set(refused["attempts"]) == {"both.example:1 (::1)", f"both.example:1 ({node.address})"}
