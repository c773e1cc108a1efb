# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make alternatives): what this collection and other tools do in four situations, on a real node; a page in docs/.

Fails where a tool does not do what C(_EXPECTED) says, so that the page says what happened and the README what the page says.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from wire_reader import wire_reader

from embedded_cassandra import cluster
from embedded_cassandra.versions import release

from .contestants import OURS, PEERS, Contestant
from .environment import REPOSITORY
from .scene import TABLE, THREE, Scene

_PORT = 9042
_COLUMN = "pipeline_source"
_COLUMNS = (
    "tool",
    "adds three missing columns",
    "one exists as int",
    "one was dropped by hand since",
    "tables of its own",
)
_HEAD = """\
<!--
SPDX-FileCopyrightText: The stellarmap.cassandra contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->
# Beside other tools

Written by `make alternatives`, which runs each tool in four situations on Cassandra {version}. It reads the wire, and the
table afterwards.

{table}

- A tool that runs scripts does what the script says. That is its strength where the change is no column: this collection
  changes columns only.
- `cqlsh`, cql-track and cassachange start faster than Ansible does: [benchmarks](benchmarks.md) has the times.
- Not run here: `cassandra_table` of community.cassandra, which is on no package registry for Python; cassandra-migrate, whose
  pinned driver does not build on Python 3.11; Liquibase.
"""


class Behavior(NamedTuple):
    """What a tool did in each situation, in words."""

    adds: str
    conflict: str
    by_hand: str
    leaves: str


_EXPECTED = {
    OURS.name: Behavior("1 ALTER", "a failure, nothing changed", "adds it again", "none"),
    "cqlsh -f, ADD IF NOT EXISTS": Behavior("1 ALTER", "a success, and it still is int", "adds it again", "none"),
    "cql-track": Behavior("1 ALTER", "a failure, nothing changed", "a success, and it is missing", "2"),
    "cassachange": Behavior("1 ALTER", "a failure, nothing changed", "a success, and it is missing", "2"),
    "cqlengine sync_table": Behavior("3 ALTERs", "a success, and it still is int", "adds it again", "none"),
}


def main() -> int:
    with cluster() as one:
        address = f"{one.prefix}200"
        with Scene(one.addresses[0]) as scene:
            found = {tool.name: _watch(tool, scene, address, (one.addresses[0], _PORT)) for tool in (OURS, *PEERS)}
    lines = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS)), *(_row([name, *one]) for name, one in found.items())]
    page = _HEAD.format(version=release("5.0").number, table="\n".join(lines))
    (REPOSITORY / "docs" / "alternatives.md").write_text(page)
    wrong = [
        f"{name}: {found[name]}, and not {expected}" for name, expected in _EXPECTED.items() if found[name] != expected
    ]
    print("\n".join([page, *wrong]))
    return int(bool(wrong))


def _watch(tool: Contestant, scene: Scene, proxy: str, node: tuple[str, int]) -> Behavior:
    with wire_reader(node, (proxy, _PORT)) as wire:
        there = scene.host
        scene.host = proxy
        try:
            fresh = _Project(tool, scene)
            fresh.run()
            # Some keep the text of the script, or change a table of their own.
            changes = [text for text in wire.texts("ALTER TABLE") if TABLE in text and "INSERT" not in text]
            alters = len(changes)
            adds = (
                f"{alters} ALTER{'s' * (alters != 1)}"
                if scene.types(fresh.keyspace).keys() >= THREE.keys()
                else "fails"
            )
            leaves = len(scene.tables(fresh.keyspace) - {TABLE})
            scene.execute(f"ALTER TABLE {fresh.keyspace}.{TABLE} DROP {_COLUMN}")
            by_hand = _outcome(
                fresh, lambda types: "adds it again" if _COLUMN in types else "a success, and it is missing"
            )
            other = _Project(tool, scene)
            scene.execute(f"ALTER TABLE {other.keyspace}.{TABLE} ADD {_COLUMN} int")
            conflict = _outcome(other, lambda types: f"a success, and it still is {types[_COLUMN]}")
        finally:
            scene.host = there
    return Behavior(adds, conflict, by_hand, str(leaves) if leaves else "none")


class _Project:
    """A folder and a keyspace in which a tool works."""

    def __init__(self, tool: Contestant, scene: Scene) -> None:
        self.scene, self.keyspace, self._tool = scene, scene.keyspace(), tool
        self._folder = Path(tempfile.mkdtemp(prefix="alternative-"))

    def run(self) -> int:
        """The exit status of the tool."""
        command = self._tool.project(self._folder, self.scene, self.keyspace)
        environment = {**os.environ, **self._tool.environment}
        return subprocess.run(command, cwd=self._folder, env=environment, capture_output=True, check=False).returncode


def _outcome(project: _Project, success: Callable[[dict[str, str]], str]) -> str:
    before = project.scene.types(project.keyspace)
    failed = project.run()
    after = project.scene.types(project.keyspace)
    if not failed:
        return success(after)
    return "a failure, nothing changed" if after == before else "a failure, and something changed"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
