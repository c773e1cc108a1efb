# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make alternatives): what this collection and other tools do in four situations, on a real node; a page in docs/.

Fails where a tool does not do what C(_EXPECTED) says, so that the page says what happened and the README what the page says.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from wire_reader import Wire, wire_reader

from embedded_cassandra import cluster
from embedded_cassandra.addresses import beside

from .contestants import OURS, PEERS, Contestant
from .environment import REPOSITORY
from .scene import TABLE, THREE, Scene

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
# Compared with other tools

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
    with cluster() as one, contextlib.ExitStack() as stack:
        (node,) = one.nodes
        # The tools know the port alone that everybody has.
        wire = stack.enter_context(wire_reader((node.address, node.port), (beside(node.address, 100), node.port)))
        scene = stack.enter_context(Scene(wire.address))
        found = {tool.name: _watch(tool, scene, wire) for tool in (OURS, *PEERS)}
    lines = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS)), *(_row([name, *one]) for name, one in found.items())]
    page = _HEAD.format(version=node.version, table="\n".join(lines))
    (REPOSITORY / "docs" / "alternatives.md").write_text(page)
    wrong = [
        f"{name}: {found[name]}, and not {expected}" for name, expected in _EXPECTED.items() if found[name] != expected
    ]
    print("\n".join([page, *wrong]))
    return int(bool(wrong))


def _watch(tool: Contestant, scene: Scene, wire: Wire) -> Behavior:
    with _project(tool, scene) as fresh:
        wire.requests.clear()
        fresh.run()
        # Some keep the text of the script, or change a table of their own.
        alters = sum(TABLE in text and "INSERT" not in text for text in wire.texts("ALTER TABLE"))
        added = scene.types(fresh.keyspace).keys() >= THREE.keys()
        leaves = len(scene.tables(fresh.keyspace) - {TABLE})
        scene.execute(f"ALTER TABLE {fresh.keyspace}.{TABLE} DROP {_COLUMN}")
        by_hand = _outcome(fresh, lambda types: "adds it again" if _COLUMN in types else "a success, and it is missing")
    with _project(tool, scene) as other:
        scene.execute(f"ALTER TABLE {other.keyspace}.{TABLE} ADD {_COLUMN} int")
        conflict = _outcome(other, lambda types: f"a success, and it still is {types[_COLUMN]}")
    adds = f"{alters} ALTER{'s' * (alters != 1)}" if added else "fails"
    return Behavior(adds, conflict, by_hand, str(leaves) if leaves else "none")


class _Project(NamedTuple):
    """A folder and a keyspace in which a tool works."""

    tool: Contestant
    scene: Scene
    keyspace: str
    folder: Path

    def run(self) -> int:
        """The exit status of the tool."""
        command = self.tool.project(self.folder, self.scene, self.keyspace)
        environment = {**os.environ, **self.tool.environment}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, check=False).returncode


@contextlib.contextmanager
def _project(tool: Contestant, scene: Scene) -> Iterator[_Project]:
    with tempfile.TemporaryDirectory() as folder:
        yield _Project(tool, scene, scene.keyspace(), Path(folder))


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
