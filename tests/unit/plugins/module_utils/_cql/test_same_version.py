# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.version import same_version


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # system.local and system.peers of one release (measured).
        ("6.0-alpha2", "6.0.0-alpha2", True),
        ("6.0-alpha1", "6.0.0-alpha2", False),
        ("6.0.0", "6.0-alpha2", False),
        ("5.0.9", "5.0.8", False),
        ("4.0.0.6816", "4.0.0", False),
        (None, None, True),
        (None, "5.0.9", False),
    ],
)
def test_one_release_under_two_names(one: str | None, other: str | None, same: bool) -> None:
    assert same_version(one, other) is same
