# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bundles that the driver cannot use."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.bundle import cloud_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput

WHOLE = {"config.json": b"{}", "ca.crt": b"", "cert": b"", "key": b""}


def bundle(folder: Path, members: Mapping[str, bytes]) -> str:
    path = folder / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


def test_a_whole_bundle(tmp_path: Path) -> None:
    path = bundle(tmp_path, WHOLE)
    assert cloud_options(path, 5)["secure_connect_bundle"] == path


@pytest.mark.parametrize(
    ("members", "part"),
    [
        ({"config.json": b"{}"}, "is incomplete, it has no ca.crt, cert, key"),
        ({**WHOLE, "config.json": b"no"}, "is not a usable zip file"),
    ],
)
def test_bundles_that_are_refused(tmp_path: Path, members: Mapping[str, bytes], part: str) -> None:
    with pytest.raises(InvalidInput, match=part):
        cloud_options(bundle(tmp_path, members), 5)
