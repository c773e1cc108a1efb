# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import datetime
import time

from django.core.management.base import BaseCommand

from apiApp.models_cassandra import StellarCreatorAccountLineage


class Command(BaseCommand):
    help = "Processes every account which has no source yet, again and again."

    def handle(self, *args, **options):
        while True:
            for row in StellarCreatorAccountLineage.objects.all():
                if not getattr(row, "pipeline_source", "not enabled"):
                    row.update(pipeline_source="API", last_pipeline_attempt=datetime.datetime.utcnow())
            time.sleep(0.2)
