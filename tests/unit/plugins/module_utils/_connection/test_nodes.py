# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node is its host_id: which session is with which node, whatever their addresses."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection import nodes as nodes_file
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.nodes import NodeSessions
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.session import Session
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.settings import Settings, read_settings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import ConnectionFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._place import Place

DEFAULTS: dict[str, Any] = {name: option.get("default") for name, option in connection_options().items()}


class Answering(Session):
    """A session with a node; C(known) are those that it connects by itself."""

    def __init__(self, host_id: str | None = None, known: Collection[str] = (), settings: Any = None) -> None:
        self.host_id, self.known, self.closed = host_id, known, False
        self.settings, self.address, self.port = settings or read_settings(DEFAULTS), "10.0.0.1:9042", 9042
        self.warnings, self.tell = [], None

    meets = ("10.0.0.1", 9042)  # type: ignore[assignment]

    def __exit__(self, *_exc: object) -> None:
        self.closed = True

    def connect_peers(self, places: Collection[Place]) -> dict[str, Session]:
        return {one.key: Answering(one.host_id) for one in places if one.key in self.known}


@pytest.mark.parametrize(
    ("known", "answers", "is_it"),
    [(None, "h1", True), (None, None, True), ("h1", "h1", True), ("h1", "h2", False), ("h1", None, False)],
)
def test_which_node_answers(known: str | None, answers: str | None, is_it: bool) -> None:
    session = Answering(known)
    if is_it:
        session.identify(answers)
    else:
        with pytest.raises(ConnectionFailed, match="is the address of node h1, but"):
            session.identify(answers)
    assert session.host_id == (answers if is_it else known)


@pytest.mark.parametrize("opens", [True, False])
def test_nodes_at_one_address_are_connected_each(monkeypatch: pytest.MonkeyPatch, opens: bool) -> None:
    """The one that the coordinator does not know is opened by itself, and only its own answers count."""
    opened: list[tuple[str, int]] = []

    def open_session(settings: Settings) -> Session:
        opened.extend(settings.contact_points)
        if opens:
            return Answering(settings=settings)
        raise ConnectionFailed("No node.", attempts={"10.0.0.2:9042": "connection refused"})

    monkeypatch.setattr(nodes_file, "open_session", open_session)
    places = [Place("h1", "10.0.0.1", 9042), Place("h2", "10.0.0.2", 9042), Place("h3", "10.0.0.2", 9042)]
    with NodeSessions(Answering("h1", known={"h2"})) as nodes:
        nodes.connect(places)
        sessions = dict(nodes.peers)
        assert {key: one.host_id for key, one in sessions.items()} == {one: one for one in ("h2", "h3")[: 1 + opens]}
        assert {key: one.reason for key, one in nodes.unreachable.items()} == (
            {} if opens else {"h3": "connection refused"}
        )
        # What is known to be away is not looked for again.
        nodes.connect(places)
    assert opened == [("10.0.0.2", 9042)]
    assert all(one.closed for one in sessions.values())
