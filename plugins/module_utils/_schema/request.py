# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one run that changes a schema is asked to do and allowed to do, and what must be true of the cluster for that; pure.

Each finding is a refusal with a name and an option that overrides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._cql.identifier import display_name
from .._errors import DataLoss, MixedVersions, NodesUnreachable, Refused
from .._place import Lost, Place
from .catalog.capabilities import NotChecked
from .catalog.model import Cluster, TableName
from .planning.desired import Desired
from .planning.saved_plan import SavedPlan


class DataLossPolicy(NamedTuple):
    """Whether data may be destroyed, whether only where there is none, and how many rows are read to find out."""

    allowed: bool
    only_if_empty: bool
    rows: int


class Values(NamedTuple):
    """How many of the rows read hold a value in each column; C(complete): these were all rows of the table."""

    found: dict[str, int]
    rows_read: int
    complete: bool

    def describe(self) -> str:
        """The numbers in words."""
        found = ", ".join(f"{display_name(name)} {count}" for name, count in self.found.items() if count)
        rows = f"all {self.rows_read} rows" if self.complete else f"the first {self.rows_read} rows, and there are more"
        return f"values found in {rows}: {found or 'none'}"


def check_data_loss(table: TableName, values: Values | None, names: list[str], policy: DataLossPolicy) -> None:
    """Raises DataLoss if these columns may not be dropped."""
    columns = ", ".join(map(display_name, names))
    seen = f" ({values.describe()})" if values else ""
    if not policy.allowed:
        raise DataLoss(
            f"Dropping {columns} from {table} destroys their data permanently{seen}. Set allow_data_loss to allow it."
        )
    if policy.only_if_empty and values and any(values.found.values()):
        raise DataLoss(f"Columns {columns} of {table} are not empty{seen}, and only_if_empty is set.")
    if policy.only_if_empty and values and not values.complete:
        raise DataLoss(
            f"It is not known whether columns {columns} of {table} are empty{seen}, and only_if_empty is set. "
            "Raise rows_to_read."
        )


class Policy(NamedTuple):
    """What the user allows; the timeouts are in seconds, the limit in nodes."""

    agreement_timeout: float
    ask_nodes_limit: int
    allow_mixed_versions: bool = False
    allow_unreachable_nodes: bool = False
    index_build_timeout: float = 0.0


class LockPolicy(NamedTuple):
    """The keyspace of the advisory lock, and how many seconds to wait for it."""

    keyspace: str
    timeout: float


def nodes_to_ask(cluster: Cluster, policy: Policy) -> tuple[Place, ...]:
    """The nodes that must show a change: all, but only the one that answers of a large cluster, and none of a hidden one."""
    if not cluster.capabilities.peers_answer:
        return ()
    return tuple(node.place for node in cluster.nodes)[: None if _asks_all(cluster, policy) else 1]


def not_asked(cluster: Cluster, policy: Policy) -> tuple[NotChecked, ...]:
    """The nodes that nobody asks since the cluster has more of them than the limit."""
    if not cluster.capabilities.peers_answer or _asks_all(cluster, policy):
        return ()
    others = tuple(node.place for node in cluster.nodes[1:])
    reason = (
        f"the cluster has {len(cluster.nodes)} nodes, and ask_nodes_limit is {policy.ask_nodes_limit}: only "
        f"{cluster.label(cluster.local.place)} is asked, which tells the schema versions of the others"
    )
    return (NotChecked("the table on each node", reason, others),) if others else ()


def unreachable_nodes(unreachable: Mapping[str, Lost]) -> tuple[NotChecked, ...]:
    """The nodes that give no answer, as what could not be checked."""
    reasons = "; ".join(lost.describe() for lost in unreachable.values())
    reason = f"they did not answer, and receive a change when they return: {reasons}"
    places = tuple(lost.place for lost in unreachable.values())
    return (NotChecked("the table on each node", reason, places),) if places else ()


def _asks_all(cluster: Cluster, policy: Policy) -> bool:
    return len(cluster.nodes) <= policy.ask_nodes_limit


def check_server(cluster: Cluster) -> None:
    """Raises Refused for a server that is older than this collection supports."""
    if cluster.capabilities.is_too_old:
        raise Refused(
            f"{cluster.capabilities.server} is too old: this collection changes schemas on Cassandra 4.0 and later, since "
            "a column that is added while a table is read can corrupt answers before that (CASSANDRA-13004). Upgrade the "
            "cluster first."
        )


def check_versions(cluster: Cluster, policy: Policy) -> None:
    """Raises MixedVersions during a rolling upgrade, when a change of the schema is lost on some nodes.

    Measured on 4.1.10 with 5.0.9: a change made through the newer node never reaches the older one.
    """
    if len(cluster.release_versions) > 1 and not policy.allow_mixed_versions:
        nodes = ", ".join(
            f"{cluster.label(node.place)} {node.release_version}" for node in cluster.nodes if node.release_version
        )
        raise MixedVersions(
            f"The nodes run different versions of {cluster.capabilities.product} ({nodes}). Finish the upgrade first, or "
            "set allow_mixed_versions."
        )


def check_reachable(cluster: Cluster, unreachable: Mapping[str, Lost], policy: Policy) -> list[str]:
    """What to know of nodes that did not answer; raises NodesUnreachable if a change is not safe without them."""
    majority = may_ignore(cluster, unreachable)
    if not unreachable or (policy.allow_unreachable_nodes and not majority):
        return []
    reasons = "; ".join(lost.describe() for lost in unreachable.values())
    if majority:
        return [
            f"Not every node of the cluster answers ({reasons}). The change is safe: {cluster.capabilities.product} changes "
            "its schema by a majority of its nodes, and these are a minority."
        ]
    raise NodesUnreachable(
        f"Not every node of the cluster answers ({reasons}). Start these nodes, remove them from the cluster, or set "
        "allow_unreachable_nodes. If they run, and only this host cannot reach them, as behind NAT or a tunnel, name with "
        "login_address_map where it reaches each of them, or set ask_nodes_limit: 0, which asks the contact point alone."
    )


def may_ignore(cluster: Cluster, unreachable: Mapping[str, Lost]) -> bool:
    """Whether a change is safe without these nodes: a majority decides on it, and they are a minority."""
    return cluster.capabilities.needs_majority and 2 * len(unreachable) < len(cluster.nodes)


class ColumnRequest(NamedTuple):
    """The tables to change and what is allowed.

    C(source) names the migration file for the saved plan, C(approved) is the plan to hold to.
    """

    tables: tuple[Desired, ...]
    policy: Policy
    data_loss: DataLossPolicy
    lock: LockPolicy | None = None
    source: str = ""
    approved: SavedPlan | None = None
