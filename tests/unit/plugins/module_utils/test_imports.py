# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a controller imports the collection: compiled once, and found by Ansible all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[4]
LOADED = """
import gc, json, sys
from ansible.plugins.loader import action_loader, filter_loader, init_plugin_loader, lookup_loader
init_plugin_loader()
name = "stellarmap.cassandra."
plugins = [loader.get(name + plugin, class_only=True) for loader, plugin in (
    (action_loader, "cassandra_column"), (lookup_loader, "playbook_hosts"))]
from ansible_collections.stellarmap.cassandra.plugins.filter import migration
ours = {type(found.__spec__.loader).__name__ for module, found in sys.modules.items()
    if module.startswith("ansible_collections." + name + "plugins.module_utils.")}
print(json.dumps({"found": all(plugins), "loaders": list(ours), "frozen": gc.get_freeze_count()}))
"""


def load(cache: Path) -> Any:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.update(PYTHONPYCACHEPREFIX=str(cache), ANSIBLE_COLLECTIONS_PATH=str(REPOSITORY / ".cache/collections"))
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_files_of_the_collection_are_compiled_once(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded["found"]
    assert loaded["frozen"] > 10_000
    assert set(loaded["loaders"]) == {"SourceFileLoader"}
    compiled = {path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert {"ensure", "_in_process", "given", "drift"} <= compiled
