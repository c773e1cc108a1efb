# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of README.md, typed as a stranger types them: C(make demo) in a fresh checkout, and the first playbook."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cassandra.cluster import Session

from .conftest import REPOSITORY, RunningNode, RunPlaybook

pytestmark = pytest.mark.promise

README = (REPOSITORY / "README.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if not line.startswith("$") and line.split(" ")[0] in ("make", "ansible-playbook", "ansible-galaxy", "pip")
]
# Not run here: the first two are this very run, and what the others install from Galaxy and PyPI is not released yet or is there.
# nox -s build installs the tarball in their place.
NOT_RUN = {
    "make test",
    "make test-all",
    "ansible-galaxy collection install stellarmap.cassandra",
    "pip install cassandra-driver",
}
MIGRATE = "ansible-playbook stellarmap.cassandra.migrate -e migration_file=shipped_at.yml"


def test_each_command_is_run() -> None:
    assert set(COMMANDS) - NOT_RUN == {"make demo", MIGRATE, f"{MIGRATE} --check"}


def test_make_demo_in_a_fresh_checkout(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    made = shutil.ignore_patterns(".git", ".venv", ".cache", ".*_cache", ".hypothesis", "dist", "__pycache__")
    shutil.copytree(REPOSITORY, clone, symlinks=True, ignore=made)
    # What was downloaded is not downloaded again.
    (clone / ".cache").mkdir()
    for name in ("uv", "cassandra"):
        (clone / ".cache" / name).symlink_to((REPOSITORY / ".cache" / name).resolve())
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON", "MAKE"))}
    done = subprocess.run(["make", "demo"], cwd=clone, env=outside, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("dry run, nothing was changed", "migration complete", "nothing was left to do"):
        assert words in done.stdout, done.stdout


def test_the_first_playbook(run_playbook: RunPlaybook, cql: Session, node: RunningNode, tmp_path: Path) -> None:
    (text,) = [block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if block.startswith("keyspace:")]
    (tmp_path / "shipped_at.yml").write_text(text.replace("db1.example.com", node.address))
    cql.execute(
        "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", timeout=30
    )
    cql.execute("CREATE TABLE shop.orders (id uuid PRIMARY KEY, note text)", timeout=30)
    try:
        program, playbook, *options = MIGRATE.split(" ")
        checked = run_playbook(playbook, *options, "--check")
        assert (program, checked.returncode) == ("ansible-playbook", 0), checked.stdout + checked.stderr
        assert "nothing was changed" in checked.stdout
        done = run_playbook(playbook, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ALTER TABLE shop.orders ADD (shipped_at timestamp);" in done.stdout
        assert "migration complete" in done.stdout
    finally:
        cql.execute("DROP KEYSPACE shop", timeout=30)
