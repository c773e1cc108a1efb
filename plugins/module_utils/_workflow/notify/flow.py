# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow: every channel gets the message; one which does not take it is a warning and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._runner import ModuleApi
from .file import write_file
from .mail import send_mail
from .model import Channel, Message, NotSent, read_channel, require_options
from .webhook import send_slack, send_webhook

_SEND: Mapping[str, Callable[[Channel, Message], str]] = {
    "webhook": send_webhook,
    "slack": send_slack,
    "mail": send_mail,
    "file": write_file,
}


def notify(params: Mapping[str, Any], check: bool, host: ModuleApi) -> dict[str, Any]:
    """What became of the message in every channel."""
    message = Message(params["subject"], params["text"], params["markdown"], params["data"])
    outcomes = [_deliver(read_channel(item), message, check, host.warn) for item in params["channels"]]
    return {
        "changed": any(outcome["status"] in ("sent", "would_send") for outcome in outcomes),
        "channels": outcomes,
        "all_sent": all(outcome["status"] != "failed" for outcome in outcomes),
    }


def _deliver(channel: Channel, message: Message, check: bool, warn: Callable[[str], None]) -> dict[str, Any]:
    try:
        require_options(channel)
        status, detail = ("would_send", "") if check else ("sent", _SEND[channel.type](channel, message))
    except Exception as error:
        # The words of an error which nobody expected may hold a secret, its type does not.
        status, detail = "failed", error.message if isinstance(error, NotSent) else type(error).__name__
        warn(f"The notification by {channel.name} was not sent: {detail}. This changes nothing in what it tells of.")
    return {"name": channel.name, "type": channel.type, "status": status, "detail": detail}
