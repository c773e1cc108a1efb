# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file for a DBA, run as it stands by the real cqlsh."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cassandra.cluster import Session

from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.cql_file import offline_file

from .conftest import REPOSITORY, RunModule, RunningNode, RunPlaybook

RENDER = REPOSITORY / "playbooks" / "render_cql.yml"
COLUMNS = [
    {"name": "source", "type": "text"},
    {"name": '"Tries', "type": "int"},
    {"name": "marks", "type": "map<text, frozen<list<timestamp>>>"},
    {"name": "tier", "type": "varchar", "static": True},
]
COLUMNS[1]["name"] = '"Tries; -- it\'s ""odd"""'


@pytest.fixture
def table(cql: Session, keyspace: str) -> str:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int, c int, PRIMARY KEY (id, c))")
    return keyspace


def migration_cql(keyspace: str, release_version: str = "") -> str:
    """What the filter of this name gives: importing a filter makes this process a controller, where modules are others."""
    return offline_file([{"keyspace": keyspace, "table": "t", "columns": COLUMNS}], release_version)


def cqlsh(node: RunningNode, script: str | Path) -> subprocess.CompletedProcess[str]:
    given = ["-f", str(script)] if isinstance(script, Path) else ["-e", script]
    command = [str(Path(sys.executable).parent / "cqlsh"), node.address, str(node.port), *given]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def all_there(run_module: RunModule, keyspace: str) -> bool:
    checked = run_module("cassandra_column", {"keyspace": keyspace, "table": "t", "columns": COLUMNS}, check=True)
    return not checked["failed"] and not checked["changed"]


def test_it_runs_as_it_stands(node: RunningNode, table: str, run_module: RunModule, tmp_path: Path) -> None:
    script = tmp_path / "migration.cql"
    script.write_text(migration_cql(table))
    done = cqlsh(node, script)
    assert (done.returncode, done.stderr) == (0, "")
    assert "(4 rows)" in done.stdout
    assert all_there(run_module, table)
    # A second run is refused as the file says, and changes nothing.
    again = cqlsh(node, script)
    words = ("conflicts with an existing column", "already exists")
    assert any(word in again.stderr for word in words)
    assert all(word in script.read_text() for word in words)
    assert "(4 rows)" in again.stdout
    assert all_there(run_module, table)


def test_the_way_back_runs_too(node: RunningNode, table: str, cql: Session, tmp_path: Path) -> None:
    text = migration_cql(table)
    script = tmp_path / "migration.cql"
    script.write_text(text)
    assert cqlsh(node, script).returncode == 0
    (back,) = [line.removeprefix("-- ") for line in text.splitlines() if line.startswith("-- ALTER TABLE")]
    script.write_text(back)
    done = cqlsh(node, script)
    assert (done.returncode, done.stderr) == (0, "")
    rows = cql.execute(
        "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = 't'", (table,)
    )
    assert {row.column_name for row in rows} == {"id", "c"}


def test_where_the_server_knows_it_a_rerun_is_harmless(
    node: RunningNode, table: str, run_module: RunModule, tmp_path: Path
) -> None:
    script = tmp_path / "migration.cql"
    script.write_text(migration_cql(table, node.version))
    assert ("t ADD IF NOT EXISTS (" in script.read_text()) == (node.major >= (4, 1))
    assert cqlsh(node, script).returncode == 0
    assert all_there(run_module, table)
    again = cqlsh(node, script)
    assert (again.returncode == 0) == (node.major >= (4, 1))
    assert all_there(run_module, table)


@pytest.mark.promise
def test_the_playbook_offline_and_the_plan_of_a_cluster(
    node: RunningNode, table: str, cql: Session, run_playbook: RunPlaybook, run_module: RunModule, tmp_path: Path
) -> None:
    file = tmp_path / "migration.json"
    file.write_text(json.dumps({"cql_file": "x.cql", "keyspace": table, "table": "t", "columns": COLUMNS}))
    options = ("-e", f"migration_file={file}")
    dry = run_playbook(RENDER, *options, "--check", CASSANDRA_HOST="127.99.99.99")
    assert (dry.returncode, (tmp_path / "x.cql").exists()) == (0, False), dry.stdout
    offline = run_playbook(RENDER, *options, CASSANDRA_HOST="127.99.99.99")
    assert offline.returncode == 0, offline.stdout
    assert (tmp_path / "x.cql").read_text() == migration_cql(table)

    cql.execute(f"ALTER TABLE {table}.t ADD source text")
    task = {"keyspace": table, "table": "t", "columns": COLUMNS}
    planned = run_module("cassandra_column", task, check=True)
    online = run_playbook("stellarmap.cassandra.plan", *options, "-e", "plan_file=out.json")
    assert online.returncode == 0, online.stdout
    assert planned["statements"][0] + ";" in (tmp_path / "out.cql").read_text()
    assert "source text" not in planned["statements"][0]
    assert cqlsh(node, tmp_path / "out.cql").returncode == 0
    assert all_there(run_module, table)

    again = run_playbook("stellarmap.cassandra.plan", *options, "-e", "plan_file=out.json")
    assert again.returncode == 0, again.stdout
    text = (tmp_path / "out.cql").read_text()
    assert ("Nothing is left to do" in text, "ALTER" in text) == (True, False)
    assert cqlsh(node, tmp_path / "out.cql").returncode == 0
