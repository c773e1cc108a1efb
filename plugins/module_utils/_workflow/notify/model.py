# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message, and the channels which take it: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._errors import Failure


class NotSent(Failure):
    """A channel did not take the message; the words hold no address."""

    kind = "not_sent"


@dataclass(frozen=True)
class Message:
    """One message in all its forms."""

    subject: str
    text: str
    markdown: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Channel:
    """A channel by name and type; C(options) are those of the type."""

    name: str
    type: str
    options: Mapping[str, Any]


# What a channel of each type cannot do without.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "webhook": ("url",),
    "slack": ("url",),
    "mail": ("host", "sender", "recipients"),
    "file": ("path",),
}


def read_channel(item: Mapping[str, Any]) -> Channel:
    """The channel of a task."""
    return Channel(item["name"] or item["type"], item["type"], item)


def require_options(channel: Channel) -> None:
    """Raise NotSent where the channel lacks what its type needs: a wrong channel must not keep back the others."""
    missing = [name for name in NEEDS[channel.type] if not channel.options[name]]
    if missing:
        raise NotSent(f"it has no {' and no '.join(missing)}")
