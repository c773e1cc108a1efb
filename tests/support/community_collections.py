# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts the module of community.general that a page of ours uses next to our collection; it comes from PyPI's package ansible."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The release of the package that goes with the ansible-core of tests/requirements.txt.
VERSION = "12.3.0"
# The whole package has 100 collections and 300 MB. What the module documents itself with is here too.
WANTED = (
    "general/MANIFEST.json",
    "general/meta/",
    "general/plugins/modules/mail.py",
    "general/plugins/doc_fragments/attributes.py",
)
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "collections"


def install(folder: Path = CACHE) -> Path:
    """The folder in which C(ansible_collections/community) is complete; downloads it where it is not."""
    mark = folder / "ansible_collections" / "community" / "mail.txt"
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
