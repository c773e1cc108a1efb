# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An entry of a list of columns or fields, with its name and type spelt out, and the index that it asks for; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..._cql.identifier import display_name, nearest, parse_name, truncate
from ..._cql.index import KINDS, LEGACY, SAI, Index
from ..._errors import InvalidInput
from ..catalog.model import TableName

# How YAML and people write truth values.
TRUE = ("true", "yes", "on", "1")
FALSE = ("false", "no", "off", "0")
# What an entry of each kind has, in the order in which a sentence lists it.
_KEYS = {"column": ("name", "type", "static", "index"), "field": ("name", "type")}
_INDEX_KEYS = ("name", "kind", "options")
# Of a column that is listed to be dropped: it stays, and only its index goes.
ONLY = "only"
# A name of a file has 255: of longer names 5.0 makes indexes that it cannot store, and fails from then on (measured).
_LONGEST = 150


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
    if len(unknown) == len(entry) > 1 and not nearest(unknown[0], _KEYS[part]):
        raise InvalidInput(
            f"a mapping of several {part}s: write each one as an item of the list of its own, with name and type."
        )
    if unknown:
        raise InvalidInput(_unknown_key(unknown[0], entry, _KEYS[part], f"a {part}"))
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


def _unknown_key(key: str, given: Mapping[str, Any], keys: Sequence[str], what: str) -> str:
    meant = nearest(key, set(keys) - set(given))
    hint = f"did you mean '{meant}'?" if meant else f"{what} has {', '.join(keys[:-1])} and {keys[-1]}."
    return f"unknown key {truncate(key)}, {hint}"


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


def read_index(given: Any, column: str, table: TableName, absent: bool) -> Index | None:
    """The index that the key C(index) of a column asks for, or None; raises InvalidInput."""
    text = str(given).lower()
    if given is None or text in FALSE:
        return None
    if text in TRUE:
        given = {}
    if not isinstance(given, Mapping):
        raise InvalidInput(
            f"index is true, or a dictionary with {' and '.join(_INDEX_KEYS[:2])}, got {truncate(given)}."
        )
    keys = (*_INDEX_KEYS, ONLY) if absent else _INDEX_KEYS
    unknown = [str(key) for key in given if key not in keys]
    if unknown:
        raise InvalidInput(f"in index: {_unknown_key(unknown[0], given, keys, 'an index')}")
    kind = given.get("kind") or SAI
    if kind not in KINDS:
        raise InvalidInput(f"the kind of an index is {' or '.join(KINDS)}, got {truncate(kind)}.")
    options = given.get("options") or {}
    if not isinstance(options, Mapping):
        raise InvalidInput(f"the options of an index are a dictionary, got {truncate(options)}.")
    if options and kind == LEGACY:
        raise InvalidInput("an index of the kind legacy takes no options.")
    return Index(
        _index_name(given.get("name"), column, table), column, kind, tuple(sorted(map(_option, options.items())))
    )


def _index_name(given: Any, column: str, table: TableName) -> str:
    # By itself the server would call it like this.
    default = re.sub(r"\W", "", f"{table.name}_{column}_idx", flags=re.ASCII)
    name = default if given is None else parse_name(given, "name of an index")
    if len(name) > _LONGEST:
        raise InvalidInput(
            f"the name of the index, {truncate(name)}, has more than {_LONGEST} characters, and the server makes names of files "
            "of it: give the index a shorter 'name'."
        )
    if not re.match(r"\w+\Z", name, flags=re.ASCII):
        raise InvalidInput(f"the name of an index has letters, digits and _ only, got {truncate(name)}.")
    return name


def _option(item: tuple[Any, Any]) -> tuple[str, str]:
    """The server takes texts: YAML makes a truth value of true, and the server writes it in small letters."""
    name, value = item
    if isinstance(value, (Mapping, list)) or value is None:
        raise InvalidInput(f"the option {truncate(str(name))} of an index is a text, a number, true or false.")
    return str(name), str(value).lower() if isinstance(value, bool) else str(value)


def index_duplicates(indexes: Sequence[tuple[TableName, Index]]) -> Iterator[str]:
    """A sentence for each name that several indexes of one keyspace are to have."""
    counts = Counter((table.keyspace, index.name) for table, index in indexes)
    for (keyspace, name), count in counts.items():
        if count > 1:
            yield (
                f"{count} indexes of keyspace {display_name(keyspace)} would have the name {display_name(name)}: "
                "give each a name of its own."
            )


def index_as_listed(index: Index, only: bool = False) -> dict[str, Any]:
    """The index as the key C(index) of a column, for C(read_index)."""
    options = {"options": dict(index.options)} if index.options else {}
    return {"name": display_name(index.name), "kind": index.kind, **options, **({ONLY: True} if only else {})}
