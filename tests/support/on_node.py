# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one node of a ring says, asked by itself: C(system_schema) is local to a node."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from cassandra.cluster import Session

from embedded_cassandra.ready import connect


@contextlib.contextmanager
def session_on(address: str, auth: bool = False, **login: Any) -> Iterator[Session]:
    """A session of the driver's with the node at this address and no other; C(login) is what C(connect) takes besides."""
    driver = connect(address, auth, **login)
    try:
        yield driver.connect()
    finally:
        driver.shutdown()


def columns_on(address: str, keyspace: str, table: str) -> dict[str, str]:
    """The names and types of the table's columns as the node at this address has them."""
    query = "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
    with session_on(address) as session:
        return {row.column_name: row.type for row in session.execute(query, (keyspace, table))}
