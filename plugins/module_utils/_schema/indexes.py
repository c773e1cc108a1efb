# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The indexes that a task asks for, and what of them a table lacks: an index is what it holds and its kind; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._cql.identifier import display_name, nearest, parse_name, truncate
from .._cql.index import KINDS, LEGACY, SAI, Index
from .._errors import InvalidInput
from .model import Table, TableName

_KEYS = ("name", "kind", "options")
# Of a column that is listed to be dropped: it stays, and only its index goes.
ONLY = "only"
# A name of a file has 255: of longer names 5.0 makes indexes that it cannot store, and fails from then on (measured).
_LONGEST = 150


class IndexConflict(NamedTuple):
    """An index that exists in another form than it is listed, or another index in its place."""

    name: str
    reason: str
    found: Index
    wanted: Index


class Compared(NamedTuple):
    """The indexes to make and those to drop, and what is in their way."""

    missing: tuple[Index, ...] = ()
    unwanted: tuple[Index, ...] = ()
    conflicts: tuple[IndexConflict, ...] = ()


def read_index(given: Any, column: str, table: TableName, absent: bool) -> Index | None:
    """The index that the key C(index) of a column asks for, or None; raises InvalidInput."""
    text = str(given).lower()
    if given is None or text in ("false", "no", "off", "0"):
        return None
    if text in ("true", "yes", "on", "1"):
        given = {}
    if not isinstance(given, Mapping):
        raise InvalidInput(f"index is true, or a dictionary with {' and '.join(_KEYS[:2])}, got {truncate(given)}.")
    keys = (*_KEYS, ONLY) if absent else _KEYS
    for key in given:
        if key not in keys:
            meant = nearest(str(key), keys)
            hint = f"did you mean '{meant}'?" if meant else f"an index has {', '.join(keys[:-1])} and {keys[-1]}."
            raise InvalidInput(f"unknown key {truncate(str(key))} of index, {hint}")
    kind = given.get("kind") or SAI
    if kind not in KINDS:
        raise InvalidInput(f"the kind of an index is {' or '.join(KINDS)}, got {truncate(kind)}.")
    options = given.get("options") or {}
    if not isinstance(options, Mapping):
        raise InvalidInput(f"the options of an index are a dictionary, got {truncate(options)}.")
    if options and kind == LEGACY:
        raise InvalidInput("an index of the kind legacy takes no options.")
    return Index(_name(given.get("name"), column, table), column, kind, tuple(sorted(map(_option, options.items()))))


def _name(given: Any, column: str, table: TableName) -> str:
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
    seen: dict[tuple[str, str], int] = {}
    for table, index in indexes:
        seen[table.keyspace, index.name] = seen.get((table.keyspace, index.name), 0) + 1
    for (keyspace, name), count in seen.items():
        if count > 1:
            yield (
                f"{count} indexes of keyspace {display_name(keyspace)} would have the name {display_name(name)}: "
                "give each a name of its own."
            )


def index_as_listed(index: Index, only: bool = False) -> dict[str, Any]:
    """The index as the key C(index) of a column, for C(read_index)."""
    options = {"options": dict(index.options)} if index.options else {}
    return {"name": display_name(index.name), "kind": index.kind, **options, **({ONLY: True} if only else {})}


def find_index(wanted: Index, table: Table) -> Index | None:
    """The index of the table that holds the same and is of the same kind, whatever its name is."""
    same = (
        one for one in table.indexes if (one.column, one.part, one.kind) == (wanted.column, wanted.part, wanted.kind)
    )
    return next(same, None)


def compare_indexes(
    wanted: Sequence[Index], unwanted: Sequence[Index], table: Table, contested: Collection[str]
) -> Compared:
    """What the table lacks of what is wanted, and has of what is not; of the contested columns nothing."""
    asked = [one for one in wanted if one.column not in contested]
    conflicts = [conflict for one in asked for conflict in [_conflict(one, table)] if conflict]
    blocked = {conflict.wanted for conflict in conflicts}
    drops, left = [], [one for one in unwanted if one.column not in contested]
    for one in left:
        found = _named(one.name, table)
        column = table.column(one.column)
        if found and (found.kind, found.target) != (one.kind, one.of(column and column.type).target):
            reason = (
                f"the index {display_name(one.name)} is {found.describe()} and not as listed, it may be another one"
            )
            conflicts.append(IndexConflict(one.key, reason, found, one))
        elif found:
            drops.append(found)
    missing = (one for one in asked if one not in blocked and not find_index(one, table))
    return Compared(tuple(missing), tuple(drops), tuple(conflicts))


def _named(name: str, table: Table) -> Index | None:
    return next((one for one in table.indexes if one.name == name), None)


def _conflict(wanted: Index, table: Table) -> IndexConflict | None:
    """What is in the way of the index: another one of its name, another kind on the column, or other options."""
    named = _named(wanted.name, table)
    if named and (named.column, named.part) != (wanted.column, wanted.part):
        reason = f"the index {display_name(named.name)} is {named.describe()}, wanted is {wanted.describe()}"
        return IndexConflict(wanted.key, f"{reason}: give the index another name", named, wanted)
    same = find_index(wanted, table)
    other = next((one for one in table.indexes if (one.column, one.part) == (wanted.column, wanted.part)), None)
    if other and not same:
        reason = f"the index {display_name(other.name)} is {other.describe()}, wanted is {wanted.describe()}"
        return IndexConflict(wanted.key, f"{reason}: list that kind, or drop the index first", other, wanted)
    if same and not set(wanted.options) <= set(same.options):
        reason = f"the index {display_name(same.name)} is {same.describe()}, wanted is {wanted.describe()}"
        return IndexConflict(wanted.key, f"{reason}: list these options, or drop the index first", same, wanted)
    return None
