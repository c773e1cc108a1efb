# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A place in a JSON document: pure."""

from __future__ import annotations

from typing import Any

MISSING = object()


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path (C(last_24h.api), C(items.0.name)) or a JSON pointer (C(/a.b/0)), or C(MISSING)."""
    pointer = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    for step in pointer if path[:1] == "/" else path.split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        elif step:
            return MISSING
    return document
