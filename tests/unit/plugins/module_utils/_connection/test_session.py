# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session with a driver of a few lines: how long it waits, and what it makes of an answer."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection import nodes, private
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.session import Rows, Session, named_rows
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.settings import Settings, read_settings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import Statement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import ConnectionFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._place import Place


class Driver:
    """A session of the driver that takes so long to prepare a statement, and keeps the time-out of its requests."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.timeouts = seconds, []  # type: tuple[float, list[float]]

    def prepare(self, text: str) -> str:
        time.sleep(self.seconds)
        return text

    def execute_async(self, _text: str, _values: Any, timeout: float, host: Any) -> Any:
        self.timeouts.append(timeout)
        rows = SimpleNamespace(current_rows=named_rows(["a"], [[1]]), has_more_pages=False)
        return SimpleNamespace(result=lambda: rows)


def session(driver: Driver, request_timeout: float) -> Session:
    options = {name: option.get("default") for name, option in connection_options().items()}
    settings = replace(read_settings(options), request_timeout=request_timeout)
    host = SimpleNamespace(endpoint=SimpleNamespace(address="db1", port=9042))
    return Session(None, driver, settings, set(), host)


@pytest.mark.parametrize(("request_timeout", "timeout"), [(0.2, None), (300.0, 0.2)])
def test_a_statement_that_is_not_prepared_in_time_is_no_answer(request_timeout: float, timeout: float | None) -> None:
    begin = time.monotonic()
    with pytest.raises(ConnectionFailed, match="in time"):
        session(Driver(1.0), request_timeout).read(Statement("q", (1,)), timeout=timeout)
    assert time.monotonic() - begin < 0.8


def test_what_preparing_took_is_not_waited_for_again() -> None:
    driver = Driver(0.3)
    one = session(driver, 300.0)
    for _time in range(2):
        assert one.read(Statement("q", (1,)), timeout=0.5) == [[{"a": 1}]]
    first, second = driver.timeouts
    assert 0.05 <= first <= 0.2
    assert second == pytest.approx(0.5, abs=0.05)


def test_an_answer_without_rows_has_the_names_of_its_columns() -> None:
    assert Rows(named_rows(["a", "b"], [])).names == {"a", "b"}
    pages = [*named_rows(["a"], [[1]]), *named_rows(["a"], [[2]])]
    assert (Rows(pages), Rows(pages).names) == ([{"a": 1}, {"a": 2}], {"a"})
    assert (Rows(), Rows().names) == ([], frozenset())


def test_many_peers_that_say_nothing_share_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(settings: Settings) -> Session:
        time.sleep(settings.connect_timeout)
        raise ConnectionFailed("no answer in time")

    monkeypatch.setattr(nodes, "open_session", wait)
    monkeypatch.setattr(nodes, "_SHORT", 0.1)
    places = [Place(None, f"10.0.0.{number}", 9042) for number in range(1, 50)]
    one = session(Driver(0.0), 1.0)
    one.settings = replace(one.settings, connect_timeout=1.0)
    monkeypatch.setattr(one, "connect_peers", lambda _places: {})
    begin = time.monotonic()
    with nodes.NodeSessions(one) as ring:
        ring.connect(places)
    assert set(ring.unreachable) == {place.key for place in places}
    assert time.monotonic() - begin < 2.5


@pytest.mark.parametrize("is_late", [False, True])
def test_only_a_host_that_the_driver_has_a_pool_of_is_connected(is_late: bool) -> None:
    """Also if another one is still waited for, and whatever the driver's mark says: a frozen host is not marked as down."""
    pools: set[Future[bool]] = {Future()} if is_late else set()
    driver = SimpleNamespace(update_created_pools=lambda: pools, get_pool_state=lambda: {"there": {}})
    assert private.connect_hosts(driver, ["frozen", "there"], 0.05) == ["there"]
    assert private.connect_hosts(SimpleNamespace(), ["there"], 1.0) == []
