# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The floor: the driver with the cheapest settings that are honest, the statements one after the other, and out."""

import sys

from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import WhiteListRoundRobinPolicy

address, *statements = sys.argv[1:]
host, _colon, port = address.partition(":")
profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([host]), request_timeout=60)
cluster = Cluster(
    [host],
    port=int(port or 9042),
    protocol_version=5,
    schema_metadata_enabled=False,
    token_metadata_enabled=False,
    monitor_reporting_enabled=False,
    execution_profiles={EXEC_PROFILE_DEFAULT: profile},
)
session = cluster.connect()
for statement in statements:
    session.execute(statement)
cluster.shutdown()
