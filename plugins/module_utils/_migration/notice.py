# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a report is news, what is written and posted of it, and what became of that; pure.

What it says of a webhook holds neither its address nor its headers: they are secrets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any
from urllib.parse import urlsplit

from .markdown import as_markdown
from .report import COMPLETE, UNCHANGED, WAITING, full_text, headline

# Mattermost cuts at 16383 characters, Slack at 40000.
_LONGEST = 12000


def news(report: Mapping[str, Any], previous: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The files to write and the requests to send; C(previous) is the text of the record of the run before."""
    full = {**report, **({"ticket": options["ticket"]} if options.get("ticket") else {})}
    if not _is_news(full, _content(previous), options):
        return {"files": [], "posts": []}
    as_json = json.dumps(full, indent=2, ensure_ascii=False, default=str) + "\n"
    files = [
        {"name": "JSON record", "path": options.get("record_json"), "content": as_json},
        {"name": "Markdown record", "path": options.get("record_markdown"), "content": as_markdown(full)},
    ]
    # Without the address: it is a secret, and is read where it is used.
    posts = [{"number": number, "body": _body(hook, full)} for number, hook in enumerate(options.get("webhooks") or [])]
    return {"files": [one for one in files if one["path"]], "posts": posts}


def needs_previous(report: Mapping[str, Any], options: Mapping[str, Any]) -> bool:
    """Whether it takes the record of the run before to say if the report is news."""
    return bool(options.get("record_json")) and report["outcome"] in (UNCHANGED, WAITING)


def notice(
    wanted: Mapping[str, Any], results: Mapping[str, Any], webhooks: Sequence[Mapping[str, Any]], check_mode: bool
) -> dict[str, Any]:
    """What became of the files and requests that C(news) listed; C(results) has the results of both loops."""
    # In check mode neither loop ran.
    nothing: Iterable[Any] = repeat({}) if check_mode else []
    told = [
        {"name": one["name"], "type": "file", **_written(one, answer)}
        for one, answer in zip(wanted["files"], results.get("files") or nothing)
    ]
    for post, answer in zip(wanted["posts"], results.get("posts") or nothing):
        hook = webhooks[post["number"]]
        kind = hook.get("type") or "webhook"
        told.append({"name": kind, "type": kind, **_posted(hook, answer)})
    if check_mode:
        told = [{**one, "status": "would_send"} for one in told]
    failed = any(one["status"] == "failed" for one in told)
    lines = [f"{one['name']}: {one['status'].replace('_', ' ')} ({one['detail']})" for one in told]
    lines += ["A notification that was not sent changes nothing in what it reports."] if failed else []
    return {"channels": told, "all_sent": not failed, "text": "\n".join(lines), "msg": "; ".join(lines)}


def _is_news(report: Mapping[str, Any], previous: Mapping[str, Any], options: Mapping[str, Any]) -> bool:
    """Nothing changed is news only if the run before did not end well, and the same waiting is news once."""
    if report["outcome"] == UNCHANGED:
        return bool(options.get("record_json")) and previous.get("outcome") not in (COMPLETE, UNCHANGED)
    if report["outcome"] == WAITING:
        now = [report["outcome"], list(report.get("remaining") or [])]
        return [previous.get("outcome"), previous.get("remaining") or []] != now
    return True


def _content(text: str) -> Mapping[str, Any]:
    """The record of the run before; nothing if there is none, or if it is no record."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _body(webhook: Mapping[str, Any], report: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"text": _slack_text(report)} if webhook.get("type") == "slack" else report


def _slack_text(report: Mapping[str, Any]) -> str:
    text = full_text(report)
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n... (cut)"
    marked = f"*{headline(report)}*\n```\n{cut.replace('```', '')}\n```"
    # Of HTML, Slack knows these three characters.
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _written(file: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, str]:
    if answer.get("failed") or ("msg" in answer and not answer.get("changed")):
        return {"status": "failed", "detail": str(answer.get("msg") or "no reason given")}
    return {"status": "sent", "detail": str(file["path"])}


def _posted(webhook: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, str]:
    # The rest of the address is often the secret: a token in the path or in the query, or a password.
    try:
        host = urlsplit(str(webhook["url"])).hostname or "the address"
    except ValueError:
        host = "the address"
    code = answer.get("status") or -1
    if answer.get("skipped") or not answer:
        return {"status": "failed", "detail": host}
    if code < 0:
        return {"status": "failed", "detail": f"{host} cannot be reached"}
    return {"status": "sent" if 200 <= code < 300 else "failed", "detail": f"{host} answers {code}"}
