# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of README.md, and those of the tutorial, typed as a stranger types them; C(make demo) in a fresh checkout."""

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

README = (REPOSITORY / "README.md").read_text()
COMMANDS = {
    line
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.split(" ")[0] in ("make", "ansible-playbook", "ansible-galaxy", "pip", "cqlsh")
}
# Not run here: the first is this very run, and the others install; nox -s build installs the tarball, which needs the driver.
NOT_RUN = {"make test", "ansible-galaxy collection install ./ansible-cassandra", "pip install cassandra-driver"}


def test_each_command_is_run() -> None:
    walked = {
        command for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL) for command in commands(block)
    }
    assert {"make demo", *walked} == COMMANDS - NOT_RUN


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
    for words in ("3 columns to add", "3 columns added", "complete already"):
        assert words in done.stdout, done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_that_is_typed_from_its_top(page: Path, cql: Session, node: RunningNode, tmp_path: Path) -> None:
    """Each command succeeds, and the output that the page shows has the words of what is printed now."""
    try:
        text = walk(page.read_text(), tmp_path, {"CASSANDRA_HOST": node.address, "CQLSH_HOST": node.address})
    finally:
        cql.execute("DROP KEYSPACE IF EXISTS shop", timeout=30)
    assert "ALTER TABLE shop.orders ADD (shipped_at timestamp);" in text
    assert screens(page.read_text()) == screens(text)


def screens(page: str) -> list[str]:
    """The lines of the screens of a page, without what is of one run: addresses, times, the cluster."""
    shown = "\n".join(re.findall(r"<!-- output -->\n\n```text\n(.*?)```", page, re.DOTALL))
    return [
        re.sub(r"\(\d+\.\d s\)|127[\d.]+|on \S+ ?\S* \(Cass.*\)|\*{3,}", "", line).rstrip()
        for line in shown.splitlines()
    ]
