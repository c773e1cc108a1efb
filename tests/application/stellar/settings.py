# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import os

from cassandra.io.asyncioreactor import AsyncioConnection

SECRET_KEY = os.environ.get("SECRET_KEY", "for the tests only")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "stellar.example.com"]
ROOT_URLCONF = "stellar.urls"
INSTALLED_APPS = ["django_cassandra_engine", "apiApp"]
USE_TZ = False
CASSANDRA_KEYSPACE = "stellarmapweb_keyspace"
DATABASES = {
    "default": {
        "ENGINE": "django_cassandra_engine",
        "NAME": CASSANDRA_KEYSPACE,
        "HOST": os.environ["CASSANDRA_HOST"],
        # With libev scylla-driver waits up to 5 s for its own timers at the end of each process.
        "OPTIONS": {"connection": {"protocol_version": 5, "connection_class": AsyncioConnection}},
    }
}
