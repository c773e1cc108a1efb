# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real nodes for the tests: one for the session and each version asked for, a fresh keyspace for every test."""

from __future__ import annotations

import contextlib
import importlib
import io
import itertools
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import Session
from demo.walk import surroundings
from module_args import module_args
from on_node import session_on

from embedded_cassandra import cluster

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = "ansible_collections.stellarmap.cassandra.plugins.modules"

# How the modules run, as the variable that forces it says; in_process means where nothing speaks against it.
MODES = {"in_process": "auto", "module": "never"}
MODE = "stellarmap_cassandra_in_process"

Result = dict[str, Any]
RunModule = Callable[..., Result]
RunPlaybook = Callable[..., subprocess.CompletedProcess[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cassandra", default="5.0", help="versions of Cassandra to test with, separated by commas")
    parser.addoption("--one-node", action="store_true", help="all tests that need no node of their own share one")
    parser.addoption("--mode", choices=list(MODES), default="in_process", help="how playbooks run the modules")


def pytest_configure(config: pytest.Config) -> None:
    os.environ[MODE] = MODES[config.getoption("--mode")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "node" in metafunc.fixturenames:
        versions = metafunc.config.getoption("--cassandra").split(",")
        metafunc.parametrize("node", versions, indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    """What starts a cluster of its own takes longest: it comes first, so that no worker waits for it at the end."""
    items.sort(key=lambda item: "node" in item.fixturenames)
    for item in items if config.getoption("--one-node") else ():
        if "node" in item.fixturenames and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("node"))


@dataclass(frozen=True)
class RunningNode:
    """A node to test with."""

    address: str
    port: int
    version: str

    @property
    def major(self) -> tuple[int, int]:
        first, second = self.version.replace("-", ".").split(".")[:2]
        return int(first), int(second)


@pytest.fixture(scope="session")
def node(request: pytest.FixtureRequest) -> Iterator[RunningNode]:
    """A node of the version under test; it captures the changes of tables that say so, and takes COMPACT STORAGE away."""
    compact = "enable_drop_compact_storage" if request.param == "4.0" else "drop_compact_storage_enabled"
    with cluster(version=request.param, settings={"cdc_enabled": True, compact: True}) as running:
        first = running.nodes[0]
        yield RunningNode(first.address, first.port, first.version)


@pytest.fixture(scope="session")
def cql(node: RunningNode) -> Iterator[Session]:
    """A session of the driver's with the node, beside the code under test."""
    with session_on(node.address) as session:
        yield session


_numbers = itertools.count(1)


@pytest.fixture
def keyspace(cql: Session) -> Iterator[str]:
    """The name of a keyspace which is the test's own."""
    name = f"test_{next(_numbers)}"
    cql.execute(
        f"CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}", timeout=30
    )
    yield name
    cql.execute(f"DROP KEYSPACE {name}", timeout=30)


def run_module_here(name: str, params: dict[str, Any], check: bool = False, crashes: bool = False) -> Result:
    """Runs a module's main() with these parameters in this process; gives back what it prints, of a crash only if meant."""
    given = {**params, "_ansible_check_mode": check, "_ansible_diff": True}
    output = io.StringIO()
    with module_args(given), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        importlib.import_module(f"{MODULES}.{name}").main()
    result = json.loads(output.getvalue())
    assert crashes or "Unexpected error in this module" not in result.get("msg", ""), result
    return {"failed": False, **result}


@pytest.fixture
def run_module(node: RunningNode) -> RunModule:
    """Runs a module against the node."""

    def run(name: str, params: dict[str, Any], check: bool = False) -> Result:
        return run_module_here(name, {"login_host": [node.address], **params}, check)

    return run


def _mode_options() -> list[str]:
    mode = os.environ.get(MODE, "auto")
    return [] if mode == "auto" else ["-e", f"{MODE}={mode}"]


def run_playbook_here(
    folder: Path, playbook: str | Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs ansible-playbook as a user does, from a folder of the test's own."""
    return subprocess.run(
        ["ansible-playbook", str(playbook), *_mode_options(), *options],
        env={**surroundings(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        # Nothing is said of how long it may take: a busy machine takes minutes for the whole guide.
        timeout=900,
    )


def statistics(output: str) -> dict[str, Any]:
    """What a play kept as with set_stats, by its output with ANSIBLE_SHOW_CUSTOM_STATS."""
    (line,) = re.findall(r"^\s*RUN: (\{.*\})$", output, re.MULTILINE)
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.fixture
def run_playbook(node: RunningNode, tmp_path: Path) -> RunPlaybook:
    """Runs a playbook with the node in CASSANDRA_HOST."""

    def run(playbook: str | Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return run_playbook_here(tmp_path, playbook, *options, **{"CASSANDRA_HOST": node.address, **environment})

    return run
