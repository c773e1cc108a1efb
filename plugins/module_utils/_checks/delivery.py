# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a channel took a notification: pure. What it says holds neither an address nor a password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .._http.answer import safe_reason

# What a channel of each type cannot do without.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "webhook": ("url",),
    "slack": ("url",),
    "mail": ("host", "sender", "recipients"),
    "file": ("path",),
}


def delivery(channel: Mapping[str, Any], result: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Name, type, status and detail of one channel; C(result) is that of the module that sent the notification."""
    kind = channel["type"]
    missing = [name for name in _NEEDS[kind] if not channel.get(name)]
    if missing:
        status, detail = "failed", f"it has no {' and no '.join(missing)}"
    elif check_mode:
        status, detail = "would_send", ""
    else:
        sent, detail = _READ[kind](channel, result)
        status = "sent" if sent else "failed"
    return {"name": channel.get("name") or kind, "type": kind, "status": status, "detail": detail}


def _posted(channel: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[bool, str]:
    # The rest of the address is often the secret: a token in the path or in the query, or a password.
    try:
        host = urlsplit(channel["url"]).hostname or "the address"
    except ValueError:
        host = "the address"
    status = int(result.get("status") or -1)
    if status < 0:
        return False, f"{host} cannot be reached: {safe_reason(str(result.get('msg', '')))}"
    return 200 <= status < 300, f"{host} answers {status}"


def _mailed(channel: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[bool, str]:
    if result.get("sent"):
        return True, f"{channel['host']} took it for {len(channel['recipients'])}"
    return False, str(result.get("msg", "no reason given"))


def _written(channel: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[bool, str]:
    if result.get("failed"):
        return False, str(result.get("msg", "no reason given"))
    return True, str(channel["path"])


_READ = {"webhook": _posted, "slack": _posted, "mail": _mailed, "file": _written}
