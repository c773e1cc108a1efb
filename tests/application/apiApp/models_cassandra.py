# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from cassandra.cqlengine import columns as cassandra_columns
from django.conf import settings
from django_cassandra_engine.models import DjangoCassandraModel


class SearchCache(DjangoCassandraModel):
    __keyspace__ = settings.CASSANDRA_KEYSPACE
    __table_name__ = "search_cache"

    stellar_account = cassandra_columns.Text(primary_key=True)
    # pipeline_source = cassandra_columns.Text(max_length=64)  # not of this table

    class Meta:
        get_pk_field = "stellar_account"


class StellarCreatorAccountLineage(DjangoCassandraModel):
    """One account and who created it."""

    __keyspace__ = settings.CASSANDRA_KEYSPACE
    __table_name__ = "stellar_creator_account_lineage"

    id = cassandra_columns.UUID(primary_key=True)
    stellar_account = cassandra_columns.Text(primary_key=True, max_length=56)
    network_name = cassandra_columns.Text(primary_key=True, max_length=9)
    status = cassandra_columns.Text(max_length=127)

    # Dual-pipeline tracking fields
    # CAUTION: THESE FIELDS ARE OFF UNTIL THE MIGRATION HAS RUN
    # The table has no such columns before, and every query would fail.
    # Switch them on once the columns are there.
    # pipeline_source = cassandra_columns.Text(max_length=64, default='')  # BIGQUERY or API
    # last_pipeline_attempt = cassandra_columns.DateTime(default=None)  # last time it was tried
    # processing_started_at = cassandra_columns.DateTime(default=None)  # when it was begun

    class Meta:
        get_pk_field = "id"
