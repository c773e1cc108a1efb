# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The floor: the driver with the cheapest settings which are honest, one statement, and out."""

import sys

from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import WhiteListRoundRobinPolicy

host, statement = sys.argv[1:]
profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([host]), request_timeout=60)
cluster = Cluster(
    [host],
    protocol_version=5,
    schema_metadata_enabled=False,
    token_metadata_enabled=False,
    monitor_reporting_enabled=False,
    execution_profiles={EXEC_PROFILE_DEFAULT: profile},
)
cluster.connect().execute(statement)
cluster.shutdown()
