# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""migrate.yml as a user runs it: from the checkout, by name, imported, its role included, once and not for each host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cassandra.cluster import Session
from demo.table import KEYSPACE, TABLE

from .conftest import REPOSITORY, RunningNode, RunPlaybook

MIGRATE = REPOSITORY / "playbooks" / "migrate.yml"
NEW = {"pipeline_source": "text", "last_pipeline_attempt": "timestamp", "processing_started_at": "timestamp"}
ALTER = (
    f"ALTER TABLE {KEYSPACE}.{TABLE} ADD (pipeline_source text, last_pipeline_attempt timestamp, "
    "processing_started_at timestamp)"
)


@pytest.fixture
def table(cql: Session) -> Iterator[Session]:
    """The application's table before the migration."""
    cql.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
    cql.execute(f"CREATE KEYSPACE {KEYSPACE} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
    cql.execute(
        f"CREATE TABLE {KEYSPACE}.{TABLE} (id uuid, stellar_account text, network_name text, status text, "
        "PRIMARY KEY ((id), stellar_account, network_name))"
    )
    yield cql
    cql.execute(f"DROP KEYSPACE {KEYSPACE}")


def columns(cql: Session, keyspace: str = KEYSPACE, name: str = TABLE) -> dict[str, str]:
    query = "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
    return {row.column_name: row.type for row in cql.execute(query, (keyspace, name))}


def counts(output: str, host: str = "localhost") -> dict[str, int]:
    recap = re.search(rf"^{host}\s+:(.*)$", output, re.MULTILINE)
    assert recap, output
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", recap.group(1))}


def test_dry_run_then_migration_then_nothing_left(table: Session, run_playbook: RunPlaybook) -> None:
    before = columns(table)
    dry = run_playbook(MIGRATE, "--check", "--diff")
    assert dry.returncode == 0, dry.stdout
    assert ALTER in dry.stdout
    assert "+    pipeline_source text," in dry.stdout
    assert "dry run complete, nothing was changed" in dry.stdout
    assert "migration complete" not in dry.stdout
    assert columns(table) == before

    real = run_playbook(MIGRATE)
    assert real.returncode == 0, real.stdout
    assert (counts(real.stdout)["changed"], ALTER in real.stdout) == (1, True)
    assert '"migration complete"' in real.stdout
    assert columns(table) == {**before, **NEW}

    again = run_playbook(MIGRATE)
    assert (again.returncode, counts(again.stdout)["changed"]) == (0, 0)
    assert "ALTER" not in again.stdout
    assert "migration complete" in again.stdout
    # Nothing of the driver's logging reaches the user.
    assert (dry.stderr, real.stderr, again.stderr) == ("", "", "")


def test_a_conflict_stops_the_play(table: Session, run_playbook: RunPlaybook) -> None:
    table.execute(f"ALTER TABLE {KEYSPACE}.{TABLE} ADD pipeline_source int")
    failed = run_playbook(MIGRATE)
    assert failed.returncode != 0
    assert "column pipeline_source is of type int, wanted is text" in failed.stdout + failed.stderr
    assert "migration complete" not in failed.stdout
    assert "Traceback" not in failed.stdout + failed.stderr


def test_it_runs_once_whatever_the_inventory_holds(table: Session, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts"
    inventory.write_text(
        "[app]\nweb[1:4]\n[app:vars]\nansible_connection=local\nansible_python_interpreter='{{ ansible_playbook_python }}'\n"
    )
    done = run_playbook(MIGRATE, "-i", str(inventory), "-e", "migration_hosts=app")
    assert done.returncode == 0, done.stdout
    assert (done.stdout.count("changed: ["), counts(done.stdout, "web1")["changed"]) == (1, 1)
    assert columns(table)["pipeline_source"] == "text"
    alone = run_playbook(MIGRATE, "-i", str(inventory))
    assert (alone.returncode, counts(alone.stdout)["changed"]) == (0, 0)


def test_by_name_and_imported(table: Session, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    named = run_playbook("stellarmap.cassandra.migrate", "--check")
    assert (named.returncode, ALTER in named.stdout) == (0, True)
    playbook = tmp_path / "deploy.yml"
    playbook.write_text(
        "- name: Migrate\n  ansible.builtin.import_playbook: stellarmap.cassandra.migrate\n"
        f"  vars:\n    migration_file: {tmp_path}/mine.yml\n"
    )
    (tmp_path / "mine.yml").write_text(
        f"columns_keyspace: {KEYSPACE}\ncolumns_table: {TABLE}\ncolumns_list:\n  - note: text\n"
    )
    imported = run_playbook(playbook)
    assert imported.returncode == 0, imported.stdout
    assert columns(table)["note"] == "text"
    assert "pipeline_source" not in columns(table)


def test_the_role_in_somebody_elses_play(
    cql: Session, node: RunningNode, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    cql.execute(f'CREATE TABLE {keyspace}."Orders" (id int PRIMARY KEY)')
    playbook = tmp_path / "deploy.yml"
    playbook.write_text(f"""
- name: Deploy
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Migrate
      ansible.builtin.include_role:
        name: stellarmap.cassandra.columns
      vars:
        columns_keyspace: {keyspace}
        columns_table: '"Orders"'
        columns_list:
          - name: shipped_at
            type: timestamp
        columns_connection:
          login_host: {node.address}
    - name: Go on
      ansible.builtin.debug:
        msg: "{{{{ columns_result.columns[0].status }}}} on {{{{ columns_result.cluster.name }}}}"
""")
    done = run_playbook(playbook, CASSANDRA_HOST="127.255.255.254")
    assert done.returncode == 0, done.stdout
    assert "added on embedded" in done.stdout
    assert columns(cql, keyspace, "Orders")["shipped_at"] == "timestamp"


def test_arguments_are_checked(run_playbook: RunPlaybook, tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("columns_keyspace: k\ncolumns_table: t\n")
    failed = run_playbook(MIGRATE, "-e", f"migration_file={tmp_path}/broken.yml")
    assert failed.returncode != 0
    assert "columns_list" in failed.stdout + failed.stderr


def test_the_driver_missing_is_said_as_ansible_says_it(run_playbook: RunPlaybook, tmp_path: Path) -> None:
    # A package called cassandra which is not the driver hides the real one, as an empty environment would.
    hidden = tmp_path / "hidden" / "cassandra"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError(\"No module named 'cassandra'\")\n")
    failed = run_playbook(MIGRATE, PYTHONPATH=str(hidden.parent))
    output = re.sub(r"\s+", " ", failed.stdout + failed.stderr)
    assert failed.returncode != 0
    assert "Failed to import the required Python library (cassandra-driver)" in output
    assert "Python" in output
    assert "Traceback" not in output
