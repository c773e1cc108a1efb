# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a controller imports the collection: by Python's cache of compiled files, and for the rest as Ansible does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COLLECTIONS = Path(__file__).resolve().parents[4] / ".cache" / "collections"
LOADED = """
import gc, sys
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader()
assert action_loader.get("stellarmap.cassandra.http_check", class_only=True)
ours = "ansible_collections.stellarmap.cassandra.plugins."
loaders = {name[len(ours):]: type(found.__spec__.loader).__name__
    for name, found in sys.modules.items() if name.startswith(ours)}
print(loaders["module_utils._http.check"], loaders["action"], gc.get_freeze_count() > 10_000)
"""


def test_ansible_loads_what_was_compiled_before() -> None:
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["SourceFileLoader", "_AnsibleCollectionLoader", "True"], done.stderr
