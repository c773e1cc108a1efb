# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a report is news, what is written and posted of it, and what became of that; pure.

What it says of a webhook holds neither its address nor its headers: they are secrets.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from .report import COMPLETE, UNCHANGED, WAITING, as_text, subject
from .report_markdown import as_markdown

# Mattermost cuts at 16383 characters, Slack at 40000.
_LONGEST = 12000


def news(
    report: Mapping[str, Any], previous: Mapping[str, Any], options: Mapping[str, Any], check_mode: bool
) -> dict[str, Any]:
    """The files to write and the requests to send; C(previous) is the record of the run before, as C(slurp) reads it."""
    full = {**report, **({"ticket": options["ticket"]} if options.get("ticket") else {})}
    wanted = options["when"] == "always" or (options["when"] == "news" and _is_news(full, _content(previous), options))
    records = [
        ("record_json", "JSON record", _as_json(full)),
        ("record_markdown", "Markdown record", as_markdown(full)),
    ]
    files = [
        {"name": name, "path": options[key], "content": content} for key, name, content in records if options.get(key)
    ]
    posts = [_post(number, webhook, full) for number, webhook in enumerate(options.get("webhooks") or [])]
    return {"files": files if wanted else [], "posts": posts if wanted else [], "title": str(full.get("title"))}


def notice(
    wanted: Mapping[str, Any], results: Mapping[str, Any], webhooks: Sequence[Mapping[str, Any]], check_mode: bool
) -> dict[str, Any]:
    """What became of the files and requests that C(news) listed; C(results) has the results of both loops."""
    files, posts = results.get("files") or [], results.get("posts") or []
    told = [
        *(
            _told(one["name"], "file", *_written(one, answer), check_mode)
            for one, answer in zip(wanted["files"], files)
        ),
        *(
            _told(one["name"], one["type"], *_posted(webhooks[one["number"]], answer), check_mode)
            for one, answer in zip(wanted["posts"], posts)
        ),
    ]
    failed = [one for one in told if one["status"] == "failed"]
    lines = [f"{one['name']}: {one['status'].replace('_', ' ')}{_detail(one)}" for one in told]
    lines += ["A notification that was not sent changes nothing in what it reports."] if failed else []
    return {"channels": told, "all_sent": not failed, "text": "\n".join(lines), "msg": "; ".join(lines)}


def _detail(one: Mapping[str, Any]) -> str:
    return f" ({one['detail']})" if one["detail"] else ""


def _is_news(report: Mapping[str, Any], previous: Mapping[str, Any], options: Mapping[str, Any]) -> bool:
    """Nothing changed is news only if the run before did not end well, and the same waiting is news once."""
    if report["outcome"] == UNCHANGED:
        return bool(options.get("record_json")) and previous.get("outcome") not in (COMPLETE, UNCHANGED)
    if report["outcome"] == WAITING:
        now = [report["outcome"], list(report.get("remaining") or [])]
        return [previous.get("outcome"), previous.get("remaining") or []] != now
    return True


def _content(slurped: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record of the run before; nothing if there is none, or if it is no record."""
    try:
        found = json.loads(base64.b64decode(slurped.get("content") or "e30="))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, Mapping) else {}


def _as_json(report: Mapping[str, Any]) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n"


def _post(number: int, webhook: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    """What is posted, without the address: it is read where it is used."""
    kind = webhook.get("type") or "webhook"
    body = report if kind == "webhook" else {"text": _slack_text(report)}
    return {"number": number, "name": str(webhook.get("name") or kind), "type": kind, "body": body}


def _slack_text(report: Mapping[str, Any]) -> str:
    text = str(report.get("text") or as_text(report))
    text = f"{text}\n{report['msg']}" if report.get("failure") else text
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n... (cut)"
    marked = f"*{subject(report)}*\n```\n{cut.replace('```', '')}\n```"
    # Of HTML, Slack knows these three characters.
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _told(name: str, kind: str, sent: bool, detail: str, check_mode: bool) -> dict[str, str]:
    status = "would_send" if check_mode else "sent" if sent else "failed"
    return {"name": name, "type": kind, "status": status, "detail": "" if check_mode else detail}


def _written(file: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[bool, str]:
    failed = answer.get("failed") or ("msg" in answer and not answer.get("changed"))
    return (False, str(answer.get("msg") or "no reason given")) if failed else (True, str(file["path"]))


def _posted(webhook: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[bool, str]:
    # The rest of the address is often the secret: a token in the path or in the query, or a password.
    try:
        host = urlsplit(str(webhook["url"])).hostname or "the address"
    except ValueError:
        host = "the address"
    status = _status(answer)
    if status <= 0:
        return False, f"{host} cannot be reached"
    return 200 <= status < 300, f"{host} answers {status}"


def _status(answer: Mapping[str, Any]) -> int:
    try:
        return int(answer.get("status") or 0)
    except (TypeError, ValueError):
        return 0
