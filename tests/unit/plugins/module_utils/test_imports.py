# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a controller runs before it imports the collection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COLLECTIONS = Path(__file__).resolve().parents[4] / ".cache" / "collections"
LOADED = """
import gc
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader()
assert action_loader.get("stellarmap.cassandra.http_check", class_only=True)
print(gc.get_freeze_count() > 10_000)
"""


def test_what_ansible_has_loaded_is_not_looked_through_again() -> None:
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True"], done.stderr
