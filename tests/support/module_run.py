# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module in this process, without Ansible around it: the options as JSON in the first argument."""

import json
import sys

from ansible.module_utils.testing import patch_module_args

from ansible_collections.stellarmap.cassandra.plugins.modules.cassandra_column import main

with patch_module_args(json.loads(sys.argv[1])):
    main()
