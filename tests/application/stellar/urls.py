# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from apiApp import views
from django.urls import path

urlpatterns = [
    path("health/", views.health),
    path("api/pipeline-stats/", views.pipeline_stats),
    path("api/cassandra-query/", views.cassandra_query),
    path("web/high-value-accounts/", views.high_value_accounts),
]
