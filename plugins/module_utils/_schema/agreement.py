# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until all nodes hold one schema version."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .._connection.session import Session
from .._errors import NotAgreed
from .model import Cluster, Node
from .observe import observe_cluster

# The first look comes at once; a change on one node or in one rack is agreed within milliseconds.
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5


@dataclass(frozen=True)
class Agreement:
    """The cluster at the last look, and how long it was waited for, in seconds."""

    cluster: Cluster
    seconds: float

    @property
    def agreed(self) -> bool:
        return self.cluster.agreed


def await_agreement(session: Session, timeout: float) -> Agreement:
    """The agreement, or the state after C(timeout) seconds without it: look at C(agreed)."""
    start, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        cluster = observe_cluster(session)
        waited = time.monotonic() - start
        if cluster.agreed or waited >= timeout:
            return Agreement(cluster, waited)
        time.sleep(min(pause, timeout - waited))
        pause = min(pause * 2, _LONGEST_PAUSE)


def describe_disagreement(cluster: Cluster) -> str:
    """Which nodes hold which schema version."""
    return "; ".join(_describe(node) for node in (cluster.local, *cluster.disagreeing))


def not_agreed(message: str, agreement: Agreement) -> NotAgreed:
    """The failure for a wait which ended without agreement."""
    return NotAgreed(
        f"{message}: the nodes hold different schema versions after {agreement.seconds:.1f} s "
        f"({describe_disagreement(agreement.cluster)})."
    )


def _describe(node: Node) -> str:
    return f"{node.address} {node.release_version}: {node.schema_version}"
