# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the columns, fields and indexes of a run, counted, in words; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_WORDS = {
    "added": "added",
    "would_add": "would be added",
    "dropped": "dropped",
    "would_drop": "would be dropped",
    "conflict": "in conflict",
    "missing": "not added",
    "unknown": "sent, outcome unknown",
    "building": "still being built",
}
# Who only looks says what is there, not what would be done.
AS_LISTED = "are as listed"
_VERIFY_WORDS = {
    **_WORDS,
    "would_add": "missing",
    "missing": "missing",
    "would_drop": "still there: the drop is pending",
}
_PARTS = ("column", "field", "index")
# An index is made where a column is added.
_OF_INDEX = {"created": "added", "would_create": "would_add"}


def entries(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is listed for a table, columns or fields and then indexes, each with its status."""
    columns = table.get("columns") or []
    indexes = [column["index"]["status"] for column in columns if column.get("index")]
    return [
        *((part_of(table), column["status"]) for column in columns),
        *(("index", _OF_INDEX.get(status, status)) for status in indexes),
    ]


def part_of(table: Mapping[str, Any]) -> str:
    """What a table, or a user-defined type, consists of."""
    return "field" if table.get("kind") == "type" else "column"


def count_words(table: Mapping[str, Any], mode: str = "") -> str:
    """The columns of a table, counted by what became of them."""
    words = _VERIFY_WORDS if mode == "verify" else _WORDS
    listed = entries(table)
    statuses = [status for part, status in listed if part != "index"]
    counts = [
        f"{plural(count, part) if part == 'index' else count} {word}"
        for part in dict.fromkeys(part for part, _status in listed)
        for word in dict.fromkeys(words.values())
        for count in [sum(one == part and words.get(status) == word for one, status in listed)]
        if count
    ]
    if counts:
        return ", ".join(counts)
    if not statuses:
        return f"the {table.get('kind', 'table')} could not be read"
    return "no listed column is there" if set(statuses) == {"absent"} else f"all {part_of(table)}s {AS_LISTED}"


def count_line(tables: Sequence[Mapping[str, Any]], mode: str, is_dry: bool) -> str:
    """Such as: Plan: 1 column to add, 0 to drop, 0 conflicts."""
    parts = [entry for table in tables for entry in entries(table)]
    statuses = [status for _part, status in parts]
    if is_dry or mode in ("check", "plan", "verify"):
        if mode == "verify":
            right = statuses.count("present") + statuses.count("absent")
            names = " and ".join(plural(2, part)[2:] for part in _PARTS if part in dict(parts)) or "columns"
            return f"Verified: {right} of {len(statuses)} {names} as listed."
        add = _several(parts, ("would_add", "missing"))
        conflicts = plural(statuses.count("conflict"), "conflict")
        return f"Plan: {add} to add, {_dropped(parts, 'would_drop')} to drop, {conflicts}."
    return f"Applied: {_several(parts, ('added',))} added, {_dropped(parts, 'dropped')} dropped."


# What a rollback does to the parts of a table, by what their entries would become.
_WOULD = {
    ("column", "would_drop"): "drop {} with all data in them",
    ("index", "would_drop"): "drop {}",
    ("column", "would_add"): "add {} again, without data",
    ("index", "would_add"): "create {}",
}


def would_be_done(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    """What would become of columns and indexes, as parts of a sentence."""
    found = []
    for (part, status), words in _WOULD.items():
        counts = [(entries(table).count((part, status)), table_name(table)) for table in tables]
        shown = ", ".join(f"{plural(count, part)} of {name}" for count, name in counts if count)
        found += [words.format(shown)] if shown else []
    return found


def table_name(table: Mapping[str, Any]) -> str:
    return f"{'type ' if table.get('kind') == 'type' else ''}{table['keyspace']}.{table['table']}"


def _dropped(parts: Sequence[tuple[str, str]], wanted: str) -> str:
    """How many columns have this status: the sentence has named them. Indexes are named, as they are no columns."""
    if ("index", wanted) in parts:
        return _several(parts, (wanted,), always="")
    return str(sum(status == wanted for _part, status in parts))


def _several(parts: Sequence[tuple[str, str]], wanted: Sequence[str], always: str = "column") -> str:
    """How many columns have one of these statuses, and how many fields and indexes if there are some."""
    counts = {part: sum(one == part and status in wanted for one, status in parts) for part in _PARTS}
    return " and ".join(plural(count, part) for part, count in counts.items() if count or part == always)


def plural(number: int, noun: str) -> str:
    """Such as 1 column, 2 columns, and 2 indexes."""
    end = "es" if noun.endswith("x") else "s"
    return f"{number} {noun}{end * (number != 1)}"
