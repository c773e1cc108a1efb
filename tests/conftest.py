# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All tests have a home and a folder for temporary files of their own; both go when the tests end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A quarter of what the profile ci tries, the same in every run; make nightly tries new inputs, and 40 times as many.
settings.register_profile("gate", settings.get_profile("ci"), max_examples=25)
settings.register_profile("nightly", max_examples=1000, deadline=None)

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def folder_of_their_own() -> Iterator[Path]:
    """What any program of a test writes, into the user's home or for a moment, goes into a folder of the tests."""
    folder = Path(tempfile.mkdtemp(prefix="t"))
    # Some tests do something as another user, who comes through here.
    folder.chmod(0o711)
    home = folder / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _installers(Path.home()).items():
            patch.setenv(name, os.environ.get(name, value))
        for name in ("TMPDIR", "ANSIBLE_REMOTE_TEMP"):
            patch.setenv(name, str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setenv("HOME", str(home))
        # A local task writes below HOME what its action plugin then looks for below the home of the passwd file.
        patch.setenv("ANSIBLE_ASYNC_DIR", str(home / ".ansible_async"))
        yield folder
    shutil.rmtree(folder)


def _installers(home: Path) -> dict[str, str]:
    """What pip and uv, which a test may start, read from the user's home: where packages come from, and what is there."""
    found = {"UV_CACHE_DIR": REPOSITORY / ".cache" / "uv", "PIP_CACHE_DIR": home / ".cache" / "pip"}
    for name, path in (
        ("UV_CONFIG_FILE", home / ".config" / "uv" / "uv.toml"),
        ("PIP_CONFIG_FILE", home / ".config" / "pip" / "pip.conf"),
        ("PIP_CONFIG_FILE", home / ".pip" / "pip.conf"),
    ):
        if path.exists():
            found[name] = path
    return {name: str(path) for name, path in found.items()}
