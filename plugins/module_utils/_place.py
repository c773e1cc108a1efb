# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which node is meant, and where clients meet it; pure, and imports nothing of ours."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A node and where it says that clients meet it; several nodes may give the same address, so C(host_id) tells them apart."""

    host_id: str | None
    address: str
    port: int

    @property
    def key(self) -> str:
        """What tells the node apart: its address only if the server does not tell its host_id."""
        return self.host_id or f"{self.address}:{self.port}"


class Lost(NamedTuple):
    """A node that gives no answer, and why."""

    place: Place
    reason: str

    def describe(self) -> str:
        """The node and the reason, for a sentence."""
        return (
            f"{self.place.address}:{self.place.port}, the address that node {self.place.key} advertises: {self.reason}"
        )
