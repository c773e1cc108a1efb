# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that a run writes: each whole, and with the mode that it has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._files import replace


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.parametrize(
    ("mode", "before", "is_written", "after"),
    [
        (None, "", True, 0o640),
        (0o600, "old", True, 0o600),
        (0o666, "old", True, 0o666),
        (0o600, "new", False, 0o600),
    ],
    ids=["no file", "a private file", "a file for all", "the same"],
)
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int | None, before: str, is_written: bool, after: int) -> None:
    path = tmp_path / "record.json"
    if mode is not None:
        path.write_text(before)
        path.chmod(mode)
    assert replace(str(path), "new") is is_written
    assert (path.read_text(), path.stat().st_mode & 0o777, os.listdir(tmp_path)) == ("new", after, ["record.json"])


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace(str(tmp_path / "nowhere" / "record.json"), "new")
