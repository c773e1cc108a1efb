# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only names of the driver that its API documentation does not offer. Each saves time, and each may be missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from concurrent.futures import wait
from typing import Any, NamedTuple

# With the value "documented", this variable of the environment leaves out everything below, in case that a driver breaks it.
SWITCH = "STELLARMAP_CASSANDRA_DRIVER"


class Name(NamedTuple):
    """A private name, what has it, what it is used for, and what that saves; measured with cassandra-driver 3.30.1."""

    owner: str
    name: str
    use: str
    saves: str


NAMES = (
    Name("Connection", "factory", "requests use the control connection", "2 round trips"),
    Name("Connection", "register_watchers", "the server sends no events, which nothing here reads", "1 round trip"),
    Name("Cluster", "control_connection", "holds the next name", "1 round trip"),
    Name("ControlConnection", "_SELECT_LOCAL_NO_TOKENS", "the driver reads rpc_address with the rest", "1 round trip"),
    Name("Session", "update_created_pools", "peers share a cluster of the driver", "2 round trips for a ring"),
    Name("Session", "get_pool_state", "which peers that connected", "connect_timeout, if a node is frozen"),
    Name(
        "PreparedStatement", "column_metadata", "what each parameter has to be", "types that users would have to write"
    ),
    Name("ResultSet", "column_types", "the type of each column of a query", "nothing, the types are left out"),
    Name("types of columns", "cql_parameterized_type", "the text of both", "the same"),
)


def has(owner: Any, name: str) -> bool:
    """Whether the driver has this name and it may be used."""
    return os.environ.get(SWITCH) != "documented" and hasattr(owner, name)


def connection_class(driver_class: Any) -> Any:
    """The driver's class of connections for one cluster: the control connection serves for requests, and hears no events.

    Without the names it is the driver's own class, which opens a second connection to the same node and registers for events.
    """
    if not (has(driver_class, "factory") and has(driver_class, "register_watchers")):
        return driver_class

    class OneConnection(driver_class):  # type: ignore[misc]
        # The driver keeps its event loop at the class: one for all clusters. Its pages about event loops list both names.
        initialize_reactor = driver_class.initialize_reactor
        handle_fork = driver_class.handle_fork
        unused: Any = (None, None)

        def register_watchers(self, *_args: Any, **_options: Any) -> None:
            """Send nothing."""

        @classmethod
        def factory(cls, endpoint: Any, *args: Any, **options: Any) -> Any:
            if options.get("is_control_connection"):
                cls.unused = endpoint, super().factory(endpoint, *args, **options)
                return cls.unused[1]
            (owner, found), cls.unused = cls.unused, (None, None)
            return found if found and owner == endpoint else super().factory(endpoint, *args, **options)

    return OneConnection


def read_all_of_local(cluster: Any, statement: str) -> None:
    """Let the driver read each column of C(system.local): without the tokens it leaves out C(rpc_address), and asks again."""
    control: Any = cluster.control_connection if has(cluster, "control_connection") else None
    if has(control, "_SELECT_LOCAL_NO_TOKENS"):
        control._SELECT_LOCAL_NO_TOKENS = statement


def connect_hosts(session: Any, hosts: Iterable[Any], seconds: float) -> list[Any]:
    """Those of the hosts that the session connected to in this time; none without the names, so each gets its own cluster."""
    if not (has(session, "update_created_pools") and has(session, "get_pool_state")):
        return []
    wait(session.update_created_pools(), seconds)
    # The driver's own mark is no witness: a host that is frozen, or still waited for, is not marked as down.
    connected = session.get_pool_state()
    return [host for host in hosts if host in connected]


def markers_of(prepared: Any) -> list[tuple[str, str]] | None:
    """The names and types of the parameters of a statement; None without the name."""
    if not has(prepared, "column_metadata"):
        return None
    return [(marker.name, type_in_cql(marker.type)) for marker in prepared.column_metadata]


def types_of(result: Any) -> list[str] | None:
    """The types of the columns of a result; None without the name."""
    return [type_in_cql(one) for one in result.column_types] if has(result, "column_types") else None


def type_in_cql(column_type: Any) -> str:
    """What the driver's class of a type says of itself in CQL; nothing without the name."""
    text = str(column_type.cql_parameterized_type()) if has(column_type, "cql_parameterized_type") else ""
    text = text.replace("org.apache.cassandra.db.marshal.VectorType", "vector")
    # It writes names of user-defined types without quotes; a class in single quotes is no such name.
    return text if "'" in text else re.sub(r"\w*[A-Z]\w*", r'"\g<0>"', text)
