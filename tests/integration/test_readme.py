# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of README.md, typed as a stranger types them: C(make demo) in a fresh checkout, and both pages that one walks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cassandra.cluster import Session
from demo.walk import PAGES, commands, walk

from .conftest import REPOSITORY, RunningNode

pytestmark = pytest.mark.promise

# The first is this very run; the others install the collection and what is there: nox -s build installs the tarball.
NOT_RUN = {"make test", "ansible-galaxy collection install ./ansible-cassandra", "pip install cassandra-driver"}


def test_each_other_command_of_the_readme_is_run_here() -> None:
    blocks = re.findall(r"```console\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    lines = {line.removeprefix("$ ") for block in blocks for line in block.splitlines()}
    assert lines - {line for block in blocks for line in commands(block)} == {"make demo", *NOT_RUN}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_walked_from_its_top(page: Path, node: RunningNode, cql: Session, tmp_path: Path) -> None:
    here = {"CASSANDRA_HOST": node.address, "CQLSH_HOST": node.address}
    cql.execute("DROP KEYSPACE IF EXISTS shop", timeout=30)
    try:
        assert "ALTER TABLE shop.orders ADD (shipped_at timestamp)" in walk(page.read_text(), tmp_path, here)
    finally:
        cql.execute("DROP KEYSPACE IF EXISTS shop", timeout=30)


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
    assert "The table has 21 columns now, and its 25 rows are untouched" in done.stdout, done.stdout
