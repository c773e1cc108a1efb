# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps a message in a file: the text appended, a record as JSON or Markdown in place of the one before."""

from __future__ import annotations

import json
import os
from pathlib import Path

from .model import Channel, Message, NotSent


def write_file(channel: Channel, message: Message) -> str:
    """Write the file; where."""
    path = Path(channel.options["path"])
    form = channel.options["format"]
    try:
        if form == "text":
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{message.subject}\n{message.text}\n\n")
        else:
            _replace(path, render(form, message))
    except OSError as error:
        raise NotSent(f"{path}: {error.strerror}") from error
    return str(path)


def render(form: str, message: Message) -> str:
    """The content of a record."""
    if form == "json":
        return json.dumps(message.data, indent=2, ensure_ascii=False) + "\n"
    return message.markdown if message.markdown.endswith("\n") else message.markdown + "\n"


def _replace(path: Path, content: str) -> None:
    # Whoever reads a record never sees half of it.
    new = path.with_name(path.name + ".new")
    new.write_text(content, encoding="utf-8")
    os.replace(new, path)
