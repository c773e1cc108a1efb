# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fronts: a real Cassandra node behind a proxy that gives it the personality of one of its relatives.

    with front(node.address, KEYSPACES) as it:
        print(it.addresses, it.port)

A personality is data (C(personality)), written from the documents and the source of the service; each line says from
which. What no personality mentions is answered by the node.
"""

from .connection import host_id_at
from .personality import Ddl, Login, Personality, Refusal, Table
from .server import Front, front

__all__ = ["Ddl", "Front", "Login", "Personality", "Refusal", "Table", "front", "host_id_at"]
