# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until all nodes hold one schema version."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import NamedTuple

from .._connection.company import Company
from .._errors import ConnectionFailed, Failure, NotAgreed
from .model import Cluster, Node
from .observe import observe_cluster, observe_version

# The first look comes at once; a change on one node or in one rack is agreed within milliseconds.
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5


class Agreement(NamedTuple):
    """The cluster at the last look, and how long it was waited for, in seconds.

    C(excused) holds the addresses of nodes which are known to be away, and need not agree.
    """

    cluster: Cluster
    seconds: float = 0.0
    excused: frozenset[str] = frozenset()

    @property
    def missing(self) -> tuple[Node, ...]:
        """The nodes which should agree and do not."""
        return tuple(node for node in self.cluster.disagreeing if node.address not in self.excused)

    @property
    def agreed(self) -> bool:
        return not self.missing


def await_agreement(company: Company, timeout: float, excused: Collection[str] = ()) -> Agreement:
    """The agreement, or the state after C(timeout) seconds without it: look at C(agreed)."""
    start, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        found = Agreement(_look(company), time.monotonic() - start, frozenset(excused))
        if found.agreed or found.seconds >= timeout:
            return found
        time.sleep(min(pause, timeout - found.seconds))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _look(company: Company) -> Cluster:
    """The cluster as the lead sees it, with what the nodes which were met say of themselves."""
    cluster = company.ask(observe_cluster)
    versions = {}
    for address, version in company.ask_others(observe_version).items():
        # Who is lost meanwhile counts with what the lead knows of it.
        if isinstance(version, ConnectionFailed):
            continue
        if isinstance(version, Failure):
            raise version
        versions[address] = version
    return cluster.with_versions(versions)


def require_agreement(agreement: Agreement, message: str, way_out: str) -> None:
    """Raises NotAgreed, saying which nodes hold which schema version, if they do not agree."""
    if not agreement.agreed:
        nodes = "; ".join(_describe(node) for node in (agreement.cluster.local, *agreement.missing))
        raise NotAgreed(
            f"{message}: after {agreement.seconds:.1f} s the nodes still hold different schema versions ({nodes}). {way_out}"
        )


def _describe(node: Node) -> str:
    return f"{node.address} {node.release_version}: {node.schema_version}"
