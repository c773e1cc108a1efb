# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an application of cqlengine (django-cassandra-engine's core) does: sync_table with a model of the table."""

import os
import sys

from cassandra.cqlengine import columns, connection
from cassandra.cqlengine.management import sync_table
from cassandra.cqlengine.models import Model
from demo.table import COLUMNS

host, keyspace, table = sys.argv[1:]
os.environ["CQLENG_ALLOW_SCHEMA_MANAGEMENT"] = "1"
kinds = {
    "text": columns.Text,
    "timestamp": columns.DateTime,
    "uuid": columns.UUID,
    "float": columns.Float,
    "boolean": columns.Boolean,
    "int": columns.Integer,
}
added = {"pipeline_source": "text", "last_pipeline_attempt": "timestamp", "processing_started_at": "timestamp"}
keys = {"id": {"partition_key": True}, "stellar_account": {"primary_key": True}, "network_name": {"primary_key": True}}
fields = {name: kinds[kind](**keys.get(name, {})) for name, kind in {**COLUMNS, **added}.items()}
connection.setup([host], keyspace, protocol_version=5)
sync_table(type("Account", (Model,), {"__table_name__": table, "__keyspace__": keyspace, **fields}))
connection.get_cluster().shutdown()
