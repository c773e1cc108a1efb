# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._module import explain_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.options import column_options

SHAPE = "is a list, and each of its items is a mapping, written as '- key: value' in YAML."
MISSING = "missing required arguments: table"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"keyspace": "k", "tabel": "t"}, ". Did you mean 'table' by 'tabel'?"),
        ({"tables": [{"table": "t"}, {"tabel": "u"}]}, ". Did you mean 'table' by 'tabel'?"),
        ({"keyspce": "k", "zzzzzz": 1}, ". Did you mean 'keyspace' by 'keyspce'?"),
        ({"colums": [], "sate": "absent"}, ". Did you mean 'columns' by 'colums'?. Did you mean 'state' by 'sate'?"),
        ({"zzzzzz": 1, "_ansible_check_mode": True}, ""),
        ({"table": "t", "columns": None, "tables": [{"table": "t"}]}, ""),
        ({"columns": {"a": "int"}}, f". 'columns' {SHAPE}"),
        ({"columns": ["a int"]}, f". 'columns' {SHAPE}"),
        ({"tables": {"t": {}}}, f". 'tables' {SHAPE}"),
    ],
)
def test_the_option_that_is_likely_to_be_meant(given: dict[str, Any], meant: str) -> None:
    assert explain_options(MISSING, column_options(), given) == MISSING + meant.replace("?.", "?")
