# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cassandra 3.11, as a real 3.11.19 answered once (Apache's NEWS.txt; measured): the version below the floor."""

from __future__ import annotations

from .personality import MISSING, SYNTAX_ERROR, Personality, Refusal, Table

CASSANDRA_3_11 = Personality(
    name="Cassandra 3.11",
    protocols=(3, 4),
    tables={
        "system.local": Table(instead={"release_version": "(text)'3.11.19'"}),
        "system.peers_v2": MISSING,
        "system_views.*": MISSING,
        "system_virtual_schema.*": MISSING,
    },
    refusals=(Refusal(r"^\s*DESC(RIBE)?\s", "line 1:0 no viable alternative at input 'DESCRIBE'", SYNTAX_ERROR),),
)
