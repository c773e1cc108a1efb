# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as Ansible's wrapper starts it: its options are there before it is loaded, and nothing else is."""

import json
import sys

from ansible.module_utils import basic

basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": json.loads(sys.argv[1])}).encode()
basic._ANSIBLE_PROFILE = "legacy"

from ansible_collections.stellarmap.cassandra.plugins.modules import cassandra_column

cassandra_column.main()
