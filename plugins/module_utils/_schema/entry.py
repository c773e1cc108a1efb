# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An entry of a list of columns or fields, with its name and type spelt out; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .._cql.identifier import display_name, nearest, parse_name, truncate
from .._errors import InvalidInput

# What an entry of each kind has, in the order in which a sentence lists it.
_KEYS = {"column": ("name", "type", "static", "index"), "field": ("name", "type")}


def read_entry(entry: Any, absent: bool, part: str) -> Mapping[str, Any]:
    """The entry with its name and type spelt out: a single pair is the C(name: type) form of community.cassandra.

    Raises InvalidInput with what to write.
    """
    if not isinstance(entry, Mapping) or not entry:
        raise InvalidInput(f"a {part} is a mapping with name and type, got {truncate(entry)}.")
    given = sorted(str(key) for key in entry)
    if len(entry) == 1 and given[0] not in _KEYS[part]:
        ((name, cql_type),) = entry.items()
        return {"name": name, "type": cql_type}
    unknown = [key for key in given if key not in _KEYS[part]]
    if unknown and "<" in str(entry.get("type")) and ">" in unknown[0]:
        raise InvalidInput(f"put the type in quotes: YAML ends {truncate(str(entry['type']))} at the comma.")
    if unknown:
        raise InvalidInput(_unknown_key(unknown[0], entry, part))
    missing = sorted(({"name"} if absent else {"name", "type"}) - set(entry))
    if missing and len(entry) == 1:
        # A forgotten line, or the pair of community.cassandra: nobody is to get a column called type by mistake.
        value = "" if absent else f", type: {entry[given[0]]}"
        raise InvalidInput(
            f"{missing[0]} is missing. If the {part} is called {given[0]}, write {{name: {given[0]}{value}}}."
        )
    if missing:
        raise InvalidInput(f"{missing[0]} is missing.")
    return entry


def _unknown_key(key: str, entry: Mapping[str, Any], part: str) -> str:
    keys = _KEYS[part]
    meant = nearest(key, set(keys) - set(entry))
    if meant:
        return f"unknown key {truncate(key)}, did you mean '{meant}'?"
    if len(entry) > 1 and not set(keys) & set(entry):
        return f"a mapping of several {part}s: write each one as an item of the list of its own, with name and type."
    return f"unknown key {truncate(key)}, a {part} has {', '.join(keys[:-1])} and {keys[-1]}."


def read_entry_name(name: Any, part: str) -> str:
    """The name of an entry as the server stores it; raises InvalidInput."""
    if not isinstance(name, str) or name in ("True", "False", "None"):
        raise InvalidInput(f"the name {name!r} is not text: YAML read it as something else, put it in quotes.")
    return parse_name(name, f"{part} name")


def name_as_listed(entry: Mapping[str, Any]) -> str:
    """The name as an entry has it that C(read_entry) accepted."""
    return str(entry["name"] if "name" in entry else next(iter(entry)))


def duplicates(names: Sequence[str], part: str) -> list[str]:
    """A sentence for each name that is listed more than once."""
    counts = Counter(names)
    what = part.capitalize()
    return [f"{what} {display_name(name)} is listed {count} times." for name, count in counts.items() if count > 1]
