# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real Apache Cassandra nodes for development, demo, tests and benchmarks: from published jars, on loopback addresses.

    with cluster(version="5.0") as it:
        print(it.addresses)

or ``python -m embedded_cassandra run -- COMMAND``.
"""

from .cluster import Cluster, cluster
from .node import Node

__all__ = ["Cluster", "Node", "cluster"]
