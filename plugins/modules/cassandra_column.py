#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cassandra_column
"""
EXAMPLES = ""
RETURN = ""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import run
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.ensure import ensure_columns, read_task


def main() -> None:
    options = {
        "keyspace": {"type": "str", "required": True},
        "table": {"type": "str", "required": True},
        "columns": {"type": "list", "elements": "raw", "required": True},
        "state": {"type": "str", "choices": ["present"], "default": "present"},
        "schema_agreement_timeout": {"type": "float", "default": 60.0},
    }
    run(options, read_task, ensure_columns)


if __name__ == "__main__":
    main()
