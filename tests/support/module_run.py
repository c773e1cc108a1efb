# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module cassandra_column in a process of its own, without Ansible around it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

COLLECTIONS = Path(__file__).resolve().parents[2] / ".cache" / "collections"


def start_module(params: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Starts it with these options; it prints its result."""
    return subprocess.Popen(
        [sys.executable, __file__, json.dumps(params)],
        env={"PYTHONPATH": str(COLLECTIONS), "TMPDIR": tempfile.gettempdir()},
        stdout=subprocess.PIPE,
    )


def _run(params: dict[str, Any]) -> None:
    from ansible.module_utils.testing import patch_module_args

    from ansible_collections.stellarmap.cassandra.plugins.modules.cassandra_column import main

    with patch_module_args(params):
        main()


if __name__ == "__main__":
    _run(json.loads(sys.argv[1]))
