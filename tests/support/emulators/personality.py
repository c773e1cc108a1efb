# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a relative of Cassandra does otherwise, as data: its tables, its words, its refusals, the timing of its changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

# The codes of errors (native_protocol_v4.spec, section 9).
SERVER_ERROR = 0x0000
PROTOCOL_ERROR = 0x000A
BAD_CREDENTIALS = 0x0100
SYNTAX_ERROR = 0x2000
INVALID = 0x2200


@dataclass(frozen=True)
class Table:
    """A system table as the service shows it: as the node's own one, without some columns and with other values.

    C(instead) maps columns to CQL terms. C(definition) makes a table that the node does not have, or another in the
    place of the node's; C(rows) are its rows. C(is_missing): the service has no such table.
    """

    without: frozenset[str] = frozenset()
    instead: Mapping[str, str] = field(default_factory=dict)
    definition: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()
    is_missing: bool = False


MISSING = Table(is_missing=True)


@dataclass(frozen=True)
class Refusal:
    """Statements that match C(pattern) fail with this code and these words; C(times) is how often, 0 is always."""

    pattern: str
    message: str
    code: int = INVALID
    times: int = 0

    def matches(self, text: str) -> bool:
        return re.search(self.pattern, text, re.IGNORECASE | re.DOTALL) is not None


@dataclass(frozen=True)
class Ddl:
    """When an accepted ALTER shows, in seconds after its answer.

    The columns show after C(shown); the status is UPDATING from C(updating) until C(active). C(busy) refuses another
    ALTER until then, with these words.
    """

    shown: float = 0.0
    updating: float = 0.0
    active: float | None = None
    status_table: str = ""
    busy: str = ""

    @property
    def end(self) -> float:
        return self.shown if self.active is None else self.active


@dataclass(frozen=True)
class Login:
    """The credentials that the service takes: a password, or a signature by an AWS key."""

    authenticator: str
    user: str = ""
    password: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""


@dataclass(frozen=True)
class Personality:
    """A relative: what is not in it is answered by the node. C(protocols) are the versions that it speaks.

    C(tables) maps full names, or C(keyspace.*), to what the service makes of them. C(words_table) and C(words_column)
    are what it says of a table or a column that it does not have.
    """

    name: str
    protocols: tuple[int, ...] = (3, 4)
    tables: Mapping[str, Table] = field(default_factory=dict)
    words_table: str = "unconfigured table {table}"
    words_column: str = "Undefined column name {column}"
    refusals: tuple[Refusal, ...] = ()
    ddl: Ddl | None = None
    login: Login | None = None

    def table(self, name: str) -> Table | None:
        """What the service makes of the table with this full name; None: it is the node's own."""
        return self.tables.get(name) or self.tables.get(f"{name.partition('.')[0]}.*")

    def having(self, **tables: Table) -> Personality:
        """The same with these tables; a double underscore stands for the dot in their names."""
        named = {name.replace("__", "."): table for name, table in tables.items()}
        return replace(self, tables={**self.tables, **named})
