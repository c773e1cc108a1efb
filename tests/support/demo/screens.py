# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make record): runs each playbook on two real clusters, and writes what a person sees as a page of the documentation.

Its records change with every word, so that no test compares them: run it before a release.
"""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from cassandra.cluster import Session
from on_node import session_on

from embedded_cassandra import cluster
from embedded_cassandra.node import Node

from .walk import PAGES, REPOSITORY, as_documented, fenced, surroundings, walk

PAGE = REPOSITORY / "docs" / "screens.md"
_COLLECTIONS = str(REPOSITORY / ".cache" / "collections")
_HEAD = """\
<!--
SPDX-FileCopyrightText: The stellarmap.cassandra contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->
# Screens: what each playbook prints

Each command below ran on real nodes: `Production` has three, `Staging` has one.
`make record` writes this page. Only addresses and folders are replaced.

"""


@dataclass(frozen=True)
class Screen:
    """A command with its screen: the files shown before and after it, and what happens before it (another user, a node down)."""

    title: str
    command: str
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    meanwhile: str = ""
    down: bool = False
    succeeds: bool = True


_DATA = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text())
_FILES: Mapping[str, str] = _DATA["files"]
SCREENS = tuple(Screen(**one) for one in _DATA["screens"])


@dataclass
class Recorder:
    """Runs commands in a folder of its own; C(real) maps what the page says to what is here."""

    folder: Path
    session: Session
    last: Node
    real: Mapping[str, str]
    parts: list[str] = field(default_factory=list)

    def add(self, screen: Screen) -> None:
        """Run the command, and add it with its screen; raises AssertionError if it ends otherwise than the page says."""
        self.parts.append(f"## {screen.title}\n")
        for name in screen.before:
            self._show(name, _FILES[name])
        if screen.down:
            self.last.pause()
            self.parts.append("The third node of Production does not answer.\n")
        if screen.meanwhile:
            self.session.execute(screen.meanwhile, timeout=60)
            self.parts.append(f"Meanwhile, another user runs `{screen.meanwhile}` on Production.\n")
        self._block("console", f"$ {screen.command}")
        done = self._run(screen.command)
        assert (done.returncode == 0) is screen.succeeds, done.stdout + done.stderr
        # What ends before a play begins has no output but its error.
        self._block("text", self._as_documented(done.stdout.strip() or done.stderr))
        for name in screen.after:
            self._show(name, self._as_documented((self.folder / name).read_text()))

    def write_files(self) -> None:
        for name, text in _FILES.items():
            for documented, here in self.real.items():
                text = text.replace(documented, here)
            (self.folder / name).write_text(text)

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        # Of the address of a node nothing is in the environment: it stands in the files.
        known = {**surroundings(self.folder), "HOME": str(self.folder)}
        outside = {name: value for name, value in known.items() if not name.startswith("CASSANDRA_")}
        return subprocess.run(
            shlex.split(command), cwd=self.folder, env=outside, capture_output=True, text=True, check=False
        )

    def _show(self, name: str, text: str) -> None:
        self.parts.append(f"`{name}`:\n")
        self._block("markdown" if name.endswith(".md") else "text", text)

    def _block(self, language: str, text: str) -> None:
        self.parts.append(fenced(language, text))

    def _as_documented(self, text: str) -> str:
        return as_documented(
            text, {**self.real, "/srv/deploy": str(self.folder), "/usr/share/ansible/collections": _COLLECTIONS}
        )


@contextlib.contextmanager
def recorder() -> Iterator[Recorder]:
    """Two clusters with the tables of a shop, and nothing done yet."""
    with (
        cluster(nodes=3, settings={"cluster_name": "Production"}) as production,
        cluster(settings={"cluster_name": "Staging"}) as staging,
        session_on(staging.addresses[0]) as other,
        session_on(production.addresses[0]) as session,
        tempfile.TemporaryDirectory() as folder,
    ):
        for one in (other, session):
            for statement in (
                "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
                "CREATE TABLE shop.orders (id uuid PRIMARY KEY, note text)",
                "CREATE TABLE shop.customers (id uuid PRIMARY KEY, name text)",
            ):
                one.execute(statement, timeout=60)
        real = {"10.0.0.": production.prefix, "10.0.1.": staging.prefix}
        here = Recorder(Path(folder).resolve(), session, production.nodes[-1], real)
        here.write_files()
        yield here


def screens() -> str:
    """The page of the screens, as the playbooks print them now."""
    with recorder() as here:
        for screen in SCREENS:
            here.add(screen)
        return _HEAD + "\n".join(here.parts)


def walked(page: Path) -> str:
    """A page with what its commands print now, on a node of its own."""
    with cluster(settings={"cluster_name": "Test Cluster"}) as it, tempfile.TemporaryDirectory() as folder:
        text = walk(page.read_text(), Path(folder), {"CASSANDRA_HOST": it.addresses[0], "CQLSH_HOST": it.addresses[0]})
        return as_documented(text, {"127.0.0.": it.prefix, "/srv/deploy": folder})


def main() -> int:
    for page, text in [(PAGE, screens()), *((one, walked(one)) for one in PAGES)]:
        page.write_text(text)
        print(f"Written: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
