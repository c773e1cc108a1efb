# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts the two community collections that the role workflows can use beside ours; they come from PyPI's package ansible."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The release of the package that goes with the ansible-core of tests/requirements.txt.
VERSION = "12.3.0"
# The whole package has 100 collections and 300 MB. What a module imports and documents itself with is here beside it.
WANTED = (
    "general/MANIFEST.json",
    "general/meta/",
    "general/plugins/modules/supervisorctl.py",
    "general/plugins/doc_fragments/attributes.py",
    "docker/MANIFEST.json",
    "docker/meta/",
    "docker/plugins/modules/docker_compose_v2.py",
    "docker/plugins/doc_fragments/",
    "docker/plugins/module_utils/",
)
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "collections"


def install(folder: Path = CACHE) -> Path:
    """The folder in which C(ansible_collections/community) is complete; downloads it where it is not."""
    mark = folder / "ansible_collections" / "community" / "version.txt"
    if mark.exists() and mark.read_text() == VERSION:
        return folder
    with tempfile.TemporaryDirectory(dir=folder) as place:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--dest", place, f"ansible=={VERSION}"], check=True)
        (wheel,) = Path(place).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if _is_wanted(name)])
    mark.write_text(VERSION)
    return folder


def _is_wanted(name: str) -> bool:
    return name.startswith(tuple(f"ansible_collections/community/{part}" for part in WANTED))


if __name__ == "__main__":
    install()
