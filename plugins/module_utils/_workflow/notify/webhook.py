# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends a message to a webhook: all of it as JSON, or its text as Slack and its like take it."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from ansible.module_utils.urls import open_url

from .model import Channel, Message, NotSent

# Mattermost cuts at 16383 characters, Slack at 40000.
_LONGEST = 12000


def send_webhook(channel: Channel, message: Message) -> str:
    """Post everything as JSON; what the host said."""
    return _post(channel, dict(message.data))


def send_slack(channel: Channel, message: Message) -> str:
    """Post the text in the form of Slack's incoming webhooks; what the host said."""
    return _post(channel, {"text": slack_text(message)})


def slack_text(message: Message) -> str:
    """The text with the three characters escaped which mean something to Slack, in a code block to keep its lines."""
    text = message.text if len(message.text) <= _LONGEST else f"{message.text[:_LONGEST]}\n... (cut)"
    return f"*{html.escape(message.subject, quote=False)}*\n```\n{html.escape(text, quote=False)}\n```"


def _post(channel: Channel, data: Any) -> str:
    options = channel.options
    # The rest of the address is often the secret: a token in the path, in the query, or a password before the host.
    host = urlsplit(options["url"]).hostname or "the address"
    try:
        answer = open_url(
            options["url"],
            method="POST",
            data=json.dumps(data).encode(),
            headers={"Content-Type": "application/json", **options["headers"]},
            timeout=options["timeout"],
            validate_certs=options["validate_certs"],
            ca_path=options["ca_path"],
            follow_redirects="none",
            http_agent="stellarmap.cassandra",
        )
    except HTTPError as error:
        raise NotSent(f"{host} answers {error.code}") from error
    # Whatever else goes wrong: its words may hold the address, its type does not.
    except Exception as error:
        reason = getattr(error, "reason", error)
        words = reason.strerror if isinstance(reason, OSError) and reason.strerror else type(reason).__name__
        raise NotSent(f"{host} cannot be reached ({words})") from error
    return f"{host} answers {answer.code}"
