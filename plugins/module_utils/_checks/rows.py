# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the rows of a SELECT with what a check expects: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def row_check(item: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The result of one check: its name, whether all is as expected, and what is not."""
    found = [str(answer.get("msg", "no answer"))] if "rows" not in answer else list(_findings(item, answer))
    return {"name": item["name"], "ok": not found, "findings": found, "row_count": answer.get("row_count", 0)}


def _findings(item: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    count, least, most = answer["row_count"], int(item.get("min_rows", 1)), item.get("no_more_than")
    if count < least:
        yield f"expected at least {least} rows, found {count}"
    if most is not None and (count > int(most) or answer.get("truncated")):
        yield f"expected no more than {most} rows, found {count}{' and more' if answer.get('truncated') else ''}"
    wanted = item.get("first_row") or {}
    if wanted and not answer["rows"]:
        yield f"expected a row with {dict(wanted)}, found none"
    for column, value in wanted.items() if answer["rows"] else ():
        found = answer["rows"][0].get(column)
        if found != value:
            yield f"expected {value!r} as {column} of the first row, found {found!r}"
