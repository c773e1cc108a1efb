# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Pythons of this machine. A pyenv shim has the name of a Python and may not start, so each is tried before it is used."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# What ansible-test and our sessions need of a Python: an environment with pip.
_TRIAL = """
import ensurepip, sys, venv
print("%d.%d" % sys.version_info[:2], getattr(sys, "_base_executable", sys.executable))
"""
_LIMIT = 30


@dataclass
class Interpreters:
    """What was found: a path for each version such as 3.12, and why others cannot be used."""

    usable: dict[str, Path] = field(default_factory=dict)
    broken: dict[Path, str] = field(default_factory=dict)

    @property
    def skipped(self) -> list[str]:
        """A line for each Python that cannot be used, where no other has its version."""
        return [f"{path} is skipped: {why}" for path, why in self.broken.items() if _version(path) not in self.usable]

    def path(self, environment: Mapping[str, str], folder: Path) -> str:
        """A PATH with these Pythons first and without the broken ones.

        A folder with a broken one is replaced by links to all else in it, made in C(folder).
        """
        given = [Path(entry) for entry in environment["PATH"].split(os.pathsep) if entry]
        entries = [path.parent for path in self.usable.values()]
        for number, entry in enumerate(given):
            hidden = {path.name for path in self.broken if path.parent == entry}
            entries.append(_links(entry, hidden, folder / str(number)) if hidden else entry)
        return os.pathsep.join(dict.fromkeys(map(str, entries)))


def find_interpreters(environment: Mapping[str, str]) -> Interpreters:
    """The Pythons of PATH, and those of pyenv that are hidden behind its shims."""
    found = Interpreters()
    for path in dict.fromkeys(_candidates(environment)):
        try:
            tried = subprocess.run(
                [str(path), "-c", _TRIAL], check=False, capture_output=True, text=True, timeout=_LIMIT
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            found.broken[path] = f"it does not start ({error})"
            continue
        says, _space, itself = tried.stdout.strip().partition(" ")
        if says == _version(path):
            found.usable.setdefault(says, Path(itself))
        else:
            found.broken[path] = f"it does not start ({_reason(says, tried.stderr.strip().splitlines())})"
    return found


def _reason(says: str, errors: list[str]) -> str:
    if errors:
        return errors[-1 if errors[0].startswith("Traceback") else 0]
    return f"it is Python {says}" if says else "no output"


def _version(path: Path) -> str:
    return path.name.removeprefix("python")


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    folders = [Path(entry) for entry in environment["PATH"].split(os.pathsep) if entry]
    # A shim may be all that tells where pyenv is.
    roots = [folder.parent for folder in folders if folder.name == "shims"]
    roots += [Path(environment.get("PYENV_ROOT") or Path(environment.get("HOME", "~"), ".pyenv").expanduser())]
    for folder in [*folders, *(one for root in roots for one in sorted(root.glob("versions/3.*/bin")))]:
        for path in sorted(folder.glob("python3.*")):
            if re.fullmatch(r"python3\.\d+", path.name) and os.access(path, os.X_OK):
                yield path


def _links(folder: Path, hidden: set[str], target: Path) -> Path:
    target.mkdir(parents=True)
    for entry in folder.iterdir():
        if entry.name not in hidden:
            (target / entry.name).symlink_to(entry)
    return target
