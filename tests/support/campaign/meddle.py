# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What another user does in the middle of a run, as CQL, and what that means for the columns; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from . import history as words
from .history import Scenario, Sent


def meddling_cql(scenario: Scenario, table: str, create_keyspace: Sequence[str], create_table: str) -> list[str]:
    """The statements of the scenario's other user."""
    first, type_ = next(iter(scenario.runs[0].columns.items()))
    statements = {
        words.ADDS: [f"ALTER TABLE {table} ADD x int"],
        words.ADDS_THE_SAME: [f"ALTER TABLE {table} ADD {first} {type_}"],
        words.ADDS_ANOTHER: [f"ALTER TABLE {table} ADD {first} boolean"],
        words.DROPS: [f"ALTER TABLE {table} DROP old"],
        words.RETYPES: [f"ALTER TABLE {table} DROP old", f"ALTER TABLE {table} ADD old blob"],
        words.REMAKES_TABLE: [f"DROP TABLE {table}", create_table],
        words.REMAKES_KEYSPACE: [f"DROP KEYSPACE {table.partition('.')[0]}", *create_keyspace, create_table],
        words.INDEXES: [f"CREATE INDEX ON {table} (old)"],
        words.TRUNCATES: [f"TRUNCATE {table}"],
        words.WRITES: [f"INSERT INTO {table} (id, old) VALUES (2, 'written')"],
    }
    return statements[scenario.meddling.name] if scenario.meddling else []


def touches(meddled: Iterable[Sent], name: str) -> bool:
    """Whether another user changed this column, or made its table again."""
    return any(re.match(r"DROP |CREATE ", one.text) or re.search(rf"(ADD|DROP) {name}\b", one.text) for one in meddled)


def changes_rows(meddled: Iterable[Sent]) -> bool:
    """Whether another user changed the rows, or what they hold."""
    return any(re.match(r"DROP |CREATE |TRUNCATE|INSERT|ALTER .* DROP", one.text) for one in meddled)
