# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import SystemRead
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import StatementFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.capabilities import (
    Offer,
    Reading,
    not_checked,
    read_capabilities,
)

SCYLLA = Offer("test", "3.0.8", "2025.1.2")
KEYSPACES = Offer("Amazon Keyspaces", "3.11.2")


@pytest.mark.parametrize(
    ("offer", "facts"),
    [
        (Offer("c", "4.0.19"), {"server": "Cassandra 4.0.19", "vectors": False, "has_epochs": False}),
        (Offer("c", "4.1.10"), {"vectors": False, "is_too_old": False}),
        (Offer("c", "5.0.9"), {"vectors": True, "has_epochs": False}),
        (Offer("c", "6.0-alpha2"), {"vectors": True, "has_epochs": True}),
        (Offer("c", "3.11.19"), {"is_too_old": True, "server": "Cassandra 3.11.19"}),
        (Offer("c", "3.0.30"), {"is_too_old": True}),
        # DSE, and forks that count otherwise: the server decides.
        (Offer("c", "4.0.0.6816"), {"vectors": None, "is_too_old": False, "peers_answer": True}),
        (Offer("c", ""), {"vectors": None, "is_too_old": False, "server": "Cassandra"}),
        (Offer("c", "4.0.0.6816", has_bundle=True), {"server": "Astra DB", "vectors": None, "peers_answer": False}),
        (SCYLLA, {"server": "ScyllaDB 2025.1.2", "product": "ScyllaDB", "release_version": "2025.1.2"}),
        (SCYLLA, {"needs_majority": True, "versions_are_comparable": False, "is_too_old": False}),
        (KEYSPACES, {"server": "Amazon Keyspaces", "status_table": "system_schema_mcs.tables"}),
        (KEYSPACES, {"peers_are_nodes": False, "peers_answer": False, "is_too_old": False}),
    ],
)
def test_what_a_server_can_do(offer: Offer, facts: dict[str, Any]) -> None:
    capabilities = read_capabilities(offer)
    assert {name: getattr(capabilities, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("offer", "wanted"),
    [
        (Offer("c", "4.0.19"), False),
        (Offer("c", "6.0-alpha2"), False),
        (Offer("c", "4.0.0.6816"), False),
        (KEYSPACES, False),
        (Offer("c", "3.0.8"), True),
        (Offer("c", "3.11.19"), True),
    ],
)
def test_only_a_doubtful_version_costs_another_read(offer: Offer, wanted: bool) -> None:
    assert read_capabilities(offer).is_too_old is wanted


def reading(table: str, *lacks: str, refused: str = "") -> Reading:
    source = SystemRead(table, ("column_name", "kind"))
    return Reading(source, [], frozenset(lacks), StatementFailed(refused) if refused else None)


def test_what_is_missing_is_named_with_its_reason() -> None:
    assert not_checked({"dropped": reading("system_schema.dropped_columns")}) == ()
    (found,) = not_checked({"dropped": reading("system_schema.dropped_columns", "kind")})
    assert found.reason == "system_schema.dropped_columns has no column kind here"
    (found,) = not_checked({"views": reading("system_schema.views", "view_name", refused="no such table")})
    assert found.check == "materialized views of the table"
    assert found.reason == "system_schema.views cannot be read here (the server: no such table)"
