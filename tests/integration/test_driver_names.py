# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drivers of a version to come: without a private name that the collection uses, everything takes longer and nothing changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cassandra
import pytest
from cassandra.cluster import Session

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.private import NAMES, SWITCH

from .conftest import REPOSITORY, RunningNode

COLUMNS = [{"name": "note", "type": "text"}]


def driver_without(name: str, folder: Path) -> Path:
    """The folder of a copy of the driver which calls that name otherwise, in each of its files."""
    compiled = shutil.ignore_patterns("*.so", "*.pyc", "*.pyd")
    copy = Path(shutil.copytree(Path(cassandra.__file__).parent, folder / "cassandra", ignore=compiled))
    for original in Path(cassandra.__file__).parent.glob("io/libevwrapper*.so"):
        shutil.copy(original, copy / "io")
    found = 0
    for path in copy.rglob("*.py"):
        text, times = re.subn(rf"\b{name}\b", f"{name}_of_a_version_to_come", path.read_text())
        path.write_text(text)
        found += times
    assert found, f"the driver {cassandra.__version__} has no {name} any more"
    return folder


def run(
    node: RunningNode, environment: dict[str, str], module: str = "cassandra_column", **task: Any
) -> dict[str, Any]:
    name = f"ansible_collections.stellarmap.cassandra.plugins.modules.{module}"
    script = str(REPOSITORY / "tests" / "support" / "module_run.py")
    done = subprocess.run(
        [sys.executable, script, json.dumps({"login_host": [node.address], **task}), name],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, Any] = json.loads(done.stdout) if done.stdout else {"msg": done.stderr}
    return found


def add_and_read(node: RunningNode, keyspace: str, **environment: str) -> None:
    """Everything that the collection does with a driver ends as it does with each name."""
    task = {"keyspace": keyspace, "table": "t", "columns": COLUMNS}
    for changed in (True, False):
        result = run(node, environment, **task)
        assert (result.get("failed", False), result.get("changed")) == (False, changed), result
    assert run(node, environment, **task, state="absent")["failure"] == "data_loss"
    query = {"query": "SELECT id, note FROM t WHERE id = ?", "parameters": [1], "keyspace": keyspace}
    result = run(node, environment, "cassandra_query_info", **query)
    assert result.get("rows") == [{"id": 1, "note": None}], result
    assert [column["name"] for column in result["columns"]] == ["id", "note"]


@pytest.mark.parametrize("name", [one.name for one in NAMES])
def test_each_name_may_be_gone(node: RunningNode, cql: Session, keyspace: str, tmp_path: Path, name: str) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    cql.execute(f"INSERT INTO {keyspace}.t (id) VALUES (1)")
    add_and_read(node, keyspace, PYTHONPATH=str(driver_without(name, tmp_path)))


def test_all_of_them_may_be_left_out(node: RunningNode, cql: Session, keyspace: str) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    cql.execute(f"INSERT INTO {keyspace}.t (id) VALUES (1)")
    add_and_read(node, keyspace, **{SWITCH: "documented"})
